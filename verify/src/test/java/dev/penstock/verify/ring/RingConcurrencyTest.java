package dev.penstock.verify.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs jcstress over the ring's sync modes, about a minute; and over the broken twins, which must be caught.
 *
 * <p>The deep run, some ten minutes, in all of the JVM's compilation modes: {@code mvn -pl verify -am package
 * -Dtest=RingConcurrencyTest -Dgroups=slow -DexcludedGroups= -Dsurefire.failIfNoSpecifiedTests=false}. jcstress
 * leaves its report in {@code verify/target/jcstress}.
 */
class RingConcurrencyTest {
    private static final Pattern RESULTS = Pattern.compile(
            "Results: (\\d+) planned; (\\d+) passed, (\\d+) failed, (\\d+) soft errs, (\\d+) hard errs");
    private static final String JVM = "-XX:+UseSerialGC -XX:+UseCondCardMark -Dpenstock.ringPadding=0 -Xmx512m";

    private record Verdict(int planned, int passed, int failed, int errors, String output) {}

    @BeforeAll
    static void needsTwoProcessors() {
        Assumptions.assumeTrue(Runtime.getRuntime().availableProcessors() >= 2,
                "two threads on one processor meet too seldom: run this on two or more");
    }

    @Test
    void shouldAllowNoForbiddenOutcomeInAnyMode() throws Exception {
        Verdict verdict = jcstress("verify\\.ring\\.Ring.*", "-jvmArgs", JVM, "-sc", "false", "-af", "NONE", "-time", "200",
                "-iters", "2", "-f", "1");
        assertEquals(0, verdict.failed + verdict.errors, verdict.output);
        assertEquals(22, verdict.passed, verdict.output);
    }

    @Test
    void shouldCatchEachBrokenTwin() throws Exception {
        Verdict verdict = jcstress("verify\\.ring\\.BrokenRingTwins.*", "-jvmArgs", JVM, "-sc", "false", "-af", "NONE",
                "-time", "500", "-iters", "4", "-f", "1");
        for (String twin : List.of("TailBeforeSlots", "NoWaitForPredecessor", "ClaimNotAtomic")) {
            assertTrue(verdict.output.contains("[FAILED] " + BrokenRingTwins.class.getName() + "." + twin),
                    twin + " was not caught:\n" + verdict.output);
        }
        assertEquals(3, verdict.planned, verdict.output);
        assertEquals(3, verdict.failed, verdict.output);
        assertEquals(0, verdict.errors, verdict.output);
        assertTrue(verdict.output.contains("Forbidden"), verdict.output);
    }

    @Test
    @Tag("slow")
    void shouldAllowNoForbiddenOutcomeInADeepRun() throws Exception {
        Verdict verdict = jcstress("verify\\.ring\\.Ring.*", "-jvmArgsPrepend", JVM, "-m", "quick");
        assertEquals(0, verdict.failed + verdict.errors, verdict.output);
        assertEquals(verdict.planned, verdict.passed, verdict.output);
    }

    private static Verdict jcstress(String tests, String... options) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(Path.of("target", "jcstress").toAbsolutePath());
        Path output = folder.resolve("output.txt");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "org.openjdk.jcstress.Main", "-t", tests, "-r", folder.resolve("report").toString()));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile()).start();
        try {
            assertTrue(process.waitFor(2, TimeUnit.HOURS), "jcstress did not end");
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        String text = Files.readString(output);
        Matcher matcher = RESULTS.matcher(text);
        Verdict verdict = null;
        while (matcher.find()) {
            verdict = new Verdict(number(matcher, 1), number(matcher, 2), number(matcher, 3),
                    number(matcher, 4) + number(matcher, 5), text);
        }
        assertTrue(verdict != null, "jcstress said nothing of results:\n" + text);
        return verdict;
    }

    private static int number(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group));
    }
}
