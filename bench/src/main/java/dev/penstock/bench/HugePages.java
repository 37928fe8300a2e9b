package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Huge pages for both sides, reserved while the bench runs and given back however it ends. */
final class HugePages implements AutoCloseable {
    /** What two testpmds with their pools take. */
    private static final long WANTED_BYTES = 512L << 20;
    private static final Path RESERVED = Path.of("/proc/sys/vm/nr_hugepages");

    private final long before;
    private final long now;
    private final Thread undo = new Thread(this::giveBack, "bench-undo");

    private HugePages(long before, long now) {
        this.before = before;
        this.now = now;
        if (now > before) {
            Runtime.getRuntime().addShutdownHook(undo);
        }
    }

    /** Reserves what is missing, where that is allowed. */
    static HugePages reserve() {
        long before = -1;
        try {
            before = number("HugePages_Total:");
            long missing = WANTED_BYTES / 1024 / Math.max(1, number("Hugepagesize:")) - number("HugePages_Free:");
            if (missing > 0 && Files.isWritable(RESERVED)) {
                Files.writeString(RESERVED, Long.toString(before + missing));
            }
            return new HugePages(before, number("HugePages_Total:"));
        } catch (IOException e) {
            return new HugePages(before, before);
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
            Files.writeString(RESERVED, Long.toString(before));
        } catch (IOException e) {
            System.err.println("penstock bench: could not give huge pages back; do it by: echo " + before + " > " + RESERVED);
        }
    }

    @Override
    public void close() {
        if (now > before) {
            giveBack();
            Runtime.getRuntime().removeShutdownHook(undo);
        }
    }

    @Override
    public String toString() {
        return "huge pages: " + now + (now > before ? ", " + (now - before) + " of them reserved for this run" : "");
    }
}
