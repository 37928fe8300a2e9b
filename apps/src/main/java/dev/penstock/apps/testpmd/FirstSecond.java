package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Console;
import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** What all ports received and missed in each 10 ms of the first second, read while they forward. */
final class FirstSecond {
    private static final int SAMPLES = 100;
    private static final long STEP_NS = 10_000_000;
    /** The rate of the second half, in which nothing is compiled any more, less what two clocks disagree by. */
    private static final double FULL = 0.95;

    private final List<Port> ports;
    private final long[] received = new long[SAMPLES + 1];
    private final long[] missed = new long[SAMPLES + 1];
    private final long[] ns = new long[SAMPLES + 1];

    private final List<Lcore> lcores;
    private long waitedNs;

    FirstSecond(List<Port> ports, List<Lcore> lcores) {
        this.ports = ports;
        this.lcores = lcores;
        waitedNs = -waitedNs();
        read(0);
    }

    /** How long the lcores were ready to run and others had their processors: what is missed then, no program can help. */
    private long waitedNs() {
        long sum = 0;
        for (Lcore lcore : lcores) {
            try {
                sum += Long.parseLong(Files.readString(Path.of("/proc/self/task/" + lcore.threadId() + "/schedstat")).split(" ")[1]);
            } catch (IOException e) {
                return 0;
            }
        }
        return sum;
    }

    /** Reads for a second. */
    void watch() {
        for (int i = 1; i <= SAMPLES; i++) {
            long due = ns[0] + i * STEP_NS;
            for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
                LockSupport.parkNanos(due - now);
            }
            read(i);
        }
        waitedNs += waitedNs();
    }

    private void read(int i) {
        ns[i] = System.nanoTime();
        for (Port port : ports) {
            PortStats stats = port.stats();
            received[i] += stats.rxPackets();
            missed[i] += stats.rxMissed();
        }
    }

    private double mpps(int i) {
        return (received[i] - received[i - 1]) * 1e3 / (ns[i] - ns[i - 1]);
    }

    void show(Console out) {
        double[] late = new double[SAMPLES / 2];
        for (int i = 0; i < late.length; i++) {
            late[i] = mpps(SAMPLES - i);
        }
        Arrays.sort(late);
        double full = late[late.length / 2];
        int slow = 0;
        out.println("First second: from ms, Mpps received, packets missed");
        for (int i = 1; i <= SAMPLES; i++) {
            out.println("  " + Console.right((i - 1) * 10, 4) + String.format(" %10.3f", mpps(i))
                    + Console.right(Long.toString(missed[i] - missed[i - 1]), 11));
            // What one reading was late by, the next one has too many.
            slow = i > 1 && mpps(i) < FULL * full && mpps(i) + mpps(i - 1) < 2 * FULL * full
                    && (i == SAMPLES || mpps(i) + mpps(i + 1) < 2 * FULL * full) ? i : slow;
        }
        out.println(String.format("First second: %.3f Mpps at last, slower until %d ms, missed %d of %d, lcores waited %d us", full, slow * 10,
                missed[SAMPLES] - missed[0], received[SAMPLES] - received[0] + missed[SAMPLES] - missed[0], waitedNs / 1000));
        out.flush();
    }
}
