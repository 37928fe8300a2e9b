package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a processor's time went to, as the kernel notes it at each tick of its timer (/proc/stat). */
record KernelTime(long kernel, long all) {
    static KernelTime read(int cpu) throws IOException {
        return of(Files.readAllLines(Path.of("/proc/stat")), cpu);
    }

    static KernelTime of(List<String> lines, int cpu) throws IOException {
        for (String line : lines) {
            if (line.startsWith("cpu" + cpu + " ")) {
                String[] words = line.split("\\s+");
                // system, hardware and software interrupts
                return new KernelTime(Long.parseLong(words[3]) + Long.parseLong(words[6]) + Long.parseLong(words[7]), Noise.ticks(line)[1]);
            }
        }
        throw new IOException("/proc/stat has no processor " + cpu);
    }

    /** @return the part of the time since then that the kernel had, 0 to 1 */
    double since(KernelTime before) {
        return (double) (kernel - before.kernel) / Math.max(1, all - before.all);
    }
}
