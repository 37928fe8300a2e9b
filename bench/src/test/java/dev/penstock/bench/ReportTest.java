package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.penstock.bench.report.Baseline;
import dev.penstock.bench.report.Curve;
import dev.penstock.bench.report.MarkdownReport;
import dev.penstock.bench.report.Result;
import dev.penstock.bench.report.Row;
import dev.penstock.bench.report.SvgReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results in pieces, and what documents show of them. */
class ReportTest {
    @TempDir
    private Path folder;

    private static Row row(String name, double ours, double theirs) {
        return new Row("forward", name, "Mpps", true, "DPDK", "w", new double[] {ours, ours, ours}, new double[] {theirs, theirs, theirs}, "");
    }

    private Path piece(String name, String commit, Row... rows) throws IOException {
        Map<String, String> setting = new LinkedHashMap<>(Map.of("machine", "m", "commit", commit, "command", name, "noise", "machine quiet"));
        return Files.writeString(folder.resolve(name), JSON.std.asString(new Result(setting, 3e9, List.of(rows),
                List.of(new Curve("warmup: " + name, "Mpps", List.of("0", "10"), Map.of("cold", new double[] {0, Double.NaN}), false))).toMap()));
    }

    @Test
    void shouldPutPiecesOfOneResultTogether() throws IOException {
        Path a = piece("a", "1", row("io", 20, 10), row("csum", 9, 10));
        Path b = piece("b", "1", row("csum", 12, 10));
        Result whole = Result.read(List.of(a, b));
        assertEquals(List.of("io", "csum"), whole.rows().stream().map(Row::name).toList());
        assertEquals(1.2, whole.rows().getLast().ratio(), 1e-9);
        assertArrayEquals(new double[] {20, 20, 20}, whole.rows().getFirst().ours());
        assertEquals("a; b", whole.setting().get("command"));
        assertEquals(3e9, whole.cyclesPerSecond());
        assertEquals(List.of("warmup: a", "warmup: b"), whole.curves().stream().map(Curve::name).toList());
        assertArrayEquals(new double[] {0, Double.NaN}, whole.curves().getFirst().lines().get("cold"));
        assertEquals(List.of("io"), whole.only("forward: io").rows().stream().map(Row::name).toList());
    }

    @Test
    void shouldRefusePiecesOfDifferentPrograms() throws IOException {
        Path a = piece("a", "1", row("io", 20, 10));
        Path b = piece("b", "2", row("csum", 9, 10));
        Exception e = assertThrows(IllegalArgumentException.class, () -> Result.read(List.of(a, b)));
        assertEquals(b + " can't be put together with " + a + ": made with another commit, '2' and not '1'", BenchCommand.said(e));
    }

    @Test
    void shouldSayInOneLineThatAFileIsNoResult() throws IOException {
        for (String text : List.of("", "{", "{}", "[]", "{\"cyclesPerSecond\":1}", "{\"cyclesPerSecond\":1,\"rows\":[{}]}")) {
            Path file = Files.writeString(folder.resolve("broken"), text);
            Exception e = assertThrows(Exception.class, () -> Result.read(List.of(file)), text);
            assertEquals(file + ": is no result that --json wrote", BenchCommand.said(e), text);
        }
        Exception e = assertThrows(IOException.class, () -> Result.read(List.of(folder.resolve("gone"))));
        assertEquals("there is no file " + folder.resolve("gone"), BenchCommand.said(e));
    }

    @Test
    void shouldNameTheFileThatCantBeRead() throws IOException {
        String expected = folder + ": can't be read: Is a directory";
        assertEquals(expected, BenchCommand.said(assertThrows(IOException.class, () -> Result.read(List.of(folder)))));
        assertEquals(expected, BenchCommand.said(assertThrows(IOException.class, () -> Baseline.machines(folder))));
        Path file = Files.writeString(folder.resolve("text"), "no JSON");
        assertEquals(file + ": is no baseline that --save wrote",
                BenchCommand.said(assertThrows(IllegalArgumentException.class, () -> Baseline.machines(file))));
    }

