package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SearchTest {
    @Test
    void shouldFindTheGreatestRateThatLosesNoMore() throws InterruptedException {
        for (double limit : new double[] {0.03, 1, 47, 99.9}) {
            // A device that forwards so much and loses what is beyond.
            double ndr = Search.greatest(0, 100, 0, rate -> Math.max(0, 1 - limit / rate));
            assertTrue(ndr <= limit && ndr >= limit - 100 * Search.PRECISION, limit + " found as " + ndr);
            double pdr = Search.greatest(ndr, 100, 0.005, rate -> Math.max(0, 1 - limit / rate));
            assertTrue(pdr >= ndr && pdr <= limit / 0.995, ndr + " " + pdr);
        }
        assertEquals(0, Search.greatest(0, 100, 0, rate -> 1));
    }

    @Test
    void shouldNotTakeOnePauseForALimit() throws InterruptedException {
        int[] trials = {0};
        double ndr = Search.greatest(0, 100, 0, rate -> trials[0]++ % 3 == 0 ? 0.01 : Math.max(0, 1 - 47 / rate));
        assertTrue(ndr <= 47 && ndr >= 45, "found as " + ndr);
    }

    @Test
    void shouldMakeNoRowButOfTurnsThatWereCompared() throws IOException {
        try (var sources = Files.walk(Path.of("src/main/java/dev/penstock/bench"))) {
            for (Path source : sources.filter(p -> p.toString().endsWith(".java")).toList()) {
                assertTrue(!Files.readString(source).contains("new Row(") || Set.of("Turns.java", "Result.java", "Row.java")
                        .contains(source.getFileName().toString()),
                        source + " makes a row itself; Turns does, which refuses ratios of different workloads");
            }
        }
    }

    @Test
    void shouldNameEverySuiteOnceAndSayWhatItDoes() {
        Set<String> names = new HashSet<>();
        for (Suite suite : Suites.ALL) {
            assertTrue(names.add(suite.name()), suite.name());
            assertTrue(suite.name().matches("[a-z0-9-]+") && !suite.about().isBlank(), suite.name());
        }
    }
}
