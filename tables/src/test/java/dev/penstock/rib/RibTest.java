package dev.penstock.rib;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.net.Ipv4Address;
import dev.penstock.tables.TableFullException;
import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What DPDK's rib_autotest and rib6_autotest assert, and a million operations against maps. */
class RibTest {
    private final Rib rib = new Rib(1 << 16);

    @Test
    void shouldRefuseBadParameters() {
        assertThrows(IllegalArgumentException.class, () -> new Rib(0));
        assertThrows(IllegalArgumentException.class, () -> new Rib6(-1));
        assertThrows(IllegalArgumentException.class, () -> rib.insert(0, 33));
        assertThrows(IllegalArgumentException.class, () -> rib.insert(0, -1));
        assertThrows(IllegalArgumentException.class, () -> rib.lookupExact(0, 33));
        assertThrows(IllegalArgumentException.class, () -> new Rib6(1).insert(0, 0, 129));
        Rib one = new Rib(1);
        one.insert(0, 0);
        assertTrue(assertThrows(TableFullException.class, () -> one.insert(0, 1)).getMessage().contains("maxRoutes"));
        assertEquals(1, one.routes());
    }

    @Test
    void shouldRefuseADuplicate() {
        assertNotNull(rib.insert(Ipv4Address.parse("192.0.2.0"), 24));
        assertNull(rib.insert(Ipv4Address.parse("192.0.2.9"), 24));
    }

    @Test
    void shouldKeepWhatIsSet() {
        RibNode node = rib.insert(Ipv4Address.parse("192.0.2.7"), 24);
        node.nextHop(10);
        node.ext(this);
        assertEquals(Ipv4Address.parse("192.0.2.0"), node.ip());
        assertEquals(24, node.depth());
        assertEquals(10, node.nextHop());
        assertSame(this, node.ext());
    }

    /** A route that goes leaves its node where others branch. */
    @Test
    void shouldKeepNothingOfARouteThatWentAndCame() {
        int ip = Ipv4Address.parse("10.0.0.0");
        rib.insert(ip, 9);
        rib.insert(ip | 1 << 23, 9);
        for (int i = 0; i < 2; i++) {
            RibNode node = rib.insert(ip, 8);
            assertEquals(0, node.nextHop());
            assertNull(node.ext());
            node.nextHop(10);
            node.ext(this);
            rib.remove(node);
        }
    }

    @Test
    void shouldFindExactAndLongest() {
        int ip = Ipv4Address.parse("192.0.2.0");
        rib.insert(ip, 24).nextHop(10);
        assertEquals(10, rib.lookup(ip).nextHop());
        assertEquals(10, rib.lookupExact(ip, 24).nextHop());
        assertNull(rib.lookupExact(ip, 23));
        assertTrue(rib.remove(ip, 24));
        assertFalse(rib.remove(ip, 24));
        assertNull(rib.lookup(ip));
        assertNull(rib.lookupExact(ip, 24));
    }

    @Test
    void shouldWalkASubtree() {
        RibNode a = rib.insert(Ipv4Address.parse("10.0.0.0"), 8);
        RibNode b = rib.insert(Ipv4Address.parse("10.1.0.0"), 16);
        RibNode c = rib.insert(Ipv4Address.parse("10.1.1.0"), 24);
        RibNode d = rib.insert(Ipv4Address.parse("10.2.0.0"), 16);
        assertEquals(List.of(b, c, d), walk(a.ip(), 8, Rib.Walk.ALL));
        assertEquals(List.of(b, d), walk(a.ip(), 8, Rib.Walk.COVER));
        assertEquals(List.of(a), walk(0, 0, Rib.Walk.COVER));
        assertEquals(List.of(), walk(d.ip(), 16, Rib.Walk.ALL));
        assertSame(b, c.lookupParent());
        assertSame(a, d.lookupParent());
        assertNull(a.lookupParent());
    }

    private List<RibNode> walk(int ip, int depth, Rib.Walk walk) {
        List<RibNode> nodes = new ArrayList<>();
        for (RibNode n = rib.next(ip, depth, null, walk); n != null; n = rib.next(ip, depth, n, walk)) {
            nodes.add(n);
        }
        return nodes;
    }

