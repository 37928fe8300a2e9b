package dev.penstock.apps.testpmd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.eal.LcoreThread;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Allocation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No packet is lost without a count, and none costs memory. */
class ConservationTest {
    /** A full ring: what it does not take is counted as dropped, to the packet. */
    @ParameterizedTest
    @ValueSource(strings = {"io", "mac", "macswap", "csum", "5tswap", "noisy"})
    void shouldCountWhatAFullRingRefuses(String mode) {
        Session s = Session.script(List.of("set portlist 0,1", "set fwd " + mode, "start", "WAIT", "stop"), "--vdev", "net_null0",
                "--vdev", "net_ring1", "--vdev", "net_null2,no-rx=1", "--", "-i", "--total-num-mbufs=8191", "--portmask=0x5",
                "--port-topology=chained");
        long received = s.forwarded(0, "RX-packets");
        assertTrue(received > 0, s.out());
        assertEquals(s.forwarded(-1, "RX-total"), s.forwarded(-1, "TX-total"), s.out());
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void shouldAllocateNothingAndLoseNothing(Mode mode) {
        try (Eal eal = Eal.start(line -> { }, "-l", "0", "--no-huge", "--in-memory");
                LcoreThread.Registration worker = LcoreThread.register()) {
            MbufPool pool = MbufPool.with(eal, "p", 1023).cacheSize(128).create();
            Ports ports = new Ports(eal);
            Port a = started(ports.attach("net_null0"), pool);
            Port b = started(ports.attach("net_null1"), pool);
            Settings settings = new Settings();
            settings.noisyBuffer = 64;
            settings.noisyMemoryMb = 1;
            settings.noisyReads = 1;
            Engine engine = mode.engine(settings);
            Stream s = new Stream(a, 0, b, 0);
            s.burst = 32;
            s.pool = pool;
            s.csum = new CsumPlan(new PortSettings(settings));
            s.fifo = mode == Mode.NOISY ? new NoisyFifo(64) : null;
            assertEquals(0, Allocation.steadyBytesOf(() -> run(engine, s, 20_000)), worker + " allocated in mode " + mode.word());
            engine.end(s);
            if (mode != Mode.TXONLY && mode != Mode.FLOWGEN) {
                assertEquals(s.rxPackets, s.txPackets + s.dropped + s.consumed);
            }
            assertEquals(b.stats().txPackets(), s.txPackets);
            assertEquals(0, pool.inUseCount());
            ports.close();
        }
    }

    private static Port started(Port port, MbufPool pool) {
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        return port;
    }

    private static void run(Engine engine, Stream s, int bursts) {
        for (int i = 0; i < bursts; i++) {
            engine.forward(s);
        }
    }

    @Test
    void shouldGoOnWhenThePoolIsEmpty() {
        Session s = Session.script(List.of("set fwd txonly", "start", "WAIT", "stop", "show port stats all"), "--vdev", "net_ring0",
                "--", "-i", "--port-topology=loop", "--total-num-mbufs=1025", "--mbcache=0");
        assertEquals(0, s.code());
        assertTrue(s.forwarded(0, "TX-packets") > 900, s.out());
        assertTrue(s.out().endsWith("Bye...\n"), s.out());
    }
}
