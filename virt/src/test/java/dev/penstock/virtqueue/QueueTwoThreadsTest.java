package dev.penstock.virtqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Seed;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Driver and device in a thread each: what one publishes the other sees whole, in order, once. */
class QueueTwoThreadsTest {
    private static final int PACKETS = 150_000;

    private final Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory");
    private volatile Throwable failure;

    @AfterEach
    void stop() {
        eal.close();
    }

    private interface Side {
        int pass(Mbuf[] burst, int n);
    }

    /** Sends numbered packets, each filled with its number; those not taken are offered again. */
    private void send(QueuePair pair, MbufPool pool, boolean taken, SplittableRandom random, Side side) {
        Mbuf[] burst = new Mbuf[32];
        int next = 0;
        while (next < PACKETS && failure == null) {
            int n = Math.min(1 + random.nextInt(32), PACKETS - next);
            if (!pool.allocBulk(burst, 0, n)) {
                // what the other side is done with comes back with the next call
                side.pass(burst, 0);
                Thread.yield();
                continue;
            }
            for (int i = 0; i < n; i++) {
                Mbuf m = burst[i];
                m.append(64);
                for (int at = 0; at < 64; at += 8) {
                    m.putLong(at, next + i);
                }
            }
            int done = side.pass(burst, n);
            Mbuf.freeBulk(burst, taken ? done : 0, taken ? n - done : n);
            next += done;
            if (done == 0) {
                Thread.yield();
            }
        }
    }

    private void receive(SplittableRandom random, Side side) {
        Mbuf[] burst = new Mbuf[32];
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        int next = 0;
        while (next < PACKETS) {
            int got = side.pass(burst, 1 + random.nextInt(32));
            for (int i = 0; i < got; i++) {
                Mbuf m = burst[i];
                assertEquals(64, m.pktLen());
                for (int at = 0; at < 64; at += 8) {
                    assertEquals(next, m.getLong(at));
                }
                next++;
            }
            Mbuf.freeBulk(burst, 0, got);
            if (got == 0) {
                assertTrue(System.nanoTime() < end && failure == null, "stuck at " + next + ", " + failure);
                Thread.yield();
            }
        }
    }

    private void run(Runnable sender, Runnable receiver) throws InterruptedException {
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                sender.run();
            } catch (Throwable e) {
                failure = e;
            }
        });
        try {
            receiver.run();
        } catch (Throwable e) {
            failure = e;
        }
        thread.join();
        if (failure != null) {
            throw new AssertionError(failure);
        }
    }

    private static long features(int kind) {
        return Feature.VERSION_1 | Feature.INDIRECT_DESC | ((kind & 1) != 0 ? Feature.RING_PACKED : 0)
                | ((kind & 2) != 0 ? Feature.IN_ORDER : 0) | ((kind & 4) != 0 ? Feature.MRG_RXBUF : 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void shouldPublishWholeBuffersFromDriverToDevice(int kind) throws InterruptedException {
        SplittableRandom random = Seed.random("two threads");
        SplittableRandom other = random.split();
        try (QueuePair pair = new QueuePair(eal, "p", features(kind), 64, 256, 512, 1)) {
            run(() -> send(pair, pair.shared, true, random, (burst, n) -> pair.driver.transmit(burst, 0, n)),
                    () -> receive(other, (burst, max) -> pair.device.dequeue(pair.host, 0, burst, 0, max)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void shouldPublishWholeBuffersFromDeviceToDriver(int kind) throws InterruptedException {
        SplittableRandom random = Seed.random("two threads");
        SplittableRandom other = random.split();
        try (QueuePair pair = new QueuePair(eal, "p", features(kind), 64, 256, 512, 1)) {
            pair.driver.fill(pair.shared);
            run(() -> send(pair, pair.host, false, random, (burst, n) -> pair.device.enqueue(burst, 0, n)),
                    () -> receive(other, (burst, max) -> pair.driver.receive(pair.shared, 0, burst, 0, max)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 6, 7})
    void shouldAllocateNothingOnThePath(int kind) {
        try (QueuePair pair = new QueuePair(eal, "p", features(kind), 64, 256, 512, 1);
                QueuePair back = new QueuePair(eal, "q", features(kind), 64, 256, 512, 1)) {
            back.driver.fill(back.shared);
            Mbuf[] burst = new Mbuf[32];
            Runnable loop = () -> {
                for (int i = 0; i < 300; i++) {
                    // the driver frees what was sent when it sends again
                    if (pair.shared.allocBulk(burst, 0, 16)) {
                        for (int k = 0; k < 16; k++) {
                            burst[k].append(64);
                        }
                        int n = pair.driver.transmit(burst, 0, 16);
                        Mbuf.freeBulk(burst, n, 16 - n);
                    }
                    int n = pair.device.dequeue(pair.host, 0, burst, 0, 32);
                    pair.device.callNeeded();
                    int done = back.device.enqueue(burst, 0, n);
                    assertEquals(n, done);
                    Mbuf.freeBulk(burst, 0, n);
                    Mbuf.freeBulk(burst, 0, back.driver.receive(back.shared, 0, burst, 0, 32));
                }
            };
            assertEquals(0, Allocation.steadyBytesOf(loop));
        }
    }
}
