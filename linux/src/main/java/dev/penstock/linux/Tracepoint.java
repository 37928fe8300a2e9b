package dev.penstock.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The numbers of places in the kernel that {@link PerfEvent} can count passes of, for {@link PerfEvent#TYPE_TRACEPOINT}. */
public final class Tracepoint {
    private static final Path FOLDER = Path.of("/sys/kernel/tracing");

    private Tracepoint() {}

    /** @return the number of the place that each call of the system passes; empty where the kernel has none, or without root */
    public static OptionalLong systemCalls() {
        return number("raw_syscalls/sys_enter");
    }

    private static OptionalLong number(String name) {
        Path file = FOLDER.resolve("events").resolve(name).resolve("id");
        try {
            String text = Files.exists(file) ? Files.readString(file) : unmounted(file);
            return OptionalLong.of(Long.parseLong(text.strip()));
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** Mounts the file system for one process only, so that nothing of it stays. */
    private static String unmounted(Path file) throws IOException {
        Process process = new ProcessBuilder("unshare", "--mount", "sh", "-c",
                "mount -t tracefs none " + FOLDER + " && cat " + file).redirectErrorStream(true).start();
        try (var in = process.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
