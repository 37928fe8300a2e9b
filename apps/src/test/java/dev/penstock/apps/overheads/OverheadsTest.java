package dev.penstock.apps.overheads;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.penstock.testkit.Command;
import dev.penstock.testkit.Frames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class OverheadsTest {
    private static final List<String> INTERRUPTS = List.of(
            "            CPU0       CPU2       ",
            "  1:          9         20   IO-APIC   1-edge      i8042",
            "LOC:        100        300   Local timer interrupts",
            "ERR:          7",
            "MIS:          0");

    @Test
    void shouldAddOneProcessorsColumnWhateverTheNumbersOfProcessorsAre() {
        assertEquals(116, KernelCounts.sum(INTERRUPTS, 0));
        assertEquals(320, KernelCounts.sum(INTERRUPTS, 2));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> KernelCounts.sum(INTERRUPTS, 1)).getMessage().contains("1"));
    }

    @Test
    void shouldReadAProcessorsTime() {
        List<String> stat = List.of("cpu  9 9 9 9 9 9 9 9 0 0", "cpu1 1 2 3 4 5 6 7 8 0 0", "cpu10 0 0 0 0 0 0 0 0 0 0");
        assertArrayEquals(new long[] {0, 1, 2, 3, 4, 5, 6, 7}, KernelCounts.time(stat, 1));
        assertThrows(IllegalArgumentException.class, () -> KernelCounts.time(stat, 0));
    }

    @Test
    void shouldSplitCyclesAsTheKernelSplitsTime() {
        Phase p = new Phase(1000, 1, new KernelCounts(5, 6, 7, 0, 10, 20, 0, 30, 40), 0, -1, 60_000);
        assertEquals(60, p.cyclesPerPacket());
        assertEquals(30, p.cyclesIn(p.kernel().softirq()));
        assertEquals(0.6, p.busy());
        assertEquals(7, p.perThousand(p.kernel().switches()));
    }

    @Test
    void shouldTakeOffWhatOtherProgramsUsed() {
        KernelCounts own = new KernelCounts(0, 0, 0, 400_000_000, 70, 10, 0, 20, 0).ofThread();
        assertEquals(30, own.user());
        assertEquals(60, own.busy());
        assertEquals(40, own.idle());
    }

    @Test
    void shouldWriteProcessorsAsTheKernelReadsThem() {
        assertEquals("1", Wire.mask(0));
        assertEquals("80000000", Wire.mask(31));
        assertEquals("2,00000000,00000000", Wire.mask(65));
    }

    @Test
    void shouldMakeFramesThatEveryStackTakes() throws Exception {
        byte[] frame = Frame.of(new byte[6], new byte[6]);
        assertEquals(0, Frames.checksum(Arrays.copyOfRange(frame, 14, 34)));
        assertEquals(Frame.BYTES, frame.length);
    }

    @Test
    void shouldNameTheWaysWhenOneIsUnknown() {
        String message = assertThrows(IllegalArgumentException.class, () -> Method.of("dpdk")).getMessage();
        assertTrue(message.contains("dpdk") && message.contains("xdp-polled"), message);
    }

    @Test
    @Tag("root")
    @EnabledIf("dev.penstock.testkit.Root#here")
    @SuppressWarnings("unchecked")
    void shouldFindFewerCallsOnEachStepAwayFromSockets(@TempDir Path folder) throws Exception {
        Path json = folder.resolve("result.json");
        Path html = folder.resolve("result.html");
        assertEquals(0, new CommandLine(new OverheadsCommand()).execute("--quick", "--rate", "0,2000", "--json", json.toString(),
                "--html", html.toString(), "blocking", "batch", "xdp-polled"));
        Map<String, Map<String, Object>> rows = new HashMap<>();
        for (Object row : (List<?>) JSON.std.mapFrom(Files.readString(json)).get("rows")) {
            rows.put((String) ((Map<String, Object>) row).get("way"), (Map<String, Object>) row);
        }
        assertEquals(3, rows.size());
        double blocking = calls(rows.get("blocking"), "fullLoad");
        double batch = calls(rows.get("batch"), "fullLoad");
        double polled = calls(rows.get("xdp-polled"), "fullLoad");
        assertTrue(blocking > 1500 && batch < blocking / 2 && polled < blocking / 2, blocking + ", " + batch + ", " + polled);
        for (Map<String, Object> row : rows.values()) {
            List<Map<String, Object>> paced = (List<Map<String, Object>>) row.get("paced");
            assertEquals(List.of(0, 2000, "full"), paced.stream().map(p -> p.get("rate")).toList());
            for (Map<String, Object> pace : paced.subList(1, 3)) {
                Map<String, Object> us = (Map<String, Object>) pace.get("roundTripMicroseconds");
                assertTrue((double) us.get("p50") > 0 && (double) us.get("p50") <= (double) us.get("p100"), us.toString());
            }
            assertTrue(((Map<String, Object>) row.get("fullLoad")).get("cyclesPerPacket") instanceof Double d && d > 100);
        }
        String page = Files.readString(html);
        assertTrue(page.contains("blocking UDP socket") && !page.contains("/*DATA*/") && !page.contains("http://"), page);
        assertFalse(Command.run("ip", "netns", "list").contains("penstock-overheads-" + ProcessHandle.current().pid()));
    }

    @SuppressWarnings("unchecked")
    private static double calls(Map<String, Object> row, String load) {
        Map<String, Object> counts = (Map<String, Object>) ((Map<String, Object>) row.get(load)).get("perThousandPackets");
        return (double) counts.get("systemCalls");
    }

    @Test
    @Tag("root")
    @EnabledIf("dev.penstock.testkit.Root#here")
    void shouldSayWhyTheProgramUnderTestDidNotStart() throws Exception {
        try (Wire wire = new Wire(0, 1, false)) {
            // without an address there is nothing to bind to
            String message = assertThrows(IOException.class, () -> new UnderTest(wire.test(), Method.BLOCKING, 1)).getMessage();
            assertTrue(message.contains("EADDRNOTAVAIL"), message);
        }
    }

    @Test
    @Tag("root")
    @EnabledIf("dev.penstock.testkit.Root#here")
    void shouldSayThatItNeedsRoot() throws Exception {
        Process process = new ProcessBuilder("setpriv", "--bounding-set=-all", "--inh-caps=-all",
                System.getProperty("java.home") + "/bin/java", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), "dev.penstock.apps.Main", "overheads").redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertEquals(1, process.waitFor(), said);
        assertTrue(said.contains("needs root: sudo ./penstock overheads"), said);
    }
}
