package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Console;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortStats;
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

    FirstSecond(List<Port> ports) {
        this.ports = ports;
        read(0);
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
            slow = mpps(i) < FULL * full ? i : slow;
        }
        out.println(String.format("First second: %.3f Mpps at last, slower until %d ms, missed %d of %d", full, slow * 10,
                missed[SAMPLES] - missed[0], received[SAMPLES] - received[0] + missed[SAMPLES] - missed[0]));
        out.flush();
    }
}
