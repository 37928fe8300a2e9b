package dev.penstock.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.bench.Bench;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
    @TempDir
    private Path folder;

    private static Row row(String suite, String name, String unit, double ours, double theirs) {
        return new Row(suite, name, unit, !unit.equals("us"), "DPDK", "w </script><b>", new double[] {ours, ours}, new double[] {theirs, theirs}, "");
    }

    private Path page() throws IOException {
        List<Row> rows = Stream.of(64, 512, 1518).flatMap(n -> Stream.of(row("forward", "macswap on pcap, " + n + " B", "Mpps", n, 50),
                row("latency", "af_packet, p" + (n == 64 ? "50" : n == 512 ? "99" : "99.9"), "us", n, 60))).collect(Collectors.toList());
        rows.add(row("forward", "io on null", "Mpps", 20, 10));
        rows.add(row("rates", "nothing passed", "Mpps", 0, 0));
        Path page = folder.resolve("page.html");
        HtmlReport.write(page, new Result(Map.of("machine", "m"), 3e9, rows,
                List.of(new Curve("warmup: first second", "Mpps", List.of("0", "10"), Map.of("cold", new double[] {0, 2}), false))));
        return page;
    }

    @Test
    void shouldHoldEverythingInOneFile() throws IOException {
        String text = Files.readString(page());
        String own = text.replaceAll("(?s)<script>/\\*!.*?</script>", "");
        assertTrue(own.length() < text.length() / 2, "the chart library is in the page");
        assertFalse(own.matches("(?is).*(src\\s*=|<link|@import|url\\(|https?://|fetch\\(|import\\().*"), "the page asks for something outside");
        assertFalse(text.contains("/*CHART*/") || text.contains("/*DATA*/"));
        assertFalse(text.contains("w </script>"), "data ends no script");
        assertFalse(text.contains("sourceMappingURL"));
    }

    @Test
    void shouldDrawItsChartsInABrowser() throws IOException, InterruptedException {
        Path browser = Bench.find("chromium");
        Assumptions.assumeTrue(browser != null, "SKIPPED: no chromium here; apt-get install chromium");
        Path out = folder.resolve("dom.html");
        Process process = new ProcessBuilder(browser.toString(), "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + folder
                .resolve("profile"), "--virtual-time-budget=3000", "--dump-dom", "file://" + page()).redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the browser did not end");
        } finally {
            process.destroyForcibly().waitFor();
        }
        String dom = Files.readString(out);
        assertEquals(4, dom.split("<canvas[^>]*width=\"[1-9]", -1).length - 1, "ratios, a curve against frame size, latency percentiles, the first second");
        assertEquals(7, dom.split("<td class=\"(?:ahead|behind)\"", -1).length - 1);
    }
}
