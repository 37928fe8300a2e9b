package dev.penstock.bench;

import dev.penstock.threads.AtExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Huge pages for both sides, reserved while the bench runs and given back however it ends. */
final class HugePages implements AutoCloseable {
    /** What DPDK's tables take; two testpmds with their pools take a quarter. */
    private static final long WANTED_BYTES = 3L << 30;
    private static final Path RESERVED = Path.of("/proc/sys/vm/nr_hugepages");

    private final long mine;
    private final long now;
    private final AtExit undo;

    private HugePages(long mine, long now) {
        this.mine = mine;
        this.now = now;
        undo = mine > 0 ? new AtExit(this::giveBack) : null;
    }

    /** Reserves what is missing, where that is allowed. */
    static HugePages reserve() {
        try {
            long before = number("HugePages_Total:");
            long missing = WANTED_BYTES / 1024 / Math.max(1, number("Hugepagesize:")) - number("HugePages_Free:");
            if (missing > 0 && Files.isWritable(RESERVED)) {
                Files.writeString(RESERVED, Long.toString(before + missing));
            }
            long now = number("HugePages_Total:");
            return new HugePages(now - before, now);
        } catch (IOException e) {
            return new HugePages(0, 0);
        }
    }

    /** Whether that many bytes are free in huge pages. */
    static boolean free(long bytes) {
        try {
            return number("HugePages_Free:") * number("Hugepagesize:") * 1024 >= bytes;
        } catch (IOException e) {
            return false;
        }
    }

    private static long number(String key) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith(key)) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return 0;
    }

    private void giveBack() {
        try {
            // Of what there is now: somebody else may have changed it too.
            Files.writeString(RESERVED, Long.toString(Math.max(0, number("HugePages_Total:") - mine)));
        } catch (IOException e) {
            System.err.println("penstock bench: could not give " + mine + " huge pages back; lower " + RESERVED + " by that many");
        }
    }

    @Override
    public void close() {
        if (undo != null) {
            undo.close();
        }
    }

    @Override
    public String toString() {
        return "huge pages: " + now + (mine > 0 ? ", " + mine + " of them reserved for this run" : "");
    }
}
