package dev.penstock.distributor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Seed;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What DPDK's distributor_autotest asserts: one worker a tag, nothing lost, workers that leave. */
@Timeout(120)
class DistributorTest {
    private Eal eal;
    private MbufPool pool;
    private final Mbuf[] burst = new Mbuf[64];
    private final Mbuf[] other = new Mbuf[64];

    @BeforeEach
    void start() {
        eal = Eal.start("--no-huge", "--in-memory");
        pool = MbufPool.create(eal, "pool", 8191, 0, 256, -1);
    }

    @AfterEach
    void stop() {
        assertEquals(0, pool.inUseCount());
        pool.close();
        eal.close();
    }

    private void fill(int n, int firstTag, int tagStep) {
        assertTrue(pool.allocBulk(burst, 0, n));
        for (int i = 0; i < n; i++) {
            burst[i].rssHash(firstTag + i * tagStep);
        }
    }

    @Test
    void shouldRefuseBadNumbersAndWaitForAWorker() {
        assertThrows(IllegalArgumentException.class, () -> new Distributor("d", 0));
        assertThrows(IllegalArgumentException.class, () -> new Distributor("d", 65));
        Distributor d = new Distributor("d", 1);
        assertThrows(IndexOutOfBoundsException.class, () -> d.poll(1, burst, 0, 1));
        fill(4, 0, 1);
        assertEquals(0, d.process(burst, 0, 4));
        assertEquals(4, d.refused());
        Mbuf.freeBulk(burst, 0, 4);
    }

    @Test
    void shouldKeepATagWithItsWorkerAndSpreadOthers() {
        Distributor d = new Distributor("d", 2);
        assertEquals(0, d.poll(0, burst, 0, 64));
        assertEquals(0, d.poll(1, burst, 0, 64));
        fill(32, 7, 0);
        assertEquals(32, d.process(burst, 0, 32));
        int first = d.poll(0, burst, 0, 64);
        int second = d.poll(1, other, 0, 64);
        assertEquals(32, first + second);
        assertTrue(first == 0 || second == 0, "one tag was with two workers");
        d.poll(first == 0 ? 1 : 0, first == 0 ? other : burst, 32, 0);
        assertThrows(IllegalArgumentException.class, () -> d.poll(0, burst, 1, 0));
        assertEquals(32, d.returned(burst, 0, 64));
        assertEquals(0, d.outstanding());
        Mbuf.freeBulk(burst, 0, 32);
        fill(64, 0, 1);
        assertEquals(64, d.process(burst, 0, 64));
        first = d.poll(0, burst, 0, 64);
        second = d.poll(1, other, 0, 64);
        assertEquals(64, first + second);
        assertTrue(first >= 24 && second >= 24, first + " and " + second);
        Mbuf.freeBulk(burst, 0, first);
        Mbuf.freeBulk(other, 0, second);
        d.poll(0, burst, 0, 0);
        assertEquals(second, d.outstanding());
        d.poll(1, burst, 0, 0);
        assertEquals(0, d.outstanding());
    }

    @Test
    void shouldLetAWorkerLeaveWithoutLossAndJoinAgain() {
        Distributor d = new Distributor("d", 2);
        d.poll(0, burst, 0, 64);
        fill(16, 1, 1);
        assertEquals(16, d.process(burst, 0, 16));
        d.leave(0);
        assertEquals(16, d.poll(0, other, 0, 64));
        fill(8, 1, 1);
        assertEquals(0, d.outstanding() - 16);
        Mbuf.freeBulk(other, 0, 16);
        d.poll(1, other, 0, 64);
        assertEquals(0, d.poll(0, other, 0, 64));
        assertEquals(8, d.process(burst, 0, 8));
        assertEquals(Distributor.LEFT, d.poll(0, other, 0, 64));
        assertEquals(8, d.poll(1, other, 0, 64));
        assertEquals(0, d.poll(0, burst, 0, 64));
        d.poll(1, other, 8, 0);
        fill(1, 5, 0);
        assertEquals(1, d.process(burst, 0, 1));
        assertEquals(8, d.returned(burst, 0, 64));
        Mbuf.freeBulk(burst, 0, 8);
        Mbuf.freeBulk(burst, 0, d.poll(0, burst, 0, 1) + d.poll(1, burst, 0, 1));
    }

