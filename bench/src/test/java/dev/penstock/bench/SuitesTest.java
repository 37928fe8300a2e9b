package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The names of rows, by which {@code --only} chooses and the guard finds what it kept. */
class SuitesTest {
    private static Bench bench(boolean quick, String only) {
        return new Bench(5, 1, "0,1", Path.of("penstock"), System.err, quick, only, null, _ -> {}, new ArrayList<>(), new Sibling(_ -> 0, 0));
    }

    @Test
    void shouldNameEachRowOnce() {
        for (Suite suite : Suites.ALL) {
            List<String> rows = suite.rowNames(bench(false, ""));
            assertEquals(new HashSet<>(rows).size(), rows.size(), suite.name() + ": " + rows);
            assertTrue(rows.containsAll(suite.rowNames(bench(true, ""))), suite.name() + ": the quick form has no rows of its own");
        }
    }

    @Test
    void shouldNameTheRowsThatDpdksProgramsPrint() throws Exception {
        assertNames("tables", "lpm ", DpdkTest.routes(printed("lpm_perf_autotest")).keySet());
        assertNames("tables", "lpm6 ", DpdkTest.routes6(printed("lpm6_perf_autotest")).keySet());
        assertNames("tables", "fib ", DpdkTest.routes(printed("fib_perf_autotest")).keySet());
        assertNames("tables", "hash ", DpdkTest.hash(printed("hash_perf_autotest")).keySet());
        assertNames("tables", "hash readwrite ", DpdkTest.hashReadWrite(printed("hash_readwrite_lf_perf_autotest")).keySet());
        assertNames("net", "", DpdkTest.checksum(printed("cksum_perf_autotest")).keySet());
        assertNames("ring", "", DpdkTest.ring(printed("ring_perf_autotest")).keySet().stream()
                .filter(row -> !row.matches("2 cores .*(burst|single).*|2 (hyperthreads|NUMA) .*")).toList());
    }

    private static List<String> printed(String test) throws Exception {
        return Files.readAllLines(Path.of(SuitesTest.class.getResource(test + ".txt").toURI()));
    }

    private static void assertNames(String suite, String before, Iterable<String> rows) {
        List<String> names = Suites.ALL.stream().filter(s -> s.name().equals(suite)).findFirst().orElseThrow().rowNames(bench(false, ""));
        List<String> missing = new ArrayList<>();
        rows.forEach(row -> {
            if (!names.contains(before + row)) {
                missing.add(before + row);
            }
        });
        assertTrue(rows.iterator().hasNext(), before);
        assertEquals(List.of(), missing);
    }

    @Test
    void shouldNotBlameANameWhereNoneWasGiven() {
        assertEquals("there is no row or curve of these results", BenchCommand.nothing("row or curve of these results", ""));
        assertTrue(BenchCommand.nothing("row of ring", "x").startsWith("no row of ring has a name with 'x' in it; "));
    }

    /** Wrong ones were found out by each suite for itself, one after the other. */
    @Test
    void shouldKnowProcessorsThatAreNotThere() {
        BitSet cpus = new BitSet();
        cpus.set(0, 4);
        assertTrue(BenchCommand.areOnline("0,1", cpus) && BenchCommand.areOnline("2-3", cpus) && BenchCommand.areOnline("3", cpus));
        for (String wrong : List.of("0,9", "x", "", "0,", "-1", "0 1", "99999999999")) {
            assertFalse(BenchCommand.areOnline(wrong, cpus), wrong);
        }
    }

    @Test
    void shouldChooseByRegularExpressionOnNames() {
        assertEquals(List.of("lpm lookup", "lpm lookup bulk", "lpm6 lookup", "lpm6 lookup bulk"), wanted("tables", "^lpm6? lookup"));
        assertEquals(List.of("hash readwrite hit on the shift path"), wanted("tables", "on the shift"));
        assertEquals(List.of("af_xdp, p99", "af_xdp, p99.9", "af_xdp, p99.99", "af_xdp, p99.999"), wanted("latency", "xdp, p99"));
        assertEquals(List.of("ACL 1000 table", "ACL 1000 compiled"), wanted("acl", "^ACL 1000 "));
        assertEquals(List.of(), wanted("scaling", "no such row"));
    }

    private static List<String> wanted(String suite, String only) {
        Bench bench = bench(false, only);
        return Suites.ALL.stream().filter(s -> s.name().equals(suite)).findFirst().orElseThrow().rowNames(bench).stream().filter(bench::wants).toList();
    }
}