    @Test
    void shouldWriteTablesBetweenTheLinesOfADocument() throws IOException {
        Result result = Result.read(List.of(piece("a", "1", row("io", 200, 10), row("csum", 9, 10))));
        Path file = Files.writeString(folder.resolve("R.md"), "x\n<!-- bench forward: cs -->\nold\n<!-- /bench -->\ny\n");
        MarkdownReport.write(file, result);
        MarkdownReport.write(file, result);
        String text = Files.readString(file);
        assertTrue(text.startsWith("x\n<!-- bench forward: cs -->\n| |") && text.endsWith("<!-- /bench -->\ny\n"), text);
        assertTrue(text.contains("| forward: csum | 9.00 | 10.0 | Mpps | 0.90x, **behind** | 0.90..0.90 |"), text);
        assertFalse(text.contains("old") || text.contains("forward: io"), text);
        assertTrue(text.contains("commit 1") && text.contains("`a`"), text);
        Path bare = Files.writeString(folder.resolve("bare.md"), "x");
        assertThrows(IOException.class, () -> MarkdownReport.write(bare, result));
    }

    @Test
    void shouldPutWhatDiffersInOnePartOfTheNameSideBySide() throws IOException {
        Result result = Result.read(List.of(piece("a", "1", row("io, 64 B", 20, 10), row("io, 1518 B", 9, 10), row("csum, 64 B", 120, 10),
                new Row("forward", "csum, 1518 B", "Mpps", true, "DPDK", "w", new double[] {7}, new double[0], ""), row("rx, 512 B", 1, 1), row("tx", 1, 1),
                new Row("forward", "rx, 64 B", "Mpps", true, "Snabb", "w", new double[] {3}, new double[] {2}, ""),
                new Row("forward", "tx, 64 B", "Mpps", true, "DPDK", "w", new double[] {3}, new double[0], "another workload"))));
        String block = "<!-- bench forward: \\w+((?<column>, \\d+ B)|$) -->\n<!-- /bench -->\n";
        Path file = Files.writeString(folder.resolve("x.md"), block + "and\n" + block);
        MarkdownReport.write(file, result);
        String text = Files.readString(file);
        String table = """
                | | 64 B | 1518 B | 512 B |  |
                |---|---|---|---|---|
                | forward: io | 20.0, 10.0: 2.00x (2.00..2.00) | 9.00, 10.0: **0.90x** (0.90..0.90) |  |  |
                | forward: csum | 120, 10.0: 12.00x (12.00..12.00) | 7.00 |  |  |
                | forward: rx | 3.00, 2.00 (Snabb): 1.50x |  | 1.00, 1.00: 1.00x (1.00..1.00) |  |
                | forward: tx | 3.00, differs |  |  | 1.00, 1.00: 1.00x (1.00..1.00) |

                """;
        assertEquals(3, text.split(Pattern.quote(table), -1).length, text);
        assertEquals(2, text.split("commit 1", -1).length, "what it was made with, once: " + text);
        assertTrue(text.indexOf("commit 1") > text.lastIndexOf(table), text);
    }

    @Test
    void shouldDrawBarsAndCurves() throws IOException {
        Row[] rows = IntStream.of(64, 128, 1518).mapToObj(n -> row("macswap on pcap, " + n + " B", n, 50)).toArray(Row[]::new);
        Result curve = Result.read(List.of(piece("a", "1", rows), piece("b", "1", row("io <null>", 20, 10))));
        Path svg = folder.resolve("p.svg");
        SvgReport.write(svg, curve);
        String text = Files.readString(svg);
        assertEquals(4, text.split("<polyline", -1).length - 1, "a line for each side, and two of what was measured over time");
        assertTrue(text.contains("2.00x") && text.contains("io &lt;null>"), text);
    }
}
