package dev.penstock.verify;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;

/** Runs jcstress in a JVM of its own; its report lands in {@code verify/target/jcstress}. */
public final class Jcstress {
    /** This JVM's collector, the product's, and rings without their padding. */
    public static final String JVM = ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(a -> a.matches("-XX:.*(Unlock|GC|CardMark|CountedLoop).*")).collect(Collectors.joining(" "))
            + " -Dpenstock.ringPadding=0 -Xmx512m";
    private static final Pattern RESULTS = Pattern.compile(
            "Results: (\\d+) planned; (\\d+) passed, (\\d+) failed, (\\d+) soft errs, (\\d+) hard errs");

    /** What came out. */
    public record Verdict(int planned, int passed, int failed, int errors, String output) {}

    private Jcstress() {}

    /** Two threads on one processor meet too seldom. */
    public static void needTwoProcessors() {
        Assumptions.assumeTrue(Runtime.getRuntime().availableProcessors() >= 2,
                "two threads on one processor meet too seldom: run this on two or more");
    }

    /** Runs the tests whose names match. */
    public static Verdict run(String tests, String... options) throws IOException, InterruptedException {
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
