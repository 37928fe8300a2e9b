package dev.penstock.eal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds a collector whose write barrier slows the packet path down.
 *
 * <p>It looks at the names of the JVM's own threads: the management beans would say it too, and cost more than
 * all the rest of a start.
 */
final class JvmCheck {
    private JvmCheck() {}

    /** What is wrong with the JVM's flags and how to mend it, if anything is. */
    static Optional<String> advice() {
        return dearCollector().map(name -> "The " + name + " collector makes each reference store dearer, 10 to 50 cycles"
                + " a packet; start java with -XX:+UseSerialGC -XX:+UseCondCardMark");
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
