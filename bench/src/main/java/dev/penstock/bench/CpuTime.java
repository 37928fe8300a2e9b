package dev.penstock.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How long threads have really run: what other programs took of their processors meanwhile does not count. */
final class CpuTime {
    private CpuTime() {}

    /** @return seconds for which the calling thread has run since it began */
    static double seconds() {
        try {
            return seconds(Path.of("/proc/thread-self/schedstat"));
        } catch (IOException e) {
            throw new UncheckedIOException("the bench needs /proc/thread-self/schedstat, of a kernel with CONFIG_SCHED_INFO", e);
        }
    }

    /**
     * The same of another process's first thread.
     *
     * @param process it
     * @return seconds
     * @throws IOException when the process has ended
     */
    static double seconds(Process process) throws IOException {
        return seconds(Path.of("/proc", "" + process.pid(), "task", "" + process.pid(), "schedstat"));
    }

    private static double seconds(Path schedstat) throws IOException {
        String text = Files.readString(schedstat);
        return Long.parseLong(text.substring(0, text.indexOf(' '))) / 1e9;
    }
}
