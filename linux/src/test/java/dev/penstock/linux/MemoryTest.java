package dev.penstock.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class MemoryTest {
    private static final long MEGABYTE = 1 << 20;

    @Test
    void shouldSeeThroughOneMappingWhatWasWrittenThroughAnother() {
        try (Fd fd = Memfd.create("two-views", MEGABYTE);
                Mapping a = Mapping.shared(fd, 0, MEGABYTE);
                Mapping b = Mapping.shared(fd, 0, MEGABYTE)) {
            assertTrue(a.address() != b.address());
            a.segment().set(ValueLayout.JAVA_LONG, MEGABYTE - 8, 0x0123456789abcdefL);
            assertEquals(0x0123456789abcdefL, b.segment().get(ValueLayout.JAVA_LONG, MEGABYTE - 8));
            assertThrows(IndexOutOfBoundsException.class, () -> a.segment().get(ValueLayout.JAVA_LONG, MEGABYTE));
            assertEquals(MEGABYTE, fd.sizeBytes());
        }
    }

    @Test
    void shouldReadAndWriteAtOffsets() {
        try (Fd fd = Memfd.create("offsets", 64); Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom("penstock");
            assertEquals(9, fd.pwrite(text, 10));
            MemorySegment back = arena.allocate(9);
            assertEquals(9, fd.pread(back, 10));
            assertEquals("penstock", back.getString(0));
            assertEquals(0, fd.pread(back, 64));
            assertEquals(9, fd.read(back));
            assertArrayEquals(new byte[9], back.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    void shouldUnmapOnceAndKillTheSegment() throws IOException {
        Mapping mapping = Mapping.anonymous(MEGABYTE);
        MemorySegment segment = mapping.segment();
        segment.fill((byte) 7);
        String range = Long.toHexString(mapping.address());
        assertTrue(Files.readString(Path.of("/proc/self/maps")).contains(range));
        mapping.close();
        mapping.close();
        assertThrows(IllegalStateException.class, () -> segment.get(ValueLayout.JAVA_BYTE, 0));
    }

    @Test
    void shouldHoldASealedFileToItsSize() {
        try (Fd fd = Memfd.create("sealed", MEGABYTE)) {
            assertEquals(0, Memfd.seals(fd));
            Memfd.seal(fd, Memfd.F_SEAL_SHRINK | Memfd.F_SEAL_SEAL);
            assertEquals(Memfd.F_SEAL_SHRINK | Memfd.F_SEAL_SEAL, Memfd.seals(fd));
            assertEquals(Errno.EPERM, assertThrows(LinuxException.class, () -> fd.truncate(4096)).errno());
            fd.truncate(2 * MEGABYTE);
            assertThrows(LinuxException.class, () -> Memfd.seal(fd, Memfd.F_SEAL_GROW));
        }
    }

    @Test
    void shouldFollowAdviceLockAndBind() throws IOException {
        try (Mapping mapping = Mapping.anonymous(8 * MEGABYTE)) {
            mapping.advise(Mapping.MADV_HUGEPAGE);
            mapping.bind(0, Mapping.MPOL_BIND);
            mapping.segment().fill((byte) 1);
            try (Mapping small = Mapping.anonymous(4096)) {
                small.lock();
                assertEquals(4, lockedKilobytes(small.address()));
            }
            assertEquals(Errno.EINVAL, assertThrows(LinuxException.class, () -> mapping.bind(63, Mapping.MPOL_BIND))
                    .errno());
            assertThrows(LinuxException.class, () -> mapping.advise(9999));
        }
    }

    @Test
    void shouldMapHugePagesWhereReservedAndSayTheRemedyWhereNot() throws IOException {
        long free = Long.parseLong(Files.readString(
                Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages")).strip());
        LinuxException e = assertThrows(LinuxException.class, () -> Mapping.hugePages(1L << 46, 2 * MEGABYTE));
        assertEquals(Errno.ENOMEM, e.errno());
        assertTrue(e.getMessage().contains("vm.nr_hugepages"), e.getMessage());
        Assumptions.assumeTrue(free >= 8, "no huge pages are free: sysctl vm.nr_hugepages=256");
        try (Mapping mapping = Mapping.hugePages(2 * MEGABYTE, 2 * MEGABYTE);
                Fd fd = Memfd.createHuge("huge", 4 * MEGABYTE, 2 * MEGABYTE);
                Mapping file = Mapping.shared(fd, 2 * MEGABYTE, 2 * MEGABYTE)) {
            assertEquals(0, mapping.address() % (2 * MEGABYTE));
            mapping.segment().set(ValueLayout.JAVA_INT, 2 * MEGABYTE - 4, 42);
            assertEquals(42, mapping.segment().get(ValueLayout.JAVA_INT, 2 * MEGABYTE - 4));
            file.segment().fill((byte) 3);
            assertEquals(4 * MEGABYTE, fd.sizeBytes());
        }
    }

    @Test
    void shouldRefuseToReplaceMemoryThatIsMapped() {
        try (Mapping mapping = Mapping.anonymous(MEGABYTE)) {
            int flags = Mapping.MAP_PRIVATE | Mapping.MAP_ANONYMOUS;
            assertThrows(IllegalArgumentException.class,
                    () -> Mapping.map(null, 0, 4096, mapping.address(), Mapping.PROT_READ, flags | 0x10));
            assertEquals(Errno.EEXIST, assertThrows(LinuxException.class, () -> Mapping.map(null, 0, 4096,
                    mapping.address(), Mapping.PROT_READ, flags | Mapping.MAP_FIXED_NOREPLACE)).errno());
        }
    }

    @Test
    void shouldCloseADescriptorOnceAndThenAnswerEbadf() {
        Fd fd = Memfd.create("closed", 4096);
        int number = fd.value();
        assertTrue(Files.exists(Path.of("/proc/self/fd/" + number)));
        fd.close();
        fd.close();
        assertEquals(-1, fd.value());
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(-Errno.EBADF, fd.read(arena.allocate(8)));
        }
    }

    @Test
    void shouldNameFileErrorAndRemedyWhenAFileIsMissing() {
        LinuxException e = assertThrows(LinuxException.class, () -> Fd.open("/nonexistent/thing", Fd.O_RDONLY));
        assertEquals("ENOENT", e.errnoName());
        assertEquals("open(/nonexistent/thing): ENOENT (No such file or directory); there is no /nonexistent/thing",
                e.getMessage());
    }

    @Test
    void shouldNameEveryErrorNumber() {
        assertEquals("EPERM (Operation not permitted)", Errno.describe(Errno.EPERM));
        assertEquals("EAGAIN", Errno.name(Errno.EAGAIN));
        assertEquals("EHWPOISON", Errno.name(133));
        assertEquals("EALREADY", Errno.name(Errno.EALREADY));
        for (int none : new int[] {-1, 0, 41, 58, 134, 9999}) {
            assertEquals("errno " + none, Errno.describe(none));
        }
    }

    @Test
    void shouldRefuseSizesThatAreNoNumberOfPages() {
        assertThrows(IllegalArgumentException.class, () -> Mapping.hugePages(3 * MEGABYTE, 2 * MEGABYTE));
        assertThrows(IllegalArgumentException.class, () -> Mapping.anonymous(0));
        assertFalse(Platform.pageSizeBytes() < 4096);
        assertEquals(1, Integer.bitCount(Platform.pageSizeBytes()));
    }

    private static long lockedKilobytes(long address) throws IOException {
        boolean in = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                long from = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
                long to = Long.parseUnsignedLong(line.substring(line.indexOf('-') + 1, line.indexOf(' ')), 16);
                in = Long.compareUnsigned(from, address) <= 0 && Long.compareUnsigned(address, to) < 0;
            } else if (in && line.startsWith("Locked:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return 0;
    }
}
