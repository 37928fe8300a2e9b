package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
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
