package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.bench.report.Row;
import dev.penstock.bench.report.TextReport;
import dev.penstock.linux.Machine;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowTest {
    private static final Sibling QUIET = new Sibling(_ -> 0, 0);
    private static final Bench BENCH = new Bench(3, 1, "0,1", Path.of("x"), new PrintStream(OutputStream.nullOutputStream()), true, "", null, row -> { },
            new ArrayList<>(), QUIET);

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
    void shouldTakeTheMedianOfSomeRunsAsATurn() throws Exception {
        int[] run = new int[2];
        double[] ours = {9, 1, 3, 5, 2, 8, 4, 4, 4};
        double[] distances = {1, 1, 1, 1, 5, 5};
        Row row = BENCH.table("ring", "cycles", false, "DPDK", "w", () -> Map.of("a", new Bench.Sample(ours[run[0]++], "a")),
                () -> Map.of("a", new Bench.Sample(12, "a")), 3, () -> 1).getFirst();
        assertArrayEquals(new double[] {4, 2.4, 3}, row.ratios());
        run[0] = 0;
        // the second run of each side, while the processors moved apart, does not count
        row = BENCH.only("a").table("ring", "cycles", false, "DPDK", "w", () -> Map.of("a", new Bench.Sample(ours[run[0]++ % 9], "a")),
                () -> Map.of("a", new Bench.Sample(12, "a")), 1, () -> distances[Math.min(5, run[1]++)]).getFirst();
        assertArrayEquals(new double[] {12.0 / 9, 4, 2.4}, row.ratios());
    }

    @Test
    void shouldKeepTheTurnsBeforeOneThatWasEnded() {
        List<Row> done = new ArrayList<>();
        Bench bench = new Bench(3, 1, "0,1", Path.of("x"), new PrintStream(OutputStream.nullOutputStream()), true, "", null, done::add,
                new ArrayList<>(), QUIET);
        int[] runs = new int[2];
        assertThrows(InterruptedException.class, () -> bench.compare("forward", "io", "Mpps", true, "w", () -> new Bench.Sample(2, "a"),
                () -> endedIn(3, ++runs[0])));
        assertThrows(InterruptedException.class, () -> bench.table("ring", "cycles", false, "DPDK", "w",
                () -> Map.of("a", new Bench.Sample(2, "a")), () -> Map.of("a", endedIn(3, ++runs[1]))));
        assertThrows(InterruptedException.class, () -> bench.compare("forward", "csum", "Mpps", true, "w", () -> endedIn(1, 1), null));
        assertEquals(List.of("io", "a"), done.stream().map(Row::name).toList());
        done.forEach(row -> assertEquals(2, row.ratios().length));
    }

    private static Bench.Sample endedIn(int last, int run) throws InterruptedException {
        if (run == last) {
            throw new InterruptedException();
        }
        return new Bench.Sample(1, "a");
    }

    @Test
    void shouldCompareWhatRanAlike() throws Exception {
        assertEquals(2, BENCH.compare("forward", "io", "Mpps", true, "w", () -> new Bench.Sample(2, "a"),
                () -> new Bench.Sample(1, "a")).ratio());
    }

    @Test
    void shouldTellProcessorsOfOneNameApart(@TempDir Path root) throws IOException {
        String zen = "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 1\nmodel name\t: AMD EPYC\nflags\t\t: fpu sse2 avx2%s\n\n"
                + "processor\t: 1\nmodel name\t: another\n";
        assertEquals("AMD EPYC, family 25, avx2", processor(root, zen.formatted("")));
        assertEquals("AMD EPYC, family 25, avx512f", processor(root, zen.formatted(" avx512f")));
        assertEquals("processor 0xd40 of 0x41, sve",
                processor(root, "processor\t: 0\nFeatures\t: fp asimd sve\nCPU implementer\t: 0x41\nCPU part\t: 0xd40\n"));
        assertEquals("unknown processor", processor(root, ""));
    }

    private static String processor(Path root, String cpuinfo) throws IOException {
        Files.writeString(Files.createDirectories(root.resolve("proc")).resolve("cpuinfo"), cpuinfo);
        return Setting.processor(Machine.at(root));
    }

    @Test
    void shouldReadStolenTimeAndThatOfOtherPrograms() {
        assertArrayEquals(new long[] {8, 36, 6}, Noise.ticks("cpu  1 2 3 4 5 6 7 8 9 10"));
        assertEquals(14 + 15 + 16 + 17, Noise.own("1 (a b) c) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19"));
        assertTrue(Noise.text(0.02, 0, 0, QUIET).startsWith("machine too noisy"));
        assertTrue(Noise.text(0, 0.05, 0, QUIET).startsWith("machine too noisy"));
        assertTrue(Noise.text(0, 0, -0.06, QUIET).startsWith("machine too noisy"));
        assertTrue(Noise.text(0, 0.01, 0.01, QUIET).startsWith("machine quiet"));
    }
}
