package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.bench.MempoolBench.Caching;
import dev.penstock.bench.MempoolBench.Load;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MempoolSuiteTest {
    @Test
    void a_row_of_dpdk_is_read_and_one_with_constants_is_not() {
        String row = "mempool_autotest cache=0 cores=1 n_get_bulk=1 n_put_bulk=4 n_keep=32 constant_n=0 rate_persec=39636172";
        assertEquals(Map.entry(new Load(Caching.NONE, 1, 4, 32), 39636172.0), MempoolSuite.row(row));
        assertEquals(Caching.WORKER, MempoolSuite.row(row.replace("cache=0", "cache=512")).getKey().caching());
        assertNull(MempoolSuite.row(row.replace("constant_n=0", "constant_n=1")));
        assertNull(MempoolSuite.row(row.replace("cores=1", "cores=2")));
    }

    @Test
    void every_kind_of_cache_can_be_measured() throws InterruptedException {
        for (Caching caching : Caching.values()) {
            assertTrue(MempoolBench.rate(new Load(caching, 4, 8, 32), 0, 0.05) > 0, caching.name());
        }
    }
}
