package dev.penstock.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaselineTest {
    private static Row row(String workload, boolean higherIsBetter, double[] ours, double... theirs) {
        return new Row("forward", "io", "Mpps", higherIsBetter, "DPDK", workload, ours, theirs, "");
    }

    @Test
    void shouldShowOnlyLossesBeyondTheNoise(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("baseline.json");
        double[] peer = {10, 10, 10, 10, 10};
        Baseline.save(file, "here", List.of(row("w", true, new double[] {20, 20.5, 21, 21.5, 22}, peer)));
        Baseline kept = Baseline.read(file, "here");
        assertEquals(List.of(), kept.losses(List.of(row("w", true, new double[] {19, 19.5, 20.2, 21.3, 22}, peer))), "as before");
        assertEquals(List.of(), kept.losses(List.of(row("w", true, new double[] {20, 20, 20, 20, 20}, peer))), "lower, by little");
        assertEquals(List.of("forward: io: 1.85x (1.80..1.90), was 2.10x (2.00..2.20), 12 % lost"),
                kept.losses(List.of(row("w", true, new double[] {18, 18.2, 18.5, 18.8, 19}, peer))));
        Row lucky = row("w", true, new double[] {18, 18.2, 18.5, 18.8, 21.2}, peer);
        assertEquals(List.of(lucky), kept.doubtful(List.of(lucky)), "one lucky turn: to be run again");
        assertEquals(1, kept.losses(List.of(lucky.and(row("w", true, new double[] {18, 18.2, 18.5, 18.8, 19}, peer)))).size(), "which shows the loss");
        assertTrue(kept.losses(List.of(row("other", true, new double[] {1}, 10))).getFirst().contains("not compared"));
    }

    @Test
    void shouldKeepTheRatiosOfEachMachineApart(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("baseline.json");
        double[] peer = {10, 10, 10, 10, 10};
        Baseline.save(file, "here", List.of(row("w", true, new double[] {20, 20.5, 21, 21.5, 22}, peer)));
        Baseline.save(file, "there", List.of(row("w", true, new double[] {30, 30.5, 31, 31.5, 32}, peer)));
        Row now = row("w", true, new double[] {20, 20.5, 21, 21.5, 22}, peer);
        assertEquals(Set.of("here", "there"), Baseline.machines(file));
        assertEquals(List.of(), Baseline.read(file, "here").losses(List.of(now)));
        assertEquals(1, Baseline.read(file, "there").losses(List.of(now)).size());
        assertEquals(0, Baseline.read(file, "elsewhere").compared(List.of(now)).count());
    }

    @Test
    void shouldCountOutHowLikelyAnOrderIs() {
        double[] then = {6, 7, 8, 9, 10};
        assertEquals(1.0 / 252, Baseline.chance(then, new double[] {1, 2, 3, 4, 5}), 1e-12);
        assertEquals(4.0 / 252, Baseline.chance(then, new double[] {1, 2, 3, 4, 7.5}), 1e-12, "two pairs: four of 252 orders");
        assertEquals(1, Baseline.chance(then, new double[] {11, 12, 13, 14, 15}), 1e-12);
        assertEquals(1.0 / 4, Baseline.chance(new double[] {2}, new double[] {1, 1.5, 1.7}), 1e-12);
    }

    /** What it says it would see, it sees; and of what did not change it calls few lost. */
    @Test
    void shouldSeeATenthLostAndLittleElse() {
        SplittableRandom random = new SplittableRandom(7);
        int seen = 0;
        int falsely = 0;
        for (int i = 0; i < 1000; i++) {
            Baseline.Kept then = new Baseline.Kept("w", turns(random, 1));
            seen += then.verdict(turns(random, 0.9)) == Baseline.Verdict.LOST ? 1 : 0;
            falsely += then.verdict(turns(random, 1)) == Baseline.Verdict.LOST ? 1 : 0;
            assertFalse(then.wouldSee(0.04, turns(random, 1)), "less than what counts");
        }
        assertTrue(seen > 950 && falsely < 20, seen + " of 1000 losses seen, " + falsely + " seen that were none");
        assertFalse(new Baseline.Kept("w", new double[] {0.5, 2, 1, 3, 1.5}).wouldSee(0.1, new double[] {0.6, 2, 1, 3, 1.5}));
    }

    /** The same code, which a busy machine held up in seven turns of nine. */
    @Test
    void shouldNotTakeABusyMachineForALoss() {
        double[] then = {1.24, 1.168, 1.208, 1.282, 1.229, 1.161, 1.167, 1.113, 1.132, 1.149};
        double[] now = {0.88, 0.95, 1.04, 1.07, 1.1, 1.1, 1.1, 1.22, 1.28};
        assertTrue(Baseline.chance(then, now) <= Baseline.CHANCE, "the order alone would have said so");
        assertEquals(Baseline.Verdict.DOUBTFUL, new Baseline.Kept("w", then).verdict(now));
        double[] slower = Arrays.stream(then).limit(9).map(ratio -> 0.92 * ratio).toArray();
        assertEquals(Baseline.Verdict.LOST, new Baseline.Kept("w", then).verdict(slower), "a small loss in all turns");
    }

    private static double[] turns(SplittableRandom random, double ratio) {
        return random.doubles(5).map(d -> ratio * (1 + 0.08 * (d - 0.5))).toArray();
    }
}
