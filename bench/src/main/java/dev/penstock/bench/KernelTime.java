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

    /** @return what was spent since then */
    KernelTime since(KernelTime before) {
        return new KernelTime(kernel - before.kernel, all - before.all);
    }

    KernelTime plus(KernelTime more) {
        return new KernelTime(kernel + more.kernel, all + more.all);
    }

    /** @return the part of it that the kernel had, 0 to 1 */
    double part() {
        return (double) kernel / Math.max(1, all);
    }
}
