package dev.penstock.verify.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The commands as a person types them, by the launcher that they type. */
class LauncherTest {
    private static final Path LAUNCHER = Path.of("../penstock").toAbsolutePath().normalize();

    private record Outcome(int code, String out, String err) {}

    private static Outcome penstock(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile("penstock", ".out");
        Path err = Files.createTempFile("penstock", ".err");
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        try {
            assertTrue(process.waitFor(5, TimeUnit.MINUTES), String.join(" ", command) + " does not end");
            return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err, StandardCharsets.UTF_8));
        } finally {
            process.destroyForcibly().waitFor();
            Files.delete(out);
            Files.delete(err);
        }
    }

    @Test
    void shouldSayItsVersionAndNothingElse() throws Exception {
        penstock(Map.of(), "build");
        Outcome version = penstock(Map.of(), "version");
        assertEquals(0, version.code());
        assertTrue(version.out().startsWith("Penstock "), version.out());
        assertEquals("", version.err(), "silent when nothing is wrong");
        assertEquals(version.out(), penstock(Map.of(), "--version").out());
        assertEquals(version.out(), penstock(Map.of(), "-V").out());
        Outcome forwarded = penstock(Map.of(), "testpmd", "--no-huge", "--in-memory", "-v", "--vdev", "net_null0,copy=1", "--vdev",
                "net_null1,copy=1", "--", "--total-num-mbufs=2048", "--tx-first");
        String name = version.out().substring(0, version.out().indexOf(" on "));
        assertTrue((forwarded.out() + forwarded.err()).contains("EAL: RTE Version: '" + name + "'"), forwarded.out() + forwarded.err());
        assertFalse(forwarded.err().contains("WARNING"), "the JVM has nothing to say where packets are copied by vectors");
    }

    /** What the start of the place before was trained for is not taken: the JVM complained of it at each start. */
    @Test
    void shouldSayNothingElseEitherWhereItsFolderWasMovedTo(@TempDir Path folder) throws Exception {
        penstock(Map.of(), "build");
        String out = shell("cd '" + folder + "' && R=$(dirname \"$P\") && cp -p \"$P\" \"$R/pom.xml\" . && ln -s \"$R\"/{linux,core,tables,virt,drivers} ."
                + " && mkdir apps && ln -s \"$R/apps/src\" apps/ && cp -pr \"$R\"/apps/{pom.xml,target} apps/ && ls apps/target/penstock.aot"
                + " && ./penstock version 2>&1; rm linux core tables virt drivers apps/src");
        assertEquals("apps/target/penstock.aot\n" + penstock(Map.of(), "version").out(), out);
    }

    /** A program that had waited until another one had built kept the lock for as long as it ran: a bench, which starts others, for ever. */
    @Test
    void shouldNotKeepTheLockOfABuildThatItWaitedFor(@TempDir Path folder) throws Exception {
        penstock(Map.of(), "build");
        String out = shell("cd '" + folder + "' && R=$(dirname \"$P\") && cp -p \"$P\" \"$R/pom.xml\" . && ln -s \"$R\"/{linux,core,tables,virt,drivers} ."
                + " && mkdir apps && ln -s \"$R/apps/src\" apps/ && cp -pr \"$R\"/apps/{pom.xml,target} apps/ && mv apps/target/built . && mkfifo in"
                + " && exec 8>apps/target/lock && flock 8"
                + " && { ./penstock testpmd --no-huge --in-memory --no-telemetry --vdev net_null0 -- -i --total-num-mbufs=2048 <in >out 2>&1 8>&- & }"
                + " && exec 7>in && until [ -e /proc/$!/fd/9 ]; do sleep 0.1; done"
                + " && mv built apps/target/ && touch apps/target/built && exec 8>&-"
                + " && until grep -q testpmd out; do kill -0 $! || break; sleep 0.1; done && { flock -n apps/target/lock echo free || echo kept; }"
                + " && echo quit >&7 && wait $! && rm linux core tables virt drivers apps/src");
        assertEquals("free\n", out);
    }

    @Test
    void shouldListItsCommandsAndGiveEachAnExample() throws Exception {
        Outcome help = penstock(Map.of(), "help");
        for (String command : List.of("demo", "testpmd", "doctor", "test", "bench", "version")) {
            assertTrue(help.out().contains("  " + command), command + " is missing in\n" + help.out());
        }
        assertEquals(help.out(), penstock(Map.of(), "--help").out());
        for (String command : List.of("demo", "testpmd", "doctor", "version", "test", "bench")) {
            Outcome one = penstock(Map.of(), command, "--help");
            assertEquals(0, one.code(), one.err());
            assertTrue(one.out().contains("Example"), command + " --help has no example:\n" + one.out());
        }
    }

    @Test
    void shouldRefuseWhatItDoesNotKnowAndSayWhatThereIs() throws Exception {
        Outcome unknown = penstock(Map.of(), "dmeo");
        assertEquals(2, unknown.code());
        assertTrue(unknown.err().contains("dmeo") && unknown.err().contains("demo"), unknown.err());
        Outcome bad = penstock(Map.of(), "demo", "--seconds", "0");
        assertEquals(1, bad.code());
        assertTrue(bad.err().contains("--seconds 0"), bad.err());
        assertFalse(bad.err().contains("\tat "), "a wrong option needs no stack trace:\n" + bad.err());
    }

    @Test
    void shouldSayWhatToDoWhenTheNamedJdkIsNone() throws Exception {
        Outcome none = penstock(Map.of("PENSTOCK_JAVA_HOME", "/nonexistent"), "version");
        assertEquals(1, none.code());
        assertTrue(none.err().contains("/nonexistent") && none.err().contains("JDK 25"), none.err());
    }

    @Test
    void shouldForwardEveryPacketOfTheDemo(@TempDir Path folder) throws Exception {
        Outcome demo = penstock(Map.of(), "demo", "--seconds", "1", "--output", folder.toString());
        assertEquals(0, demo.code(), demo.err());
        assertTrue(demo.out().contains("every packet accounted for"), demo.out());
        assertTrue(demo.out().contains(" 0 lost"), demo.out());
        assertTrue(Files.size(folder.resolve("out.pcap")) > 24);
        String hint = demo.out().lines().filter(l -> l.contains("./penstock testpmd")).findFirst().orElseThrow();
        assertTrue(hint.contains(" --no-flush-rx"), "else testpmd throws the file away when it starts: " + hint);
    }

    @Test
    @Tag("root")
    @EnabledIf("dev.penstock.testkit.Root#here")
    void shouldForwardBetweenTwoNamespacesAndLeaveNothing() throws Exception {
        Outcome demo = penstock(Map.of(), "demo", "--netns", "--seconds", "1");
        assertEquals(0, demo.code(), demo.out() + demo.err());
        assertTrue(demo.out().contains("3 received"), demo.out());
        assertTrue(demo.out().contains("iperf Done"), demo.out());
        try (var left = Files.list(Path.of("/run/netns"))) {
            assertEquals(List.of(), left.map(p -> p.getFileName().toString()).filter(LauncherTest::isLeftBehind).toList());
        }
    }

    /** Whether a namespace is of a demo that has ended; one that runs beside this test has its own. */
    private static boolean isLeftBehind(String namespace) {
        return namespace.startsWith("penstock-demo-") && ProcessHandle.of(Long.parseLong(namespace.split("-")[2])).isEmpty();
    }

    @Test
    void shouldSayWhatTheMachineCanDo() throws Exception {
        Outcome doctor = penstock(Map.of(), "doctor", "--json");
        assertEquals(0, doctor.code(), doctor.err());
        assertTrue(doctor.out().strip().startsWith("{") || doctor.out().strip().startsWith("["), doctor.out());
        assertTrue(doctor.out().contains("JDK"), doctor.out());
    }

    /** A wrong name once ended as if all were well. */
    @Test
    void shouldNotTakeNoTestForAPassedOne(@TempDir Path folder) throws Exception {
        Path log = Files.writeString(folder.resolve("log"), "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 1\n"
                + "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 1, Time elapsed: 1 s -- in a.BTest\n");
        assertEquals("2 passed, 0 failed, 1 skipped\n0\n", count(log));
        assertEquals("0 passed, 0 failed, 0 skipped\n1\n", count(Files.writeString(log, "[INFO] BUILD SUCCESS\n")));
    }

    private static String count(Path log) throws IOException, InterruptedException {
        Process bash = new ProcessBuilder("bash", "-c", ". " + LAUNCHER.resolveSibling("apps/src/main/shell/test.sh") + "; count " + log
                + "; echo $?").redirectErrorStream(true).start();
        String out = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        bash.waitFor();
        return out;
    }

    @Test
    void shouldRunTheExampleFromItsSource() throws Exception {
        Outcome example = penstock(Map.of(), "example", "01-forwarder");
        assertEquals(0, example.code(), example.err());
        assertTrue(example.out().matches("(?s)received (\\d+), sent \\1 packets\\s*"), example.out());
    }

    @Test
    void shouldSayWhatIsWrongWithAnExamplesDevices() throws Exception {
        for (String example : List.of("01-forwarder net_nothing0", "02-exception-path", "02-exception-path net_af_packet0,iface=no-such0 mgmt0",
                "03-router", "03-router net_nothing0")) {
            Outcome wrong = penstock(Map.of(), ("example " + example).split(" "));
            assertEquals(1, wrong.code(), wrong.err());
            assertFalse(wrong.err().contains("\tat "), wrong.err());
            assertTrue(wrong.err().lines().anyMatch(line -> line.startsWith(example.split(" ")[0] + ": ")), wrong.err());
        }
    }

    private static String shell(String command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", command).redirectErrorStream(true);
        builder.environment().put("P", LAUNCHER.toString());
        Process process = builder.start();
        process.getOutputStream().close();
        try {
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(5, TimeUnit.MINUTES), command);
            return out;
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** It went on for ever, since the JVM takes no notice of SIGPIPE. */
    @Test
    void shouldEndWhenNobodyReadsItsStatisticsAnyMore() throws Exception {
        String ports = " --no-huge --in-memory --no-telemetry --vdev net_null0,rate=1000 --vdev net_null1,rate=1000 -- ";
        for (String program : List.of("l2fwd" + ports + "-T 1", "l3fwd" + ports + "--stats-period=1", "testpmd" + ports + "--stats-period=1")) {
            String out = shell("\"$P\" " + program + " 2>/dev/null | head -1; echo ${PIPESTATUS[0]}");
            assertTrue(out.endsWith("\n0\n"), program + "\n" + out);
        }
    }

    /** The exit code was 0, and half of a document had been written. */
    @Test
    @EnabledIf("hasFullDevice")
    void shouldSayThatWhatItPrintedHadNoRoom() throws Exception {
        for (String command : List.of("version", "doctor --json", "bench --list", "l2fwd --no-huge --no-telemetry -- --help")) {
            String out = shell("\"$P\" " + command + " 2>&1 >/dev/full; echo $?");
            assertTrue(out.contains("penstock: standard output: ") && out.endsWith("\n1\n"), command + "\n" + out);
        }
        assertEquals("0\n", shell("\"$P\" version >&-; echo $?"));
    }

    static boolean hasFullDevice() {
        return Files.isWritable(Path.of("/dev/full"));
    }

    /** Descriptor 0 was then the JVM's own file of classes, and the prompt read that. */
    @Test
    void shouldHaveNoCommandsWhereStandardInputIsClosed() throws Exception {
        String out = shell("\"$P\" vswitch --no-huge --in-memory --no-telemetry -- <&-; echo $?");
        assertFalse(out.contains("no such command"), out);
        assertTrue(out.endsWith("0\n"), out);
    }

    /** Java takes the locale C for ASCII: a file of such a name could not be named. */
    @Test
    void shouldTakeNamesOfFilesInAnyLocale(@TempDir Path folder) throws Exception {
        // named by the shell, since this JVM's own locale may be C
        String folders = "F='" + folder + "'/$(printf '\\303\\274'); ";
        for (String locale : List.of("LC_ALL=C", "LC_ALL= LC_CTYPE= LANG=", "LC_ALL= LC_CTYPE=POSIX")) {
            String out = shell(folders + locale + " \"$P\" demo --seconds 1 --output \"$F\" 2>&1; ls \"$F\" && rm -r \"$F\"");
            assertTrue(out.endsWith("out.pcap\n") && out.contains("\u2588"), locale + "\n" + out);
        }
    }

    @Test
    void shouldWriteNumbersTheSameInEachCountry(@TempDir Path folder) throws Exception {
        Outcome demo = penstock(Map.of("PENSTOCK_JVM", "-Duser.language=de -Duser.country=DE"), "demo", "--seconds", "1", "--output",
                folder.toString());
        assertTrue(demo.out().matches("(?s).*    1\\.0 s +\\d+\\.\\d\\d Mpps.*"), demo.out());
    }

    /** A suite whose rows are known only when it runs printed an empty table, with exit code 0. */
    @Test
    void shouldSayThatNothingWasMeasured() throws Exception {
        Outcome none = penstock(Map.of(), "bench", "mempool", "--only", "no such row");
        assertEquals(2, none.code(), none.out() + none.err());
        assertTrue(none.err().contains("no row of mempool has a name with 'no such row' in it"), none.err());
        Outcome cores = penstock(Map.of(), "bench", "ring", "--lcores", "0,999");
        assertEquals(2, cores.code(), cores.err());
        assertTrue(cores.err().contains("--lcores=0,999: give processors that are on line"), cores.err());
    }
}
