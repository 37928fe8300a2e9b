package dev.penstock.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The mempool against DPDK's mempool_perf_autotest. That program measures 720 rows one after the other, five seconds each,
 * an hour in all. Here several runs of it go on at the same time, one for each turn, all of them stopped nearly always, so
 * that the processors are free: see {@link PacedTest}. In a row that is wanted a run is let go for a moment, and ours is
 * measured right after it, in a JVM of its own. Both count the time in which their threads really ran.
 */
final class MempoolSuite implements Suite {
    private static final double RUN_SECONDS = 0.6;
    /** What must be left of a row besides, since DPDK's own idea of its length may be a little shorter. */
    private static final double SPARE_SECONDS = 0.7;
    /** Runs are so far apart: a row and a part of one, so that they do not all want the processor at once. */
    private static final double APART_SECONDS = 6.1;
    /** What a turn of a row takes of the processors, both sides with the start and the warm-up of ours. */
    private static final double TURN_SECONDS = 2.2;
    private static final int MOST_TURNS = 5;
    private static final int QUICK_ROWS = 60;

    @Override
    public String name() {
        return "mempool";
    }

    @Override
    public String about() {
        return "objects taken and given back on one core and two, with and without a cache, as mempool_perf_autotest measures them";
    }

    @Override
    public int seconds(Bench bench) {
        return (int) (PacedTest.ROW_SECONDS * (last(wanted(bench)) + 1) + APART_SECONDS * turns(bench, wanted(bench)));
    }

    @Override
    public String lacks() {
        return Bench.find("dpdk-test") != null ? null : "its rows are those of dpdk-test; sudo apt-get install dpdk-dev";
    }

    /** Which rows are run, by number. What DPDK's program runs again is run for its first time only. */
    static Set<Integer> wanted(Bench bench) {
        List<MempoolRow> rows = MempoolRow.inOrder();
        Set<Integer> wanted = new LinkedHashSet<>();
        for (int i = 0; i < (bench.quick() ? QUICK_ROWS : rows.size()); i++) {
            MempoolRow row = rows.get(i);
            boolean asked = bench.only().isEmpty() ? row.usual() : bench.wants(row.name());
            if (asked && rows.indexOf(row) == i) {
                wanted.add(i);
            }
        }
        return wanted;
    }

    private static int last(Set<Integer> wanted) {
        return wanted.stream().mapToInt(i -> i).max().orElse(-1);
    }

    /** So many that the runs which are in wanted rows at the same time find the time for it. */
    static int turns(Bench bench, Set<Integer> wanted) {
        int most = bench.quick() ? 1 : Math.min(MOST_TURNS, bench.repetitions());
        while (most > 1 && mostAtOnce(wanted, most) * TURN_SECONDS > PacedTest.ROW_SECONDS) {
            most--;
        }
        return most;
    }

    private static int mostAtOnce(Set<Integer> wanted, int turns) {
        int most = 0;
        for (int row : wanted) {
            int at = 0;
            for (int behind = 0; behind < turns; behind++) {
                at += wanted.contains(row - behind) ? 1 : 0;
            }
            most = Math.max(most, at);
        }
        return most;
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        Set<Integer> wanted = wanted(bench);
        Map<String, Turns> pairs = new LinkedHashMap<>();
        if (!wanted.isEmpty()) {
            runAll(bench, wanted, pairs);
        }
        bench.progress().printf("\r%76s\r", "");
        List<Row> rows = new ArrayList<>();
        pairs.forEach((name, turns) -> rows.add(turns.row(name(), name, "Mobj/s", true, "DPDK",
                "mempool_perf_autotest, " + MempoolBench.POOL + " objects")));
        rows.forEach(bench.done());
        return rows;
    }

    private static void runAll(Bench bench, Set<Integer> wanted, Map<String, Turns> pairs) throws IOException, InterruptedException {
        List<PacedTest> tests = new ArrayList<>();
        int turns = turns(bench, wanted);
        int last = last(wanted);
        long begun = System.nanoTime();
        try {
            while (tests.size() < turns || tests.stream().anyMatch(test -> test.number() <= last)) {
                if (tests.size() < turns && System.nanoTime() - begun >= tests.size() * APART_SECONDS * 1e9) {
                    tests.add(new PacedTest(bench.lcores()));
                }
                for (PacedTest test : tests) {
                    step(bench, test, wanted, pairs);
                }
                tests.stream().filter(test -> test.number() > last).forEach(PacedTest::close);
                say(bench, tests, last, turns);
                Thread.sleep(20);
            }
        } finally {
            tests.forEach(PacedTest::close);
        }
    }

    private static void step(Bench bench, PacedTest test, Set<Integer> wanted, Map<String, Turns> pairs)
            throws IOException, InterruptedException {
        boolean is = wanted.contains(test.number());
        if (test.closed()) {
            return;
        }
        if (is && !test.measured() && test.leftNs() > 1e9 * (RUN_SECONDS + SPARE_SECONDS)) {
            test.run(RUN_SECONDS);
            MempoolRow row = test.row();
            test.ours(row.cores() == 1 ? MempoolBench.fresh(row.load(), RUN_SECONDS, bench.firstCpu())
                    : MempoolBench.fresh(row.load(), RUN_SECONDS, bench.firstCpu(), bench.lastCpu()));
        } else if (test.leftNs() <= 0) {
            boolean measured = test.measured();
            double ours = test.ours();
            String name = test.row().name();
            double theirs = test.end();
            if (measured) {
                Turns turns = pairs.computeIfAbsent(name, _ -> new Turns());
                turns.ours(new Bench.Sample(ours / 1e6, name));
                turns.theirs(new Bench.Sample(theirs / 1e6, name));
            }
        }
    }

    private static void say(Bench bench, List<PacedTest> tests, int last, int turns) {
        PacedTest slowest = tests.getLast();
        if (!slowest.closed()) {
            int left = (int) ((last + 1 - slowest.number()) * PacedTest.ROW_SECONDS + (turns - tests.size()) * APART_SECONDS);
            bench.progress().printf("\r  %-55s %2d min %2d s left ", "mempool " + slowest.row().name(), left / 60, left % 60);
            bench.progress().flush();
        }
    }
}