    @Test
    void shouldAgreeWithMapsOverAMillionOperations() {
        SplittableRandom random = Seed.random("RibTest");
        List<Map<Integer, Long>> oracle = new ArrayList<>();
        for (int d = 0; d <= 32; d++) {
            oracle.add(new HashMap<>());
        }
        for (int i = 0; i < 1_000_000; i++) {
            int ip = random.nextInt(16) << 28 | random.nextInt(8) << 12 | random.nextInt(8) << 6 | random.nextInt(4);
            int depth = random.nextInt(33);
            int key = depth == 0 ? 0 : ip & -1 << 32 - depth;
            switch (random.nextInt(4)) {
                case 0 -> {
                    RibNode node = rib.insert(ip, depth);
                    assertEquals(oracle.get(depth).putIfAbsent(key, (long) i) == null, node != null);
                    if (node != null) {
                        node.nextHop(i);
                    }
                }
                case 1 -> assertEquals(oracle.get(depth).remove(key) != null, rib.remove(ip, depth));
                default -> {
                    RibNode node = rib.lookup(ip);
                    assertEquals(expected(oracle, ip, 32), node == null ? null : (Long) node.nextHop());
                    if (node != null) {
                        RibNode parent = node.lookupParent();
                        assertEquals(expected(oracle, ip, node.depth() - 1), parent == null ? null : (Long) parent.nextHop());
                    }
                }
            }
        }
        int routes = oracle.stream().mapToInt(Map::size).sum();
        assertEquals(routes, rib.routes());
        assertEquals(routes - oracle.getFirst().size(), walk(0, 0, Rib.Walk.ALL).size());
        oracle.forEach(m -> m.clear());
        rib.clear();
        assertNull(rib.lookup(0));
        assertNotNull(rib.insert(1 << 28, 24));
        assertEquals(24, rib.lookup(1 << 28).depth());
        assertEquals(1, walk(0, 0, Rib.Walk.ALL).size());
    }

    private static Long expected(List<Map<Integer, Long>> oracle, int ip, int from) {
        for (int d = from; d >= 0; d--) {
            Long hop = oracle.get(d).get(d == 0 ? 0 : ip & -1 << 32 - d);
            if (hop != null) {
                return hop;
            }
        }
        return null;
    }

    private record Prefix(long high, long low, int depth) {
        static Prefix of(long high, long low, int depth) {
            return new Prefix(depth == 0 ? 0 : high & -1L << Math.max(0, 64 - depth),
                    depth <= 64 ? 0 : low & -1L << 128 - depth, depth);
        }
    }

    @Test
    void shouldAgreeWithAMapOverIpv6() {
        SplittableRandom random = Seed.random("RibTest IPv6");
        Rib6 rib6 = new Rib6(1 << 20);
        Map<Prefix, Long> oracle = new HashMap<>();
        for (int i = 0; i < 1_000_000; i++) {
            long high = 0x2001_0db8_0000_0000L | (long) random.nextInt(4) << 16 | random.nextInt(4);
            long low = (long) random.nextInt(4) << 62 | random.nextInt(4) << 16 | random.nextInt(4);
            int depth = random.nextInt(129);
            switch (random.nextInt(4)) {
                case 0 -> {
                    RibNode node = rib6.insert(high, low, depth);
                    assertEquals(oracle.putIfAbsent(Prefix.of(high, low, depth), (long) i) == null, node != null);
                    if (node != null) {
                        node.nextHop(i);
                    }
                }
                case 1 -> assertEquals(oracle.remove(Prefix.of(high, low, depth)) != null, rib6.remove(high, low, depth));
                default -> {
                    Long hop = null;
                    for (int d = 128; d >= 0 && hop == null; d--) {
                        hop = oracle.get(Prefix.of(high, low, d));
                    }
                    RibNode node = rib6.lookup(high, low);
                    assertEquals(hop, node == null ? null : (Long) node.nextHop());
                }
            }
        }
        assertEquals(oracle.size(), rib6.routes());
    }
}
