package dev.penstock.bench;

import dev.penstock.bench.report.Curve;
import dev.penstock.bench.report.Row;
import dev.penstock.threads.AtExit;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * How a run is made: how often, how long, on which cores; and where the two sides are.
 *
 * @param repetitions how often each side runs, in turn
 * @param seconds how long each run is measured, after its warm-up
 * @param lcores the EAL's core list, such as {@code 0,1}; the last one forwards
 * @param launcher our launcher
 * @param progress where a person sees what is going on
 * @param quick true for the short form: fewer rows
 * @param only a regular expression for the names of the rows wanted; empty for all
 * @param l3fwd DPDK's l3fwd, which is in no package; null when there is none
 * @param done told of each row as soon as it is measured
 * @param curves takes what suites measure over time
 * @param sibling knows whether somebody else computes on the cores
 */
public record Bench(int repetitions, int seconds, String lcores, Path launcher, PrintStream progress, boolean quick, String only,
        Path l3fwd, Consumer<Row> done, List<Curve> curves, Sibling sibling) {
    /** Seconds that are thrown away at the start of each run: in the first one ours is at 94 to 97 %, then at full speed. */
    public static final int WARM_UP_SECONDS = 1;

    /** So many turns of a table are run again at most. */
    private static final int MORE_TURNS = 5;

    /**
     * What one run measured.
     *
     * @param value the value
     * @param workload what the program itself said that it ran, as far as both sides must agree on it
     * @param frameBytes the mean length of the frames that it counted; 0 when it counts no bytes
     */
    public record Sample(double value, String workload, long frameBytes) {
        /**
         * A run of a program that counts no bytes.
         *
         * @param value the value
         * @param workload what the program itself said that it ran
         */
        public Sample(double value, String workload) {
            this(value, workload, 0);
        }

        /**
         * The rows of a run that has the same to say of each of them.
         *
         * @param rows the values, by row
         * @param workload what the program itself said that it ran, to which each row adds its name
         * @return them with what ran
         */
        static Map<String, Sample> all(Map<String, Double> rows, String workload) {
            Map<String, Sample> all = new LinkedHashMap<>();
            rows.forEach((row, value) -> all.put(row, new Sample(value, (workload + " " + row).strip())));
            return all;
        }
    }

    /** One side of a comparison. */
    @FunctionalInterface
    public interface Side {
        /**
         * Runs once.
         *
         * @return the value measured, and what the run says that it ran
         * @throws IOException when the process can't be started or says nothing that can be read
         * @throws InterruptedException when ended from outside
         */
        Sample run() throws IOException, InterruptedException;
    }

    /** How far the processors are from each other. */
    @FunctionalInterface
    interface Distance {
        double ns() throws InterruptedException;
    }

    /** One side that measures many rows at once. */
    @FunctionalInterface
    public interface Table {
        /**
         * Runs once.
         *
         * @return the values, and what the run says that it ran, by row
         * @throws IOException when the process can't be started or says nothing that can be read
         * @throws InterruptedException when ended from outside
         */
        Map<String, Sample> run() throws IOException, InterruptedException;
    }

    /**
     * Runs two sides in turn that measure many rows each: A B A B.
     *
     * @param suite the rows' suite
     * @param unit the values' unit
     * @param higherIsBetter true for rates
     * @param peer who is compared with
     * @param workload what both sides run
     * @param ours our side; its rows are those of the result, in its order
     * @param theirs the peer's side, or null when it is not there; rows that only it has are left out
     * @return the rows that are wanted
     * @throws IOException as the sides do
     * @throws InterruptedException as the sides do
     */
    public List<Row> table(String suite, String unit, boolean higherIsBetter, String peer, String workload, Table ours, Table theirs)
            throws IOException, InterruptedException {
        return table(suite, unit, higherIsBetter, peer, workload, ours, theirs, 1, () -> 1);
    }

    /**
     * Runs two sides in turn, and again what something changed during that moves the values.
     *
     * @param suite the rows' suite
     * @param unit the values' unit
     * @param higherIsBetter true for rates
     * @param peer who is compared with
     * @param workload what both sides run
     * @param ours our side; its rows are those of the result, in its order
     * @param theirs the peer's side, or null when it is not there; rows that only it has are left out
     * @param runs so many of each side, in turn too, are a turn: their median is what the side measured
     * @param distance of the processors in ns, measured around each run, see {@link CoreDistance}
     * @return the rows that are wanted
     * @throws IOException as the sides do
     * @throws InterruptedException as the sides do
     */
    List<Row> table(String suite, String unit, boolean higherIsBetter, String peer, String workload, Table ours, Table theirs,
            int runs, Distance distance) throws IOException, InterruptedException {
        Map<String, Turns> all = new LinkedHashMap<>();
        List<Row> rows = new ArrayList<>();
        int more = MORE_TURNS * runs;
        try {
            for (int i = 0; i < repetitions * runs;) {
                turn(suite, i / runs);
                double before = distance.ns();
                awaitCores();
                Map<String, Sample> mine = ours.run();
                endedShared();
                double between = distance.ns();
                awaitCores();
                Map<String, Sample> other = theirs == null ? Map.of() : theirs.run();
                endedShared();
                double after = distance.ns();
                // a neighbour at the end says little of a minute
                if (more > 0 && !(CoreDistance.same(before, between) && CoreDistance.same(between, after))) {
                    more--;
                    continue;
                }
                if (before > 1) {
                    progress.printf("\r  run %d: %.0f, %.0f, %.0f ns to the other core and back%n", i + 1, before, between, after);
                }
                mine.forEach((row, sample) -> all.computeIfAbsent(row, _ -> new Turns()).ours(sample));
                other.forEach((row, sample) -> all.getOrDefault(row, new Turns()).theirs(sample));
                i++;
            }
        } finally {
            // also the turns that were whole before something ended them
            progress.printf("\r%60s\r", "");
            all.keySet().removeIf(row -> !wants(row));
            all.forEach((row, turns) -> rows.add(turns.medians(runs).row(suite, row, unit, higherIsBetter, peer, workload)));
            rows.forEach(done);
        }
        return rows;
    }

    /**
     * Waits until nobody else computes on the cores, some seconds at most: before each run.
     *
     * @throws InterruptedException when ended from outside
     */
    void awaitCores() throws InterruptedException {
        sibling.await(firstCpu(), lastCpu());
    }

    /**
     * Looks at the cores right after a run.
     *
     * @return true when somebody else computes on one of them
     * @throws InterruptedException when ended from outside, so that the run may have been cut short
     */
    boolean endedShared() throws InterruptedException {
        if (AtExit.isEnding()) {
            throw new InterruptedException("ended from outside");
        }
        return sibling.ended(firstCpu(), lastCpu());
    }

    private void turn(String row, int repetition) {
        progress.printf("\r  %-50s %d of %d", row, repetition + 1, repetitions);
        progress.flush();
    }

    /** @return the processor that the first of the lcores runs on */
    public int firstCpu() {
        return Integer.parseInt(lcores.split("[,-]")[0]);
    }

    /** @return the processor that the last of the lcores runs on: the one that forwards */
    public int lastCpu() {
        String[] cores = lcores.split("[,-]");
        return Integer.parseInt(cores[cores.length - 1]);
    }

    /**
     * Runs two sides in turn: A B A B.
     *
     * @param suite the row's suite
     * @param name the row's name
     * @param unit the values' unit
     * @param higherIsBetter true for rates
     * @param workload what both sides run
     * @param ours our side
     * @param theirs DPDK's side, or null when it is not there
     * @return the row
     * @throws IOException as the sides do
     * @throws InterruptedException as the sides do
     */
    public Row compare(String suite, String name, String unit, boolean higherIsBetter, String workload, Side ours, Side theirs)
            throws IOException, InterruptedException {
        return compare(suite, name, unit, higherIsBetter, "DPDK", workload, ours, theirs);
    }

    /**
     * Runs our side and another peer's in turn: A B A B.
     *
     * @param suite the row's suite
     * @param name the row's name
     * @param unit the values' unit
     * @param higherIsBetter true for rates
     * @param peer who is compared with
     * @param workload what both sides run
     * @param ours our side
     * @param theirs the peer's side, or null when it is not there
     * @return the row
     * @throws IOException as the sides do
     * @throws InterruptedException as the sides do
     */
    public Row compare(String suite, String name, String unit, boolean higherIsBetter, String peer, String workload, Side ours, Side theirs)
            throws IOException, InterruptedException {
        Turns turns = new Turns();
        Row row = null;
        int more = repetitions;
        try {
            for (int i = 0; i < repetitions && turns.refused().isEmpty();) {
                turn(suite + " " + name, i);
                awaitCores();
                Sample mine = ours.run();
                boolean shared = endedShared();
                awaitCores();
                Sample other = theirs == null ? null : theirs.run();
                shared |= endedShared();
                if (shared && more-- > 0) {
                    continue;
                }
                turns.ours(mine);
                if (other != null) {
                    turns.theirs(other);
                }
                i++;
            }
        } finally {
            progress.printf("\r%60s\r", "");
            if (!turns.isEmpty()) {
                row = turns.row(suite, name, unit, higherIsBetter, peer, workload);
                done.accept(row);
            }
        }
        return row;
    }

    /**
     * The same for other rows.
     *
     * @param rows a regular expression for their names
     * @return it
     */
    Bench only(String rows) {
        return new Bench(repetitions, seconds, lcores, launcher, progress, quick, rows, l3fwd, done, curves, sibling);
    }

    /**
     * Whether a row was asked for.
     *
     * @param row its name
     * @return true when it is to be run
     */
    public boolean wants(String row) {
        return Pattern.compile(only).matcher(row).find();
    }

    /**
     * A program on the PATH or in the folders for administrators.
     *
     * @param program its name
     * @return its path, or null
     */
    public static Path find(String program) {
        for (String folder : (System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin:/usr/bin").split(":")) {
            Path path = Path.of(folder, program);
            if (Files.isExecutable(path)) {
                return path;
            }
        }
        return null;
    }

    /**
     * Does something while a process runs, and ends that afterwards, also when somebody ends the bench meanwhile.
     *
     * @param process the process
     * @param task what is done
     * @param <T> what it gives
     * @return that
     * @throws IOException as the task does
     * @throws InterruptedException as the task does
     */
    static <T> T guarded(Process process, Guarded<T> task) throws IOException, InterruptedException {
        try (AtExit _ = new AtExit(process::destroyForcibly)) {
            try {
                return task.run();
            } finally {
                process.destroy();
                process.waitFor(10, TimeUnit.SECONDS);
                process.destroyForcibly().waitFor();
            }
        }
    }

    /** What is done while a process runs. */
    @FunctionalInterface
    interface Guarded<T> {
        T run() throws IOException, InterruptedException;
    }

    /**
     * Runs a process, gives it some seconds and then an end of line, and reads what it printed.
     *
     * @param command the command
     * @param seconds how long it runs
     * @return its standard output and error, line by line
     * @throws IOException when it can't be started
     * @throws InterruptedException when ended from outside
     */
    public static List<String> runFor(List<String> command, int seconds)
            throws IOException, InterruptedException {
        Path output = Scratch.file("output", ".txt");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        // With --stats-period a testpmd ends by signal alone.
        guarded(process, () -> {
            process.waitFor(seconds, TimeUnit.SECONDS);
            try (var in = process.outputWriter()) {
                in.write("\n");
            } catch (IOException ended) {
                // The process ended by itself; what it printed says why.
            }
            return null;
        });
        List<String> lines = Files.readAllLines(output, StandardCharsets.ISO_8859_1);
        Files.delete(output);
        return lines;
    }

    private static void drain(BufferedReader in) {
        try {
            in.transferTo(Writer.nullWriter());
        } catch (IOException closed) {
            // The process has ended.
        }
    }

    /**
     * Runs a process until it has printed enough, and reads that.
     *
     * @param command the command
     * @param seconds after which it is ended in any case
     * @param last true for the line that is the last wanted
     * @return its standard output and error, line by line
     * @throws IOException when it can't be started
     * @throws InterruptedException when ended from outside
     */
    static List<String> runUntil(List<String> command, int seconds, Predicate<String> last) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS).execute(process::destroyForcibly);
        return guarded(process, () -> {
            List<String> lines = new ArrayList<>();
            BufferedReader in = process.inputReader(StandardCharsets.ISO_8859_1);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
                if (last.test(line)) {
                    break;
                }
            }
            // What else it prints must not hold it up.
            Thread.ofVirtual().start(() -> drain(in));
            return lines;
        });
    }
}
