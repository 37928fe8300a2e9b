package dev.penstock.lpm;

import static dev.penstock.lpm.Lpm.NO_ROUTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.net.Ipv4Address;
import dev.penstock.rcu.Qsbr;
import dev.penstock.rcu.Reclaim;
import dev.penstock.tables.TableFullException;
import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What DPDK's lpm_autotest asserts, and a million operations against a naive oracle. */
@Timeout(120)
class LpmTest {
    private final Lpm lpm = new Lpm(1024, 256);

    private static int ip(String text) {
        return Ipv4Address.parse(text);
    }

    @AfterEach
    void everyRouteDeletedLeavesNothing() {
        lpm.deleteAll();
        assertEquals(0, lpm.rules());
    }

    @Test
    void shouldRefuseBadParameters() {
        assertThrows(IllegalArgumentException.class, () -> new Lpm(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Lpm(1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Lpm(1, 1 << 23));
        assertThrows(IllegalArgumentException.class, () -> lpm.add(0, 33, 1));
        assertThrows(IllegalArgumentException.class, () -> lpm.add(0, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> lpm.add(0, 8, -1));
        assertThrows(IllegalArgumentException.class, () -> lpm.add(0, 8, 1 << 24));
        assertThrows(IllegalArgumentException.class, () -> lpm.delete(0, 33));
        assertThrows(IndexOutOfBoundsException.class, () -> lpm.lookupBulk(new int[3], new int[4], 4));
        assertEquals(0, lpm.rules());
    }

    @Test
    void shouldAddLookUpAndDelete() {
        for (int depth : new int[] {0, 1, 16, 24, 25, 32}) {
            int address = ip("128.0.0.0");
            lpm.add(address, depth, 100);
            assertEquals(100, lpm.lookup(address));
            assertEquals(100, lpm.nextHop(address, depth));
            lpm.add(address, depth, Lpm.MAX_NEXT_HOP);
            assertEquals(Lpm.MAX_NEXT_HOP, lpm.lookup(address));
            assertEquals(1, lpm.rules());
            assertTrue(lpm.delete(address, depth));
            assertFalse(lpm.delete(address, depth));
            assertEquals(NO_ROUTE, lpm.lookup(address));
            assertEquals(NO_ROUTE, lpm.nextHop(address, depth));
            assertEquals(0, lpm.tbl8Used());
        }
    }

    @Test
    void shouldFillHalfOfTheFirstTable() {
        lpm.add(0, 1, 100);
        int[] ips = {0, 0x7fff_ffff, 0x8000_0000, -1};
        int[] hops = new int[4];
        lpm.lookupBulk(ips, hops, 4);
        assertEquals(List.of(100, 100, NO_ROUTE, NO_ROUTE), List.of(hops[0], hops[1], hops[2], hops[3]));
    }

    @Test
    void shouldPreferTheMoreSpecificAndFallBack() {
        int address = ip("128.128.128.128");
        for (int depth = 1; depth <= 32; depth++) {
            lpm.add(address, depth, depth);
            assertEquals(depth, lpm.lookup(address));
        }
        for (int depth = 32; depth >= 1; depth--) {
            assertTrue(lpm.delete(address, depth));
            assertEquals(depth == 1 ? NO_ROUTE : depth - 1, lpm.lookup(address));
        }
        for (int depth = 32; depth >= 1; depth--) {
            lpm.add(address, depth, depth);
            assertEquals(32, lpm.lookup(address));
        }
    }

    @Test
    void shouldExtendAndShrinkAgainAndAgain() {
        for (int i = 0; i < 1000; i++) {
            lpm.add(ip("128.0.0.0"), 24, 1);
            lpm.add(ip("128.0.0.10"), 32, 2);
            assertEquals(2, lpm.lookup(ip("128.0.0.10")));
            assertEquals(1, lpm.lookup(ip("128.0.0.11")));
            assertTrue(lpm.delete(ip("128.0.0.0"), 24));
            assertEquals(NO_ROUTE, lpm.lookup(ip("128.0.0.11")));
            assertTrue(lpm.delete(ip("128.0.0.10"), 32));
            assertEquals(NO_ROUTE, lpm.lookup(ip("128.0.0.10")));
            assertEquals(0, lpm.tbl8Used());
        }
    }

    @Test
    void shouldForgetHowManyRoutesAGroupServed() {
        for (int i = 0; i < 3; i++) {
            lpm.add(ip("128.0.0.10"), 32, 2);
            lpm.deleteAll();
        }
        lpm.add(ip("128.0.0.10"), 32, 2);
        lpm.delete(ip("128.0.0.10"), 32);
        assertEquals(0, lpm.tbl8Used());
    }

    @Test
    void shouldLookUpAnyNumberAtOnce() {
        int[] ips = new int[200];
        for (int i = 0; i < 200; i++) {
            ips[i] = i << 6;
            if (i % 3 == 0) {
                lpm.add(ips[i], 26 + i % 7, i);
            }
        }
        int[] hops = new int[200];
        lpm.lookupBulk(ips, hops, 200);
        for (int i = 0; i < 200; i++) {
            assertEquals(i % 3 == 0 ? i : NO_ROUTE, hops[i]);
        }
    }

    @Test
    void shouldRecoverFromExhaustedGroups() {
        for (int i = 0; i < 256; i++) {
            lpm.add(i << 8, 25, i);
        }
        TableFullException full = assertThrows(TableFullException.class, () -> lpm.add(256 << 8, 32, 1));
        assertEquals("no more tbl8 groups of the LPM: all 256 are in use; make it with a greater tbl8Groups", full.getMessage());
        assertEquals(256, lpm.rules());
        assertEquals(NO_ROUTE, lpm.lookup(256 << 8));
        lpm.add(128, 25, 7);
        assertTrue(lpm.delete(200 << 8, 25));
        lpm.add(256 << 8, 32, 1);
        assertEquals(1, lpm.lookup(256 << 8));
        assertEquals(NO_ROUTE, lpm.lookup(200 << 8));
        for (int i = 0; i < 200; i++) {
            assertEquals(i, lpm.lookup(i << 8));
        }
    }

    @Test
    void shouldRefuseMoreRulesThanAllowed() {
        Lpm small = new Lpm(2, 1);
        small.add(0, 8, 1);
        small.add(0, 9, 1);
        assertThrows(TableFullException.class, () -> small.add(0, 30, 1));
        assertEquals(0, small.tbl8Used());
        small.add(0, 9, 2);
        assertEquals(2, small.lookup(0));
    }

    @Test
    void shouldNotTouchAGroupOfAnotherNetwork() {
        lpm.add(ip("128.0.0.0"), 27, 1);
        lpm.add(ip("128.0.1.0"), 28, 2);
        lpm.delete(ip("128.0.0.0"), 27);
        lpm.add(ip("128.0.2.0"), 26, 3);
        assertEquals(2, lpm.lookup(ip("128.0.1.0")));
        assertEquals(NO_ROUTE, lpm.lookup(ip("128.0.1.64")));
        assertEquals(3, lpm.lookup(ip("128.0.2.63")));
        assertEquals(NO_ROUTE, lpm.lookup(ip("128.0.2.64")));
    }

    @Test
    void shouldTakeOneRcuVariable() {
        lpm.rcu(new Qsbr(1), Reclaim.DEFER);
        assertThrows(IllegalStateException.class, () -> lpm.rcu(new Qsbr(1), Reclaim.SYNC));
    }

    @Test
    void shouldDeferGroupsUntilReadersAreQuiescent() {
        Lpm one = new Lpm(10, 1);
        Qsbr qsbr = new Qsbr(1);
        one.rcu(qsbr, Reclaim.DEFER);
        qsbr.register(0);
        qsbr.online(0);
        one.add(0, 32, 1);
        one.delete(0, 32);
        assertThrows(TableFullException.class, () -> one.add(256, 32, 2));
        qsbr.quiescent(0);
        one.add(256, 32, 2);
        assertEquals(2, one.lookup(256));
        assertEquals(NO_ROUTE, one.lookup(0));
    }

    @Test
    void shouldAgreeWithANaiveOracleOverAMillionOperations() {
        SplittableRandom random = Seed.random("LpmTest");
        Lpm table = new Lpm(1 << 16, 64);
        List<Map<Integer, Integer>> oracle = new ArrayList<>();
        for (int d = 0; d <= 32; d++) {
            oracle.add(new HashMap<>());
        }
        int[] ips = new int[8];
        int[] hops = new int[8];
        int full = 0;
        for (int i = 0; i < 1_000_000; i++) {
            int ip = narrow(random);
            int depth = 32 - random.nextInt(random.nextInt(1, 18));
            int key = ip & -1 << 32 - depth;
            int kind = random.nextInt(100);
            if (kind < 12) {
                int hop = random.nextInt(1 << 24);
                try {
                    table.add(ip, depth, hop);
                    oracle.get(depth).put(key, hop);
                } catch (TableFullException e) {
                    full++;
                }
            } else if (kind < 24) {
                assertEquals(oracle.get(depth).remove(key) != null, table.delete(ip, depth));
            } else {
                for (int j = 0; j < 8; j++) {
                    ips[j] = narrow(random);
                }
                table.lookupBulk(ips, hops, 8);
                for (int j = 0; j < 8; j++) {
                    int expected = expected(oracle, ips[j]);
                    assertEquals(expected, hops[j]);
                    assertEquals(expected, table.lookup(ips[j]));
                }
            }
        }
        assertTrue(full > 100, "groups never ran out");
        assertEquals(oracle.stream().mapToInt(Map::size).sum(), table.rules());
        for (int d = 0; d <= 32; d++) {
            for (int key : oracle.get(d).keySet()) {
                assertTrue(table.delete(key, d));
            }
        }
        assertEquals(0, table.tbl8Used());
        assertEquals(0, table.rules());
    }

    private static int narrow(SplittableRandom random) {
        return 0xc612_0000 | random.nextInt(128) << 8 | random.nextInt(256) & random.nextInt(256);
    }

    private static int expected(List<Map<Integer, Integer>> oracle, int ip) {
        for (int d = 32; d >= 15; d--) {
            Integer hop = oracle.get(d).get(ip & -1 << 32 - d);
            if (hop != null) {
                return hop;
            }
        }
        return NO_ROUTE;
    }

    /**
     * Two networks share one group in turn. A next hop's lowest bits tell its network, so a reader that is sent
     * through a group which serves the other network by then would see a wrong one.
     */
    @ParameterizedTest
    @EnumSource
    void shouldNeverShowAReaderAnotherNetworksNextHop(Reclaim mode) throws InterruptedException {
        Lpm table = new Lpm(100, 2);
        Qsbr qsbr = new Qsbr(1);
        table.rcu(qsbr, mode);
        for (int network = 0; network < 4; network++) {
            table.add(network << 8, 24, network);
        }
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong wrong = new AtomicLong();
        AtomicLong looks = new AtomicLong();
        Thread reader = new Thread(() -> {
            qsbr.register(0);
            qsbr.online(0);
            int[] ips = new int[32];
            for (int i = 0; i < 32; i++) {
                ips[i] = (i & 3) << 8 | i;
            }
            int[] hops = new int[32];
            while (!done.get()) {
                table.lookupBulk(ips, hops, 32);
                for (int i = 0; i < 32; i++) {
                    if ((hops[i] & 3) != (i & 3) || hops[i] < 0) {
                        wrong.incrementAndGet();
                    }
                }
                looks.incrementAndGet();
                qsbr.quiescent(0);
            }
            qsbr.unregister(0);
        });
        reader.start();
        long end = System.nanoTime() + 1_000_000_000L;
        int changes = 0;
        while (System.nanoTime() < end || changes < 100 || looks.get() < 1000) {
            int network = changes & 3;
            try {
                table.add(network << 8, 27, 4 | network);
                table.add(network << 8 | 16, 28, 8 | network);
                table.delete(network << 8, 27);
                table.delete(network << 8 | 16, 28);
                changes++;
            } catch (TableFullException e) {
                table.delete(network << 8, 27);
                Thread.onSpinWait();
            }
        }
        done.set(true);
        reader.join();
        assertEquals(0, wrong.get());
    }
}
