package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How quiet the machine was: time stolen by other virtual machines, and a fixed piece of work before and after. */
final class Noise {
    /** Above these, a run says more of the machine than of the programs. */
    static final double STOLEN = 0.01;
    static final double DRIFT = 0.05;

    private static final int SPINS = 50_000_000;
    private final long[] before = cpu();
    private final long spinNs = spin();

    private Noise() {}

    static Noise begin() {
        spin(); // compiles it
        return new Noise();
    }

    /** @return one line for a person */
    String end() {
        long[] after = cpu();
        return text((double) (after[0] - before[0]) / Math.max(1, after[1] - before[1]), (double) spin() / spinNs - 1);
    }

    static String text(double stolen, double drift) {
        String verdict = stolen > STOLEN || Math.abs(drift) > DRIFT ? "machine too noisy to tell" : "machine quiet";
        return String.format("%s: %.2f %% of the time stolen, fixed work took %+.1f %% longer at the end", verdict, stolen * 100, drift * 100);
    }

    /** The stolen ticks and all ticks of a "cpu" line of /proc/stat; guest time is part of user time. */
    static long[] ticks(String line) {
        String[] words = line.trim().split("\\s+");
        long all = 0;
        for (int i = 1; i <= 8 && i < words.length; i++) {
            all += Long.parseLong(words[i]);
        }
        return new long[] {words.length > 8 ? Long.parseLong(words[8]) : 0, all};
    }

    private static long[] cpu() {
        try (var lines = Files.lines(Path.of("/proc/stat"))) {
            return ticks(lines.findFirst().orElse("cpu"));
        } catch (IOException e) {
            return new long[2];
        }
    }

    private static long spin() {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long start = System.nanoTime();
            if (work() == 0) {
                throw new IllegalStateException("xorshift never reaches 0");
            }
            best = Math.min(best, System.nanoTime() - start);
        }
        return best;
    }

    private static long work() {
        long x = 1;
        for (int i = 0; i < SPINS; i++) {
            x ^= x << 13;
            x ^= x >>> 7;
            x ^= x << 17;
        }
        return x;
    }
}
