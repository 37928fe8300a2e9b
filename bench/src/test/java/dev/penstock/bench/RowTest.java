package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowTest {
    private static final Bench BENCH = new Bench(3, 1, "0,1", Path.of("x"), new PrintStream(OutputStream.nullOutputStream()), true, "", null, row -> { },
            new ArrayList<>());

    private static Row row(String workload, boolean higherIsBetter, double[] ours, double... theirs) {
        return new Row("forward", "io", "Mpps", higherIsBetter, "DPDK", workload, ours, theirs, "");
    }

    @Test
    void shouldTakeTheMedianOfRatiosTurnByTurn() {
        Row rate = row("w", true, new double[] {4, 9, 2}, 2, 3, 2);
        assertArrayEquals(new double[] {2, 3, 1}, rate.ratios());
        assertEquals(2, rate.ratio());
        assertEquals(1, rate.ratioMin());
        assertEquals(3, rate.ratioMax());
        assertEquals(7.0 / 4, rate.spread());
        assertEquals(0.5, row("w", false, new double[] {4}, 2).ratio());
        assertTrue(Double.isNaN(row("w", true, new double[] {4}).ratio()));
    }

    @Test
    void shouldRefuseARatioOfDifferentWorkloads() throws Exception {
        Row row = BENCH.compare("forward", "io", "Mpps", true, "w", () -> new Bench.Sample(2, "burst=32"), () -> new Bench.Sample(1, "burst=64"));
        assertTrue(row.refused().contains("burst=32") && row.refused().contains("burst=64"), row.refused());
        assertTrue(Double.isNaN(row.ratio()) && row.theirs().length == 0);
        assertTrue(TextReport.line(row, 3e9).contains("differs") && TextReport.line(row, 3e9).contains("burst=64"), TextReport.line(row, 3e9));
        assertTrue(BENCH.compare("forward", "io", "Mpps", true, "w", () -> new Bench.Sample(2, ""), () -> new Bench.Sample(1, ""))
                .refused().contains("does not say"));
        assertEquals("", BENCH.compare("forward", "io", "Mpps", true, "w", () -> new Bench.Sample(2, ""), null).refused());
    }

    @Test
    void shouldRefuseARatioOfDifferentWorkloadsRowByRow() throws Exception {
        Map<String, Bench.Sample> ours = Map.of("a", new Bench.Sample(6, "8 objects"), "b", new Bench.Sample(4, "8 objects"));
        Map<String, Bench.Sample> theirs = Map.of("a", new Bench.Sample(2, "8 objects"), "b", new Bench.Sample(2, "9 objects"), "c",
                new Bench.Sample(1, "8 objects"));
        List<Row> rows = BENCH.table("ring", "Mpps", true, "DPDK", "w", () -> ours, () -> theirs);
        assertEquals(2, rows.size());
        for (Row row : rows) {
            assertEquals(row.name().equals("a") ? 3 : Double.NaN, row.ratio());
            assertEquals(row.name().equals("b"), row.refused().contains("'8 objects' and '9 objects'"), row.refused());
        }
    }

    @Test
    void shouldRefuseARatioOfDifferentFrames() throws Exception {
        Row row = BENCH.compare("forward", "io", "Mpps", true, "w", () -> new Bench.Sample(2, "a", 60), () -> new Bench.Sample(1, "a", 1514));
        assertTrue(row.refused().contains("60 and 1514 bytes") && row.theirs().length == 0, row.refused());
        // net_null of DPDK counts no bytes.
        assertEquals(2, BENCH.compare("forward", "io", "Mpps", true, "w", () -> new Bench.Sample(2, "a", 60),
                () -> new Bench.Sample(1, "a")).ratio());
    }

    @Test
    void shouldCompareWhatRanAlike() throws Exception {
        assertEquals(2, BENCH.compare("forward", "io", "Mpps", true, "w", () -> new Bench.Sample(2, "a"),
                () -> new Bench.Sample(1, "a")).ratio());
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
    void shouldTellProcessorsOfOneNameApart() {
        String zen = "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 1\nmodel name\t: AMD EPYC\nflags\t\t: fpu sse2 avx2%s\n\n"
                + "processor\t: 1\nmodel name\t: another\n";
        assertEquals("AMD EPYC, family 25, avx2", Setting.processor(zen.formatted("")));
        assertEquals("AMD EPYC, family 25, avx512f", Setting.processor(zen.formatted(" avx512f")));
        assertEquals("processor 0xd40 of 0x41, sve",
                Setting.processor("processor\t: 0\nFeatures\t: fp asimd sve\nCPU implementer\t: 0x41\nCPU part\t: 0xd40\n"));
        assertEquals("unknown processor", Setting.processor(""));
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

    @Test
    void shouldReadStolenTimeAndThatOfOtherPrograms() {
        assertArrayEquals(new long[] {8, 36, 6}, Noise.ticks("cpu  1 2 3 4 5 6 7 8 9 10"));
        assertEquals(14 + 15 + 16 + 17, Noise.own("1 (a b) c) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19"));
        assertTrue(Noise.text(0.02, 0, 0).startsWith("machine too noisy"));
        assertTrue(Noise.text(0, 0.05, 0).startsWith("machine too noisy"));
        assertTrue(Noise.text(0, 0, -0.06).startsWith("machine too noisy"));
        assertTrue(Noise.text(0, 0.01, 0.01).startsWith("machine quiet"));
    }
}
