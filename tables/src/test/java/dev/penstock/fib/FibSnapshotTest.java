package dev.penstock.fib;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.lpm.Lpm;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Seed;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A snapshot answers as the FIB did that it was made of, and whatever becomes of that. */
class FibSnapshotTest {
    private static final int BURST = 64;

    private static int near(SplittableRandom random, int[] routes) {
        int bits = random.nextInt(33);
        return routes[random.nextInt(routes.length)] ^ (bits == 32 ? 0 : random.nextInt() >>> bits);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void shouldAnswerAsTheFibDid(int bytes) {
        SplittableRandom random = Seed.random("FibSnapshotTest of " + bytes);
        int[] routes = new int[3000];
        int[] depths = new int[routes.length];
        Fib fib = new Fib(routes.length, bytes, bytes == 1 ? 128 : 4096, 5);
        long most = Math.min(fib.maxNextHop(), Integer.MAX_VALUE);
        for (int i = 0; i < routes.length; i++) {
            // Some lie in each other's networks, so that nodes of all levels come about.
            routes[i] = i % 3 == 0 || i < 3 ? random.nextInt() : routes[i - 1] ^ random.nextInt() >>> random.nextInt(16, 32);
            depths[i] = bytes == 1 ? random.nextInt(25) : random.nextInt(33);
            fib.add(routes[i], depths[i], random.nextLong(most + 1));
        }
        FibSnapshot snapshot = fib.snapshot();
        int[] ips = new int[BURST];
        long[] expected = new long[BURST];
        long[] found = new long[BURST];
        for (int round = 0; round < 250_000 / BURST; round++) {
            for (int i = 0; i < BURST; i++) {
                ips[i] = random.nextInt(4) == 0 ? random.nextInt() : near(random, routes);
            }
            int n = random.nextInt(BURST + 1);
            fib.lookupBulk(ips, expected, n);
            snapshot.lookupBulk(ips, found, n);
            assertArrayEquals(expected, found);
        }
        fib.lookupBulk(ips, expected, BURST);
        for (int i = 0; i < routes.length; i++) {
            fib.delete(routes[i], depths[i]);
        }
        snapshot.lookupBulk(ips, found, BURST);
        assertArrayEquals(expected, found);
        fib.lookupBulk(ips, found, BURST);
        for (long hop : found) {
            assertEquals(5, hop);
        }
    }

    @Test
    void shouldRefuseNextHopsThatAreTooGreat() {
        Fib fib = new Fib(10, 8, 1, 0);
        fib.add(0, 8, 1L << 31);
        assertThrows(IllegalArgumentException.class, fib::snapshot);
    }

    @Test
    void shouldAllocateNothingInLookUps() {
        Fib fib = new Fib(10, 4, 4, 0);
        Fib6 fib6 = new Fib6(10, 4, 16, 0);
        Lpm lpm = new Lpm(10, 4);
        fib.add(0, 8, 1);
        fib.add(0, 30, 2);
        lpm.add(0, 30, 2);
        fib6.add(0, 0, 100, 3);
        FibSnapshot snapshot = fib.snapshot();
        int[] ips = new int[BURST];
        int[] hops = new int[BURST];
        long[] addresses = new long[2 * BURST];
        long[] longHops = new long[BURST];
        assertEquals(0, Allocation.steadyBytesOf(() -> {
            for (int i = 0; i < 20_000; i++) {
                fib.lookupBulk(ips, longHops, BURST);
                snapshot.lookupBulk(ips, longHops, BURST);
                lpm.lookupBulk(ips, hops, BURST);
                fib6.lookupBulk(addresses, longHops, BURST);
            }
        }));
    }
}
