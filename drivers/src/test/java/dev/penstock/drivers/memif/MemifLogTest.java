package dev.penstock.drivers.memif;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Log;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemifLogTest {
    private final List<String> lines = new ArrayList<>();
    private long now = -5;
    private final MemifLog log = new MemifLog(new Log(lines::add).type("pmd.net.memif", "PMD"), "net_memif0", () -> now);

    @Test
    void shouldSaySoManyLinesAMinuteAndThenHowManyWereLeftOut() {
        for (int i = 0; i < MemifLog.MOST + 7; i++) {
            now += MemifLog.MINUTE_NS / 100;
            log.info("line " + i);
        }
        assertEquals(MemifLog.MOST, lines.size());
        assertEquals("PMD: net_memif0: line 0", lines.getFirst());
        assertTrue(lines.getLast().endsWith("line 19 (more is left out for a minute)"), lines.getLast());
        lines.clear();
        now = MemifLog.MINUTE_NS - 6;
        log.warning("still the same minute");
        assertEquals(List.of(), lines);
        now++;
        log.warning("the next one");
        assertEquals(List.of("PMD: net_memif0: 8 lines on what peers did were left out", "PMD: net_memif0: the next one"), lines);
        now += MemifLog.MINUTE_NS;
        lines.clear();
        log.warning("nothing was left out");
        assertEquals(1, lines.size());
    }
}
