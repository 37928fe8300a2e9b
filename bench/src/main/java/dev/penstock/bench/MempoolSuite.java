package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The mempool against DPDK's mempool_perf_autotest, whose 720 rows would take an hour: {@link ShortRows} makes them as short as
 * ours. In each turn DPDK's program runs its rows in its own order, then ours are run, each in a JVM of its own. A row that was
 * disturbed on either side is run again in a further turn.
 * Both count the time in which their threads really ran.
 */
final class MempoolSuite implements Suite {
    private static final double RUN_SECONDS = 0.5;
    /** Of one turn of a row, both sides with the start and the warm-up of ours. */
    private static final double TURN_SECONDS = 3.1;
    /** The start of DPDK's program and the rows that nobody asked for. */
    private static final double START_SECONDS = 10;
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
        return (int) (turns(bench) * (START_SECONDS + TURN_SECONDS * wanted(bench).size()));
    }

    private static int turns(Bench bench) {
        return bench.quick() ? 1 : bench.repetitions();
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

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        Set<Integer> wanted = wanted(bench);
        Map<String, Turns> pairs = new LinkedHashMap<>();
        Map<Integer, Integer> left = new LinkedHashMap<>();
        wanted.forEach(row -> left.put(row, turns(bench)));
        List<Row> rows = new ArrayList<>();
        try {
            // as many turns more for rows that a neighbour on the same core disturbed
            for (int turn = 1; turn <= 2 * turns(bench) && !left.isEmpty(); turn++) {
                turn(bench, turn, left, pairs);
            }
        } finally {
            // also what was measured before something ended it
            bench.progress().printf("\r%76s\r", "");
            pairs.forEach((name, turns) -> rows.add(turns.row(name(), name, "Mobj/s", true, "DPDK",
                    "mempool_perf_autotest, " + MempoolBench.POOL + " objects")));
            rows.forEach(bench.done());
        }
        return rows;
    }

    /** A run of each row that has turns left: it counts when it was not disturbed, or when as few turns are left for it as it needs. */
    private static void turn(Bench bench, int turn, Map<Integer, Integer> left, Map<String, Turns> pairs) throws IOException, InterruptedException {
        say(bench, turn, "DPDK");
        Map<Integer, Double> theirs;
        Set<Integer> disturbed;
        try (ShortRows test = new ShortRows(bench, Set.copyOf(left.keySet()), RUN_SECONDS)) {
            theirs = test.run();
            disturbed = test.disturbed();
        }
        for (Map.Entry<Integer, Double> peer : theirs.entrySet()) {
            MempoolRow row = MempoolRow.inOrder().get(peer.getKey());
            say(bench, turn, row.name());
            bench.awaitCores();
            double ours = row.cores() == 1 ? MempoolBench.fresh(row.load(), RUN_SECONDS, bench.firstCpu())
                    : MempoolBench.fresh(row.load(), RUN_SECONDS, bench.firstCpu(), bench.lastCpu());
            boolean shared = bench.endedShared() || disturbed.contains(peer.getKey());
            if (shared && left.get(peer.getKey()) <= 2 * turns(bench) - turn) {
                continue;
            }
            Turns turns = pairs.computeIfAbsent(row.name(), _ -> new Turns());
            turns.ours(new Bench.Sample(ours / 1e6, row.name()));
            turns.theirs(new Bench.Sample(peer.getValue() / 1e6, row.name()));
            left.computeIfPresent(peer.getKey(), (_, n) -> n == 1 ? null : n - 1);
        }
    }

    private static void say(Bench bench, int turn, String what) {
        String which = turn > turns(bench) ? ", again what was disturbed: " : " of " + turns(bench) + ": ";
        bench.progress().printf("\r  %-76s", "mempool, turn " + turn + which + what);
        bench.progress().flush();
    }
}
