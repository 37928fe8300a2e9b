package dev.penstock.vswitch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.testkit.Seed;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MacTableTest {
    private static final int PORTS = 8;

    private record Entry(int port, int tick, long packets) {}

    @Test
    void shouldDoAsANaiveTableDoes() {
        SplittableRandom random = Seed.random("MacTable");
        MacTable table = new MacTable(500, PORTS, random.nextLong());
        Map<Long, Entry> oracle = new HashMap<>();
        int tick = 0;
        for (int step = 0; step < 300_000; step++) {
            // Few addresses, so that they meet again; not all fit.
            long key = MacTable.key(0x0200_0000_0000L | random.nextInt(400), random.nextInt(2));
            int port = random.nextInt(PORTS);
            int action = random.nextInt(1000);
            if (action < 500) {
                Entry entry = oracle.get(key);
                assertEquals(entry == null ? MacTable.NONE : entry.port, table.lookup(key));
            } else if (action < 996) {
                int limit = random.nextBoolean() ? 50 : 100;
                assertEquals(learn(oracle, key, port, tick, limit), table.learn(key, port, tick, limit, false));
                if (action % 4 == 0) {
                    table.count(key, action, action % 8 == 0);
                    oracle.computeIfPresent(key, (_, e) -> new Entry(e.port, e.tick, e.packets + action));
                }
            } else if (action == 996) {
                assertEquals(removeIf(oracle, port, 0), table.flush(port));
            } else {
                tick++;
                assertEquals(removeIf(oracle, MacTable.NONE, tick - 20), table.expire(tick, 20));
            }
            assertEquals(oracle.size(), table.size());
        }
        for (int port = 0; port < PORTS; port++) {
            int p = port;
            assertEquals(oracle.values().stream().filter(e -> e.port == p).count(), table.size(port));
        }
        Map<Long, Entry> left = new HashMap<>(oracle);
        int now = tick;
        table.forEach(tick, (mac, fid, port, age, packets) -> assertEquals(new Entry(port, now - age, packets), left.remove(MacTable.key(mac, fid))));
        assertEquals(Map.of(), left);
    }

    @Test
    void shouldHoldAddressesThatCountUpWhateverItsHash() {
        // under these a product alone lays such addresses in one run longer than the most probes, one multiplier in ten thousand
        long[] multipliers = {0xd555_4d5f_d813_c3fdL, 0x2fbe_77f9_1ab4_5e83L, 0x7816_a005_bb35_69fbL};
        long[] first = {0xfc1c_aa0c_c7f0L, 0x8420_2299_a90eL, 0x1e68_52cc_20baL};
        SplittableRandom random = Seed.random("MacTable count up");
        for (int round = 0; round < 1_000; round++) {
            MacTable table = new MacTable(512, PORTS, round < first.length ? multipliers[round] : random.nextLong());
            long mac = round < first.length ? first[round] : random.nextLong() & 0xfeff_ffff_f000L;
            for (int i = 0; i < 512; i++) {
                assertEquals(MacTable.LEARNED, table.learn(MacTable.key(mac + i, 1), i % PORTS, 0, 512, false), i + " of round " + round);
            }
        }
    }

    private static int learn(Map<Long, Entry> oracle, long key, int port, int tick, int limit) {
        Entry entry = oracle.get(key);
        if (entry != null && entry.port == port) {
            oracle.put(key, new Entry(port, tick, entry.packets + 1));
            return MacTable.KNOWN;
        }
        if (oracle.values().stream().filter(e -> e.port == port).count() >= limit || entry == null && oracle.size() >= 500) {
            return MacTable.REFUSED;
        }
        oracle.put(key, new Entry(port, tick, 1));
        return entry == null ? MacTable.LEARNED : MacTable.MOVED;
    }

    private static int removeIf(Map<Long, Entry> oracle, int port, int lastTick) {
        int removed = 0;
        for (Iterator<Entry> i = oracle.values().iterator(); i.hasNext();) {
            Entry entry = i.next();
            if (port == MacTable.NONE ? entry.tick <= lastTick : entry.port == port) {
                i.remove();
                removed++;
            }
        }
        return removed;
    }

    @Test
    void shouldKeepAPartForEachPortWhateverIsLearnedMovedAndForgotten() {
        SplittableRandom random = Seed.random("MacTable keeps");
        for (int round = 0; round < 20; round++) {
            int size = 1 + random.nextInt(300);
            int kept = Math.min(16, size / (2 * PORTS));
            MacTable table = new MacTable(size, PORTS, random.nextLong());
            table.keepFor(PORTS);
            int port = random.nextInt(PORTS);
            for (int step = 0; step < 5_000; step++) {
                int other = random.nextInt(PORTS);
                if (other != port) {
                    table.learn(MacTable.key(1 + random.nextInt(600), 1), other, step, size, false);
                }
                if (random.nextInt(300) == 0) {
                    table.flush(other);
                }
                assertTrue(table.size() <= size, table.size() + " of " + size);
            }
            table.flush(port);
            for (int i = 0; i < kept; i++) {
                assertEquals(MacTable.LEARNED, table.learn(MacTable.key(1000 + i, 1), port, 5_000, size, false), i + " of " + kept);
            }
            assertTrue(table.size() <= size, table.size() + " of " + size);
        }
    }

    @Test
    void shouldMakeRoomForPortsThatComeToAFullTable() {
        SplittableRandom random = Seed.random("MacTable makes room");
        for (int round = 0; round < 50; round++) {
            int size = 2 * PORTS + random.nextInt(300);
            MacTable table = new MacTable(size, PORTS, random.nextLong());
            int before = 1 + random.nextInt(PORTS - 1);
            table.keepFor(before);
            for (int i = 1; i <= 1_000; i++) {
                table.learn(MacTable.key(random.nextLong(1L << 48), 1), random.nextInt(before), i, size, false);
            }
            int[] had = IntStream.range(0, PORTS).map(table::size).toArray();
            table.keepFor(PORTS);
            int kept = Math.min(16, size / (2 * PORTS));
            int least = IntStream.range(0, before).filter(p -> table.size(p) < had[p]).map(table::size).min().orElse(size);
            for (int p = 0; p < before; p++) {
                assertTrue(table.size(p) >= Math.min(had[p], kept), "what is kept for a port stays");
                assertTrue(table.size(p) <= Math.max(least + PORTS, kept), "those go first that have most: " + table.size(p) + ", " + least);
            }
            for (int p = 0; p < PORTS; p++) {
                for (int i = table.size(p); i < kept; i++) {
                    assertEquals(MacTable.LEARNED, table.learn(MacTable.key(random.nextLong(1L << 48), 1), p, 5_000, size, false), i + " of " + kept);
                    assertTrue(table.size() <= size, table.size() + " of " + size);
                }
            }
            assertEquals(table.size(), IntStream.range(0, PORTS).map(table::size).sum());
        }
    }

    @Test
    void shouldNeverFindAnAddressOfAnotherWhileSlotsChangeHands() throws InterruptedException {
        MacTable table = new MacTable(64, PORTS);
        AtomicBoolean done = new AtomicBoolean();
        // Each address belongs to one port, by its number; so any other answer is wrong.
        Thread writer = Thread.ofPlatform().start(() -> {
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; !done.get(); i++) {
                int n = random.nextInt(200);
                table.learn(MacTable.key(n + 1, 0), n % PORTS, i >>> 10, 1000, false);
                if (i % 50 == 0) {
                    table.flush(random.nextInt(PORTS));
                }
            }
        });
        try {
            SplittableRandom random = new SplittableRandom(2);
            int hits = 0;
            for (int i = 0; i < 2_000_000; i++) {
                int n = random.nextInt(200);
                int port = table.lookup(MacTable.key(n + 1, 0));
                hits += port == MacTable.NONE ? 0 : 1;
                assertTrue(port == MacTable.NONE || port == n % PORTS, "address " + n + " behind " + port);
            }
            assertTrue(hits > 0);
        } finally {
            done.set(true);
            writer.join();
        }
    }
}
