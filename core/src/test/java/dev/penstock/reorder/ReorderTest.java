package dev.penstock.reorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.reorder.Reorder.Insert;
import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What DPDK's reorder_autotest asserts, and random packets against a sorted map. */
class ReorderTest {
    private Eal eal;
    private MbufPool pool;
    private final Mbuf[] out = new Mbuf[64];

    @BeforeEach
    void start() {
        eal = Eal.start("--no-huge", "--in-memory");
        pool = MbufPool.create(eal, "pool", 511, 0, 256, -1);
    }

    @AfterEach
    void stop() {
        assertEquals(0, pool.inUseCount());
        pool.close();
        eal.close();
    }

    private Insert insert(Reorder reorder, int seqn) {
        Mbuf m = pool.alloc();
        m.rssHash(seqn);
        Insert result = reorder.insert(m, seqn);
        if (result != Insert.INSERTED) {
            m.free();
        }
        return result;
    }

    private void expect(int n, int... seqns) {
        assertEquals(seqns.length, n);
        for (int i = 0; i < n; i++) {
            assertEquals(seqns[i], out[i].rssHash());
            out[i].free();
        }
    }

    @Test
    void shouldRefuseASizeThatIsNoPowerOfTwo() {
        for (int size : new int[] {0, 1, 3, 1 << 21, -4}) {
            assertThrows(IllegalArgumentException.class, () -> new Reorder(size));
        }
    }

    @Test
    void shouldMoveTheWindowForAnEarlyPacketUntilNoMoreCanBeReady() {
        Reorder reorder = new Reorder(4);
        for (int seqn : new int[] {0, 1, 2, 3}) {
            assertSame(Insert.INSERTED, insert(reorder, seqn));
        }
        assertSame(Insert.OUT_OF_WINDOW, insert(reorder, 8));
        assertSame(Insert.INSERTED, insert(reorder, 6));
        assertEquals(3, reorder.minSeqn());
        assertSame(Insert.OUT_OF_WINDOW, insert(reorder, 2));
        assertSame(Insert.DUPLICATE, insert(reorder, 6));
        assertSame(Insert.INSERTED, insert(reorder, 7));
        assertSame(Insert.NO_SPACE, insert(reorder, 11));
        assertEquals(2, reorder.early());
        assertEquals(2, reorder.late());
        assertEquals(1, reorder.duplicates());
        expect(reorder.drain(out, 0, 3), 0, 1, 2);
        assertEquals(3, reorder.count());
        reorder.reset();
    }

    @Test
    void shouldDrainUpToAGapAndThenUpToANumber() {
        Reorder reorder = new Reorder(8);
        assertTrue(reorder.minSeqn(-2));
        for (int seqn : new int[] {-1, -2, 1, 3}) {
            assertSame(Insert.INSERTED, insert(reorder, seqn));
        }
        assertFalse(reorder.minSeqn(0));
        expect(reorder.drain(out, 0, 64), -2, -1);
        expect(reorder.drain(out, 0, 64));
        expect(reorder.drainUpTo(out, 0, 64, 2), 1);
        assertEquals(2, reorder.minSeqn());
        assertEquals(1, reorder.skipped());
        expect(reorder.drainUpTo(out, 0, 64, 2));
        assertSame(Insert.INSERTED, insert(reorder, 2));
        expect(reorder.drain(out, 0, 1), 2);
        expect(reorder.drain(out, 0, 64), 3);
    }

    @Test
    void shouldCountWhatTheWindowLeavesOutAndBeginAnewAfterAReset() {
        Reorder reorder = new Reorder(4);
        assertSame(Insert.INSERTED, insert(reorder, 0));
        assertSame(Insert.INSERTED, insert(reorder, 5));
        assertEquals(1, reorder.skipped());
        expect(reorder.drainUpTo(out, 0, 64, 1000), 0, 5);
        assertEquals(6, reorder.minSeqn(), "a window's length further");
        assertEquals(4, reorder.skipped());
        reorder.reset();
        assertSame(Insert.INSERTED, insert(reorder, 100));
        assertEquals(100, reorder.minSeqn());
        reorder.reset();
    }

    @Test
    void shouldLoseNothingToAnArrayThatIsTooShort() {
        Reorder reorder = new Reorder(4);
        for (int seqn : new int[] {0, 1, 2, 3, 6}) {
            assertSame(Insert.INSERTED, insert(reorder, seqn));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> reorder.drain(out, out.length - 2, 5));
        assertThrows(IndexOutOfBoundsException.class, () -> reorder.drainUpTo(out, out.length - 2, 5, 7));
        assertEquals(5, reorder.count());
        expect(reorder.drain(out, 0, 64), 0, 1, 2, 3);
        expect(reorder.drainUpTo(out, 0, 64, 7), 6);
    }

    @Test
    void shouldGiveRandomPacketsInOrderAndLoseNone() {
        SplittableRandom random = Seed.random("ReorderTest");
        Reorder reorder = new Reorder(64);
        TreeMap<Integer, Boolean> inside = new TreeMap<>();
        List<Integer> given = new ArrayList<>();
        int base = 0;
        reorder.minSeqn(0);
        for (int i = 0; i < 1_000_000; i++) {
            int seqn = base + random.nextInt(random.nextInt(1, 160)) - random.nextInt(8);
            Insert result = insert(reorder, seqn);
            if (result == Insert.INSERTED) {
                assertTrue(inside.put(seqn, true) == null);
            }
            if (random.nextInt(3) == 0) {
                int n = random.nextInt(4) == 0 ? reorder.drainUpTo(out, 0, 64, base + random.nextInt(20))
                        : reorder.drain(out, 0, random.nextInt(64));
                for (int j = 0; j < n; j++) {
                    assertEquals(inside.pollFirstEntry().getKey(), out[j].rssHash());
                    given.add(out[j].rssHash());
                    out[j].free();
                }
            }
            base = reorder.minSeqn();
            assertEquals(inside.size(), reorder.count());
        }
        for (int i = 1; i < given.size(); i++) {
            assertTrue(given.get(i) > given.get(i - 1));
        }
        assertTrue(given.size() > 10_000 && reorder.early() > 1000 && reorder.duplicates() > 1000);
        reorder.reset();
        assertEquals(0, reorder.count());
    }
}
