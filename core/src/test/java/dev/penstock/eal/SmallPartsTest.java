package dev.penstock.eal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.linux.Affinity;
import dev.penstock.linux.Platform;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Device arguments, log, clock, run-time folder, threads' affinity, advice on the JVM. */
class SmallPartsTest {
    @Test
    void shouldReadDeviceArguments() {
        DeviceArgs args = DeviceArgs.parse("net_null0,size=64,copy,queues=[0,2],iface=a=b,size=0x80,empty=");
        assertEquals("net_null0", args.name());
        assertEquals(List.of("64", "0x80"), args.values("size"));
        assertEquals("0x80", args.value("size").orElseThrow());
        assertEquals(128, args.number("size", 1, 0, 200));
        assertEquals(7, args.number("other", 7, 0, 9));
        assertEquals("", args.value("copy").orElseThrow());
        assertEquals("", args.value("empty").orElseThrow());
        assertEquals("a=b", args.value("iface").orElseThrow());
        assertEquals(List.of("0", "2"), DeviceArgs.list(args.value("queues").orElseThrow()));
        assertEquals(List.of("x"), DeviceArgs.list("x"));
        assertEquals(List.of(), DeviceArgs.parse("net_tap0").pairs());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'' | the device's name is missing, at character 1",
        "',a=1' | the device's name is missing, at character 1",
        "size=1 | an argument stands where the device's name should, at character 5",
        "d,, | a key is missing, at character 3",
        "d, | a key is missing, at character 3",
        "d,=1 | a key is missing, at character 3",
        "d,a=[1,2 | '[' is not closed, at character 5",
        "d,a=1] | ']' closes nothing, at character 6"})
    void shouldSayWhereDeviceArgumentsAreWrong(String text, String expected) {
        String message = assertThrows(IllegalArgumentException.class, () -> DeviceArgs.parse(text)).getMessage();
        assertTrue(message.startsWith("device '" + text + "': " + expected), message);
    }

    @Test
    void shouldSuggestTheNearestKey() {
        DeviceArgs args = DeviceArgs.parse("net_null0,siez=64");
        assertEquals("device 'net_null0,siez=64': unknown key 'siez'; did you mean size?, at character 11;"
                + " net_null0 takes copy, size",
                assertThrows(IllegalArgumentException.class, () -> args.allow(Set.of("size", "copy"))).getMessage());
        assertThrows(IllegalArgumentException.class, () -> DeviceArgs.parse("d,n=x").number("n", 0, 0, 9));
        assertThrows(IllegalArgumentException.class, () -> DeviceArgs.parse("d,n=10").number("n", 0, 0, 9));
    }

    @Test
    void shouldLogByTypeAndLevel() {
        List<String> lines = new ArrayList<>();
        Log log = new Log(lines::add);
        Log.Type tap = log.type("pmd.net.tap", "TAP");
        tap.debug("hidden");
        tap.info("shown");
        log.level("pmd.*:debug");
        tap.debug("glob");
        log.level("lib\\..*|pmd\\.net\\.t.p,error");
        tap.warning("hidden");
        tap.error("regex");
        log.level("pmd.net.tap:8");
        log.level("notice");
        tap.info("hidden");
        tap.log(Log.Level.NOTICE, "global");
        log.type("lib.later", "LATER").warning("hidden");
        log.type("lib.later", "LATER").error("rule kept");
        assertEquals(List.of("TAP: shown", "TAP: glob", "TAP: regex", "TAP: global", "LATER: rule kept"), lines);
        assertTrue(log.help().contains("pmd.net.tap, level is debug"));
    }

    @Test
    void shouldScaleCyclesExactly() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 10_000; i++) {
            long hz = random.nextLong(1_000_000, 8_000_000_000L);
            long ns = random.nextLong(0, 1L << random.nextInt(1, 62));
            long scale = Clock.scale(hz);
            assertEquals(BigInteger.valueOf(ns).multiply(BigInteger.valueOf(scale)).shiftRight(32).longValue(),
                    Clock.cycles(ns, scale));
        }
        assertEquals(Clock.hz(), Clock.cyclesOf(1_000_000_000), Clock.hz() / 1e6);
    }

    @Test
    void shouldRiseAndDelay() {
        long cycles = Clock.cycles();
        long ns = Clock.ns();
        Clock.delayUs(1000);
        assertTrue(Clock.ns() - ns >= 1_000_000);
        assertTrue(Clock.cycles() - cycles >= Clock.cyclesOf(1_000_000) - 1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"'bogomips\t: 5400.00' | 2700000000", "'BogoMIPS\t: 50.00' | 25000000",
        "'bogomips : 4788.91' | 2394455000", "'nothing' | 1000000000", "'bogomips : 0.00' | 1000000000"})
    void shouldReadTheCountersFrequency(String cpuinfo, long hz) {
        assertEquals(hz, Clock.frequency("processor : 0\n" + cpuinfo + "\nflags : x\n"));
    }

    @Test
    void shouldFindTheRunTimeFolderWhereDpdkHasIt() {
        Map<String, String> both = Map.of("RUNTIME_DIRECTORY", "/svc", "XDG_RUNTIME_DIR", "/run/user/5");
        assertEquals(Path.of("/svc/dpdk/a"), RuntimeFolder.of(both, "root", "a"));
        assertEquals(Path.of("/var/run/dpdk/a"), RuntimeFolder.of(Map.of("XDG_RUNTIME_DIR", "/run/user/5"), "root", "a"));
        assertEquals(Path.of("/run/user/5/dpdk/rte"), RuntimeFolder.of(Map.of("XDG_RUNTIME_DIR", "/run/user/5"), "joe", "rte"));
        assertEquals(Path.of(System.getProperty("java.io.tmpdir"), "dpdk", "rte"), RuntimeFolder.of(Map.of(), "joe", "rte"));
    }

    @Test
    void shouldMakeARunTimeFolderForItsOwnerAloneAndRemoveItWhenEmpty(@TempDir Path root) throws IOException {
        Path folder = RuntimeFolder.make(root.resolve("dpdk").resolve("rte"));
        assertEquals(folder, RuntimeFolder.make(folder));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
        Files.writeString(folder.resolve("other"), "x");
        RuntimeFolder.removeIfEmpty(folder);
        assertTrue(Files.exists(folder));
        Files.delete(folder.resolve("other"));
        RuntimeFolder.removeIfEmpty(folder);
        assertFalse(Files.exists(folder));
        Path file = Files.writeString(root.resolve("file"), "x");
        assertTrue(assertThrows(UncheckedIOException.class, () -> RuntimeFolder.make(file.resolve("rte"))).getMessage()
                .contains("XDG_RUNTIME_DIR"));
    }

    @Test
    void shouldPinLcoresAndNobodyElse() throws InterruptedException {
        Assumptions.assumeTrue(Platform.isLinux(), "needs Linux");
        BitSet before = Affinity.cpus();
        int last = before.length() - 1;
        try (Eal eal = Eal.start(l -> { }, "--lcores=0@" + last)) {
            assertEquals(before, Affinity.cpus());
            BitSet[] seen = new BitSet[2];
            Thread[] made = new Thread[1];
            eal.mainLcore().launch(self -> {
                seen[0] = Affinity.cpus();
                made[0] = eal.controlThread("c", () -> seen[1] = Affinity.cpus());
                made[0].start();
                return 0;
            });
            eal.mainLcore().await();
            made[0].join();
            assertEquals(CoreList.only(last), seen[0]);
            assertEquals(before, seen[1]);
        }
    }

    /** A process with a worker on the last processor; says where its compiler threads may run. */
    static final class Spared {
        private Spared() {}

        /**
         * Runs it.
         *
         * @param args none
         */
        public static void main(String[] args) {
            int last = Affinity.cpus().length() - 1;
            try (Eal eal = Eal.start(l -> { }, "--lcores=0@0,1@" + last)) {
                boolean done = eal.keepWorkersFree();
                eal.workers().getFirst().launch(self -> Affinity.cpus().get(last) ? 1 : 0);
                Thread later = eal.controlThread("later", () -> System.out.println("later " + Affinity.cpus().get(last)));
                later.start();
                later.join();
                System.out.println(done + ", worker there: " + (eal.workers().getFirst().await() == 1));
                for (File task : new File("/proc/self/task").listFiles()) {
                    System.out.println(where(task.toPath()));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A thread's name, and the processors that it may use. */
    private static String where(Path task) {
        try {
            String name = Files.readString(task.resolve("comm")).strip();
            String allowed = Files.readAllLines(task.resolve("status")).stream()
                    .filter(l -> l.startsWith("Cpus_allowed_list:")).findFirst().orElseThrow();
            return name + " " + allowed.replaceAll(".*\\s", "");
        } catch (IOException ended) {
            return "";
        }
    }

    @Test
    void shouldMoveTheJvmsThreadsOffTheWorkersProcessors() throws Exception {
        Assumptions.assumeTrue(Platform.isLinux() && Affinity.cpus().cardinality() > 1 && Affinity.cpus().get(0), "SKIPPED: needs Linux and two processors");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), Spared.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        List<String> lines = process.inputReader().lines().toList();
        assertEquals(0, process.waitFor());
        String last = Integer.toString(Affinity.cpus().length() - 1);
        assertTrue(lines.contains("later false") && lines.contains("true, worker there: true"), lines.toString());
        assertEquals(List.of("lcore-1 " + last), lines.stream().filter(l -> l.matches(".* (.*[,-])?" + last)).toList());
        assertTrue(lines.stream().anyMatch(l -> l.startsWith("C2 CompilerThre")), lines.toString());
    }

    @Test
    void shouldLeaveNoCpuForNobody() {
        BitSet all = new BitSet();
        all.set(0, 4096);
        assertFalse(new Unpinned(Affinity.cpus()).leave(all, Set.of()));
    }

    @Test
    void shouldKnowDearCollectorsByTheirThreads() {
        assertEquals("G1", JvmCheck.collector("G1 Service"));
        assertEquals("Z", JvmCheck.collector("ZDriverMinor"));
        assertEquals("", JvmCheck.collector("VM Thread"));
        assertTrue(JvmCheck.lacksCardMark("java\0-XX:+UseSerialGC\0Main"));
        assertFalse(JvmCheck.lacksCardMark("java\0-XX:+UseCondCardMark\0Main"));
        assertFalse(JvmCheck.lacksCardMark("java\0@flags\0Main"));
        assertFalse(JvmCheck.lacksCardMark(""));
    }

    @Test
    void shouldFindARegexAnywhereInATypeButAGlobInTheWhole() {
        List<String> lines = new ArrayList<>();
        Log log = new Log(lines::add);
        Log.Type tap = log.type("pmd.net.tap", "TAP");
        log.level("net:debug");
        log.level("^net,debug");
        tap.debug("hidden");
        log.level("net\\.,debug");
        tap.debug("found");
        assertEquals(List.of("TAP: found"), lines);
    }

    @Test
    void shouldMakeARuntimeFolderForAUserWithoutAName(@TempDir Path root) {
        String user = System.setProperty("user.name", "?");
        try {
            Path folder = RuntimeFolder.make(root.resolve("dpdk").resolve("rte"));
            assertEquals(folder, RuntimeFolder.make(folder));
            RuntimeFolder.removeIfEmpty(folder);
            assertFalse(Files.exists(folder));
        } finally {
            System.setProperty("user.name", user);
        }
    }
}
