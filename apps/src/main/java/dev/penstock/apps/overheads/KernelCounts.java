package dev.penstock.apps.overheads;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * What the kernel has counted so far of one processor and one thread, or the difference between two such moments.
 * The processor's time is what the kernel notes at each tick of its timer, in hundredths of a second.
 *
 * @param interrupts all of {@code /proc/interrupts}
 * @param softirqs all of {@code /proc/softirqs}
 * @param switches of the thread, from its {@code status}
 * @param threadNs nanoseconds that the thread ran, interrupts in it included, from its {@code schedstat}
 * @param user ticks in programs
 * @param system ticks in calls of the system
 * @param irq ticks in interrupts
 * @param softirq ticks in softirqs
 * @param idle ticks asleep
 */
record KernelCounts(long interrupts, long softirqs, long switches, long threadNs, long user, long system, long irq, long softirq,
        long idle) {
    private static final long TICK_NS = 10_000_000;
    private static final int USER = 1;
    private static final int NICE = 2;
    private static final int SYSTEM = 3;
    private static final int IDLE = 4;
    private static final int IOWAIT = 5;
    private static final int IRQ = 6;
    private static final int SOFTIRQ = 7;

    /** Reads them. */
    static KernelCounts read(int cpu, long process, long thread) throws IOException {
        Path task = Path.of("/proc/" + process + "/task/" + thread);
        long[] time = time(Files.readAllLines(Path.of("/proc/stat")), cpu);
        return new KernelCounts(sum(Files.readAllLines(Path.of("/proc/interrupts")), cpu),
                sum(Files.readAllLines(Path.of("/proc/softirqs")), cpu),
                switches(task), ran(task), time[USER] + time[NICE], time[SYSTEM], time[IRQ], time[SOFTIRQ],
                time[IDLE] + time[IOWAIT]);
    }

    KernelCounts minus(KernelCounts before) {
        return new KernelCounts(interrupts - before.interrupts, softirqs - before.softirqs, switches - before.switches,
                threadNs - before.threadNs, user - before.user, system - before.system, irq - before.irq, softirq - before.softirq, idle - before.idle);
    }

    /**
     * Without what other programs took of the processor, as far as the thread's own time tells: that counts as idle.
     * Only the time of programs is corrected; what interrupts did for others can't be told apart.
     */
    KernelCounts ofThread() {
        long others = Math.clamp(user + system - Math.round(threadNs / (double) TICK_NS), 0, user);
        return new KernelCounts(interrupts, softirqs, switches, threadNs, user - others, system, irq, softirq, idle + others);
    }

    /** Ticks in which the processor did anything. */
    long busy() {
        return user + system + irq + softirq;
    }

    /** The sum of a processor's column in /proc/interrupts or /proc/softirqs, whose first line names the columns. */
    static long sum(List<String> lines, int cpu) {
        int column = List.of(lines.getFirst().trim().split("\\s+")).indexOf("CPU" + cpu) + 1;
        if (column == 0) {
            throw new IllegalArgumentException("processor " + cpu + " is not on line");
        }
        long sum = 0;
        for (String line : lines.subList(1, lines.size())) {
            String[] words = line.trim().split("\\s+");
            if (words.length > column && words[column].matches("\\d+")) {
                sum += Long.parseLong(words[column]);
            }
        }
        return sum;
    }

    /** A processor's line of /proc/stat. */
    static long[] time(List<String> lines, int cpu) {
        for (String line : lines) {
            String[] words = line.split("\\s+");
            if (words[0].equals("cpu" + cpu) && words.length > SOFTIRQ) {
                long[] time = new long[SOFTIRQ + 1];
                for (int i = 1; i <= SOFTIRQ; i++) {
                    time[i] = Long.parseLong(words[i]);
                }
                return time;
            }
        }
        throw new IllegalArgumentException("processor " + cpu + " is not on line");
    }

    private static long switches(Path task) throws IOException {
        try {
            return Files.readAllLines(task.resolve("status")).stream().filter(line -> line.contains("ctxt_switches:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).sum();
        } catch (NoSuchFileException e) {
            throw new IOException("the program under test has ended", e);
        }
    }

    private static long ran(Path task) throws IOException {
        return Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ")[0]);
    }
}
