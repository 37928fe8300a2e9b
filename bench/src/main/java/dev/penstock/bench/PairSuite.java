package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Two testpmds that pass packets through shared memory, each on a core of its own, in all four combinations of ours and
 * DPDK's. Each combination is compared with DPDK's on both sides, of the same turn.
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
        return configurations * 4 * bench.repetitions() * (Pair.OVERHEAD_SECONDS + bench.seconds());
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
        for (int turn = 0; turn < bench.repetitions(); turn++) {
            Bench.Sample[] values = new Bench.Sample[wanted.size()];
            double[] distances = new double[wanted.size()];
            for (int i = 0; i < wanted.size(); i++) {
                Combination who = wanted.get(i);
                bench.progress().printf("\r  %-50s %d of %d", row(ring, way, who, frame), turn + 1, bench.repetitions());
                bench.progress().flush();
                distances[i] = CoreDistance.roundTripNs(bench.firstCpu(), bench.lastCpu());
                values[i] = new Pair(bench, who.server, who.client, ring.device, way, frame).run();
            }
            bench.progress().printf("\r  turn %d:", turn + 1);
            for (int i = 0; i < wanted.size(); i++) {
                bench.progress().printf(" %s %.2f (%.0f ns)", wanted.get(i).word, values[i].value(), distances[i]);
                turns.get(i).ours(values[i]);
                if (peer) {
                    turns.get(i).theirs(values[wanted.size() - 1]);
                }
            }
            bench.progress().println();
        }
        bench.progress().printf("\r%70s\r", "");
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.get(i) != Combination.THEIRS_BOTH) {
                rows.add(turns.get(i).row(name(), row(ring, way, wanted.get(i), frame), "Mpps", true, "DPDK-DPDK",
                        Pair.workload(ring.device, way, frame)));
                bench.done().accept(rows.getLast());
            }
        }
    }
}
