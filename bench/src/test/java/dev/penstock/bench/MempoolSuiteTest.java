package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.bench.MempoolBench.Caching;
import dev.penstock.bench.MempoolBench.Load;
import org.junit.jupiter.api.Test;

class MempoolSuiteTest {
    @Test
    void shouldReadDpdksRowsButThoseWithConstants() {
        String row = "mempool_autotest cache=0 cores=1 n_get_bulk=1 n_put_bulk=4 n_keep=32 constant_n=0 rate_persec=39636172";
        assertEquals(new MempoolSuite.Printed(1, new Load(Caching.NONE, 1, 4, 32), 39636172), MempoolSuite.row(row));
        assertEquals(Caching.WORKER, MempoolSuite.row(row.replace("cache=0", "cache=512")).load().caching());
        assertNull(MempoolSuite.row(row.replace("constant_n=0", "constant_n=1")));
        assertEquals(2, MempoolSuite.row(row.replace("cores=1", "cores=2")).cores());
    }

    @Test
    void shouldMeasureEveryKindOfCache() throws InterruptedException {
        for (Caching caching : Caching.values()) {
            assertTrue(MempoolBench.rate(new Load(caching, 4, 8, 32), 0.05, 0, 1) > 0, caching.name());
        }
    }
}
