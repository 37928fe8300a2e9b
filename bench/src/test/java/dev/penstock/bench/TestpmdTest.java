package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** On what dpdk-testpmd 22.11 printed. */
class TestpmdTest {
    static List<String> saved() {
        try (var in = TestpmdTest.class.getResourceAsStream("testpmd-macswap-burst64.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldAddTheRatesOfAllPortsForEachTime() {
        double[] rates = Testpmd.rates(saved(), "Tx");
        assertArrayEquals(new double[] {0, 26325526 + 26325087, 25712423 + 25712944}, Arrays.copyOf(rates, 3));
        assertEquals(8, rates.length);
    }

    @Test
    void shouldReadWhatTheProgramSaysThatItForwards() {
        assertEquals("macswap packet forwarding - ports=2 - cores=1 - streams=2; macswap packet forwarding packets/burst=64",
                Testpmd.workload(saved()));
    }

    @Test
    void shouldReadManyPointsOfOneProcess() throws IOException {
        List<String> lines = new ArrayList<>(List.of("testpmd> set burst 1"));
        for (int burst : new int[] {1, 2}) {
            lines.add("macswap packet forwarding - ports=2 - cores=1 - streams=2 - NUMA support enabled");
            lines.add("  macswap packet forwarding packets/burst=" + burst);
            for (int show = 1; show <= 2; show++) {
                for (int port = 0; port < 2; port++) {
                    lines.add("  Rx-pps:      " + 1_000_000 * burst * show + "          Rx-bps:     480000000");
                    lines.add("  Tx-pps:      7          Tx-bps:     480");
                }
            }
            lines.add("  Telling cores to stop...");
        }
        Map<String, Bench.Sample> rows = Sweep.read(lines, List.of("a", "b"));
        assertEquals(List.of("a", "b"), List.copyOf(rows.keySet()));
        assertEquals(4, rows.get("a").value(), "both ports, the second time they were shown");
        assertEquals(8, rows.get("b").value());
        assertEquals("macswap packet forwarding - ports=2 - cores=1 - streams=2; macswap packet forwarding packets/burst=2", rows.get("b").workload());
        assertThrows(IOException.class, () -> Sweep.read(lines, List.of("a", "b", "c")));
    }

    @Test
    void shouldKnowTheLengthOfFramesWhereBytesAreCounted() {
        assertEquals(0, Testpmd.frameBytes(saved(), "Rx"));
        assertEquals(60, Testpmd.frameBytes(List.of("  Rx-pps:           10          Rx-bps:         4801",
                "  Tx-pps:           10          Tx-bps:          800"), "Rx"));
    }

    @Test
    void shouldFindNothingInWhatIsNoOutput() {
        assertEquals(0, Testpmd.rates(List.of("EAL: error"), "Rx").length);
        assertEquals("", Testpmd.workload(List.of("EAL: error")));
    }
}
