package dev.penstock.eal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.testkit.Seed;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MemoryTest {
    private static final Path POOL = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB");
    private final List<String> log = new ArrayList<>();

    private Eal eal(String... args) {
        List<String> all = new ArrayList<>(List.of("--lcores=0"));
        all.addAll(List.of(args));
        return Eal.start(log::add, all.toArray(String[]::new));
    }

    private static long pages(String what) throws IOException {
        Path file = POOL.resolve(what);
        return Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : 0;
    }

    @Test
    void shouldCutARegionAsANaiveOracleDoes() {
        SplittableRandom random = Seed.random("MemoryTest");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate(1 << 16, 4096);
            MemoryRegion region = new MemoryRegion(all, 4096, 0, true, () -> { });
            boolean[] used = new boolean[1 << 10];
            List<MemorySegment> pieces = new ArrayList<>();
            for (int step = 0; step < 100_000; step++) {
                if (random.nextInt(100) < 55) {
                    int blocks = random.nextInt(1, 40);
                    int align = 1 << random.nextInt(0, 6);
                    int expected = firstFit(used, blocks, align);
                    MemorySegment piece = region.take(blocks * 64L, align * 64L);
                    assertEquals(expected < 0 ? -1 : expected * 64L, piece == null ? -1 : piece.address() - all.address());
                    if (piece != null) {
                        assertEquals(-1, piece.mismatch(MemorySegment.ofArray(new byte[blocks * 64])), "zeroed");
                        piece.fill((byte) 0xa5);
                        Arrays.fill(used, expected, expected + blocks, true);
                        pieces.add(piece);
                    }
                } else if (!pieces.isEmpty()) {
                    MemorySegment piece = pieces.remove(random.nextInt(pieces.size()));
                    int at = (int) (piece.address() - all.address()) / 64;
                    Arrays.fill(used, at, at + (int) (piece.byteSize() / 64), false);
                    region.give(piece);
                }
                assertEquals(pieces.isEmpty(), region.isEmpty());
            }
            assertEquals((1 << 16) - pieces.stream().mapToLong(MemorySegment::byteSize).sum(), region.freeBytes());
        }
    }

    private static int firstFit(boolean[] used, int blocks, int align) {
        for (int at = 0; at + blocks <= used.length; at += align) {
            boolean free = true;
            for (int i = at; i < at + blocks && free; i++) {
                free = !used[i];
            }
            if (free) {
                return at;
            }
        }
        return -1;
    }

    @Test
    void shouldReserveAlignedZeroedWritableZones() {
        try (Eal eal = eal()) {
            for (int shift = 6; shift <= 22; shift++) {
                Memzone zone = eal.reserve("z" + shift, 100_000, 1L << shift, -1);
                assertEquals(0, zone.segment().address() & (1L << shift) - 1);
                assertEquals(100_000, zone.segment().byteSize());
                assertEquals(0, zone.segment().get(ValueLayout.JAVA_LONG, 99_992));
                zone.segment().fill((byte) 1);
                assertThrows(IndexOutOfBoundsException.class, () -> zone.segment().get(ValueLayout.JAVA_BYTE, 100_000));
            }
            StringBuilder dump = new StringBuilder();
            eal.dumpMemzones(dump);
            assertTrue(dump.toString().startsWith("Zone 0: name:<z10>, len:0x186a0, virt:0x"), dump.toString());
            assertEquals(17, dump.toString().lines().count());
        }
    }

    @Test
    void shouldKeepNamesUniqueAndFreeThem() {
        try (Eal eal = eal("--no-huge")) {
            Memzone zone = eal.reserve("a", 1000, 64, 0);
            assertSame(zone, eal.memzone("a").orElseThrow());
            MemzoneException twice = assertThrows(MemzoneException.class, () -> eal.reserve("a", 1, 64, 0));
            assertEquals(MemzoneException.Reason.DUPLICATE, twice.reason());
            long taken = eal.memoryBytes();
            assertTrue(taken > 0);
            eal.free(zone);
            assertEquals(Optional.empty(), eal.memzone("a"));
            assertEquals(0, eal.memoryBytes());
            assertEquals(MemzoneException.Reason.UNKNOWN, assertThrows(MemzoneException.class, () -> eal.free(zone)).reason());
            eal.reserve("a", 1000, 64, 0);
            assertEquals(taken, eal.memoryBytes());
        }
    }

    @Test
    void shouldKeepInstancesApart() {
        Eal a = eal("--no-huge");
        try (Eal b = eal("--no-huge")) {
            Memzone za = a.reserve("same", 4096, 64, -1);
            Memzone zb = b.reserve("same", 4096, 64, -1);
            za.segment().fill((byte) 1);
            assertEquals(0, zb.segment().get(ValueLayout.JAVA_BYTE, 0));
            a.close();
            assertThrows(IllegalStateException.class, () -> za.segment().get(ValueLayout.JAVA_BYTE, 0));
            assertEquals(0, zb.segment().get(ValueLayout.JAVA_BYTE, 0));
            assertThrows(IllegalStateException.class, () -> a.reserve("late", 64, 64, -1));
        }
    }

    @Test
    void shouldTakeHugePagesAndGiveThemBack() throws IOException {
        assumeTrue(pages("free_hugepages") - pages("resv_hugepages") >= 8, "needs 8 free huge pages: sysctl -w vm.nr_hugepages=64");
        try (Eal eal = eal("-m", "8")) {
            assertEquals(8 << 20, eal.memoryBytes());
            Memzone zone = eal.reserve("z", 3 << 20, 64, -1);
            assertEquals(2 << 20, zone.pageBytes());
            assertTrue(Files.readString(Path.of("/proc/self/maps")).contains("memfd:penstock"));
        }
        assertFalse(Files.readString(Path.of("/proc/self/maps")).contains("memfd:penstock"));
    }

    @Test
    void shouldSayHowToGetHugePagesWhenTheyAreTooFew() throws IOException {
        assumeTrue(Files.exists(POOL), "this kernel has no huge pages of 2 MB");
        long bytes = (pages("nr_hugepages") + 1) << 21;
        assumeTrue(bytes < 1L << 30, "too many huge pages to exceed them cheaply");
        try (Eal eal = eal()) {
            Memzone zone = eal.reserve("big", bytes, 64, -1);
            assertEquals(bytes, zone.segment().byteSize());
            eal.reserve("big2", bytes, 64, -1);
        }
        List<String> said = log.stream().filter(l -> l.contains("too few free huge pages")).toList();
        assertEquals(1, said.size(), log.toString());
        assertTrue(said.getFirst().contains("sysctl -w vm.nr_hugepages="), said.getFirst());
    }

    @Test
    void shouldNotAskForMorePagesWhereTheKernelRefusesFreeOnes() {
        assertEquals("too few free huge pages: 3 of 2 MB are needed, 1 are free; reserve them with: sysctl -w vm.nr_hugepages=12",
                Pages.lack(2 << 20, 3, 1, 10, "madvise: ENOMEM"));
        String refused = Pages.lack(2 << 20, 3, 8, 10, "madvise: EFAULT");
        assertTrue(refused.contains("8 are free, but the kernel refused them: madvise: EFAULT;"), refused);
        assertFalse(refused.contains("nr_hugepages"), refused);
    }

    @Test
    void shouldRefuseMoreThanTheMachineHas() {
        assumeTrue(Files.exists(Path.of("/proc/meminfo")), "needs Linux");
        String message = assertThrows(IllegalArgumentException.class, () -> eal("-m", "100000000")).getMessage();
        assertTrue(message.matches("-m needs [0-9]+ [MG]B of memory, [0-9]+ [MG]B are available; .*"), message);
        try (Eal eal = eal("--no-huge")) {
            MemzoneException e = assertThrows(MemzoneException.class, () -> eal.reserve("x", 1L << 45, 64, -1));
            assertEquals(MemzoneException.Reason.NO_MEMORY, e.reason());
            assertEquals(0, eal.memoryBytes());
        }
    }

    @Test
    void shouldKeepToLimits() {
        try (Eal eal = eal("--no-huge", "--socket-limit=4")) {
            eal.reserve("a", 2 << 20, 64, 0);
            String message = assertThrows(MemzoneException.class, () -> eal.reserve("b", 4 << 20, 64, 0)).getMessage();
            assertTrue(message.contains("--socket-limit leaves 2 MB"), message);
        }
        try (Eal eal = eal("--legacy-mem", "-m", "4", "--no-huge")) {
            eal.reserve("a", 3 << 20, 64, 0);
            String message = assertThrows(MemzoneException.class, () -> eal.reserve("b", 3 << 20, 64, 0)).getMessage();
            assertTrue(message.contains("--legacy-mem forbids more"), message);
        }
    }

    @Test
    void shouldRefuseWhatMakesNoSense() {
        try (Eal eal = eal("--no-huge")) {
            assertThrows(IllegalArgumentException.class, () -> eal.reserve("x", -1, 64, 0));
            assertThrows(IllegalArgumentException.class, () -> eal.reserve("x", 1, 48, 0));
            assertThrows(IllegalArgumentException.class, () -> eal.reserve("x", 1, 64, 99));
            assertThrows(IllegalArgumentException.class, () -> eal("--socket-mem=" + "1,".repeat(99) + "1"));
        }
    }

    /** Run as a process of its own, to be killed. */
    public static final class Victim {
        /**
         * Takes memory and says so.
         *
         * @param args none
         * @throws InterruptedException never in practice
         */
        public static void main(String[] args) throws InterruptedException {
            Eal.start("-m", "32");
            System.out.println("ready");
            Thread.sleep(60_000);
        }
    }

    @Test
    void shouldLeaveNoHugePageBehindAfterKill() throws Exception {
        long before = pages("free_hugepages");
        assumeTrue(before - pages("resv_hugepages") >= 32, "needs 32 free huge pages: sysctl -w vm.nr_hugepages=64");
        Process victim = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                Victim.class.getName()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try {
            assertEquals("ready", victim.inputReader().readLine());
            assertTrue(pages("free_hugepages") <= before - 16);
        } finally {
            victim.destroyForcibly();
            assertTrue(victim.waitFor(10, TimeUnit.SECONDS));
        }
        for (int i = 0; i < 100 && pages("free_hugepages") < before; i++) {
            Thread.sleep(50);
        }
        assertTrue(pages("free_hugepages") >= before);
    }

    @Test
    void shouldCountWholePagesAgainstTheLimitOfANode() {
        try (Eal eal = eal("--no-huge", "--socket-limit=3")) {
            String message = assertThrows(MemzoneException.class, () -> eal.reserve("more", 5 << 19, 64, 0)).getMessage();
            assertTrue(message.contains("needs 4 MB") && message.contains("--socket-limit leaves 3 MB"), message);
            assertEquals(0, eal.memoryBytes());
        }
    }
}
