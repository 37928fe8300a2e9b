package dev.penstock.bench;

import dev.penstock.threads.AtExit;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A run of mempool_perf_autotest whose rows are as long as they need be. Each of the 720 lasts until five seconds of the
 * processor's clock have passed, and divides that clock's cycles by the rate which the EAL measured at its start. So
 * before each row that rate is set in the program's memory, such that a row which somebody wants to know lasts half a second
 * and any other one ten milliseconds. Nothing else of the program is touched. What a row moved is divided by the time for which its
 * thread really ran. Where rows that nobody wants lie between, it waits for its cores in them; see {@link Sibling}.
 */
final class ShortRows implements AutoCloseable {
    /** By what DPDK's program divides, and how long a row lasts when its clock's rate can't be set. */
    private static final double ROW_SECONDS = 5;
    private static final double SKIPPED_SECONDS = 0.010;
    /** A row has begun, and so has read the rate, this long after the one before it was printed. */
    private static final int BEGUN_MS = 2;
    private static final long START_NS = 20_000_000_000L;
    /** mov rax, [rip + n]; ret: all that rte_get_tsc_hz is on x86-64. */
    private static final int LOAD = 0x058b48;
    private static final int LOAD_BYTES = 7;

    private final Process process;
    private final AtExit undo;
    private final Bench bench;
    private final Set<Integer> wanted;
    private final Set<Integer> disturbed = new HashSet<>();
    private final double seconds;
    private final long address;
    private final long hz;

    /**
     * Starts one.
     *
     * @param bench whose EAL's core list, of two, it runs on
     * @param wanted numbers of the rows that are measured
     * @param seconds for how long each
     * @throws IOException when it can't be started, or its clock's rate is not found
     * @throws InterruptedException when ended from outside
     */
    ShortRows(Bench bench, Set<Integer> wanted, double seconds) throws IOException, InterruptedException {
        this.bench = bench;
        this.wanted = wanted;
        this.seconds = seconds;
        // without stdbuf its rows would come in blocks, the last of them never
        List<String> command = new ArrayList<>(List.of("stdbuf", "-oL", Bench.find("dpdk-test").toString(), "-l", bench.lcores(),
                "--no-pci", "--no-telemetry", "--file-prefix", Peers.PREFIX));
        command.addAll(Peers.memory(512));
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        undo = new AtExit(process::destroyForcibly);
        try {
            long found = 0;
            long rate = 0;
            for (long end = System.nanoTime() + START_NS; rate == 0; Thread.sleep(20)) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    throw new IOException("dpdk-test has no clock rate, " + (process.isAlive() ? "it never measured one" : "it has ended"));
                }
                try {
                    found = found != 0 ? found : findRate();
                    rate = found == 0 ? 0 : word(found);
                } catch (EOFException e) {
                    rate = 0; // the library is being loaded
                }
            }
            address = found;
            hz = rate;
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** Where the EAL keeps its clock's rate; 0 while the library is not there. */
    private long findRate() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/maps"))) {
            String[] words = line.split(" +");
            if (words.length > 5 && words[5].contains("librte_eal.so") && words[2].equals("00000000")) {
                long code = Long.parseUnsignedLong(words[0].substring(0, words[0].indexOf('-')), 16)
                        + Elf64.symbol(Path.of(words[5]), "rte_get_tsc_hz");
                long load = word(code);
                if ((load & 0xffffff) != LOAD) {
                    throw new IOException("rte_get_tsc_hz is other code than was expected: " + Long.toHexString(load));
                }
                return code + LOAD_BYTES + (int) (load >> 24);
            }
        }
        return 0;
    }

    /** Opened for each use: stdbuf becomes dpdk-test, and has other memory then. */
    private RandomAccessFile memory() throws IOException {
        return new RandomAccessFile("/proc/" + process.pid() + "/mem", "rw");
    }

    private long word(long at) throws IOException {
        byte[] bytes = new byte[8];
        try (RandomAccessFile memory = memory()) {
            memory.seek(at);
            memory.readFully(bytes);
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    private double length(int row) {
        return wanted.contains(row) ? seconds : SKIPPED_SECONDS;
    }

    private void setLength(int row) throws IOException {
        byte[] bytes = new byte[8];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong((long) (hz * length(row) / ROW_SECONDS));
        try (RandomAccessFile memory = memory()) {
            memory.seek(address);
            memory.write(bytes);
        }
    }

    /**
     * Runs up to the last row that is wanted.
     *
     * @return objects a second, by the row's number; without those that a busy machine let end too early
     * @throws IOException when the program did not run the rows that were expected
     * @throws InterruptedException when ended from outside
     */
    Map<Integer, Double> run() throws IOException, InterruptedException {
        List<MempoolRow> rows = MempoolRow.inOrder();
        int last = wanted.stream().mapToInt(i -> i).max().orElse(-1);
        Map<Integer, Double> rates = new LinkedHashMap<>();
        BufferedReader out = process.inputReader();
        setLength(0);
        process.outputWriter().append("mempool_perf_autotest\n").flush();
        String line = out.readLine();
        while (line != null && !line.contains("start performance test")) {
            line = out.readLine();
        }
        long begun = System.nanoTime();
        Thread.sleep(BEGUN_MS);
        double used = CpuTime.seconds(process);
        for (int row = 0; row <= last; row++) {
            setLength(row + 1);
            MempoolRow.Printed printed = null;
            while (printed == null) {
                line = out.readLine();
                if (line == null) {
                    throw new IOException("dpdk-test ended before it had measured " + rows.get(row).name());
                }
                printed = MempoolRow.read(line);
            }
            double before = used;
            used = CpuTime.seconds(process);
            if (!rows.get(row).printedAs(printed.row())) {
                throw new IOException("dpdk-test was to measure " + rows.get(row).name() + " and printed " + line);
            }
            long now = System.nanoTime();
            if (wanted.contains(row) && now - begun > 0.9e9 * seconds) {
                rates.put(row, printed.rate() * ROW_SECONDS / (used - before));
            }
            begun = now;
            Thread.sleep(BEGUN_MS);
            if (!wanted.contains(row + 1)) {
                pause(row);
            }
        }
        return rates;
    }

    /** In a row that nobody wants, the program is stopped to look at the cores. */
    private void pause(int row) throws IOException, InterruptedException {
        if (wanted.contains(row)) {
            Peers.signal("STOP", process);
            if (bench.endedShared()) {
                disturbed.add(row);
            }
        }
        if (wanted.contains(row + 2)) {
            Peers.signal("STOP", process);
            bench.awaitCores();
            // the row in which it stands ends as soon as it goes on, and the next one begins
            setLength(row + 2);
        }
        Peers.signal("CONT", process);
    }

    /** @return the rows that ended on cores which somebody else used too, as far as there was time to look */
    Set<Integer> disturbed() {
        return disturbed;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        undo.close();
    }
}
