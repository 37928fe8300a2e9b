package dev.penstock.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A run of mempool_perf_autotest that is stopped but for the moments in which it is measured. Each of its rows lasts
 * until five seconds of the processor's clock have passed, whether it runs or not, and then prints how many objects it
 * moved divided by five. So a row that nobody wants to know costs some milliseconds of a processor, and one that is wanted
 * as long as it is let run.
 */
final class PacedTest implements AutoCloseable {
    /** By what DPDK's program divides. */
    static final double ROW_SECONDS = 5;
    private static final double TOO_LONG_SECONDS = 0.05;
    /** The second thread counts its five seconds from its own start, which must come before the stop. */
    private static final int START_MS = 20;
    private static final double MOST_SECONDS = 7;

    private final Process process;
    private final BufferedReader out;
    private final List<MempoolRow> rows = MempoolRow.inOrder();
    private final Thread undo;
    private int row;
    /** How long a row really lasts: at its start the program estimates its clock's rate, on a busy machine too high or too low. */
    private double rowSeconds = ROW_SECONDS + 0.02;
    private long begun;
    private double used;
    /** What ours did in this row; below 0 while the row was not let run. */
    private double ours = -1;
    private boolean closed;

    /**
     * Starts one, up to its first row.
     *
     * @param lcores the EAL's core list, of two
     * @throws IOException when it can't be started
     * @throws InterruptedException when ended from outside
     */
    PacedTest(String lcores) throws IOException, InterruptedException {
        // without stdbuf its rows would come in blocks, the last of them never
        List<String> command = new ArrayList<>(List.of("stdbuf", "-oL", Bench.find("dpdk-test").toString(), "-l", lcores,
                "--no-pci", "--no-telemetry", "--file-prefix", Peers.PREFIX));
        command.addAll(Peers.memory(512));
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        undo = new Thread(process::destroyForcibly, "bench-undo");
        Runtime.getRuntime().addShutdownHook(undo);
        out = process.inputReader();
        process.outputWriter().append("mempool_perf_autotest\n").flush();
        String line = out.readLine();
        while (line != null && !line.contains("start performance test")) {
            line = out.readLine();
        }
        begin();
    }

    private void begin() throws IOException, InterruptedException {
        begun = System.nanoTime();
        if (row().cores() > 1) {
            Thread.sleep(START_MS);
        }
        Peers.signal("STOP", process);
        used = CpuTime.seconds(process);
        ours = -1;
    }

    /** @return the row that it is in */
    MempoolRow row() {
        return rows.get(row);
    }

    /** @return the number of that row, from 0 on; the count of all when it has ended */
    int number() {
        return row;
    }

    /** @return whether the row was let run */
    boolean measured() {
        return ours >= 0;
    }

    /** @return what ours did beside this row */
    double ours() {
        return ours;
    }

    /**
     * Keeps what ours did beside this row.
     *
     * @param rate objects a second
     */
    void ours(double rate) {
        ours = rate;
    }

    /** @return whether it has ended */
    boolean closed() {
        return closed;
    }

    /** @return nanoseconds until the row is over; below 0 afterwards */
    long leftNs() {
        return begun + (long) (rowSeconds * 1e9) - System.nanoTime();
    }

    /**
     * Lets the row run for a while.
     *
     * @param seconds less than are left of it
     */
    void run(double seconds) throws IOException, InterruptedException {
        Peers.signal("CONT", process);
        Thread.sleep((long) (seconds * 1000));
        Peers.signal("STOP", process);
    }

    /**
     * Ends the row, whose time is over, and begins the next one.
     *
     * @return objects a second of the time in which it really ran
     * @throws IOException when the program did not run the row that was expected
     */
    double end() throws IOException, InterruptedException {
        Peers.signal("CONT", process);
        String line = out.readLine();
        while (line != null && MempoolRow.read(line) == null) {
            line = out.readLine();
        }
        MempoolRow expected = row();
        double before = used;
        boolean idle = !measured();
        row++;
        begin();
        double ran = used - before;
        if (idle && ran > TOO_LONG_SECONDS) {
            rowSeconds = Math.min(MOST_SECONDS, rowSeconds + ran);
        }
        if (line == null || !expected.printedAs(MempoolRow.read(line).row())) {
            throw new IOException("dpdk-test was to measure " + expected.name() + " and printed " + line);
        }
        return MempoolRow.read(line).rate() * ROW_SECONDS / ran;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            process.destroyForcibly();
            Runtime.getRuntime().removeShutdownHook(undo);
        }
    }
}
