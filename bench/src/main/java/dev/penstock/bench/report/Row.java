package dev.penstock.bench.report;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * One comparison: the same workload, run in turn by Penstock and by a peer.
 *
 * @param suite the suite it belongs to
 * @param name what is measured
 * @param unit of the values, such as {@code Mpps} or {@code cycles}
 * @param higherIsBetter true for rates, false for costs
 * @param peer who is compared with
 * @param workload the arguments that both sides ran with, word for word
 * @param ours our values, one a repetition
 * @param theirs the peer's values, one a repetition; empty when the peer is not there, or ran something else
 * @param refused why there is no ratio although the peer is there; else empty
 */
public record Row(String suite, String name, String unit, boolean higherIsBetter, String peer, String workload,
        double[] ours, double[] theirs, String refused) {
    /**
     * More turns of the same row.
     *
     * @param more a row of the same suite and name
     * @return both; the new one alone when either is refused
     */
    public Row and(Row more) {
        if (!more.refused.isEmpty() || !refused.isEmpty()) {
            return more;
        }
        return new Row(suite, name, unit, higherIsBetter, peer, more.workload, joined(ours, more.ours), joined(theirs, more.theirs), "");
    }

    private static double[] joined(double[] first, double[] second) {
        return DoubleStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray();
    }

    /** @return the middle of our values */
    public double ourMedian() {
        return median(ours);
    }

    /** @return the middle of the peer's values, or NaN */
    public double theirMedian() {
        return median(theirs);
    }

    /** @return how many times better we are, repetition by repetition; above 1 is better */
    public double[] ratios() {
        double[] ratios = new double[Math.min(ours.length, theirs.length)];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = higherIsBetter ? ours[i] / theirs[i] : theirs[i] / ours[i];
        }
        return ratios;
    }

    /** @return the middle of the ratios, or NaN */
    public double ratio() {
        return median(ratios());
    }

    /** @return the smallest ratio, or NaN */
    public double ratioMin() {
        return Arrays.stream(ratios()).min().orElse(Double.NaN);
    }

    /** @return the largest ratio, or NaN */
    public double ratioMax() {
        return Arrays.stream(ratios()).max().orElse(Double.NaN);
    }

    /** @return (max - min) / median over both sides, the wider of the two: how much the runs disagreed */
    public double spread() {
        return Math.max(spread(ours), spread(theirs));
    }

    private static double spread(double[] values) {
        if (values.length < 2) {
            return 0;
        }
        double most = Arrays.stream(values).max().getAsDouble();
        // Where most runs have nothing at all, of the greatest.
        return (most - Arrays.stream(values).min().getAsDouble()) / (median(values) > 0 ? median(values) : Math.max(most, Double.MIN_NORMAL));
    }

    /**
     * The middle of some values.
     *
     * @param values the values, in any order
     * @return the middle one, or the mean of the two in the middle; NaN of none
     */
    public static double median(double[] values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
