package dev.penstock.bench;

import dev.penstock.bench.Bench.Sample;
import dev.penstock.bench.report.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The runs of one row, turn by turn. Every row is made here, and none with a ratio of runs that differ in workload: what
 * both programs say that they ran must be the same in each run, and so the length of the frames where both count bytes.
 */
final class Turns {
    /** Bytes and packets are counted and read while packets flow, so that their quotient is not exact. */
    private static final double RACE = 0.002;

    private final List<Sample> ours = new ArrayList<>();
    private final List<Sample> theirs = new ArrayList<>();

    /**
     * Adds a run of ours.
     *
     * @param run what it measured and says that it ran
     */
    void ours(Sample run) {
        ours.add(run);
    }

    /**
     * Adds a run of the peer.
     *
     * @param run what it measured and says that it ran
     */
    void theirs(Sample run) {
        theirs.add(run);
    }

    /**
     * The same with fewer turns.
     *
     * @param runs of so many one behind the other each is the median; the last may have fewer
     * @return it
     */
    Turns medians(int runs) {
        Turns medians = new Turns();
        for (int i = 0; i < ours.size(); i += runs) {
            medians.ours(median(ours.subList(i, Math.min(ours.size(), i + runs))));
        }
        for (int i = 0; i < theirs.size(); i += runs) {
            medians.theirs(median(theirs.subList(i, Math.min(theirs.size(), i + runs))));
        }
        return medians;
    }

    private static Sample median(List<Sample> runs) {
        return runs.stream().sorted(Comparator.comparingDouble(Sample::value)).toList().get(runs.size() / 2);
    }

    /** @return true while there is none */
    boolean isEmpty() {
        return ours.isEmpty();
    }

    /** @return why there is no ratio, with both texts; empty when all ran the same, or when there is no peer */
    String refused() {
        if (theirs.isEmpty()) {
            return "";
        }
        List<Sample> all = new ArrayList<>(ours);
        all.addAll(theirs);
        long frame = 0;
        for (Sample now : all) {
            String said = all.getFirst().workload();
            if (now.workload().isBlank()) {
                return "no ratio, a run does not say what it ran";
            }
            if (!now.workload().equals(said)) {
                return "no ratio, the runs differ in workload: '" + said + "' and '" + now.workload() + "'";
            }
            if (frame > 0 && now.frameBytes() > 0 && Math.abs(now.frameBytes() - frame) > Math.max(1, frame * RACE)) {
                return "no ratio, the frames differ: " + frame + " and " + now.frameBytes() + " bytes";
            }
            frame = Math.max(frame, now.frameBytes());
        }
        return "";
    }

    /**
     * The row. Where the runs differ it has our values alone, and says why.
     *
     * @param suite the row's suite
     * @param name the row's name
     * @param unit the values' unit
     * @param higherIsBetter true for rates
     * @param peer who is compared with
     * @param workload the arguments of both sides
     * @return the row
     */
    Row row(String suite, String name, String unit, boolean higherIsBetter, String peer, String workload) {
        String refused = refused();
        return new Row(suite, name, unit, higherIsBetter, peer, workload, values(ours), refused.isEmpty() ? values(theirs) : new double[0],
                refused);
    }

    private static double[] values(List<Sample> runs) {
        return runs.stream().mapToDouble(Sample::value).toArray();
    }
}
