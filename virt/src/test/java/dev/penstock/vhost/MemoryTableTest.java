package dev.penstock.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.linux.Fd;
import dev.penstock.linux.Memfd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class MemoryTableTest {
    private static final long BYTES = 8192;

    @Test
    void shouldKeepARegionUntilItWasRemovedAsOftenAsItWasAdded() {
        MemoryTable table = new MemoryTable();
        try (Fd file = Memfd.create("region", BYTES)) {
            table.add(MemoryRegion.map(0, BYTES, BYTES, 0, file));
            for (int i = 0; i < 2; i++) {
                MemoryRegion same = MemoryRegion.map(0, BYTES, BYTES, 0, file);
                assertTrue(table.again(same));
                same.file().close();
            }
            for (int i = 0; i < 3; i++) {
                assertTrue(table.guest().find(0) >= 0);
                table.remove(0, BYTES, BYTES);
            }
            assertTrue(table.guest().find(0) < 0);
            table.add(MemoryRegion.map(0, BYTES, BYTES, 0, file));
            assertEquals(BYTES - 1, table.guestOf(2 * BYTES - 1));
            assertEquals(-1, table.guestOf(2 * BYTES));
            assertEquals(-1, table.guestOf(BYTES - 1));
            table.clear();
            assertThrows(VhostException.class, () -> table.remove(0, BYTES, BYTES));
        }
    }

    @Test
    void shouldRefuseARegionThatOverlapsAnother() {
        MemoryTable table = new MemoryTable();
        try (Fd file = Memfd.create("region", BYTES)) {
            table.add(MemoryRegion.map(0, BYTES, BYTES, 0, file));
            MemoryRegion half = MemoryRegion.map(BYTES / 2, BYTES / 2, 0, 0, file);
            assertFalse(table.again(half));
            assertEquals(Refusal.REGION_OVERLAP, assertThrows(VhostException.class, () -> table.add(half)).why());
            half.file().close();
            table.clear();
        }
    }
}
