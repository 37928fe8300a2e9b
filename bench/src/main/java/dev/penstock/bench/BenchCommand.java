package dev.penstock.bench;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.penstock.apps.cli.StandardOutput;
import dev.penstock.apps.cli.Trouble;
import dev.penstock.apps.cli.WrongValues;
import dev.penstock.bench.report.Baseline;
import dev.penstock.bench.report.HtmlReport;
import dev.penstock.bench.report.MarkdownReport;
import dev.penstock.bench.report.Result;
import dev.penstock.bench.report.Row;
import dev.penstock.bench.report.SvgReport;
import dev.penstock.bench.report.TextReport;
import dev.penstock.eal.Clock;
import dev.penstock.linux.Machine;
import dev.penstock.threads.AtExit;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code penstock bench}: Penstock and DPDK in turn, in one run. */
@Command(name = "./penstock bench", sortOptions = false,
        description = "Runs Penstock and DPDK in turn on the same cores and prints medians and ratios.",
        footer = {"", "Example: ./penstock bench forward --repetitions 5",
                "         sudo ./penstock bench --json r.json --html r.html   (all suites; some make network namespaces)",
                "         ./penstock bench --from r.json --svg docs/bench.svg --markdown README.md",
                "         ./penstock bench --quick --check             (did anything become slower?)",
                "         ./penstock bench jmh Rings   (parts on their own, by JMH; its options follow)"})
public final class BenchCommand implements Callable<Integer> {
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Shows this and ends.")
    private boolean help;

    @Parameters(paramLabel = "SUITE", description = "Which suites; all when none is named. There are: ${COMPLETION-CANDIDATES}",
            completionCandidates = Names.class)
    private List<String> wanted = new ArrayList<>();

    @Option(names = "--repetitions", description = "How often each side runs (default 5, with --quick 3).")
    private Integer repetitions;

    @Option(names = "--seconds", defaultValue = "1", description = "How long each run is measured (default ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--lcores", defaultValue = "0,1", description = "Cores; the last forwards (default ${DEFAULT-VALUE}).")
    private String lcores;

    @Option(names = "--json", paramLabel = "FILE", description = "Also writes everything as JSON.")
    private Path json;

    @Option(names = "--html", paramLabel = "FILE", description = "Also writes a page with charts.")
    private Path html;

