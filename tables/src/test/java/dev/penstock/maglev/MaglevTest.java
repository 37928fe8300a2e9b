package dev.penstock.maglev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.hash.HashFunction;
import dev.penstock.maglev.Maglev.Server;
import dev.penstock.testkit.Seed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The paper's claims: even shares, little disruption; and its pseudocode as the oracle. */
class MaglevTest {
    private static final int SIZE = 65_537;

    private static List<Server> servers(int n) {
        List<Server> servers = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            servers.add(new Server("198.18.0." + i, i, 1));
        }
        return servers;
    }

    private static int[] entries(Maglev maglev) {
        int[] ids = new int[SIZE];
        int[] hashes = new int[SIZE];
        for (int i = 0; i < SIZE; i++) {
            hashes[i] = (int) (((long) i << 32) / SIZE + 1);
            ids[i] = maglev.lookup(hashes[i]);
        }
        int[] bulk = new int[SIZE];
        maglev.lookupBulk(hashes, bulk, SIZE);
        assertTrue(Arrays.equals(ids, bulk));
        return ids;
    }

    @Test
    void shouldRefuseBadParameters() {
        assertThrows(IllegalArgumentException.class, () -> new Maglev(65_536));
        assertThrows(IllegalArgumentException.class, () -> new Maglev(2));
        assertThrows(IllegalArgumentException.class, () -> new Maglev(25));
        assertThrows(IllegalArgumentException.class, () -> new Maglev(16_777_259));
        Maglev maglev = new Maglev(3);
        assertEquals(Maglev.NONE, maglev.lookup(5));
        assertThrows(IllegalArgumentException.class, () -> maglev.servers(servers(4)));
        assertThrows(IllegalArgumentException.class, () -> maglev.servers(List.of(new Server("a", 0, 0))));
        assertThrows(IllegalArgumentException.class, () -> maglev.servers(List.of(new Server("a", 0, 65_536))));
        assertThrows(IllegalArgumentException.class, () -> maglev.servers(List.of(new Server("a", -1, 1))));
        assertThrows(IllegalArgumentException.class, () -> maglev.servers(List.of(new Server("a", 0, 1), new Server("a", 1, 1))));
        assertEquals(Maglev.NONE, maglev.lookup(5));
        maglev.servers(List.of(new Server("a", 0, 65_535), new Server("b", 1, 1), new Server("c", 2, 1)));
        assertEquals(0, maglev.lookup(5));
    }

    /** The paper's listing, with its permutation table. */
    @Test
    void shouldMakeThePapersTable() {
        int n = 7;
        List<Server> servers = servers(n);
        Maglev maglev = new Maglev(SIZE);
        List<Server> mixed = new ArrayList<>(servers);
        Collections.reverse(mixed);
        maglev.servers(mixed);
        assertTrue(Arrays.equals(papersTable(servers, SIZE), entries(maglev)));
    }

    private static int[] papersTable(List<Server> servers, int size) {
        int n = servers.size();
        int[][] permutation = new int[n][size];
        for (int i = 0; i < n; i++) {
            byte[] name = servers.get(i).name().getBytes(StandardCharsets.UTF_8);
            long offset = (HashFunction.JHASH.hash(name, 0, name.length, 0) & 0xffff_ffffL) % size;
            long skip = (HashFunction.JHASH.hash(name, 0, name.length, 1) & 0xffff_ffffL) % (size - 1) + 1;
            for (int j = 0; j < size; j++) {
                permutation[i][j] = (int) ((offset + j * skip) % size);
            }
        }
        int[] entry = new int[size];
        Arrays.fill(entry, Maglev.NONE);
        int[] next = new int[n];
        for (int done = 0; n > 0 && done < size; done++) {
            int i = done % n;
            while (entry[permutation[i][next[i]]] >= 0) {
                next[i]++;
            }
            entry[permutation[i][next[i]]] = servers.get(i).id();
        }
        return entry;
    }

    @Test
    void shouldAgreeWithThePapersTableOverAMillionOperations() {
        SplittableRandom random = Seed.random("MaglevTest");
        int size = 1009;
        Maglev maglev = new Maglev(size);
        List<Server> servers = new ArrayList<>();
        int[] expected = papersTable(servers, size);
        int[] hashes = new int[32];
        int[] ids = new int[32];
        for (int i = 0; i < 1_000_000; i++) {
            if (random.nextInt(1000) == 0) {
                int number = random.nextInt(20);
                if (!servers.removeIf(server -> server.id() == number)) {
                    servers.add(new Server("198.18.0." + number, number, 1));
                }
                maglev.servers(servers);
                List<Server> byName = new ArrayList<>(servers);
                byName.sort(Comparator.comparing(Server::name));
                expected = papersTable(byName, size);
            }
            int hash = random.nextInt();
            hashes[i & 31] = hash;
            assertEquals(expected[(int) ((hash & 0xffff_ffffL) * size >>> 32)], maglev.lookup(hash));
            if ((i & 31) == 31) {
                maglev.lookupBulk(hashes, ids, 32);
                for (int j = 0; j < 32; j++) {
                    assertEquals(maglev.lookup(hashes[j]), ids[j]);
                }
            }
        }
    }

    @Test
    void shouldShareEvenlyAndByWeight() {
        Maglev maglev = new Maglev(SIZE);
        maglev.servers(servers(100));
        int[] counts = new int[100];
        for (int id : entries(maglev)) {
            counts[id]++;
        }
        for (int count : counts) {
            assertTrue(count == SIZE / 100 || count == SIZE / 100 + 1, "share of " + count);
        }
        maglev.servers(List.of(new Server("a", 0, 1), new Server("b", 1, 2), new Server("c", 2, 5)));
        int[] weighted = new int[3];
        for (int id : entries(maglev)) {
            weighted[id]++;
        }
        assertEquals(SIZE / 8.0, weighted[0], 2);
        assertEquals(SIZE / 4.0, weighted[1], 2);
        assertEquals(SIZE * 5 / 8.0, weighted[2], 4);
    }

    @Test
    void shouldDisruptLittleWhenAServerGoes() {
        Maglev maglev = new Maglev(SIZE);
        List<Server> servers = servers(100);
        maglev.servers(servers);
        int[] before = entries(maglev);
        servers.remove(42);
        maglev.servers(servers);
        int[] after = entries(maglev);
        int moved = 0;
        for (int i = 0; i < SIZE; i++) {
            assertTrue(after[i] != 42);
            moved += before[i] != 42 && before[i] != after[i] ? 1 : 0;
        }
        assertTrue(moved < SIZE / 25, moved + " flows of other servers moved");
        maglev.servers(servers(100));
        assertTrue(Arrays.equals(before, entries(maglev)));
    }
}
