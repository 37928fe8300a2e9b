package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How quiet the machine was: time of other virtual machines and programs, and a fixed piece of work before and after. */
final class Noise {
    /** Above these, a run says more of the machine than of the programs. */
    static final double STOLEN = 0.01;
    static final double DRIFT = 0.05;
    static final double OTHERS = 0.03;

    private static final int SPINS = 50_000_000;
    private final long[] before = cpu();
    private final long ownBefore = own();
    private final long spinNs = spin();

    private Noise() {}

    static Noise begin() {
        spin(); // compiles it
        return new Noise();
    }

    /**
     * Says how it was.
     *
     * @param sibling who looked for neighbours
     * @return one line for a person
     */
    String end(Sibling sibling) {
        double drift = (double) spin() / spinNs - 1;
        long[] after = cpu();
        double all = Math.max(1, after[1] - before[1]);
        return text((after[0] - before[0]) / all, Math.max(0, after[2] - before[2] - (own() - ownBefore)) / all, drift, sibling);
    }

    static String text(double stolen, double others, double drift, Sibling sibling) {
        String verdict = stolen > STOLEN || others > OTHERS || Math.abs(drift) > DRIFT || sibling.isOften() ? "machine too noisy to tell" : "machine quiet";
        return String.format("%s: %.2f %% of the time stolen, %.2f %% used by other programs, fixed work took %+.1f %% longer at the end, %s",
                verdict, stolen * 100, others * 100, drift * 100, sibling);
    }

    /** The stolen ticks, all ticks, and those of programs, of a "cpu" line of /proc/stat; guest time is part of user time. */
    static long[] ticks(String line) {
        String[] words = line.trim().split("\\s+");
        long all = 0;
        for (int i = 1; i <= 8 && i < words.length; i++) {
            all += Long.parseLong(words[i]);
        }
        return words.length > 8 ? new long[] {Long.parseLong(words[8]), all,
            Long.parseLong(words[1]) + Long.parseLong(words[2]) + Long.parseLong(words[3])} : new long[] {0, all, 0};
    }

    /** The ticks of this process and of its children that have ended, from a line of /proc/self/stat. */
    static long own(String line) {
        // The name, in parentheses, may hold anything.
        String[] words = line.substring(line.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(words[11]) + Long.parseLong(words[12]) + Long.parseLong(words[13]) + Long.parseLong(words[14]);
    }

    private static long own() {
        try {
            return own(Files.readString(Path.of("/proc/self/stat")));
        } catch (IOException e) {
            return 0;
        }
    }

    private static long[] cpu() {
        try (var lines = Files.lines(Path.of("/proc/stat"))) {
            return ticks(lines.findFirst().orElse("cpu"));
        } catch (IOException e) {
            return new long[3];
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
