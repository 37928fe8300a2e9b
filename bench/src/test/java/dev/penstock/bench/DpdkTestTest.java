package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DpdkTestTest {
    @Test
    void shouldReadThePointerRowsOfTheRingTest() {
        Map<String, Double> rows = DpdkTest.ring(List.of(
                "RTE>>ring_perf_autotest",
                "### Testing single element enq/deq ###",
                "legacy APIs: SP/SC: single: 15.05",
                "### Testing bulk enq/deq ###",
                "legacy APIs: MP/MC: bulk (size: 32): 68.97",
                "### Testing empty bulk deq ###",
                "legacy APIs: SP/SC: bulk (size: 8): 4.29",
                "### Testing using two physical cores ###",
                "legacy APIs: SP/SC: bulk (size: 8): 33.48",
                "### Testing using all worker nodes ###",
                "### Testing single element enq/deq ###",
                "elem APIs: element size 16B: SP/SC: single: 23.44"));
        assertEquals(Map.of("1 core SP/SC single", 15.05, "1 core MP/MC bulk 32", 68.97, "empty SP/SC bulk 8", 4.29,
                "2 cores SP/SC bulk 8", 33.48), rows);
    }

    @Test
    void shouldReadTheTestsOfRoutes() {
        assertEquals(Map.of("add", 13524.9, "lookup bulk", 661.0, "delete", 23513.8), DpdkTest.routes(List.of(
                "Unique added entries = 1076806",
                "Average FIB Add: 13524.9 cycles",
                "BULK FIB Lookup: 661.0 cycles (fails = 12.5%)",
                "Average FIB Delete: 23513.8 cycles",
                "Test OK")));
        assertEquals(Map.of("add", 1.25363e+07, "lookup", 802.9, "lookup bulk", 548.2), DpdkTest.routes(List.of(
                "Average LPM Add: 1.25363e+07 cycles",
                "Average LPM Lookup: 802.9 cycles (fails = 0.0%)",
                "BULK LPM Lookup: 548.2 cycles (fails = 0.0%)")));
    }
}
