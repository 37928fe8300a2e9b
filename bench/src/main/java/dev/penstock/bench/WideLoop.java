package dev.penstock.bench;

/**
 * A loop of eight chains of shifts that do not wait for each other: as many instructions a cycle as a core can do, so that it
 * takes longer as soon as the core's other hardware thread does anything. It takes some microseconds, and a look many of
 * them: an interrupt makes one of them longer, a neighbour most.
 */
final class WideLoop implements Sibling.Look {
    private static final int STEPS = 4_000;
    private static final int WARM_UP = 20_000;
    private static final long LOOK_NS = 10_000_000;
    /** Longer than the shortest ever by this much, and something else was on the core. */
    private static final double LONGER = 1.15;

    private long shortest = Long.MAX_VALUE;
    private long sum;

    @Override
    public synchronized double shared(int cpu) throws InterruptedException {
        return Pinned.on(cpu, this::look);
    }

    private double look() {
        if (shortest == Long.MAX_VALUE) {
            for (int i = 0; i < WARM_UP; i++) {
                once();
            }
            shortest = once();
        }
        int all = 0;
        int longer = 0;
        for (long begun = System.nanoTime(); System.nanoTime() - begun < LOOK_NS; all++) {
            long ns = once();
            shortest = Math.min(shortest, ns);
            longer += ns > LONGER * shortest ? 1 : 0;
        }
        return (double) longer / all;
    }

    private long once() {
        long a = 1;
        long b = 2;
        long c = 3;
        long d = 4;
        long e = 5;
        long f = 6;
        long g = 7;
        long h = 8;
        long begun = System.nanoTime();
        for (int i = 0; i < STEPS; i++) {
            a = a << 1 ^ i;
            b = b << 1 ^ i;
            c = c << 1 ^ i;
            d = d << 1 ^ i;
            e = e << 1 ^ i;
            f = f << 1 ^ i;
            g = g << 1 ^ i;
            h = h << 1 ^ i;
        }
        long ns = System.nanoTime() - begun;
        sum = a + b + c + d + e + f + g + h;
        return ns;
    }
}
