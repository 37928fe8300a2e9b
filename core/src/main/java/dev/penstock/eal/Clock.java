package dev.penstock.eal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Time in nanoseconds and in cycles (DPDK: rte_cycles).
 *
 * <p>Java cannot read the processor's counter (TSC, or the generic timer of Arm) itself; {@link System#nanoTime}
 * reads it through the kernel's vDSO, in about 20 ns. Cycles here are those nanoseconds at the counter's
 * frequency, so they compare with DPDK's of the same machine. The frequency is, in this order: the kernel's
 * {@code tsc_freq_khz}; half the BogoMIPS of {@code /proc/cpuinfo}, which Linux derives from just this counter;
 * else 1 GHz, so that a cycle is a nanosecond.
 */
public final class Clock {
    private static final long HZ = frequency();
    private static final long START_NS = System.nanoTime();
    /** Cycles in a nanosecond, with 32 bits behind the binary point. */
    private static final long SCALE = scale(HZ);

    private Clock() {}

    /** @return nanoseconds since some moment, rising, the same for all threads */
    public static long ns() {
        return System.nanoTime();
    }

    /** @return cycles since the start of the program, rising, the same for all threads (rte_rdtsc) */
    public static long cycles() {
        return cycles(System.nanoTime() - START_NS, SCALE);
    }

    /** @return cycles in a second (rte_get_tsc_hz) */
    public static long hz() {
        return HZ;
    }

    /**
     * Converts a duration.
     *
     * @param ns nanoseconds, not negative
     * @return cycles
     */
    public static long cyclesOf(long ns) {
        return cycles(ns, SCALE);
    }

    /**
     * Waits without giving up the CPU (rte_delay_us_block).
     *
     * @param us microseconds
     */
    public static void delayUs(long us) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < us * 1000) {
            Thread.onSpinWait();
        }
    }

    static long scale(long hz) {
        return (long) (hz * (0x1p32 / 1e9));
    }

    static long cycles(long ns, long scale) {
        return Math.multiplyHigh(ns, scale) << 32 | ns * scale >>> 32;
    }

    private static long frequency() {
        try {
            String khz = Files.readString(Path.of("/sys/devices/system/cpu/cpu0/tsc_freq_khz")).strip();
            return Long.parseLong(khz) * 1000;
        } catch (IOException | NumberFormatException e) {
            // few kernels have it
        }
        try {
            return frequency(Files.readString(Path.of("/proc/cpuinfo")));
        } catch (IOException e) {
            return 1_000_000_000;
        }
    }

    static long frequency(String cpuinfo) {
        Matcher m = Pattern.compile("(?im)^bogomips\\s*:\\s*([0-9]{1,6})\\.([0-9]{2})\\s*$").matcher(cpuinfo);
        if (!m.find()) {
            return 1_000_000_000;
        }
        long hz = (Long.parseLong(m.group(1)) * 100 + Long.parseLong(m.group(2))) * 5000;
        return hz < 1_000_000 ? 1_000_000_000 : hz;
    }
}
