package dev.penstock.drivers.nulldev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.MemoryPorts;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.mbuf.Mbuf;
import org.junit.jupiter.api.Test;

class NullPortTest extends MemoryPorts {
    NullPortTest() {
        super(1024);
    }

    @Test
    void shouldForwardFromOnePortToAnotherAndGiveAllPacketsBack() {
        Port in = started("net_null0,size=100");
        Port out = started("net_null1,copy=1");
        Mbuf[] burst = new Mbuf[32];
        for (int i = 0; i < 10; i++) {
            int n = in.rxBurst(0, burst, 32);
            assertEquals(32, n);
            assertEquals(100, burst[31].pktLen());
            assertEquals(32, out.txBurst(0, burst, 0, n));
        }
        assertEquals(320, in.stats().rxPackets());
        assertEquals(32000, in.stats().rxBytes());
        assertEquals(320, out.stats().txPackets());
        assertEquals(32000, out.stats().txBytes());
        assertEquals(1024, pool.availCount());
        in.resetStats();
        assertEquals(0, in.stats().rxPackets());
    }

    @Test
    void shouldCountWhatAnEmptyPoolLoses() {
        Port in = started("net_null0");
        Mbuf[] burst = new Mbuf[1024];
        assertEquals(1024, in.rxBurst(0, burst, 1024));
        assertEquals(0, in.rxBurst(0, new Mbuf[32], 32));
        assertEquals(32, in.stats().rxNoMbuf());
        Mbuf.freeBulk(burst, 0, 1024);
    }

    @Test
    void shouldDeliverNothingWhenStoppedOrSilent() {
        Port in = started("net_null0");
        in.stop();
        assertEquals(0, in.rxBurst(0, new Mbuf[32], 32));
        assertEquals(0, started("net_null1,no-rx=1").rxBurst(0, new Mbuf[32], 32));
    }

    @Test
    void shouldReadANumberWithZerosBeforeItAsDecimal() {
        Mbuf[] one = new Mbuf[1];
        assertEquals(1, started("net_null0,size=0100").rxBurst(0, one, 1));
        assertEquals(100, one[0].pktLen());
        one[0].free();
        assertEquals(1, started("net_null1,size=0x64").rxBurst(0, one, 1));
        assertEquals(100, one[0].pktLen());
        one[0].free();
        assertEquals(1, started("net_null2,size=098").rxBurst(0, one, 1));
        assertEquals(98, one[0].pktLen());
        one[0].free();
    }

    @Test
    void shouldNameTheOffendingArgument() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ports.attach("net_null0,sise=3")).getMessage().contains("'sise'"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ports.attach("net_null0,size=x")).getMessage().contains("size=x"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ports.attach("net_nil0")).getMessage().contains("net_nil0"));
        Port port = started("net_null0");
        assertThrows(IllegalStateException.class, () -> port.configure(PortConfig.of(1, 1)));
    }

    @Test
    void shouldCountWhatComesWhileNobodyPollsAsMissed() throws InterruptedException {
        Port in = started("net_null0,rate=1000000");
        Mbuf[] burst = new Mbuf[32];
        long begun = System.nanoTime();
        assertEquals(0, in.rxBurst(0, burst, 32));
        Thread.sleep(20);
        int n = in.rxBurst(0, burst, 32);
        long passedUs = (System.nanoTime() - begun) / 1000;
        assertEquals(32, n);
        Mbuf.freeBulk(burst, 0, n);
        long missed = in.stats().rxMissed();
        assertTrue(missed >= 20_000 - 1024 && missed <= passedUs - 1024 + 1, missed + " missed in " + passedUs + " us");
        assertThrows(IllegalArgumentException.class, () -> ports.attach("net_null1,rate=5,copy=1"));
    }
}
