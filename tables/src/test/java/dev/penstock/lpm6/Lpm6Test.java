package dev.penstock.lpm6;

import static dev.penstock.lpm6.Lpm6.NO_ROUTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.rcu.Qsbr;
import dev.penstock.rcu.Reclaim;
import dev.penstock.tables.TableFullException;
import dev.penstock.testkit.Seed;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What DPDK's lpm6_autotest asserts, and random operations against a naive oracle. */
class Lpm6Test {
    private static final long HIGH = 0x2001_0db8_0000_0000L;

    @Test
    void shouldRefuseBadParameters() {
        assertThrows(IllegalArgumentException.class, () -> new Lpm6(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Lpm6(1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Lpm6(1, (1 << 21) + 1));
        Lpm6 lpm = new Lpm6(2, 13);
        assertThrows(IllegalArgumentException.class, () -> lpm.add(0, 0, 129, 1));
        assertThrows(IllegalArgumentException.class, () -> lpm.add(0, 0, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> lpm.add(0, 0, 1, 1 << 21));
        assertThrows(IllegalArgumentException.class, () -> lpm.delete(0, 0, 129));
        assertThrows(IndexOutOfBoundsException.class, () -> lpm.lookupBulk(new long[3], new int[2], 2));
        assertFalse(lpm.delete(0, 0, 1));
        lpm.add(0, 0, 128, 1);
        assertEquals(0, lpm.tbl8Used(), "a route alone needs no group");
        lpm.add(0, 2, 128, 2);
        assertEquals(13, lpm.tbl8Used());
        assertThrows(TableFullException.class, () -> lpm.add(1, 0, 10, 1));
        assertEquals(1, lpm.lookup(0, 0));
        assertEquals(NO_ROUTE, lpm.lookup(0, 1));
        assertEquals(2, lpm.lookup(0, 2));
        assertTrue(lpm.delete(0, 0, 128));
        assertEquals(NO_ROUTE, lpm.lookup(0, 0));
        assertTrue(lpm.delete(0, 2, 128));
        assertEquals(0, lpm.tbl8Used());
    }

    @Test
    void shouldNestAllDepthsOfOnePrefix() {
        Lpm6 lpm = new Lpm6(200, 200);
        long low = 0x0123_4567_89ab_cdefL;
        for (int depth = 0; depth <= 128; depth++) {
            lpm.add(HIGH, low, depth, Lpm6.MAX_NEXT_HOP - depth);
            assertEquals(Lpm6.MAX_NEXT_HOP - depth, lpm.lookup(HIGH, low));
            for (int d = 1; d <= depth; d++) {
                long high = d <= 64 ? HIGH ^ 1L << 64 - d : HIGH;
                long last = d > 64 ? low ^ 1L << 128 - d : low;
                assertEquals(Lpm6.MAX_NEXT_HOP - d + 1, lpm.lookup(high, last));
            }
        }
        assertEquals(13, lpm.tbl8Used());
        for (int depth = 128; depth >= 0; depth--) {
            assertTrue(lpm.delete(HIGH, low, depth));
            assertEquals(depth == 0 ? NO_ROUTE : Lpm6.MAX_NEXT_HOP - depth + 1, lpm.lookup(HIGH, low));
        }
        assertEquals(0, lpm.tbl8Used());
    }

    @Test
    void shouldForgetAllRoutesAtOnceAndTakeOthers() {
        Lpm6 lpm = new Lpm6(10, 13);
        for (int round = 1; round <= 3; round++) {
            lpm.add(HIGH, 0, 128, round);
            lpm.add(HIGH, 1, 128, round);
            lpm.add(0, 0, 0, round + 9);
            assertTrue(lpm.tbl8Used() > 0);
            lpm.deleteAll();
            assertEquals(0, lpm.rules());
            assertEquals(0, lpm.tbl8Used());
            assertEquals(NO_ROUTE, lpm.lookup(HIGH, 1));
            assertEquals(NO_ROUTE, lpm.nextHop(0, 0, 0));
        }
        lpm.add(HIGH, 1, 127, 5);
        assertEquals(5, lpm.lookup(HIGH, 0));
        assertEquals(NO_ROUTE, lpm.lookup(HIGH, 2));
    }

    @Test
    void shouldFindNoRoomForGroupsBeforeItChangesAnything() {
        Lpm6 lpm = new Lpm6(10, 5);
        lpm.add(HIGH, 0, 66, 1);
        // Six groups: for what is behind 24, 32, 40, 48, 56 and 64 bits.
        assertThrows(TableFullException.class, () -> lpm.add(HIGH, 0, 65, 2));
        assertEquals(1, lpm.rules());
        assertEquals(0, lpm.tbl8Used());
        assertEquals(NO_ROUTE, lpm.nextHop(HIGH, 0, 65));
        assertEquals(1, lpm.lookup(HIGH, 0));
        lpm.delete(HIGH, 0, 66);
        lpm.add(HIGH, 0, 57, 3);
        assertEquals(3, lpm.lookup(HIGH, 0));
        lpm.add(HIGH, 0, 64, 4);
        assertEquals(5, lpm.tbl8Used());
        assertEquals(4, lpm.lookup(HIGH, 0));
    }

    @Test
    void shouldDeferGroupsUntilReadersAreQuiescent() {
        Lpm6 lpm = new Lpm6(10, 13);
        Qsbr qsbr = new Qsbr(1);
        lpm.rcu(qsbr, Reclaim.DEFER);
        qsbr.register(0);
        qsbr.online(0);
        lpm.add(HIGH, 0, 128, 1);
        lpm.add(HIGH, 1, 128, 1);
        lpm.delete(HIGH, 0, 128);
        lpm.delete(HIGH, 1, 128);
        lpm.add(0, 0, 25, 2);
        assertThrows(TableFullException.class, () -> lpm.add(0, 0, 26, 3));
        qsbr.quiescent(0);
        lpm.add(0, 0, 26, 3);
        assertEquals(3, lpm.lookup(0, 5));
        assertEquals(2, lpm.lookup(1L << 38, 5));
    }

    @Test
    void shouldUseTheTailOfARouteAgainWhenItIsNobodysAndNotBefore() {
        Lpm6 lpm = new Lpm6(2, 13);
        for (int i = 0; i < 20; i++) {
            lpm.add(HIGH, i, 128, 1);
            assertEquals(0, lpm.tbl8Used(), "a route alone needs no group");
            // they part in their last byte, or so early that each has a tail again
            long other = i ^ 1L << 40 * (i & 1);
            lpm.add(HIGH, other, 128, 2);
            assertTrue(lpm.delete(HIGH, i, 128));
            assertTrue(lpm.delete(HIGH, other, 128));
        }
        Qsbr qsbr = new Qsbr(1);
        lpm.rcu(qsbr, Reclaim.DEFER);
        qsbr.register(0);
        qsbr.online(0);
        for (int i = 0; i < 2; i++) {
            lpm.add(HIGH, 1, 128, 1);
            lpm.delete(HIGH, 1, 128);
        }
        assertEquals(0, lpm.tbl8Used());
        lpm.add(HIGH, 1, 128, 1);
        assertEquals(13, lpm.tbl8Used(), "a reader may be at a tail yet");
        assertEquals(1, lpm.lookup(HIGH, 1));
    }

    private record Prefix(long high, long low, int depth) {
        static Prefix of(long high, long low, int depth) {
            return new Prefix(depth == 0 ? 0 : high & -1L << Math.max(0, 64 - depth),
                    depth <= 64 ? 0 : low & -1L << 128 - depth, depth);
        }
    }

    @Test
    void shouldAgreeWithANaiveOracle() {
        SplittableRandom random = Seed.random("Lpm6Test");
        Lpm6 lpm = new Lpm6(1 << 16, 300);
        Map<Prefix, Integer> oracle = new HashMap<>();
        long[] addresses = new long[16];
        int[] hops = new int[8];
        int full = 0;
        for (int i = 0; i < 1_000_000; i++) {
            long high = high(random);
            long low = low(random);
            int depth = random.nextInt(14, 129);
            int kind = random.nextInt(100);
            if (kind < 20) {
                int hop = random.nextInt(1 << 21);
                try {
                    lpm.add(high, low, depth, hop);
                    oracle.put(Prefix.of(high, low, depth), hop);
                } catch (TableFullException e) {
                    full++;
                }
            } else if (kind < 60) {
                assertEquals(oracle.remove(Prefix.of(high, low, depth)) != null, lpm.delete(high, low, depth));
            } else {
                for (int j = 0; j < 8; j++) {
                    addresses[2 * j] = high(random);
                    addresses[2 * j + 1] = low(random);
                }
                lpm.lookupBulk(addresses, hops, 8);
                for (int j = 0; j < 8; j++) {
                    Integer hop = null;
                    for (int d = 128; d >= 14 && hop == null; d--) {
                        hop = oracle.get(Prefix.of(addresses[2 * j], addresses[2 * j + 1], d));
                    }
                    assertEquals(hop == null ? NO_ROUTE : hop, hops[j]);
                }
            }
        }
        assertTrue(full > 100, "groups never ran out");
        assertEquals(oracle.size(), lpm.rules());
        oracle.keySet().forEach(p -> assertTrue(lpm.delete(p.high, p.low, p.depth)));
        assertEquals(0, lpm.tbl8Used());
        assertEquals(NO_ROUTE, lpm.lookup(high(random), low(random)));
    }

    private static long high(SplittableRandom random) {
        return HIGH | (long) random.nextInt(4) << 38 | (long) random.nextInt(4) << 16 | random.nextInt(2);
    }

    private static long low(SplittableRandom random) {
        return (long) random.nextInt(2) << 62 | random.nextInt(2) << 16 | random.nextInt(4);
    }
}
