package dev.penstock.drivers.ringdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.MemoryPorts;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.ring.Ring;
import dev.penstock.testkit.Allocation;
import java.util.List;
import org.junit.jupiter.api.Test;

class RingPortTest extends MemoryPorts {
    private final Mbuf[] burst = new Mbuf[2048];

    RingPortTest() {
        super(2048);
    }

    private void fill(int n) {
        assertTrue(pool.allocBulk(burst, 0, n));
        for (int i = 0; i < n; i++) {
            burst[i].append(60);
        }
    }

    @Test
    void shouldReceiveOnEachQueueWhatWasSentOnIt() {
        Port port = start(ports.attach("net_ring0"), 16, 16);
        for (int q = 0; q < 16; q++) {
            fill(q + 1);
            Mbuf first = burst[0];
            assertEquals(q + 1, port.txBurst(q, burst, 0, q + 1));
            for (int other = q + 1; other < 16; other++) {
                assertEquals(0, port.rxBurst(other, burst, 32));
            }
            assertEquals(q + 1, port.rxBurst(q, burst, 32));
            assertSame(first, burst[0], "the same packet, not a copy");
            assertEquals(port.id(), burst[0].port());
            assertEquals(q + 1, port.queueStats(q).rxPackets());
            assertEquals(60 * (q + 1), port.queueStats(q).txBytes());
            Mbuf.freeBulk(burst, 0, q + 1);
        }
        assertEquals(136, port.stats().rxPackets());
        assertEquals(136, port.stats().txPackets());
        port.resetStats();
        assertEquals(0, port.stats().rxPackets());
        assertEquals(0, port.stats().txBytes());
    }

    /** The JIT may read a field that is not volatile but once in such a loop. */
    @Test
    void shouldShowItsStateAndLinkToWhoLooksAllTheTime() throws InterruptedException {
        Port port = start(ports.attach("net_ring0"), 1, 1);
        port.stop();
        long[] looks = new long[2];
        Thread state = Thread.ofPlatform().daemon().start(() -> {
            while (port.state() != Port.State.STARTED) {
                looks[0]++;
            }
        });
        Thread link = Thread.ofPlatform().daemon().start(() -> {
            while (!port.link().up()) {
                looks[1]++;
            }
        });
        // for longer than it takes until that is compiled
        Thread.sleep(1000);
        port.start();
        state.join(20_000);
        link.join(20_000);
        assertFalse(state.isAlive(), "it does not see the state");
        assertFalse(link.isAlive(), "it does not see the link");
    }

    @Test
    void shouldLeaveWithTheCallerWhatAFullRingDoesNotTake() {
        Port port = start(ports.attach("eth_ring0"), 1, 1);
        fill(1100);
        assertEquals(1023, port.txBurst(0, burst, 0, 1100));
        assertEquals(0, port.txBurst(0, burst, 1023, 77));
        assertEquals(1023 * 60, port.stats().txBytes());
        Mbuf.freeBulk(burst, 1023, 77);
        // What is in the ring goes back with the port, see stop().
    }

    @Test
    void shouldJoinPortsThatAttachToTheSameRings() {
        Port d = start(ports.attach("net_ring0,nodeaction=R:0:CREATE"), 1, 1);
        Port e = start(ports.attach("net_ring1,nodeaction=R:0:ATTACH"), 1, 1);
        fill(1);
        Port[][] ways = {{d, e}, {e, d}, {d, d}, {e, e}};
        for (Port[] way : ways) {
            assertEquals(1, way[0].txBurst(0, burst, 0, 1));
            assertEquals(1, way[1].rxBurst(0, burst, 8));
            assertEquals(way[1].id(), burst[0].port());
        }
        assertEquals(2, d.stats().rxPackets());
        assertEquals(2, d.stats().txPackets());
        assertEquals(2, e.stats().rxPackets());
        assertEquals(2, e.stats().txPackets());
        d.txBurst(0, burst, 0, 1);
        d.close();
        assertEquals(1, e.rxBurst(0, burst, 8), "the rings live as long as a port uses them");
        e.txBurst(0, burst, 0, 1);
        e.close();
        assertThrows(IllegalArgumentException.class, () -> ports.attach("net_ring1,nodeaction=R:0:ATTACH"));
    }

    @Test
    void shouldMakePortsOfAProgramsRings() {
        Ring<Mbuf> a = new Ring<>("a", Mbuf.class, 256, Ring.Sync.SINGLE, Ring.Sync.SINGLE);
        Ring<Mbuf> b = new Ring<>("b", Mbuf.class, 256, Ring.Sync.SINGLE, Ring.Sync.SINGLE);
        Port left = start(RingPorts.fromRings(ports, "left", List.of(a), List.of(b)), 1, 1);
        Port right = start(RingPorts.fromRings(ports, "right", List.of(b), List.of(a)), 1, 1);
        assertEquals("net_ring_left", left.name());
        fill(128);
        assertEquals(128, left.txBurst(0, burst, 0, 128));
        assertEquals(0, left.rxBurst(0, burst, 256));
        assertEquals(128, right.rxBurst(0, burst, 256));
        Mbuf.freeBulk(burst, 0, 128);
        Ring<Mbuf> c = new Ring<>("c", Mbuf.class, 256, Ring.Sync.SINGLE, Ring.Sync.SINGLE);
        Port loop = start(RingPorts.fromRing(ports, c), 1, 1);
        assertEquals("net_ring_c", loop.name());
        assertThrows(IllegalArgumentException.class, () -> RingPorts.fromRing(ports, c), "the name is taken");
    }

    @Test
    void shouldFollowItsLifeAndItsLink() {
        Port port = ports.attach("net_ring0");
        assertFalse(port.link().up());
        assertEquals(16, port.info().maxRxQueues());
        port.configure(PortConfig.of(1, 2));
        start(port, 1, 1);
        assertTrue(port.link().up());
        port.linkUp(false);
        assertFalse(port.link().up());
        port.linkUp(true);
        port.stop();
        assertFalse(port.link().up());
        port.filters().addMac(0x0200_0000_0001L);
        port.filters().removeMac(0x0200_0000_0001L);
        port.filters().promiscuous(true);
    }

    @Test
    void shouldSayWhatIsWrongWithArguments() {
        for (String wrong : List.of("nodeaction=R", "nodeaction=R:x:CREATE", "nodeaction=R:0:MAKE", "nodeaction=:0:CREATE",
                "nodeaction=R:0:ATTACH", "internal=0x1234", "nodeaction=R:0:CREATE,nodeaction=S:0:CREATE")) {
            String message = assertThrows(IllegalArgumentException.class, () -> ports.attach("net_ring0," + wrong)).getMessage();
            assertTrue(message.startsWith("net_ring0: "), message);
        }
    }

    @Test
    void shouldAllocateNothingForAPacket() {
        Port port = start(ports.attach("net_ring0"), 1, 1);
        fill(32);
        Runnable loop = () -> {
            for (int i = 0; i < 300; i++) {
                port.txBurst(0, burst, 0, 32);
                port.rxBurst(0, burst, 32);
            }
        };
        assertEquals(0, Allocation.steadyBytesOf(loop));
        Mbuf.freeBulk(burst, 0, 32);
    }
}
