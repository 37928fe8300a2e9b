package dev.penstock.bench;

import dev.penstock.bench.Bench.Sample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs DPDK 22.11's own performance tests (program dpdk-test) and reads what they print. */
final class DpdkTest {
    private static final Pattern RING = Pattern.compile(
            "legacy APIs: (SP/SC|MP/MC): (single|burst|bulk)(?: \\(size: (\\d+)\\))?: ([0-9.]+)");

    /** The routes of lpm_perf_autotest want most. */
    private static final int MEGABYTES = 2048;

    private static final Pattern ROUTES = Pattern.compile(
            "(Average|BULK) (?:LPM|FIB) (Add|Lookup|Delete): ([0-9.e+]+) cycles");

    /** lpm_perf_autotest looks up by fours as well, which ours does not. */
    private static final Pattern ROUTES_RUN = Pattern.compile("^No\\. routes = (\\d+)|^(?:Average|BULK) .*\\(fails = ([0-9.]+)%\\)");

    /** What a test prints behind the rows that are read; it is ended there. The ring's would go on for longer than its rows took. */
    private static final Map<String, String> LAST = Map.of("hash_perf_autotest", "With locks in the code",
            "ring_perf_autotest", "### Testing using all worker nodes");

    private DpdkTest() {}

    /**
     * Runs one test to its end.
     *
     * @param lcores the EAL's core list
     * @param test its name, such as ring_perf_autotest
     * @param seconds after which it is ended
     * @return what it printed, line by line
     * @throws IOException when it can't be started
     * @throws InterruptedException when ended from outside
     */
    static List<String> run(String lcores, String test, int seconds) throws IOException, InterruptedException {
        Path output = Scratch.file("output", ".txt");
        // into a file the program would write by blocks, and the last row that is read be seen much later
        List<String> command = new ArrayList<>(List.of("stdbuf", "-oL", Bench.find("dpdk-test").toString(), "--lcores", lcores, "--no-pci",
                "--no-telemetry", "--file-prefix", Peers.PREFIX));
        command.addAll(Peers.memory(MEGABYTES));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true).redirectOutput(output.toFile()).start();
        Bench.guarded(process, () -> {
            try (var in = process.outputWriter()) {
                in.write(test + "\nquit\n");
            }
            String last = LAST.getOrDefault(test, "");
            for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds); System.nanoTime() < end; ) {
                if (process.waitFor(100, TimeUnit.MILLISECONDS)
                        || !last.isEmpty() && Files.readString(output, StandardCharsets.ISO_8859_1).contains(last)) {
                    break;
                }
            }
            return process.destroyForcibly();
        });
        List<String> lines = Files.readAllLines(output, StandardCharsets.ISO_8859_1);
        Files.delete(output);
        return lines;
    }

    /**
     * The pointer rows of ring_perf_autotest, by the names that {@link RingBench} uses.
     *
     * @param lines what the test printed
     * @return cycles, by row
     */
    static Map<String, Double> ring(List<String> lines) {
        Map<String, Double> rows = new LinkedHashMap<>();
        String section = "";
        for (String line : lines) {
            if (line.startsWith("### Testing")) {
                section = line.contains("empty") ? "empty " : line.contains("two physical cores") ? "2 cores " : "1 core ";
            }
            Matcher m = RING.matcher(line);
            if (m.find()) {
                String size = m.group(3) == null ? "" : " " + m.group(3);
                rows.putIfAbsent(section + m.group(1) + " " + m.group(2) + size, Double.parseDouble(m.group(4)));
            }
        }
        return rows;
    }

    /**
     * The rows of lpm, lpm6 and fib_perf_autotest, by the names that {@link LpmBench} uses.
     *
     * @param lines what the test printed
     * @return cycles, by row
     */
    static Map<String, Double> routes(List<String> lines) {
        Map<String, Double> rows = new LinkedHashMap<>();
        for (String line : lines) {
            Matcher m = ROUTES.matcher(line);
            if (m.find()) {
                String row = m.group(2).toLowerCase(Locale.ROOT) + (m.group(1).equals("BULK") ? " bulk" : "");
                rows.put(row, Double.parseDouble(m.group(3)));
            }
        }
        return rows;
    }

    /**
     * The rows of fib_perf_autotest. Its figure for deleting has the time of all look-ups in it, which is taken out.
     *
     * @param lines what the test printed
     * @return cycles, by row
     */
    static Map<String, Double> fib(List<String> lines) {
        Map<String, Double> rows = routes(lines);
        double all = FibBench.LOOKUPS * rows.getOrDefault("lookup bulk", 0.0);
        lines.stream().map(ROUTES_RUN::matcher).filter(m -> m.find() && m.group(1) != null).findFirst()
                .ifPresent(m -> rows.computeIfPresent("delete", (_, cycles) -> cycles - all / Integer.parseInt(m.group(1))));
        return rows;
    }

    /**
     * The rows of lpm6_perf_autotest. Its figure for deleting has the look-ups' time in it, so there is none.
     *
     * @param lines what the test printed
     * @return cycles, by row
     */
    static Map<String, Double> routes6(List<String> lines) {
        Map<String, Double> rows = routes(lines);
        rows.remove("delete");
        return rows;
    }

    /**
     * The rows of member_perf_autotest that {@link MemberBench} measures.
     *
     * @param lines what the test printed
     * @return cycles, by row
     */
    static Map<String, Double> member(List<String> lines) {
        List<String> types = List.of("HT", "cache", "vBF", "sketch");
        Map<String, Double> rows = new LinkedHashMap<>();
        for (String line : lines) {
            String[] columns = line.strip().split(" +");
            if (columns.length == 9 && line.strip().matches("[0-9 ]+") && Integer.parseInt(columns[1]) < types.size()) {
                String type = types.get(Integer.parseInt(columns[1]));
                String key = ", key of " + columns[0];
                rows.put(type + " add" + key, Double.parseDouble(columns[2]));
                rows.put(type + " lookup" + key, Double.parseDouble(columns[3]));
                rows.put(type + " lookup bulk" + key, Double.parseDouble(columns[4]));
                rows.put(type + " lookup multi" + key, Double.parseDouble(columns[5]));
                rows.put(type + " delete" + key, Double.parseDouble(columns[7]));
            }
        }
        return rows;
    }

    /**
     * The rows of cksum_perf_autotest, by the names that {@link NetBench} uses.
     *
     * @param lines what the test printed
     * @return cycles a block, by row
     */
    static Map<String, Double> checksum(List<String> lines) {
        Map<String, Double> rows = new LinkedHashMap<>();
        for (String line : lines) {
            String[] words = line.strip().split(" +");
            if (words.length == 4 && words[0].matches("Aligned|Unaligned")) {
                rows.put("checksum, " + words[0].toLowerCase(Locale.ROOT) + ", " + words[1] + " bytes", Double.parseDouble(words[2]));
            }
        }
        return rows;
    }

    /**
     * The rows of hash_perf_autotest that {@link HashBench} measures: no locks, both locations, 8-byte data.
     *
     * @param lines what the test printed
     * @return cycles, by row
     */
    static Map<String, Double> hash(List<String> lines) {
        Map<String, Double> rows = new LinkedHashMap<>();
        boolean wanted = false;
        boolean data = false;
        boolean known = false;
        for (String line : lines) {
            String text = line.strip();
            if (text.endsWith("LOCATION")) {
                wanted = text.startsWith("ELEMENTS") && rows.isEmpty();
            } else if (text.startsWith("Operations with")) {
                data = text.endsWith("8-byte data");
            } else if (text.endsWith("pre-computed hash values")) {
                known = text.startsWith("With ");
            } else if (wanted && data && text.matches("\\d+( +[0-9.]+){4}")) {
                keySize(rows, text.split(" +"), known);
            }
        }
        return rows;
    }

    private static void keySize(Map<String, Double> rows, String[] columns, boolean known) {
        String key = ", key of " + columns[0];
        if (known) {
            return;
        }
        rows.put("add" + key, Double.parseDouble(columns[1]));
        rows.put("lookup" + key, Double.parseDouble(columns[2]));
        rows.put("lookup bulk" + key, Double.parseDouble(columns[3]));
        rows.put("delete" + key, Double.parseDouble(columns[4]));
    }

    /** What hash_readwrite_lf_perf_autotest calls the rows of {@link HashReadWriteBench}. */
    private static final Map<String, String> READ_WRITE = Map.of(
            "no key-shifts, lookup - hit", "hit, no key added", "no key-shifts, lookup - miss", "miss, keys added",
            "key-shifts, lookup - hit(non-shift-path)", "hit, keys shifted", "key-shifts, lookup - hit (shift-path)", "hit on the shift path",
            "key-shifts, Hash lookup miss", "miss, keys shifted");
    private static final Pattern READ_WRITE_ROW = Pattern.compile("Hash add - (.*?)\\s+(\\d+)$");
    private static final Pattern READ_WRITE_KEYS = Pattern.compile("^Count of (.*): (\\d+)");

    /**
     * The rows of hash_readwrite_lf_perf_autotest with one reader, lock-free, looked up singly; with two processors it runs no others.
     *
     * @param lines what the test printed
     * @return cycles, by row
     */
    static Map<String, Double> hashReadWrite(List<String> lines) {
        Map<String, Double> rows = new LinkedHashMap<>();
        for (String line : lines) {
            Matcher m = READ_WRITE_ROW.matcher(line.strip());
            if (m.find() && READ_WRITE.containsKey(m.group(1))) {
                // The first table is the one of one writer and one reader.
                rows.putIfAbsent(READ_WRITE.get(m.group(1)), Double.parseDouble(m.group(2)));
            }
        }
        return rows;
    }

    /**
     * What hash_readwrite_lf_perf_autotest says of its keys.
     *
     * @param lines what the test printed
     * @return how many there were of each kind
     */
    static String hashReadWriteRun(List<String> lines) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (String line : lines) {
            Matcher m = READ_WRITE_KEYS.matcher(line);
            if (m.find()) {
                counts.put(m.group(1), Integer.parseInt(m.group(2)));
            }
        }
        return HashReadWriteBench.workload(counts.values().stream().limit(5).mapToInt(Integer::intValue).toArray());
    }

    /**
     * Runs one test and reads its rows.
     *
     * @param lcores the EAL's core list
     * @param test its name, such as ring_perf_autotest
     * @param seconds after which it is ended
     * @param reader makes rows of what it printed
     * @return the values, by row; never none; of what the test ran the row's name tells all that it prints
     * @throws IOException when it can't be started or printed no rows
     * @throws InterruptedException when ended from outside
     */
    static Map<String, Sample> rows(String lcores, String test, int seconds, Function<List<String>, Map<String, Double>> reader)
            throws IOException, InterruptedException {
        return rows(lcores, test, seconds, reader, _ -> "");
    }

    /**
     * Runs one test and reads its rows.
     *
     * @param lcores the EAL's core list
     * @param test its name, such as ring_perf_autotest
     * @param seconds after which it is ended
     * @param reader makes rows of what it printed
     * @param workload finds in what it printed what it ran
     * @return the values and what it ran, by row; never none
     * @throws IOException when it can't be started or printed no rows
     * @throws InterruptedException when ended from outside
     */
    static Map<String, Sample> rows(String lcores, String test, int seconds, Function<List<String>, Map<String, Double>> reader,
            Function<List<String>, String> workload) throws IOException, InterruptedException {
        List<String> lines = run(lcores, test, seconds);
        Map<String, Double> rows = reader.apply(lines);
        if (rows.isEmpty()) {
            throw new IOException("no rows of " + test + " in what dpdk-test printed:\n" + tail(lines));
        }
        return Sample.all(rows, workload.apply(lines));
    }

    /**
     * What the tests of routes say that they ran.
     *
     * @param lines what the test printed
     * @return how many routes there were, and how many addresses had none, for each kind of look-up
     */
    static String routesRun(List<String> lines) {
        StringBuilder said = new StringBuilder();
        for (String line : lines) {
            Matcher m = ROUTES_RUN.matcher(line);
            if (m.find()) {
                said.append(m.group(1) != null ? m.group(1) + " routes" : ", " + eighths(Double.parseDouble(m.group(2)) / 100));
            }
        }
        return said.toString();
    }

    /** A random address has no route one time in eight, give or take what chance does. */
    static String eighths(double part) {
        return Math.round(8 * part) + " in 8 without a route";
    }

    /** The last lines, for an error message. */
    private static String tail(List<String> lines) {
        return String.join("\n", new ArrayList<>(lines.subList(Math.max(0, lines.size() - 10), lines.size())));
    }
}
