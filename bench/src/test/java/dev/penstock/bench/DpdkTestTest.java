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
}
