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

/** What DPDK's fib_autotest asserts, and random operations against a naive oracle for each size of next hop. */
class FibTest {
    private static long one(Fib fib, int ip) {
        long[] hops = new long[1];
        fib.lookupBulk(new int[] {ip}, hops, 1);
        return hops[0];
    }

    @Test
    void shouldRefuseBadParameters() {
        assertThrows(IllegalArgumentException.class, () -> new Fib(0, 4, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Fib(1, 3, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Fib(1, 16, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Fib(1, 1, 129, 0));
        assertThrows(IllegalArgumentException.class, () -> new Fib(1, 4, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Fib(1, 1, 1, 128));
        Fib fib = new Fib(1, 1, 1, 127);
        assertThrows(IllegalArgumentException.class, () -> fib.add(0, 33, 0));
        assertThrows(IllegalArgumentException.class, () -> fib.add(0, 8, 128));
        assertThrows(IllegalArgumentException.class, () -> fib.delete(0, -1));
        assertThrows(IndexOutOfBoundsException.class, () -> fib.lookupBulk(new int[2], new long[1], 2));
        assertFalse(fib.delete(0, 8));
        fib.add(0, 0, 1);
        assertThrows(TableFullException.class, () -> fib.add(0, 30, 1));
        assertEquals(0, fib.tbl8Used());
        assertEquals(1, one(fib, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void shouldNestAllDepthsOfOnePrefix(int bytes) {
        Fib fib = new Fib(64, bytes, 127, 100);
        int ip = 0x8080_8080;
        for (int depth = 0; depth <= 32; depth++) {
            fib.add(ip, depth, depth);
            for (int d = 1; d <= depth; d++) {
                assertEquals(d - 1, one(fib, ip ^ 1 << 32 - d));
            }
            assertEquals(depth, one(fib, ip));
        }
        for (int depth = 0; depth <= 32; depth++) {
            assertTrue(fib.delete(ip, depth));
            assertEquals(depth == 32 ? 100 : 32, one(fib, ip));
        }
        assertEquals(0, fib.tbl8Used());
        fib.add(ip, 7, fib.maxNextHop());
        assertEquals(fib.maxNextHop(), one(fib, ip));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void shouldLookUpAnyNumberAtOnce(int bytes) {
        Fib fib = new Fib(100, bytes, 100, 100);
        int[] ips = new int[200];
        for (int i = 0; i < 200; i++) {
            ips[i] = i << 6;
            if (i % 3 == 0) {
                fib.add(ips[i], 26 + i % 7, i / 3);
            }
        }
        long[] hops = new long[200];
        fib.lookupBulk(ips, hops, 200);
        for (int i = 0; i < 200; i++) {
            assertEquals(i % 3 == 0 ? i / 3 : 100, hops[i]);
        }
    }

    @Test
    void shouldDeferGroupsUntilReadersAreQuiescent() {
        Fib fib = new Fib(10, 4, 1, 0);
        Qsbr qsbr = new Qsbr(1);
        fib.rcu(qsbr, Reclaim.DEFER);
        assertThrows(IllegalStateException.class, () -> fib.rcu(qsbr, Reclaim.SYNC));
        qsbr.register(0);
        qsbr.online(0);
        fib.add(0, 32, 1);
        fib.delete(0, 32);
        assertThrows(TableFullException.class, () -> fib.add(256, 32, 2));
        assertEquals(0, fib.rib().routes());
        qsbr.quiescent(0);
        fib.add(256, 32, 2);
        assertEquals(2, one(fib, 256));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void shouldAgreeWithANaiveOracle(int bytes) {
        SplittableRandom random = Seed.random("FibTest of " + bytes);
        Fib fib = new Fib(1 << 16, bytes, 64, 7);
        List<Map<Integer, Long>> oracle = new ArrayList<>();
        for (int d = 0; d <= 32; d++) {
            oracle.add(new HashMap<>());
        }
        int[] ips = new int[8];
        long[] hops = new long[8];
        int full = 0;
        for (int i = 0; i < 250_000; i++) {
            int ip = narrow(random);
            int depth = 32 - random.nextInt(random.nextInt(1, 18));
            int key = ip & -1 << 32 - depth;
            int kind = random.nextInt(100);
            if (kind < 12) {
                long hop = random.nextLong() & fib.maxNextHop();
                try {
                    fib.add(ip, depth, hop);
                    oracle.get(depth).put(key, hop);
                } catch (TableFullException e) {
                    full++;
                }
            } else if (kind < 24) {
                assertEquals(oracle.get(depth).remove(key) != null, fib.delete(ip, depth));
            } else {
                for (int j = 0; j < 8; j++) {
                    ips[j] = narrow(random);
                }
                fib.lookupBulk(ips, hops, 8);
                for (int j = 0; j < 8; j++) {
                    assertEquals(expected(oracle, ips[j]), hops[j]);
                }
            }
        }
        assertTrue(full > 100, "groups never ran out");
        for (int d = 0; d <= 32; d++) {
            for (int key : oracle.get(d).keySet()) {
                assertTrue(fib.delete(key, d));
            }
        }
        assertEquals(0, fib.tbl8Used());
        assertEquals(0, fib.rib().routes());
        assertEquals(7, one(fib, narrow(random)));
    }

    private static int narrow(SplittableRandom random) {
        return 0xc612_0000 | random.nextInt(128) << 8 | random.nextInt(256) & random.nextInt(256);
    }

    private static long expected(List<Map<Integer, Long>> oracle, int ip) {
        for (int d = 32; d >= 15; d--) {
            Long hop = oracle.get(d).get(ip & -1 << 32 - d);
            if (hop != null) {
                return hop;
            }
        }
        return 7;
    }
}
