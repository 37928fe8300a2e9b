package dev.penstock.testkit;

import java.util.SplittableRandom;

/** Random input that can be repeated: the seed is printed, and {@code -Dpenstock.seed=N} sets it. */
public final class Seed {
    private Seed() {}

    /**
     * A random source for one test.
     *
     * @param test names the test in the printed line
     * @return the source
     */
    public static SplittableRandom random(String test) {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("seed of " + test + ": -Dpenstock.seed=" + seed);
        return new SplittableRandom(seed);
    }
}
