package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.bench.MempoolBench.Caching;
import dev.penstock.bench.MempoolBench.Load;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MempoolSuiteTest {
    private static final String LINE = "mempool_autotest cache=0 cores=1 n_get_bulk=1 n_put_bulk=4 n_keep=32 constant_n=0 rate_persec=39636172";

    @Test
    void shouldReadWhatDpdkPrints() {
        assertEquals(new MempoolRow.Printed(new MempoolRow(1, new Load(Caching.NONE, 1, 4, 32, false)), 39636172), MempoolRow.read(LINE));
        assertEquals(Caching.WORKER, MempoolRow.read(LINE.replace("cache=0", "cache=512")).row().load().caching());
        assertTrue(MempoolRow.read(LINE.replace("constant_n=0", "constant_n=1")).row().load().constant());
        assertEquals(2, MempoolRow.read(LINE.replace("cores=1", "cores=2")).row().cores());
        assertNull(MempoolRow.read("start performance test (without cache)"));
    }

    @Test
    void shouldKnowTheOrderOfDpdksRows() {
        List<MempoolRow> rows = MempoolRow.inOrder();
        assertEquals(720, rows.size());
        assertEquals("1 core, no cache, get 1 put 1 keep 32, constant", rows.get(1).name());
        assertEquals("2 cores, no cache, get 1 put 1 keep 32", rows.get(60).name());
        assertEquals("1 core, cache, get 32 put 32 keep 512, constant", rows.get(419).name());
        assertEquals("1 core, user cache, get 1 put 1 keep 32", rows.get(540).name());
        assertEquals(6 * 60, new HashSet<>(rows).size());
        assertTrue(rows.get(540).printedAs(rows.get(360)));
        assertFalse(rows.get(360).printedAs(rows.get(0)));
    }

    @Test
    void shouldRunFewRowsUnlessMoreAreAskedFor() {
        Set<Integer> few = MempoolSuite.wanted(bench("", false));
        assertEquals(5 * 2 * 4, few.size());
        assertEquals(Set.of(360, 362), MempoolSuite.wanted(bench("^1 core, cache, get 1 put 1 keep (32|128)$", false)));
        assertEquals(6 * 60, MempoolSuite.wanted(bench(".", false)).size());
        assertEquals(8, MempoolSuite.wanted(bench("", true)).size());
    }

    @Test
    void shouldFindWhatALibraryExports() throws IOException {
        Path library = Path.of(System.getProperty("java.home"), "lib", "libjava.so");
        assertTrue(Elf64.symbol(library, "JNU_NewStringPlatform") > 0);
        assertEquals(library + " exports no such_thing",
                assertThrows(IOException.class, () -> Elf64.symbol(library, "such_thing")).getMessage());
    }

    private static Bench bench(String only, boolean quick) {
        return new Bench(5, 1, "0,1", null, System.err, quick, only, null, _ -> {}, new ArrayList<>(), new Sibling(_ -> 0, 0));
    }

    @Test
    void shouldMeasureEveryKindOfCacheAndEveryConstant() throws InterruptedException {
        for (Caching caching : Caching.values()) {
            assertTrue(MempoolBench.rate(new Load(caching, 4, 8, 32, false), 0.05, 0, 1) > 0, caching.name());
            for (int n : new int[] {1, 4, 8, 32}) {
                assertTrue(MempoolBench.rate(new Load(caching, n, n, 32, true), 0.01, 0) > 0, caching + " " + n);
            }
        }
    }
}
