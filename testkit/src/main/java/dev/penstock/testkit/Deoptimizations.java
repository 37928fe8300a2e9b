package dev.penstock.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;

/** Where a thread left compiled code, and why: something came that the JIT had left out, or had checked for too much. */
public final class Deoptimizations {
    private Deoptimizations() {}

    /**
     * Runs something and looks at what its thread left meanwhile.
     *
     * @param run what the calling thread does
     * @return each time, as in {@code profile_predicate: a.package.Type.method line 12}
     */
    public static List<String> of(Runnable run) {
        long self = Thread.currentThread().threadId();
        try (Recording recording = new Recording()) {
            recording.enable("jdk.Deoptimization").withoutStackTrace();
            recording.start();
            run.run();
            recording.stop();
            Path file = Files.createTempFile("deoptimizations", ".jfr");
            try {
                recording.dump(file);
                return RecordingFile.readAllEvents(file).stream()
                        .filter(e -> e.getEventType().getName().equals("jdk.Deoptimization") && e.getThread() != null
                                && e.getThread().getJavaThreadId() == self)
                        .map(Deoptimizations::text).toList();
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a recording of the JVM", e);
        }
    }

    private static String text(RecordedEvent e) {
        RecordedMethod method = e.getValue("method");
        return e.getString("reason") + ": " + (method == null ? "?" : method.getType().getName() + "." + method.getName()) + " line "
                + e.getInt("lineNumber");
    }
}