    @Option(names = "--svg", paramLabel = "FILE", description = "Also writes a picture of the ratios and curves.")
    private Path svg;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Also writes tables between a file's lines <!-- bench ROWS --> and"
            + " <!-- /bench -->; ROWS is a regular expression for SUITE: ROW.")
    private List<Path> markdown = List.of();

    @Option(names = "--from", paramLabel = "FILE", description = "Runs nothing, but takes the result from what --json wrote; again for a result in pieces.")
    private List<Path> from = List.of();

    @Option(names = "--list", description = "Lists the suites, of those named the rows too, and ends.")
    private boolean list;

    @Option(names = "--quick", description = "The short form, a few minutes: fewer rows, one second each; without SUITE those of the guard.")
    private boolean quick;

    @Option(names = "--only", paramLabel = "ROWS", defaultValue = "",
            description = "Only rows whose name has this in it, a regular expression; with --from, of SUITE: ROW.")
    private String only;

    @Option(names = "--check", description = "Compares the ratios with those kept; exit code 1 when a row lost more than the noise.")
    private boolean check;

    @Option(names = "--save", description = "Keeps the ratios for later checks; those of rows not run now stay.")
    private boolean save;

    @Option(names = "--install", description = "Installs Debian's dpdk and dpdk-dev first, when they are not there.")
    private boolean install;

    @Option(names = "--baseline", paramLabel = "FILE", description = "Where ratios are kept (default bench/baseline.json).")
    private Path baseline;

    @Option(names = "--l3fwd", paramLabel = "BINARY", description = "DPDK's example l3fwd, for the suite of that name; it is in no package.")
    private Path l3fwd;

    private static final int HELP_WIDTH = 110;
    private static final int TURNS = 5;

    /** Beside ten that are kept, three are enough: all three below all ten happen once in 286 times by chance. */
    private static final int QUICK_TURNS = 3;

    /** How often a check runs a row again that seems to have lost. */
    private static final int AGAIN = 2;

    /** How long the end of the program waits for the report of what was measured. */
    private static final int REPORT_SECONDS = 20;

    private final CountDownLatch reported = new CountDownLatch(1);
    private Path launcher;
    private Path kept;

    private BenchCommand() {}

    /** The names of the suites, for help. */
    static final class Names extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        Names() {
            super(Suites.ALL.stream().map(Suite::name).toList());
        }
    }

    /**
     * Runs it and ends the process.
     *
     * @param args its arguments
     */
    public static void main(String[] args) {
        // What is printed and written is read by programs, and the same in each country.
        Locale.setDefault(Locale.ROOT);
        System.setOut(new PrintStream(new BufferedOutputStream(new StandardOutput()), true, System.out.charset()));
        CommandLine line = new CommandLine(new BenchCommand());
        line.setUsageHelpWidth(HELP_WIDTH);
        WrongValues.sayAs(line, "penstock bench");
        line.setExecutionExceptionHandler((e, _, _) -> {
            System.err.println("penstock bench: " + said(e));
            return 1;
        });
        int code = line.execute(args);
        System.out.flush();
        System.exit(StandardOutput.code(code));
    }

    @Spec
    private CommandSpec spec;

    /** What is wrong with a file or an option is for the person who named it; anything else is a fault of the bench, and says where. */
    static String said(Exception e) {
        return switch (e) {
            case NoSuchFileException missing -> "there is no file " + missing.getMessage();
            case IOException _, IllegalArgumentException _ -> e.getMessage();
            default -> {
                StringWriter trace = new StringWriter();
                e.printStackTrace(new PrintWriter(trace));
                yield trace.toString();
            }
        };
    }

    @Override
    public Integer call() throws Exception {
        for (String name : wanted) {
            if (Suites.ALL.stream().noneMatch(s -> s.name().equals(name))) {
                System.err.println("penstock bench: no suite '" + name + "'; there are " + String.join(", ", new Names()));
                return 2;
            }
        }
        int turns = repetitions != null ? repetitions : quick ? QUICK_TURNS : TURNS;
        if (turns < 1 || seconds < 1) {
            System.err.println("penstock bench: --repetitions and --seconds are 1 at least");
            return 2;
        }
        BitSet cpus = Machine.local().onlineCpus();
        if (!areOnline(lcores, cpus)) {
            System.err.println("penstock bench: --lcores=" + lcores + ": give processors that are on line, such as 0,1; there are " + cpus);
            return 2;
        }
        try {
            Pattern.compile(only);
        } catch (PatternSyntaxException e) {
            System.err.println("penstock bench: --only is no regular expression: " + e.getMessage());
            return 2;
        }
        launcher = Path.of(System.getProperty("penstock.launcher", "./penstock")).toAbsolutePath();
        Bench bench = new Bench(turns, quick ? 1 : seconds, lcores, launcher, System.err, quick, only, l3fwd, this::done, new ArrayList<>(),
                new Sibling());
        if (list) {
            list(bench);
            return 0;
        }
        kept = baseline == null ? launcher.resolveSibling("bench").resolve("baseline.json") : baseline;
        try {
            // now, and not after an hour of measuring
            Trouble.requireWritable("--json", json);
            Trouble.requireWritable("--html", html);
            Trouble.requireWritable("--svg", svg);
            markdown.forEach(file -> Trouble.requireWritable("--markdown", file));
            Trouble.requireWritable("--baseline", save ? kept : null);
        } catch (IllegalArgumentException e) {
            System.err.println("penstock bench: " + e.getMessage());
            return 2;
        }
        if (!from.isEmpty()) {
            Result result = Result.read(from).only(only);
            if (result.rows().isEmpty() && result.curves().isEmpty()) {
                return nothing("row or curve of these results");
            }
            if (lacksKept(result.setting().get("machine"))) {
                return 2;
            }
            TextReport.print(System.out, result.rows(), result.cyclesPerSecond());
            return finish(result, true);
        }
        if (lacksKept(Setting.machine())) {
            return 2;
        }
        List<Suite> chosen = chosen(bench);
        if (chosen.isEmpty()) {
            return nothing("row of " + (wanted.isEmpty() ? "the suites" : String.join(", ", wanted)));
        }
        if (install) {
            Peers.install();
        }
        if (Bench.find("dpdk-testpmd") == null) {
            System.err.println("penstock bench: DPDK is not installed, so there are no ratios; to have it: --install, or sudo apt-get install dpdk dpdk-dev");
        }
        // Else the first run would be of the build.
        if (new ProcessBuilder(launcher.toString(), "build").inheritIO().start().waitFor() != 0) {
            return 1;
        }
        Thread measuring = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(measuring), "bench-end"));
        try {
            return measure(bench, chosen);
        } finally {
            System.out.flush();
            reported.countDown();
        }
    }

    private int measure(Bench bench, List<Suite> chosen) throws IOException, InterruptedException {
        Noise noise = Noise.begin();
        List<Row> rows = new ArrayList<>();
        boolean whole;
        try (HugePages pages = HugePages.reserve()) {
            System.err.println(pages);
            whole = run(bench, rows, chosen);
            if (check) {
                again(bench, Baseline.read(kept, Setting.machine()), rows);
            }
        }
        if (whole && !only.isEmpty() && rows.isEmpty() && bench.curves().isEmpty() && chosen.stream().anyMatch(s -> s.lacks() == null)) {
            return nothing("row of " + chosen.stream().map(Suite::name).collect(Collectors.joining(", ")));
        }
        String command = "./penstock bench " + String.join(" ", spec.commandLine().getParseResult().originalArgs());
        Map<String, String> setting = Setting.of(command.trim());
        setting.put("noise", noise.end(bench.sibling()));
        Result result = new Result(setting, Clock.hz(), rows, bench.curves());
        TextReport.print(System.out, rows, result.cyclesPerSecond());
        System.out.println(setting.get("noise"));
        return finish(result, whole);
    }

    /** At the program's end. One by a signal waits until what was measured up to then is printed and written. */
    private void end(Thread measuring) {
        if (reported.getCount() > 0) {
            measuring.interrupt();
            try {
                reported.await(REPORT_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Peers.tidy();
    }

    private int finish(Result result, boolean whole) throws IOException {
        if (json != null) {
            Files.writeString(json, JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(result.toMap()));
        }
        if (html != null) {
            HtmlReport.write(html, result);
        }
        if (svg != null) {
            SvgReport.write(svg, result);
        }
        for (Path file : markdown) {
            MarkdownReport.write(file, result);
        }
        if (save && !AtExit.isEnding()) {
            Baseline.save(kept, result.setting().get("machine"), result.rows());
        }
        long refused = result.rows().stream().filter(r -> !r.refused().isEmpty()).count();
        if (refused > 0) {
            System.err.println("penstock bench: " + refused + " rows without a ratio, since the two programs ran different work");
        }
        int code = check ? report(Baseline.read(kept, result.setting().get("machine")), result.rows()) : 0;
        return whole && refused == 0 ? code : 1;
    }

    /** The rows of the suite that runs now, which are kept when it fails later. */
    private final List<Row> finished = new ArrayList<>();

    private void done(Row row) {
        finished.add(row);
        System.err.println(TextReport.line(row, Clock.hz()));
    }

    /** Those that were named, or else all, as far as they have rows that are wanted. */
    private List<Suite> chosen(Bench bench) {
        List<Suite> chosen = new ArrayList<>(Suites.ALL);
        chosen.removeIf(s -> wanted.isEmpty() ? quick && !Suites.QUICK.contains(s.name()) : !wanted.contains(s.name()));
        chosen.removeIf(s -> !s.rowNames(bench).isEmpty() && s.rowNames(bench).stream().noneMatch(bench::wants));
        return chosen;
    }

    /** Lists the suites; of those that were named the rows too. */
    private void list(Bench bench) {
        for (Suite s : chosen(bench)) {
            System.out.printf("%-10s %-13s %s%s%n", s.name(), time(s.seconds(bench)), s.about(),
                    s.lacks() == null ? "" : " (left out here: " + s.lacks() + ")");
            if (wanted.contains(s.name())) {
                s.rowNames(bench).stream().filter(bench::wants).forEach(row -> System.out.println("  " + row));
            }
        }
    }

    static boolean areOnline(String lcores, BitSet cpus) {
        return lcores.matches("\\d{1,4}([,-]\\d{1,4})*") && Stream.of(lcores.split("[,-]")).allMatch(core -> cpus.get(Integer.parseInt(core)));
    }

    /** Whether rows of that machine are to be checked and none are kept; says so. */
    private boolean lacksKept(String machine) throws IOException {
        Set<String> machines = Baseline.machines(kept);
        if (!check || machines.contains(machine)) {
            return false;
        }
        System.err.println("penstock bench: nothing to check against, " + kept + " has no ratios of this machine (" + machine + ")"
                + machines.stream().map(m -> "; it has those of " + m).collect(Collectors.joining()) + "; make them with --quick --save");
        return true;
    }

    private int nothing(String where) {
        System.err.println("penstock bench: " + nothing(where, only));
        return 2;
    }

    static String nothing(String where, String only) {
        return only.isEmpty() ? "there is no " + where
                : "no " + where + " has a name with '" + only + "' in it; ./penstock bench SUITE --list has the names";
    }

    /** Runs suites; false when one of them failed, which does not end the others. */
    private boolean run(Bench bench, List<Row> rows, List<Suite> chosen) {
        int left = 0;
        for (Suite suite : chosen) {
            left += suite.lacks() == null ? suite.seconds(bench) : 0;
        }
        boolean whole = true;
        for (Suite suite : chosen) {
            if (suite.lacks() != null) {
                System.err.println("penstock bench: left out " + suite.name() + ": " + suite.lacks());
                continue;
            }
            System.err.println(suite.name() + ": " + time(suite.seconds(bench)) + ", all that is left " + time(left));
            left -= suite.seconds(bench);
            finished.clear();
            try {
                rows.addAll(suite.run(bench));
            } catch (IOException | InterruptedException | RuntimeException e) {
                System.err.println("\npenstock bench: " + suite.name() + " ended early"
                        + (AtExit.isEnding() ? ", from outside; its rows have the turns that were whole by then" : ": " + e.getMessage()));
                rows.addAll(finished);
                whole = false;
            }
            if (AtExit.isEnding()) {
                // the report is written to files, which an interrupted thread can't do
                Thread.interrupted();
                return false;
            }
        }
        return whole;
    }

    /** Runs again what seems to be lost, so that neither an unlucky start nor a moment of noise is taken for a loss, or hides one. */
    private void again(Bench bench, Baseline before, List<Row> rows) {
        for (int more = 0; more < AGAIN; more++) {
            List<Row> doubtful = before.doubtful(rows);
            if (doubtful.isEmpty() || AtExit.isEnding()) {
                return;
            }
            String names = doubtful.stream().map(r -> Pattern.quote(r.name())).collect(Collectors.joining("|", "^(", ")$"));
            Set<String> suites = doubtful.stream().map(Row::suite).collect(Collectors.toSet());
            System.err.println("lower than kept, run again: " + doubtful.stream().map(r -> r.suite() + ": " + r.name()).collect(Collectors.joining("; ")));
            List<Row> second = new ArrayList<>();
            run(bench.only(names), second, Suites.ALL.stream().filter(s -> suites.contains(s.name())).toList());
            for (Row r : second) {
                rows.replaceAll(first -> first.suite().equals(r.suite()) && first.name().equals(r.name()) ? first.and(r) : first);
            }
        }
    }

    private static String time(int seconds) {
        return seconds < 90 ? "about " + seconds + " s" : "about " + (seconds + 30) / 60 + " min";
    }

    private static int report(Baseline before, List<Row> rows) {
        List<String> losses = before.losses(rows);
        losses.forEach(System.out::println);
        List<Row> blind = before.blind(rows);
        if (!blind.isEmpty()) {
            System.out.printf("too noisy to tell a loss of %.0f %%: %s%n", 100 * Baseline.SHOULD_SEE,
                    blind.stream().map(r -> r.suite() + ": " + r.name()).collect(Collectors.joining("; ")));
        }
        System.out.println((losses.isEmpty() ? "no row" : losses.size() + (losses.size() == 1 ? " row" : " rows")) + " of "
                + before.compared(rows).count() + " lost more than the noise");
        return losses.isEmpty() ? 0 : 1;
    }
}
