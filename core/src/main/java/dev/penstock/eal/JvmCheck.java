package dev.penstock.eal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds a collector, or a lacking flag, whose write barrier slows the packet path down.
 *
 * <p>It looks at the names of the JVM's own threads: the management beans would say it too, and cost more than
 * all the rest of a start.
 */
final class JvmCheck {
    /** With it the collector does nothing when a reference is stored. */
    private static final String PASSIVE = "-XX:ShenandoahGCMode=passive";

    private JvmCheck() {}

    /** What is wrong with the JVM's flags for so many lcores and how to mend it, if anything is. */
    static Optional<String> advice(int lcores) {
        String line = commandLine();
        if (line.contains(PASSIVE)) {
            return Optional.empty();
        }
        return dearCollector().map(name -> "The " + name + " collector makes each reference store dearer, 10 to 50 cycles"
                + " a packet; start java with -XX:+UnlockDiagnosticVMOptions -XX:+UseShenandoahGC " + PASSIVE
                + ", or where the JDK lacks it with -XX:+UseSerialGC -XX:+UseCondCardMark")
                .or(() -> lcores > 1 && lacksCardMark(line) ? Optional.of("Lcores that store references near each"
                        + " other slow each other down; start java with -XX:+UseCondCardMark") : Optional.empty());
    }

    /** Arguments may also stand in files, which are not read here: then nothing is said. */
    static boolean lacksCardMark(String commandLine) {
        return !commandLine.isEmpty() && !commandLine.contains("+UseCondCardMark") && !commandLine.contains("\0@")
                && !commandLine.contains("VMOptionsFile") && !commandLine.contains("-XX:Flags=");
    }

    private static String commandLine() {
        try {
            return Files.readString(Path.of("/proc/self/cmdline"), StandardCharsets.ISO_8859_1)
                    + System.getenv("JDK_JAVA_OPTIONS") + System.getenv("JAVA_TOOL_OPTIONS");
        } catch (IOException e) {
            return "";
        }
    }

    private static Optional<String> dearCollector() {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.map(JvmCheck::threadName).map(JvmCheck::collector).filter(n -> !n.isEmpty()).findAny();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String threadName(Path task) {
        try {
            return Files.readString(task.resolve("comm")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    static String collector(String thread) {
        return thread.equals("G1 Service") || thread.equals("G1 Main Marker") ? "G1"
                : thread.startsWith("ZDirector") || thread.startsWith("ZDriver") ? "Z"
                : thread.startsWith("Shenandoah") ? "Shenandoah" : "";
    }
}
