package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs a testpmd, ours or DPDK's, and reads its rate. Both print the same layout, so one reader serves both. */
final class Testpmd {
    private static final Pattern RATE = Pattern.compile("(Rx|Tx)-pps:\\s*(\\d+)\\s+..-bps:\\s*(\\d+)");
    private static final String HEAD = "Port statistics ====";

    private static final Pattern WORKLOAD = Pattern.compile(
            "\\S+ packet forwarding( -.*)? - ports=\\d+ - cores=\\d+ - streams=\\d+|\\S+ packet forwarding packets/burst=\\d+");

    /** From the command to its first statistics, and its end. */
    private static final int START_SECONDS = 1;
    private static final int LIMIT_SECONDS = 60;

    private Testpmd() {}

    /** @return about how many seconds a row takes */
    static int seconds(Bench bench) {
        return bench.repetitions() * 2 * (START_SECONDS + Bench.WARM_UP_SECONDS + bench.seconds());
    }

    /**
     * Makes a row of both testpmds with the same arguments.
     *
     * @param bench how it is run
     * @param suite the row's suite
     * @param row its name
     * @param arguments EAL arguments, {@code --}, testpmd arguments
     * @param side {@code Rx} or {@code Tx}: the rate that counts
     * @return the row, in millions of packets a second
     */
    static Row row(Bench bench, String suite, String row, List<String> arguments, String side) throws IOException, InterruptedException {
        Path dpdk = Bench.find("dpdk-testpmd");
        return bench.compare(suite, row, "Mpps", true, String.join(" ", arguments),
                () -> mpps(List.of(bench.launcher().toString(), "testpmd"), bench, arguments, side),
                dpdk == null ? null : () -> mpps(List.of(dpdk.toString()), bench, arguments, side));
    }

    /** Forwards as below; the first second is not counted. */
    static Bench.Sample mpps(List<String> program, Bench bench, List<String> arguments, String side)
            throws IOException, InterruptedException {
        return mpps(program, bench, arguments, side, Bench.WARM_UP_SECONDS);
    }

    /**
     * Forwards for a while.
     *
     * @param program the command that starts it
     * @param bench how long
     * @param arguments EAL arguments, {@code --}, testpmd arguments
     * @param side {@code Rx} or {@code Tx}
     * @param warmUpSeconds how many seconds are not counted before those that are
     * @return millions of packets a second, all ports together, the median over the seconds; and what ran
     */
    static Bench.Sample mpps(List<String> program, Bench bench, List<String> arguments, String side, int warmUpSeconds)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(program);
        command.addAll(arguments);
        // The first statistics come at once and tell nothing; those in which the next ones begin are whole.
        int wanted = 1 + warmUpSeconds + bench.seconds();
        AtomicInteger heads = new AtomicInteger();
        AtomicInteger ports = new AtomicInteger();
        AtomicInteger rated = new AtomicInteger();
        List<String> lines = Bench.runUntil(command, LIMIT_SECONDS, line -> {
            if (line.contains(HEAD)) {
                heads.getAndIncrement();
            } else if (line.contains(side + "-pps:")) {
                ports.addAndGet(heads.get() == 1 ? 1 : 0);
                return rated.incrementAndGet() == wanted * ports.get() && heads.get() > 1;
            }
            return false;
        });
        double[] rates = rates(lines, side);
        if (rates.length < wanted) {
            throw new IOException("no rates in what this printed: " + String.join(" ", command) + "\n" + tail(lines));
        }
        double mpps = Row.median(Arrays.copyOfRange(rates, wanted - bench.seconds(), wanted)) / 1e6;
        return new Bench.Sample(mpps, workload(lines), frameBytes(lines, side));
    }

    /** The mean length of the frames, without check sequence; 0 when the ports count no bytes. */
    static long frameBytes(List<String> lines, String side) {
        double packets = 0;
        double bits = 0;
        for (String line : lines) {
            Matcher m = RATE.matcher(line);
            if (m.find() && m.group(1).equals(side)) {
                packets += Double.parseDouble(m.group(2));
                bits += Double.parseDouble(m.group(3));
            }
        }
        return packets == 0 ? 0 : Math.round(bits / 8 / packets);
    }

    /** What the program says that it forwards: engine, ports, cores, streams, burst. */
    static String workload(List<String> lines) {
        StringBuilder said = new StringBuilder();
        for (String line : lines) {
            Matcher m = WORKLOAD.matcher(line);
            if (m.find()) {
                said.append(said.isEmpty() ? "" : "; ").append(m.group());
            }
        }
        return said.toString();
    }

    /** The sum over all ports, for each time the statistics were printed. */
    static double[] rates(List<String> lines, String side) {
        List<Double> sums = new ArrayList<>();
        double sum = 0;
        boolean any = false;
        for (String line : lines) {
            if (line.contains(HEAD)) {
                if (any) {
                    sums.add(sum);
                }
                sum = 0;
                any = false;
            }
            Matcher m = RATE.matcher(line);
            if (m.find() && m.group(1).equals(side)) {
                sum += Double.parseDouble(m.group(2));
                any = true;
            }
        }
        if (any) {
            sums.add(sum);
        }
        return sums.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** The rate of each port that was shown, in the order in which they were. */
    static double[] eachRate(List<String> lines, String side) {
        return lines.stream().map(RATE::matcher).filter(m -> m.find() && m.group(1).equals(side))
                .mapToDouble(m -> Double.parseDouble(m.group(2))).toArray();
    }

    /** The last lines, for an error message. */
    static String tail(List<String> lines) {
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
    }
}
