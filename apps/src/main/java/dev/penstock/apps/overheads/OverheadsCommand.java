package dev.penstock.apps.overheads;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.penstock.apps.cli.Trouble;
import dev.penstock.eal.Clock;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Machine;
import dev.penstock.linux.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock overheads}. */
@Command(name = "overheads", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Sends the same packets through sockets, AF_PACKET and AF_XDP, and shows what each costs. Needs root.",
        footer = {"", "Example: sudo ./penstock overheads --html overheads.html", "What each row means: docs/overheads.md"})
public final class OverheadsCommand implements Callable<Integer> {
    private static final int MAX_RATE = 1_000_000;
    private static final int QUICK_MS = 500;
    private static final int MS = 3000;
    /** Above this part of the core's time, a run says more of the machine than of the ways. */
    private static final double MAX_STRANGERS = 0.05;

    @Parameters(paramLabel = "WAY", description = "Which ways; all when none is named.")
    private List<String> ways = new ArrayList<>();

    @Option(names = "--quick", description = "Half a second each, not three.")
    private boolean quick;

    @Option(names = "--rate", defaultValue = "20000", paramLabel = "N", split = ",",
            description = "Packets a second for latencies, one rate or several such as 0,1000,100000 (default ${DEFAULT-VALUE},"
                    + " at most 1000000).")
    private int[] rates;

    @Option(names = "--cpus", defaultValue = "0,1", paramLabel = "A,B", split = ",",
            description = "The processors that send and that are under test (default ${DEFAULT-VALUE}).")
    private int[] cpus;

    @Option(names = "--json", paramLabel = "FILE", description = "Also writes everything as JSON.")
    private Path json;

    @Option(names = "--html", paramLabel = "FILE", description = "Also writes a page that shows where a packet's time goes.")
    private Path html;

    @Option(names = "--echo", hidden = true)
    private String echo;

    /** Ways that could not be measured, and why. */
    private final List<String> leftOut = new ArrayList<>();

    /** For the command line. */
    public OverheadsCommand() {}

    @Override
    public Integer call() throws Exception {
        checkCpus();
        if (echo != null) {
            UnderTest.run(Method.of(echo), cpus[1]);
            return 0;
        }
        List<Method> methods = ways.isEmpty() ? List.of(Method.values()) : ways.stream().map(Method::of).toList();
        for (int rate : rates) {
            if (rate < 0 || rate > MAX_RATE) {
                throw new IllegalArgumentException("--rate " + rate + " is out of range; give 0 to " + MAX_RATE);
            }
        }
        Platform.requireLinux("overheads");
        if (!Machine.local().capabilities().contains("CAP_SYS_ADMIN")) {
            throw new IllegalStateException("overheads makes network namespaces and asks the kernel for its counters, which needs"
                    + " root: sudo ./penstock overheads");
        }
        // now, and not after minutes of measuring
        Trouble.requireWritable("--json", json);
        Trouble.requireWritable("--html", html);
        Measurement measurement = new Measurement(cpus[0], cpus[1], rates, quick ? QUICK_MS : MS);
        List<Row> rows = new ArrayList<>();
        for (Method method : methods) {
            System.err.printf("%d of %d: %s%n", methods.indexOf(method) + 1, methods.size(), method.title());
            try {
                rows.add(measurement.run(method));
            } catch (IOException | LinuxException e) {
                // such as a kernel without AF_XDP: the others can be measured all the same
                leftOut.add(method.title() + " is left out: " + e.getMessage());
            }
        }
        if (rows.isEmpty()) {
            throw new IllegalStateException(String.join(System.lineSeparator(), leftOut));
        }
        Table.print(System.out, rows);
        notes(rows, measurement).forEach(System.out::println);
        Map<String, Object> result = result(rows, measurement);
        if (json != null) {
            Files.writeString(json, JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(result));
        }
        if (html != null) {
            page(html, result);
        }
        return 0;
    }

    private void checkCpus() {
        BitSet online = Machine.local().onlineCpus();
        if (cpus.length != 2 || cpus[0] == cpus[1] || !online.get(cpus[0]) || !online.get(cpus[1])) {
            throw new IllegalArgumentException("--cpus: give two different processors that are on line, such as 0,1; there are "
                    + online);
        }
    }

    private List<String> notes(List<Row> rows, Measurement measurement) {
        List<String> notes = new ArrayList<>(leftOut);
        notes.add(measurement.countsCycles() ? "Cycles are counted by the processor."
                : String.format("This machine lets nobody count cycles: they are the core's time at %.2f GHz.", Clock.hz() / 1e9));
        notes.add("The split of a core's time is what the kernel finds at each tick of its timer.");
        if (!measurement.countsCalls()) {
            notes.add("Calls of the system are unknown: the kernel has no tracepoints (CONFIG_FTRACE_SYSCALLS).");
        }
        double strangers = rows.stream().mapToDouble(Row::strangers).max().orElse(0);
        if (strangers > MAX_STRANGERS) {
            notes.add(String.format("Too noisy: other programs used up to %.0f %% of the core under test and were in the way."
                    + " Try again when the machine is quiet.", strangers * 100));
        }
        notes.add("≥: the sender was the slower side. What each column means: docs/overheads.md");
        return notes;
    }

    private Map<String, Object> result(List<Row> rows, Measurement measurement) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("machine", Machine.local().cpuModel());
        map.put("kernel", Machine.local().kernelRelease());
        map.put("java", Runtime.version().toString());
        map.put("frameBytes", Frame.BYTES + 4);
        map.put("cyclesPerSecond", Clock.hz());
        map.put("notes", notes(rows, measurement));
        map.put("rows", rows.stream().map(Row::toMap).toList());
        return map;
    }

    private static void page(Path file, Map<String, Object> result) throws IOException {
        try (InputStream in = OverheadsCommand.class.getResourceAsStream("overheads.html")) {
            if (in == null) {
                throw new IOException("overheads.html is missing from the build; run ./penstock build");
            }
            // A closing tag inside the data would end the script that holds it.
            String data = JSON.std.asString(result).replace("</", "<\\/");
            Files.writeString(file, new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("/*DATA*/", data));
        }
    }
}
