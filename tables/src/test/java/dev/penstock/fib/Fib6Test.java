package dev.penstock.fib;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.rcu.Qsbr;
import dev.penstock.rcu.Reclaim;
import dev.penstock.tables.TableFullException;
import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What DPDK's fib6_autotest asserts, and random operations against a naive oracle for each size of next hop. */
class Fib6Test {
    private record Prefix(long high, long low) {}

    private static long one(Fib6 fib, long high, long low) {
        long[] hops = new long[1];
        fib.lookupBulk(new long[] {high, low}, hops, 1);
        return hops[0];
    }

    @Test
    void shouldRefuseBadParameters() {
        assertThrows(IllegalArgumentException.class, () -> new Fib6(0, 4, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Fib6(1, 3, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Fib6(1, 2, 32_769, 0));
        assertThrows(IllegalArgumentException.class, () -> new Fib6(1, 1, 1, 128));
        Fib6 fib = new Fib6(2, 1, 12, 127);
        assertThrows(IllegalArgumentException.class, () -> fib.add(0, 0, 129, 0));
        assertThrows(IllegalArgumentException.class, () -> fib.add(0, 0, 8, 128));
        assertThrows(IllegalArgumentException.class, () -> fib.delete(0, 0, -1));
        assertThrows(IndexOutOfBoundsException.class, () -> fib.lookupBulk(new long[3], new long[2], 2));
        assertFalse(fib.delete(0, 0, 8));
        fib.add(0, 0, 128, 1);
        assertEquals(0, fib.tbl8Used(), "a route alone needs no group");
        // A second one that begins with the same 127 bits needs one for each of 13 bytes.
        assertThrows(TableFullException.class, () -> fib.add(0, 1, 128, 1));
        assertEquals(1, fib.rib().routes());
        assertEquals(127, one(fib, 0, 1));
        assertTrue(fib.delete(0, 0, 128));
        assertEquals(0, fib.tbl8Used());
        assertEquals(127, one(fib, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 8})
    void shouldNestAllDepthsOfOnePrefix(int bytes) {
        Fib6 fib = new Fib6(129, bytes, 127, 1000);
        long high = 0x2001_0db8_8080_8080L;
        long low = 0x8080_8080_8080_8080L;
        for (int depth = 0; depth <= 128; depth++) {
            fib.add(high, low, depth, depth);
            for (int d = 1; d <= depth; d++) {
                assertEquals(d - 1, one(fib, d <= 64 ? high ^ 1L << 64 - d : high, d <= 64 ? low : low ^ 1L << 128 - d));
            }
            assertEquals(depth, one(fib, high, low));
        }
        for (int depth = 0; depth <= 128; depth++) {
            assertTrue(fib.delete(high, low, depth));
            assertEquals(depth == 128 ? 1000 : 128, one(fib, high, low));
        }
        assertEquals(0, fib.tbl8Used());
        fib.add(high, low, 7, fib.maxNextHop());
        assertEquals(fib.maxNextHop(), one(fib, high, low));
        fib.add(-1, -1, 128, 3);
        assertEquals(3, one(fib, -1, -1));
        assertEquals(1000, one(fib, -1, -2));
    }

    @Test
    void shouldDeferGroupsUntilReadersAreQuiescent() {
        Fib6 fib = new Fib6(10, 4, 13, 0);
        Qsbr qsbr = new Qsbr(1);
        fib.rcu(qsbr, Reclaim.DEFER);
        qsbr.register(0);
        qsbr.online(0);
        fib.add(1L << 40, 0, 128, 1);
        fib.add(1L << 40, 1, 128, 1);
        assertEquals(13, fib.tbl8Used());
        fib.delete(1L << 40, 0, 128);
        fib.delete(1L << 40, 1, 128);
        fib.add(2L << 40, 0, 128, 2);
        assertThrows(TableFullException.class, () -> fib.add(2L << 40, 1, 128, 3));
        assertEquals(1, fib.rib().routes());
        qsbr.quiescent(0);
        fib.add(2L << 40, 1, 128, 3);
        assertEquals(2, one(fib, 2L << 40, 0));
        assertEquals(3, one(fib, 2L << 40, 1));
    }

    @Test
    void shouldNotUseATailAgainWhileReadersMaySeeIt() {
        Fib6 fib = new Fib6(1, 8, 1, 0);
        Qsbr qsbr = new Qsbr(1);
        fib.rcu(qsbr, Reclaim.DEFER);
        qsbr.register(0);
        qsbr.online(0);
        fib.add(0, 0, 128, 1);
        fib.delete(0, 0, 128);
        // There is one tail, and one group for the 13 that the route needs without.
        assertThrows(TableFullException.class, () -> fib.add(5, 0, 128, 2));
        qsbr.quiescent(0);
        fib.add(5, 0, 128, 2);
        assertEquals(2, one(fib, 5, 0));
        assertEquals(0, one(fib, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void shouldAgreeWithANaiveOracle(int bytes) {
        SplittableRandom random = Seed.random("Fib6Test of " + bytes);
        // From 65536 routes on the RIB below has its index; 4 bytes are tested with it, the others without.
        Fib6 fib = new Fib6(bytes == 4 ? 1 << 16 : 1 << 15, bytes, 100, 7);
        List<Map<Prefix, Long>> oracle = new ArrayList<>();
        for (int d = 0; d <= 128; d++) {
            oracle.add(new HashMap<>());
        }
        long[] ips = new long[16];
        long[] hops = new long[8];
        int full = 0;
        for (int i = 0; i < 250_000; i++) {
            long high = high(random);
            long low = low(random);
            int depth = 128 - random.nextInt(random.nextInt(1, 120));
            Prefix key = prefix(high, low, depth);
            int kind = random.nextInt(100);
            if (kind < 12) {
                long hop = random.nextLong() & fib.maxNextHop();
                try {
                    fib.add(high, low, depth, hop);
                    oracle.get(depth).put(key, hop);
                } catch (TableFullException e) {
                    full++;
                }
            } else if (kind < 24) {
                assertEquals(oracle.get(depth).remove(key) != null, fib.delete(high, low, depth));
            } else if (kind < 40) {
                for (int j = 0; j < 8; j++) {
                    ips[2 * j] = high(random);
                    ips[2 * j + 1] = low(random);
                }
                fib.lookupBulk(ips, hops, 8);
                for (int j = 0; j < 8; j++) {
                    assertEquals(expected(oracle, ips[2 * j], ips[2 * j + 1]), hops[j]);
                }
            }
        }
        assertTrue(full > 100, "groups never ran out");
        for (int d = 0; d <= 128; d++) {
            for (Prefix p : oracle.get(d).keySet()) {
                assertTrue(fib.delete(p.high, p.low, d));
            }
        }
        assertEquals(0, fib.tbl8Used());
        assertEquals(0, fib.rib().routes());
        assertEquals(7, one(fib, high(random), low(random)));
    }

    private static long high(SplittableRandom random) {
        return 0x2001_0db8_0000_0000L | sparse(random) & 0x0101_0000_8001L;
    }

    private static long low(SplittableRandom random) {
        return sparse(random) & 0x8000_0001_0000_0101L;
    }

    private static long sparse(SplittableRandom random) {
        return random.nextLong() & random.nextLong();
    }

    private static Prefix prefix(long high, long low, int depth) {
        return new Prefix(depth == 0 ? 0 : high & -1L << Math.max(0, 64 - depth), depth <= 64 ? 0 : low & -1L << 128 - depth);
    }

    private static long expected(List<Map<Prefix, Long>> oracle, long high, long low) {
        for (int d = 128; d >= 0; d--) {
            if (!oracle.get(d).isEmpty()) {
                Long hop = oracle.get(d).get(prefix(high, low, d));
                if (hop != null) {
                    return hop;
                }
            }
        }
        return 7;
    }
}
