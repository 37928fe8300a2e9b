package dev.penstock.threads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AtExitTest {
    @Test
    void shouldUndoOnceWhenClosedTwice() {
        AtomicInteger undone = new AtomicInteger();
        AtExit exit = new AtExit(undone::incrementAndGet);
        exit.close();
        exit.close();
        assertEquals(1, undone.get());
    }

    @Test
    void shouldUndoOnceWhenTheProgramEndsBeforeAndWhileItIsClosed() throws Exception {
        Process program = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(), "-cp",
                AtExit.class.getProtectionDomain().getCodeSource().getLocation().getPath() + ":"
                        + Ending.class.getProtectionDomain().getCodeSource().getLocation().getPath(),
                Ending.class.getName()).redirectErrorStream(true).start();
        List<String> lines = program.inputReader().lines().sorted().toList();
        assertEquals(3, program.waitFor());
        assertEquals(List.of("closed, ending true", "undone a", "undone b"), lines);
        assertFalse(AtExit.isEnding());
    }

    /** Ends with one thing to be undone that nobody closes, and one that is closed while the program ends. */
    static final class Ending {
        public static void main(String[] args) {
            AtExit unclosed = new AtExit(() -> System.out.println("undone a"));
            AtExit closed = new AtExit(() -> System.out.println("undone b"));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                closed.close();
                System.out.println("closed, ending " + AtExit.isEnding());
            }));
            System.exit(unclosed == null ? 1 : 3);
        }
    }
}
