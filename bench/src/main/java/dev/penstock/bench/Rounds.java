package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Rounds in which several are measured one shortly after the other, with the distance of the processors before, between and
 * after them. What differs from one to the other within a round is theirs, as long as the distance did not change and nobody
 * else computed on the same cores.
 */
final class Rounds {
    /** With fewer good rounds, or less than this part of all, others count too. */
    private static final int ENOUGH = 3;
    private static final int PART = 8;

    private static final long SLICE_MS = 120;
    /** So many times as many rounds are run, when too few of them are good ones. */
    private static final int MORE = 2;

    private final int measured;
    private final List<Round> all = new ArrayList<>();

    /**
     * One round.
     *
     * @param values of each that is measured
     * @param distances in ns, before the first and behind each
     * @param shared true when somebody else computed on one of the cores, see {@link Sibling}
     */
    record Round(double[] values, double[] distances, boolean shared) {
        private double least() {
            return Arrays.stream(distances).min().orElseThrow();
        }

        private double most() {
            return Arrays.stream(distances).max().orElseThrow();
        }

        private boolean isNear(double least) {
            return CoreDistance.same(least, most());
        }
    }

    /**
     * What one of them had, and the peer beside it.
     *
     * @param own its value
     * @param peer the value of the last of all in the same round
     */
    record Beside(Bench.Sample own, Bench.Sample peer) {}

    /** @param measured how many are measured in each round, the last of which is the peer of the others */
    Rounds(int measured) {
        this.measured = measured;
    }

    /**
     * Runs all of them round after round, a slice each.
     *
     * @param bench how it is run
     * @param all those that are measured, the peer last
     * @return what each had, in their order, with the peer beside it
     * @throws IOException when one ended
     * @throws InterruptedException when ended from outside
     */
    static List<Beside> run(Bench bench, List<? extends Contestant> all) throws IOException, InterruptedException {
        Rounds rounds = new Rounds(all.size());
        int least = (int) Math.max(ENOUGH, bench.seconds() * 1000L / SLICE_MS);
        for (int round = 0; round < least || round < MORE * least && rounds.best().size() < least; round++) {
            rounds.add(measure(bench, all, round));
        }
        bench.progress().printf("\r  %s:", rounds);
        List<Beside> values = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            double[] middle = rounds.middle(i);
            values.add(new Beside(sample(middle[0], all.get(i)), sample(middle[1], all.getLast())));
        }
        return values;
    }

    private static Bench.Sample sample(double value, Contestant contestant) {
        return new Bench.Sample(value, contestant.said(), contestant.frameBytes());
    }

    /** A slice of each, in an order that turns from round to round, with the distance before and behind each. */
    private static Round measure(Bench bench, List<? extends Contestant> all, int round) throws IOException, InterruptedException {
        int n = all.size();
        double[] rates = new double[n];
        double[] distances = new double[n + 1];
        boolean shared = bench.endedShared();
        distances[0] = CoreDistance.quickly(bench.firstCpu(), bench.lastCpu());
        for (int i = 0; i < n; i++) {
            int which = (i + round) % n;
            rates[which] = all.get(which).slice(SLICE_MS);
            shared |= bench.endedShared();
            distances[i + 1] = CoreDistance.quickly(bench.firstCpu(), bench.lastCpu());
        }
        return new Round(rates, distances, shared);
    }

    void add(Round round) {
        all.add(round);
    }

    /** @return those that nobody disturbed, and during which the processors were as near to each other as they ever were */
    List<Round> best() {
        return alone(near());
    }

    private static List<Round> alone(List<Round> rounds) {
        return rounds.stream().filter(r -> !r.shared).toList();
    }

    private List<Round> near() {
        double least = all.stream().mapToDouble(Round::least).min().orElse(0);
        return all.stream().filter(r -> r.isNear(least)).toList();
    }

    /** @return those during which the distance did not change */
    private List<Round> steady() {
        return all.stream().filter(r -> r.isNear(r.least())).toList();
    }

    /** @return those that count */
    private List<Round> chosen() {
        int enough = Math.max(ENOUGH, all.size() / PART);
        return Stream.of(best(), near(), alone(steady()), steady()).filter(rounds -> rounds.size() >= enough).findFirst().orElse(all);
    }

    /**
     * The round in the middle of those that count, by the ratio of one of them to the peer, which others on the machine move less than
     * the rates; the lesser of the two where two are in the middle. Of the peer itself, by its rate.
     *
     * @param which its number
     * @return its value and the peer's
     */
    double[] middle(int which) {
        int peer = measured - 1;
        List<Round> rounds = new ArrayList<>(chosen());
        rounds.sort(Comparator.comparingDouble(r -> which == peer ? r.values[peer] : r.values[which] / r.values[peer]));
        double[] values = rounds.get((rounds.size() - 1) / 2).values;
        return new double[] {values[which], values[peer]};
    }

    private static double median(List<Round> rounds, int which) {
        return Row.median(rounds.stream().mapToDouble(r -> r.values[which]).toArray());
    }

    @Override
    public String toString() {
        List<Round> counted = chosen();
        double least = counted.stream().mapToDouble(Round::least).min().orElse(0);
        double most = counted.stream().mapToDouble(Round::most).max().orElse(0);
        StringBuilder text = new StringBuilder(String.format("%d of %d rounds, %.0f to %.0f ns", counted.size(), all.size(), least, most));
        List<Round> others = steady().stream().filter(r -> !counted.contains(r)).toList();
        if (others.size() >= ENOUGH) {
            text.append(" (in ").append(others.size()).append(" others");
            for (int i = 0; i < measured; i++) {
                text.append(String.format(" %.2f", median(others, i)));
            }
            text.append(')');
        }
        return text.toString();
    }
}
