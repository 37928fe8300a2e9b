package dev.penstock.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Ports;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static Eal eal() {
        return Eal.start(line -> { }, "-l", "0", "--no-huge", "--in-memory", "--no-telemetry");
    }

    @Test
    void shouldKeepValuesOfPortsAndOfTheWholeApart() {
        try (Eal eal = eal(); Ports ports = new Ports(eal); Metrics metrics = new Metrics(eal, ports)) {
            int a = metrics.register("a", "b");
            int c = metrics.register("c");
            metrics.update(Metrics.GLOBAL, a, new long[] {1, 2});
            metrics.update(3, c, new long[] {7});
            assertEquals(List.of("a", "b", "c"), metrics.names());
            assertEquals(Map.of("a", 1L, "b", 2L, "c", 0L), metrics.values(Metrics.GLOBAL));
            assertEquals(Map.of("a", 0L, "b", 0L, "c", 7L), metrics.values(3));
            assertEquals(Map.of("a", 0L, "b", 0L, "c", 0L), metrics.values(9));
        }
    }

    @Test
    void shouldRefuseWhatWasNotRegistered() {
        try (Eal eal = eal(); Ports ports = new Ports(eal); Metrics metrics = new Metrics(eal, ports)) {
            assertThrows(IndexOutOfBoundsException.class, () -> metrics.update(0, 0, new long[1]));
            int a = metrics.register("a");
            assertThrows(IndexOutOfBoundsException.class, () -> metrics.update(0, a, new long[2]));
            assertThrows(IndexOutOfBoundsException.class, () -> metrics.update(-2, a, new long[1]));
            assertThrows(IllegalArgumentException.class, () -> metrics.register(""));
            String[] many = new String[Metrics.MAX_METRICS];
            Arrays.fill(many, "n");
            assertThrows(IllegalStateException.class, () -> metrics.register(many));
            assertEquals(List.of("a"), metrics.names());
        }
    }

    @Test
    void shouldAnswerTelemetryAndStopAtClose() {
        try (Eal eal = eal(); Ports ports = new Ports(eal)) {
            Metrics metrics = new Metrics(eal, ports);
            metrics.update(Metrics.GLOBAL, metrics.register("jitter_ns"), new long[] {5});
            String answer = eal.telemetry().answer("/metrics/global_stat_values");
            assertEquals("{\"/metrics/global_stat_values\":[{\"port\":-1,\"stats\":[{\"name\":\"jitter_ns\",\"value\":5}]}]}", answer.replace(" ", ""));
            assertTrue(eal.telemetry().answer("/").contains("/metrics/ports_all_stat_values"));
            metrics.close();
            assertFalse(eal.telemetry().answer("/").contains("/metrics/"));
        }
    }

    /** Figures of rte_stats_bitrate_calc's rules, by hand: weight 20 %, rounded to the nearest, 0 when nothing comes. */
    @Test
    void shouldComputeMeanPeakAndMovingAverageOfBits() {
        try (Eal eal = eal(); Ports ports = new Ports(eal); Metrics metrics = new Metrics(eal, ports)) {
            BitRates rates = new BitRates(metrics);
            rates.update(1, 1000, 10);
            assertEquals(Map.of("ewma_bits_in", 1600L, "ewma_bits_out", 16L, "mean_bits_in", 8000L, "mean_bits_out", 80L,
                    "peak_bits_in", 8000L, "peak_bits_out", 80L), metrics.values(1));
            rates.update(1, 1100, 30);
            assertEquals(Map.of("ewma_bits_in", 1440L, "ewma_bits_out", 45L, "mean_bits_in", 800L, "mean_bits_out", 160L,
                    "peak_bits_in", 8000L, "peak_bits_out", 160L), metrics.values(1));
            rates.update(1, 0, 30);
            assertEquals(0, metrics.values(1).get("mean_bits_in"), "counters that were reset are not bits");
            for (int i = 0; i < 60; i++) {
                rates.update(1, 0, 30);
            }
            assertEquals(0, metrics.values(1).get("ewma_bits_in"));
            assertEquals(0, metrics.values(1).get("ewma_bits_out"));
            assertEquals(160, metrics.values(1).get("peak_bits_out"));
        }
    }
}
