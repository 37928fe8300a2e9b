package dev.penstock.maglev;

import dev.penstock.hash.HashFunction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Spreads flows over servers so that each gets its share, and that nearly all flows keep their server when another
 * comes or goes (Eisenbud and others, "Maglev: A Fast and Reliable Software Network Load Balancer", NSDI 2016, 3.4).
 * A look-up is one load. One thread changes the servers at a time; any number look up meanwhile.
 */
public final class Maglev {
    /** What a look-up gives when there is no server. */
    public static final int NONE = -1;

    /**
     * A server.
     *
     * @param name decides which flows it gets; the same on every machine that shares the work
     * @param id what look-ups give, 0 or more
     * @param weight its share among the others, 1 to 65535
     */
    public record Server(String name, int id, int weight) {}

    private final int size;
    private volatile int[] table;

    /**
     * Makes a table without servers.
     *
     * @param size entries, a prime, a hundred times the servers or more for shares within 1 %: 65537, 655373
     * @throws IllegalArgumentException when it is no prime from 3 to 16777213
     */
    public Maglev(int size) {
        if (size < 3 || size > 16_777_213 || !isPrime(size)) {
            throw new IllegalArgumentException("Maglev table of " + size + " entries; give a prime such as 65537");
        }
        this.size = size;
        table = filled();
    }

    /**
     * Changes the servers.
     *
     * @param servers all that there are from now on; their order makes no difference
     * @throws IllegalArgumentException when a name comes twice, a number is out of range, or there are more than entries
     */
    public void servers(List<Server> servers) {
        Set<String> names = new HashSet<>();
        int most = 0;
        for (Server s : servers) {
            if (!names.add(s.name) || s.id < 0 || s.weight < 1 || s.weight > 65_535 || names.size() > size) {
                throw new IllegalArgumentException(s + ": give each server a name of its own, an id of 0 or more, a weight of 1 to"
                        + " 65535, and no more servers than the " + size + " entries");
            }
            most = Math.max(most, s.weight);
        }
        int[] next = filled();
        if (!servers.isEmpty()) {
            // The turns go by name, so that every machine that knows the same servers makes the same table.
            populate(next, servers.stream().sorted((a, b) -> a.name.compareTo(b.name)).toArray(Server[]::new), most);
        }
        table = next;
    }

    private void populate(int[] entries, Server[] servers, int most) {
        int n = servers.length;
        int[] at = new int[n];
        int[] skip = new int[n];
        int[] credit = new int[n];
        for (int i = 0; i < n; i++) {
            byte[] name = servers[i].name.getBytes(StandardCharsets.UTF_8);
            at[i] = Integer.remainderUnsigned(HashFunction.JHASH.hash(name, 0, name.length, 0), size);
            skip[i] = Integer.remainderUnsigned(HashFunction.JHASH.hash(name, 0, name.length, 1), size - 1) + 1;
        }
        int left = size;
        while (true) {
            for (int i = 0; i < n; i++) {
                credit[i] += servers[i].weight;
                if (credit[i] < most) {
                    continue;
                }
                credit[i] -= most;
                while (entries[at[i]] != NONE) {
                    at[i] = (int) (((long) at[i] + skip[i]) % size);
                }
                entries[at[i]] = servers[i].id;
                if (--left == 0) {
                    return;
                }
            }
        }
    }

    /**
     * Finds a flow's server.
     *
     * @param hash of the flow, all 32 bits of it well mixed, such as an RSS hash
     * @return its server's id, or {@link #NONE}
     */
    public int lookup(int hash) {
        return entry(table, hash);
    }

    /**
     * Finds the servers of a burst, all by one state of the table.
     *
     * @param hashes of the flows
     * @param ids gets their servers' ids
     * @param n how many
     * @throws IndexOutOfBoundsException when an array is shorter than that
     */
    public void lookupBulk(int[] hashes, int[] ids, int n) {
        int[] t = table;
        for (int i = 0; i < n; i++) {
            ids[i] = entry(t, hashes[i]);
        }
    }

    private static int entry(int[] table, int hash) {
        return table[(int) ((hash & 0xffff_ffffL) * table.length >>> 32)];
    }

    private int[] filled() {
        int[] entries = new int[size];
        Arrays.fill(entries, NONE);
        return entries;
    }

    private static boolean isPrime(int number) {
        for (int i = 2; i * i <= number; i++) {
            if (number % i == 0) {
                return false;
            }
        }
        return true;
    }
}
