package dev.penstock.virtqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.eal.Eal;
import dev.penstock.mbuf.Mbuf;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One side makes something available while the other asks to be told and then looks once more before it sleeps: either the one sees
 * that it is to tell, or the other sees what is there (VIRTIO 1.2, sections 2.7.7.2, 2.7.13.4.1 and 2.8.21.3.1).
 */
@Timeout(120)
class QueueWakeTest {
    private static final int ROUNDS = 20_000;
    /** Where threads seldom run at the same time there are fewer. */
    private static final long MOST_NS = 3_000_000_000L;

    private final Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory", "--no-telemetry");
    private final AtomicInteger arrived = new AtomicInteger();
    private volatile boolean enough;

    @AfterEach
    void stop() {
        eal.close();
    }

    /** What a round's two sides do at the same time. */
    private interface Act {
        boolean act();
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

    private static boolean late(int round, Act act) {
        for (int i = round & 15; i > 0; i--) {
            Thread.onSpinWait();
        }
        return act.act();
    }

    /** How often the one did not tell and the other did not see. */
    private int missed(Act tells, Act sees, Runnable after) throws InterruptedException {
        boolean[] told = new boolean[1];
        Thread other = Thread.ofPlatform().daemon().start(() -> {
            for (int round = 0; round < ROUNDS; round++) {
                meet(arrived, 4 * round + 2);
                if (enough) {
                    return;
                }
                told[0] = late(round, tells);
                meet(arrived, 4 * round + 4);
            }
        });
        int missed = 0;
        long end = System.nanoTime() + MOST_NS;
        for (int round = 0; round < ROUNDS; round++) {
            after.run();
            enough = System.nanoTime() > end;
            meet(arrived, 4 * round + 2);
            if (enough) {
                break;
            }
            boolean seen = late(round >>> 4, sees);
            meet(arrived, 4 * round + 4);
            missed += seen || told[0] ? 0 : 1;
        }
        other.join();
        return missed;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Feature.EVENT_IDX, Feature.RING_PACKED, Feature.RING_PACKED | Feature.EVENT_IDX})
    void shouldKickADeviceThatFallsAsleep(long more) throws InterruptedException {
        try (QueuePair pair = new QueuePair(eal, "p", Feature.VERSION_1 | more, 64, 256, 512, 1)) {
            Mbuf[] one = new Mbuf[1];
            Mbuf[] got = new Mbuf[32];
            int missed = missed(() -> {
                one[0] = pair.shared.alloc();
                one[0].append(60);
                assertEquals(1, pair.driver.transmit(one, 0, 1));
                return pair.driver.kickNeeded();
            }, () -> {
                pair.device.notifications(true);
                return pair.device.waiting() > 0;
            }, () -> {
                pair.device.notifications(false);
                Mbuf.freeBulk(got, 0, pair.device.dequeue(pair.host, 0, got, 0, 32));
            });
            assertEquals(0, missed, "so often the packet was not seen, and the device not kicked");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Feature.EVENT_IDX, Feature.RING_PACKED, Feature.RING_PACKED | Feature.EVENT_IDX})
    void shouldInterruptADriverThatFallsAsleep(long more) throws InterruptedException {
        try (QueuePair pair = new QueuePair(eal, "p", Feature.VERSION_1 | more, 64, 256, 512, 1)) {
            pair.driver.fill(pair.shared);
            Mbuf[] one = {pair.host.alloc()};
            one[0].append(60);
            Mbuf[] got = new Mbuf[32];
            int missed = missed(() -> {
                assertEquals(1, pair.device.enqueue(one, 0, 1));
                return pair.device.callNeeded();
            }, () -> {
                pair.driver.interrupts(true);
                return pair.driver.waiting() > 0;
            }, () -> {
                pair.driver.interrupts(false);
                Mbuf.freeBulk(got, 0, pair.driver.receive(pair.shared, 0, got, 0, 32));
            });
            one[0].free();
            assertEquals(0, missed, "so often the packet was not seen, and the driver not interrupted");
        }
    }
}
