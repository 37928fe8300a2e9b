package dev.penstock.drivers.memif;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.RxWaiter;
import dev.penstock.mbuf.Mbuf;
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

    private volatile boolean enough;

    /**
     * A sender moves the index and reads at once whether the receiver sleeps, when its processor may not have shown the index to anybody
     * yet: of 100,000 packets some eight came so and woke nobody. Such a sleep lasted as long as it was meant to.
     */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void shouldNeverMissAReceiverThatFallsAsleep() throws InterruptedException {
        try (MemifPair pair = new MemifPair(); RxWaiter waiter = new RxWaiter()) {
            Port receiver = pair.open("net_memif0", 1, "role=server");
            Port peer = pair.open("net_memif1", 1, "role=client");
            MemifPair.waitFor("both are up", () -> receiver.link().up() && peer.link().up());
            assertTrue(waiter.add(receiver, 0));
            AtomicInteger arrived = new AtomicInteger();
            Thread sender = Thread.ofPlatform().daemon().start(() -> {
                Mbuf[] one = new Mbuf[1];
                for (int round = 0; round < ROUNDS; round++) {
                    meet(arrived, 2 * round + 2);
                    if (enough) {
                        return;
                    }
                    one[0] = pair.packet(new byte[60], 1);
                    for (int i = round & 255; i > 0; i--) {
                        Thread.onSpinWait();
                    }
                    assertEquals(1, peer.txBurst(0, one, 0, 1));
                }
            });
            List<byte[]> received = new ArrayList<>();
            long end = System.nanoTime() + MOST_NS;
            for (int round = 0; round < ROUNDS && !enough; round++) {
                enough = System.nanoTime() > end;
                meet(arrived, 2 * round + 2);
                while (!enough && pair.drain(receiver, 0, received) == 0) {
                    waiter.await(1_000_000);
                }
                received.clear();
            }
            sender.join();
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
