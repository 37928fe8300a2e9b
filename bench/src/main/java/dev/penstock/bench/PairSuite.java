package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Two testpmds that pass packets through shared memory, each on a core of its own, in all four combinations of ours and
 * DPDK's. Each combination is compared with DPDK's on both sides.
 *
 * <p>Where a hypervisor moves the two processors to and from each other the rate of every pair changes several times over
 * within seconds. So the pairs of a turn are all there at once and run one after the other for moments, round after round,
 * and only rounds count during which the processors stood as near to each other as in any of the turn and nobody else computed
 * on the same cores, when there are enough of them.
 */
abstract class PairSuite implements Suite {
    private static final List<Integer> FRAMES = List.of(64, 1518);

    /** Who listens and who connects. */
    private enum Combination {
        OURS_BOTH("ours-ours", true, true), OUR_SERVER("ours-theirs", true, false), OUR_CLIENT("theirs-ours", false, true),
        THEIRS_BOTH("theirs-theirs", false, false);

        final String word;
        final boolean server;
        final boolean client;

        Combination(String word, boolean server, boolean client) {
            this.word = word;
            this.server = server;
            this.client = client;
        }
    }

    /** A kind of ring, as rows name it, with the device arguments of the two sides on a socket. */
    record Ring(String word, BiFunction<Path, Boolean, String> device) {}

    abstract List<Ring> rings();

    /** @return as rows name the side that connects */
    abstract String client();

    /** @return as rows name the side that listens */
    abstract String server();

    @Override
    public int seconds(Bench bench) {
        int configurations = rings().size() * 3 * (bench.quick() ? 1 : 2);
        return configurations * 4 * bench.repetitions() * (Pair.START_SECONDS + 2 * bench.seconds());
    }

    @Override
    public List<String> rowNames(Bench bench) {
        List<String> rows = new ArrayList<>();
        for (int frame : frames(bench)) {
            for (Ring ring : rings()) {
                for (Pair.Way way : Pair.Way.values()) {
                    for (Combination who : Combination.values()) {
                        if (who != Combination.THEIRS_BOTH) {
                            rows.add(row(ring, way, who, frame));
                        }
                    }
                }
            }
        }
        return rows;
    }

    private static List<Integer> frames(Bench bench) {
        return bench.quick() ? FRAMES.subList(0, 1) : FRAMES;
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (int frame : frames(bench)) {
            for (Ring ring : rings()) {
                for (Pair.Way way : Pair.Way.values()) {
                    compare(bench, rows, ring, way, frame);
                }
            }
        }
        return rows;
    }

    private String row(Ring ring, Pair.Way way, Combination who, int frame) {
        String direction = switch (way) {
            case TO_CLIENT -> "to " + client();
            case TO_SERVER -> "to " + server();
            case LOOP -> "io loop";
        };
        return ring.word + direction + ", " + who.word + ", " + frame + " B";
    }

    private void compare(Bench bench, List<Row> rows, Ring ring, Pair.Way way, int frame) throws IOException, InterruptedException {
        boolean peer = Bench.find("dpdk-testpmd") != null;
        List<Combination> wanted = new ArrayList<>();
        for (Combination who : Combination.values()) {
            if (who == Combination.THEIRS_BOTH ? peer && !wanted.isEmpty()
                    : (peer || who == Combination.OURS_BOTH) && bench.wants(row(ring, way, who, frame))) {
                wanted.add(who);
            }
        }
        if (wanted.isEmpty()) {
            return;
        }
        List<Turns> turns = new ArrayList<>();
        wanted.forEach(_ -> turns.add(new Turns()));
        try {
            for (int turn = 0; turn < bench.repetitions(); turn++) {
                bench.progress().printf("\r  %-50s %d of %d", row(ring, way, wanted.getFirst(), frame), turn + 1, bench.repetitions());
                bench.progress().flush();
                List<Rounds.Beside> values = turn(bench, wanted, ring, way, frame);
                for (int i = 0; i < wanted.size(); i++) {
                    bench.progress().printf(" %s %.2f", wanted.get(i).word, values.get(i).own().value());
                    turns.get(i).ours(values.get(i).own());
                    if (peer) {
                        turns.get(i).theirs(values.get(i).peer());
                    }
                }
                bench.progress().println();
            }
        } finally {
            // also the turns that were whole before something ended them
            bench.progress().printf("\r%70s\r", "");
            for (int i = 0; i < wanted.size(); i++) {
                if (wanted.get(i) != Combination.THEIRS_BOTH && !turns.get(i).isEmpty()) {
                    rows.add(turns.get(i).row(name(), row(ring, way, wanted.get(i), frame), "Mpps", true, "DPDK-DPDK",
                            Pair.workload(ring.device, way, frame)));
                    bench.done().accept(rows.getLast());
                }
            }
        }
    }

    /** All pairs side by side, one running at a time. */
    private static List<Rounds.Beside> turn(Bench bench, List<Combination> wanted, Ring ring, Pair.Way way, int frame)
            throws IOException, InterruptedException {
        List<Contestant> pairs = new ArrayList<>();
        try {
            for (Combination who : wanted) {
                pairs.add(new Pair(bench, who.server, who.client, ring.device, way, frame));
            }
            return Rounds.run(bench, pairs);
        } finally {
            for (Contestant pair : pairs) {
                pair.close();
            }
        }
    }
}