    @Test
    void shouldFreeAndCountWhatNobodyTakesBack() {
        Distributor d = new Distributor("d", 1);
        d.poll(0, burst, 0, 0);
        for (int i = 0; i < 80; i++) {
            fill(64, i, 1);
            assertEquals(64, d.process(burst, 0, 64));
            assertEquals(64, d.poll(0, burst, 0, 64));
            d.poll(0, burst, 64, 0);
        }
        assertEquals(0, d.outstanding());
        assertEquals(80 * 64 - 4096, d.returnsLost());
        for (int n = d.returned(burst, 0, 64); n > 0; n = d.returned(burst, 0, 64)) {
            Mbuf.freeBulk(burst, 0, n);
        }
    }

    @Test
    void shouldNeverHaveATagWithTwoWorkersAtOnceNorOutOfOrder() throws Exception {
        int tags = 50;
        int total = 200_000;
        Distributor d = new Distributor("d", 2);
        AtomicIntegerArray with = new AtomicIntegerArray(tags);
        AtomicReference<String> wrong = new AtomicReference<>();
        Thread[] workers = new Thread[2];
        for (int w = 0; w < 2; w++) {
            int worker = w;
            workers[w] = Thread.ofPlatform().start(() -> work(d, worker, with, wrong));
        }
        SplittableRandom random = Seed.random("DistributorTest");
        int[] sent = new int[tags];
        int[] received = new int[tags];
        int in = 0;
        int out = 0;
        int kept = 0;
        while (out < total) {
            while (kept < 32 && in < total) {
                Mbuf m = pool.alloc();
                if (m == null) {
                    break;
                }
                int tag = random.nextInt(tags);
                m.rssHash(tag);
                m.fdirId(sent[tag]++);
                burst[kept++] = m;
                in++;
            }
            int given = d.process(burst, 0, kept);
            System.arraycopy(burst, given, burst, 0, kept - given);
            kept -= given;
            int n = d.returned(other, 0, 64);
            for (int i = 0; i < n; i++) {
                int tag = other[i].rssHash();
                assertEquals(received[tag]++, other[i].fdirId(), "order of tag " + tag);
            }
            Mbuf.freeBulk(other, 0, n);
            out += n;
            if (given + n == 0) {
                Thread.yield();
            }
        }
        d.leave(0);
        d.leave(1);
        while (workers[0].isAlive() || workers[1].isAlive()) {
            d.process(burst, 0, 0);
            Thread.yield();
        }
        assertEquals(null, wrong.get());
        assertEquals(total, d.processed());
        assertEquals(0, d.returnsLost());
        assertEquals(0, d.outstanding());
    }

    private static void work(Distributor d, int worker, AtomicIntegerArray with, AtomicReference<String> wrong) {
        Mbuf[] packets = new Mbuf[16];
        int n = d.poll(worker, packets, 0, 16);
        while (n != Distributor.LEFT) {
            for (int i = 0; i < n; i++) {
                int before = with.getAndSet(packets[i].rssHash(), worker + 1);
                if (before != 0 && before != worker + 1) {
                    wrong.compareAndSet(null, "tag " + packets[i].rssHash() + " with both workers");
                }
            }
            for (int i = 0; i < n; i++) {
                with.set(packets[i].rssHash(), 0);
            }
            if (n == 0) {
                Thread.yield();
            }
            n = d.poll(worker, packets, n, 16);
        }
    }

    @Test
    void shouldGiveNoMoreOfItsTagsToAWorkerThatLeaves() {
        Distributor d = new Distributor("d", 1);
        d.poll(0, other, 0, 1);
        fill(1, 7, 0);
        assertEquals(1, d.process(burst, 0, 1));
        assertEquals(1, d.poll(0, other, 0, 1));
        d.leave(0);
        fill(1, 7, 0);
        assertEquals(0, d.process(burst, 0, 1));
        assertEquals(0, d.poll(0, burst, 0, 0));
        Mbuf.freeBulk(burst, 0, 1);
        Mbuf.freeBulk(other, 0, 1);
        assertEquals(0, d.outstanding());
        assertEquals(Distributor.LEFT, d.poll(0, other, 0, 1));
    }
}
