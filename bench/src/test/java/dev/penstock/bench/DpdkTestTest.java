package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** On what dpdk-test 22.11 printed. */
class DpdkTestTest {
    private static List<String> saved(String test) throws IOException {
        try (var in = DpdkTestTest.class.getResourceAsStream(test + "_perf_autotest.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1).lines().toList();
        }
    }

    @Test
    void shouldReadThePointerRowsOfTheRingTest() throws IOException {
        Map<String, Double> rows = DpdkTest.ring(saved("ring"));
        assertEquals(16, rows.size());
        assertEquals(12.42, rows.get("1 core SP/SC single"));
        assertEquals(58.77, rows.get("1 core MP/MC bulk 32"));
        assertEquals(4.57, rows.get("empty SP/SC bulk 8"));
        assertEquals(8.71, rows.get("2 cores MP/MC bulk 32"));
    }

    @Test
    void shouldReadTheTestsOfRoutes() throws IOException {
        assertEquals(Map.of("add", 118819.0, "lookup", 28.0, "lookup bulk", 26.1, "delete", 73886.6), DpdkTest.routes(saved("lpm")));
        assertEquals(Map.of("add", 311643.0, "lookup", 20.0, "lookup bulk", 17.5, "delete", 1.93546e+06), DpdkTest.routes(saved("lpm6")));
        assertEquals(Map.of("add", 730.693, "lookup bulk", 26.3, "delete", 1824.25), DpdkTest.routes(saved("fib")));
        assertEquals(1824.25 - 4194304 * 26.3 / 1076806, DpdkTest.fib(saved("fib")).get("delete"), 1e-9);
    }

    @Test
    void shouldReadWhatTheTestsOfRoutesRan() throws IOException {
        assertEquals("1076806 routes, 1 in 8 without a route, 1 in 8 without a route", DpdkTest.routesRun(saved("lpm")));
        assertEquals("1000 routes, 0 in 8 without a route, 0 in 8 without a route", DpdkTest.routesRun(saved("lpm6")));
        assertEquals("1076806 routes, 1 in 8 without a route", DpdkTest.routesRun(saved("fib")));
        assertEquals(1_076_806, LpmBench.routes().length);
        assertEquals(1_076_806, LpmBench.scattered().length);
    }

    @Test
    void shouldReadTheTestOfChecksums() throws IOException {
        Map<String, Double> rows = DpdkTest.checksum(saved("cksum"));
        assertEquals(12, rows.size());
        assertEquals(17.9, rows.get("checksum, aligned, 20 bytes"));
        assertEquals(554.4, rows.get("checksum, unaligned, 1501 bytes"));
    }

    @Test
    void shouldReadOfTheHashTestTheRowsThatAreComparable() throws IOException {
        Map<String, Double> rows = DpdkTest.hash(saved("hash"));
        assertEquals(40, rows.size());
        assertEquals(Set.of("add", "lookup", "lookup bulk", "delete"), Set.copyOf(rows.keySet().stream().map(r -> r.replaceAll(",.*", "")).toList()));
        assertEquals(89, rows.get("add, key of 4"));
        assertEquals(490, rows.get("delete, key of 40"));
    }

    @Test
    void shouldReadOfTheReadWriteTestItsOneReader() throws IOException {
        assertEquals(Map.of("hit, no key added", 709.0, "miss, keys added", 842.0, "hit, keys shifted", 660.0, "hit on the shift path", 1145.0,
                "miss, keys shifted", 546.0), DpdkTest.hashReadWrite(saved("hash_readwrite_lf")));
        assertEquals("keys: 3.6 M settled, 0.6 M shift, 4.2 M absent, 1.7 M on the path, 1.9 M off it",
                DpdkTest.hashReadWriteRun(saved("hash_readwrite_lf")));
    }

    @Test
    void shouldReadTheRowsOfTheMempoolTest() throws IOException {
        List<MempoolRow.Printed> rows = saved("mempool").stream().map(MempoolRow::read).filter(r -> r != null).toList();
        assertEquals(8, rows.size());
        assertEquals(72810496, rows.getFirst().rate());
        assertEquals("1 core, no cache, get 1 put 4 keep 128", rows.getLast().row().name());
        for (int i = 0; i < rows.size(); i++) {
            assertTrue(MempoolRow.inOrder().get(i).printedAs(rows.get(i).row()), "row " + i);
        }
    }

    @Test
    void shouldReadTheTestOfSetMembership() {
        assertEquals(Map.of("HT add, key of 16", 97.0, "HT lookup, key of 16", 61.0, "HT lookup bulk, key of 16", 40.0,
                "HT lookup multi, key of 16", 81.0, "HT delete, key of 16", 58.0), DpdkTest.member(List.of(
                "Keysize type Add Lookup Lookup_bulk lookup_multi lookup_multi_bulk Delete miss_lookup",
                "16                0                 97                61                40                81      59     58    34   ",
                "16                5                 31                41                0                 0       0      0     0    ",
                "16                0                 0.000025          0.000025          0.000025          0.000025          0.000280 ")));
    }

    @Test
    void shouldLeaveOutHowLongLpm6TakesToDelete() {
        assertEquals(Map.of("add", 5.0), DpdkTest.routes6(List.of("Average LPM Add: 5 cycles", "Average LPM Delete: 7 cycles")));
    }

    @Test
    void shouldReadWhatDpdkTestFibRan() {
        assertEquals("100 routes, 90 addresses,", FibProgramBench.workload("Routes total: 100\nRoutes distribution:\nLookup tuples: 90\n"));
    }

    @Test
    void shouldAverageTheTenthsOfDpdkTestFib() throws IOException {
        assertEquals(Map.of("program add", 600.0, "program lookup", 21.5, "program delete", 900.0), FibProgramBench.read(
                "AVG FIB add 500\nAVG FIB add 700\nAVG FIB lookup 21.5\nAVG FIB delete 900\n"));
    }
}
