package dev.penstock.bench;

import dev.penstock.bench.Bench.Sample;
import dev.penstock.eal.Clock;
import dev.penstock.fib.Fib;
import dev.penstock.net.Ipv4Address;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The FIB against the program dpdk-test-fib, on files that both hold: a million routes as long as the Internet's are, and
 * addresses that have a route. Next hops of 4 bytes.
 */
final class FibProgramBench {
    private static final int MEGABYTES = 1024;
    private static final int ROUTES = 1_000_000;
    private static final int ADDRESSES = 1 << 20;
    private static final int BURST = 64;
    private static final int SECONDS = 120;
    private static final Pattern TOTAL = Pattern.compile("Routes total: (\\d+)");
    private static final Pattern TUPLES = Pattern.compile("Lookup tuples: (\\d+)");
    private static final Pattern LINE = Pattern.compile("AVG FIB (add|lookup|delete) ([0-9.]+)");

    private long[] routes;
    private int[][] bursts;

    /** Makes what both sides are given, when it is asked for first. */
    private void prepare() {
        if (routes != null) {
            return;
        }
        long[] all = LpmBench.scattered();
        // Routes that are there twice would be changed, not added.
        routes = Arrays.stream(all).distinct().limit(ROUTES).toArray();
        bursts = new int[ADDRESSES / BURST][BURST];
        SplittableRandom random = new SplittableRandom(9);
        for (int[] burst : bursts) {
            for (int i = 0; i < BURST; i++) {
                long route = routes[random.nextInt(routes.length)];
                burst[i] = (int) (route >>> 32) | (int) (random.nextInt() & 0xffff_ffffL >>> (int) route);
            }
        }
    }

    /**
     * Measures our FIB; the last of two rounds counts.
     *
     * @return cycles, by row
     */
    Map<String, Sample> rows() {
        prepare();
        Map<String, Double> rows = new LinkedHashMap<>();
        Fib fib = new Fib(2 * ROUTES, 4, 1 << 17, 0);
        long[] hops = new long[BURST];
        for (int round = 0; round < 2; round++) {
            long start = System.nanoTime();
            for (long route : routes) {
                fib.add((int) (route >>> 32), (int) route, 1 + (route >>> 40 & 0xff));
            }
            rows.put("program add", cycles(start, routes.length));
            long sum = 0;
            for (int again = 0; again < 4; again++) {
                start = System.nanoTime();
                for (int[] burst : bursts) {
                    fib.lookupBulk(burst, hops, BURST);
                    sum += hops[0];
                }
                rows.put("program lookup", cycles(start, ADDRESSES));
            }
            if (sum == 0) {
                throw new IllegalStateException("no route was found");
            }
            start = System.nanoTime();
            for (long route : routes) {
                fib.delete((int) (route >>> 32), (int) route);
            }
            rows.put("program delete", cycles(start, routes.length));
        }
        return Sample.all(rows, workload(routes.length, ADDRESSES));
    }

    private static double cycles(long start, int operations) {
        return (System.nanoTime() - start) * (Clock.hz() / 1e9) / operations;
    }

    /**
     * Runs dpdk-test-fib on the same routes and addresses.
     *
     * @param cpu the processor
     * @return cycles, by row
     * @throws IOException when it prints none
     * @throws InterruptedException when ended from outside
     */
    Map<String, Sample> theirs(int cpu) throws IOException, InterruptedException {
        Path folder = Scratch.folder("test");
        Path routesFile = folder.resolve("routes");
        Path addresses = folder.resolve("addresses");
        try {
            prepare();
            write(routesFile, addresses);
            List<String> command = new ArrayList<>(List.of(Bench.find("dpdk-test-fib").toString(), "--lcores", "0@" + cpu, "--no-pci",
                    "--no-telemetry", "--file-prefix", Peers.PREFIX));
            command.addAll(Peers.memory(MEGABYTES));
            command.addAll(List.of("--", "-f", routesFile.toString(), "-t", addresses.toString(), "-e", "4", "-g", "131071"));
            String printed = String.join("\n", Bench.runFor(command, SECONDS));
            Map<String, Double> rows = read(printed);
            return Sample.all(rows, workload(printed));
        } finally {
            for (Path file : List.of(routesFile, addresses, folder)) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void write(Path routesFile, Path addresses) throws IOException {
        List<String> lines = new ArrayList<>();
        for (long route : routes) {
            lines.add(Ipv4Address.format((int) (route >>> 32)) + "/" + (int) route + " " + (1 + (route >>> 40 & 0xff)));
        }
        Files.write(routesFile, lines);
        lines.clear();
        for (int[] burst : bursts) {
            for (int ip : burst) {
                lines.add(Ipv4Address.format(ip));
            }
        }
        Files.write(addresses, lines);
    }

    private static String workload(int routes, int addresses) {
        return routes + " routes, " + addresses + " addresses,";
    }

    /**
     * Reads what dpdk-test-fib says that it ran.
     *
     * @param printed what it printed
     * @return how many routes and addresses
     */
    static String workload(String printed) {
        Matcher routes = TOTAL.matcher(printed);
        Matcher addresses = TUPLES.matcher(printed);
        return routes.find() && addresses.find() ? workload(Integer.parseInt(routes.group(1)), Integer.parseInt(addresses.group(1))) : "unknown";
    }

    /**
     * Reads what dpdk-test-fib measured, each tenth of the routes for itself.
     *
     * @param printed what it printed
     * @return cycles, by row
     * @throws IOException when it printed none
     */
    static Map<String, Double> read(String printed) throws IOException {
        Map<String, List<Double>> values = new LinkedHashMap<>();
        LINE.matcher(printed).results().forEach(m -> values.computeIfAbsent("program " + m.group(1), _ -> new ArrayList<>())
                .add(Double.parseDouble(m.group(2))));
        if (values.isEmpty()) {
            throw new IOException("no cycles in what dpdk-test-fib printed:\n" + printed);
        }
        Map<String, Double> rows = new LinkedHashMap<>();
        values.forEach((row, list) -> rows.put(row, list.stream().mapToDouble(Double::doubleValue).average().orElseThrow()));
        return rows;
    }
}
