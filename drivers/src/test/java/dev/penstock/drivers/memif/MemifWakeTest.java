package dev.penstock.drivers.memif;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.RxWaiter;
import dev.penstock.linux.EventFd;
import dev.penstock.mbuf.Mbuf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Receivers that fall asleep while something comes. */
class MemifWakeTest {
    private static final int ROUNDS = 100_000;
    /** Where threads seldom run at the same time there are fewer. */
    private static final long MOST_NS = 10_000_000_000L;
    private static final int LOG2_SIZE = 4;
    private static final int BUFFER_BYTES = 256;

    private volatile boolean enough;

    /**
     * The sender moved the index and read at once whether the receiver sleeps, when its processor had not shown the index to anybody yet.
     * Of some 30,000 sleeps that began with a packet one was not ended by it.
     */
    @Test
    @Timeout(120)
    void shouldNeverMissAReceiverThatFallsAsleep() throws InterruptedException {
        try (MemifPair pair = new MemifPair(); EventFd wake = new EventFd(); Arena arena = Arena.ofShared()) {
            long ringBytes = MemifRing.bytes(LOG2_SIZE);
            MemorySegment memory = arena.allocate(ringBytes + (BUFFER_BYTES << LOG2_SIZE), 64);
            MemifRing ring = new MemifRing(memory.asSlice(0, ringBytes), LOG2_SIZE);
            MemifTxQueue tx = new MemifTxQueue();
            MemifRxQueue rx = new MemifRxQueue(pair.pool, 0);
            tx.queue.attach(ring, memory, wake, ringBytes, BUFFER_BYTES, null);
            rx.queue.attach(ring, new MemorySegment[] {memory}, false, wake);
            ring.polled(true);
            AtomicInteger arrived = new AtomicInteger();
            Thread sender = Thread.ofPlatform().daemon().start(() -> {
                Mbuf[] one = new Mbuf[1];
                for (int round = 0; round < ROUNDS; round++) {
                    meet(arrived, 4 * round + 2);
                    if (enough) {
                        return;
                    }
                    one[0] = pair.pool.alloc();
                    one[0].append(60);
                    for (int i = round & 63; i > 0; i--) {
                        Thread.onSpinWait();
                    }
                    tx.transmit(one, 0, 1);
                    meet(arrived, 4 * round + 4);
                }
            });
            Mbuf[] one = new Mbuf[1];
            int missed = 0;
            long end = System.nanoTime() + MOST_NS;
            for (int round = 0; round < ROUNDS; round++) {
                enough = System.nanoTime() > end;
                meet(arrived, 4 * round + 2);
                if (enough) {
                    break;
                }
                rx.enableInterrupt();
                int found = rx.waiting();
                meet(arrived, 4 * round + 4);
                missed += found == 0 && wake.take() == 0 ? 1 : 0;
                rx.disableInterrupt();
                assertEquals(1, rx.receive(one, 1));
                one[0].free();
            }
            sender.join();
            rx.close();
            assertEquals(0, missed, "so often the packet was not seen, and the receiver not woken");
        }
    }

    /** It had asked the ring of the peer before to be woken, or none, and the new one was told that it is polled. */
    @ParameterizedTest
    @ValueSource(strings = {"server", "client"})
    @Timeout(120)
    void shouldWakeWhoSleptWhenAPeerCame(String role) throws InterruptedException {
        try (MemifPair pair = new MemifPair(); RxWaiter waiter = new RxWaiter()) {
            Port port = pair.open("net_memif0", 1, "role=" + role);
            assertTrue(waiter.add(port, 0));
            for (int i = 0; i < 3; i++) {
                List<byte[]> received = new ArrayList<>();
                Thread sleeper = Thread.ofPlatform().daemon().start(() -> {
                    while (received.isEmpty()) {
                        waiter.await(100_000);
                        pair.drain(port, 0, received);
                    }
                });
                // for longer than it takes to fall asleep
                LockSupport.parkNanos(300_000_000);
                Port peer = pair.open("net_memif1", 1, "role=" + (role.equals("server") ? "client" : "server"));
                MemifPair.waitFor("both are up", () -> port.link().up() && peer.link().up());
                LockSupport.parkNanos(100_000_000);
                assertEquals(1, peer.txBurst(0, new Mbuf[] {pair.packet(new byte[60], 1)}, 0, 1));
                sleeper.join(10_000);
                assertFalse(sleeper.isAlive(), "it sleeps though a packet is there");
                peer.close();
                MemifPair.waitFor("the port saw it go", () -> !port.link().up());
            }
        }
    }

    private static void meet(AtomicInteger arrived, int wanted) {
        arrived.incrementAndGet();
        for (int spins = 0; arrived.get() < wanted; spins++) {
            if (spins < 1000) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }
}
