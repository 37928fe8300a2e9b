package dev.penstock.apps.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.eal.Eal;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class LcoreRunTest {
    private static void terminate() {
        try {
            assertEquals(0, new ProcessBuilder("kill", "-TERM", "" + ProcessHandle.current().pid()).start().waitFor());
        } catch (InterruptedException e) {
            // that was it
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ports that are being closed would else be left half closed: the JVM would end, or what writes a file be interrupted. */
    @Test
    void shouldEndAtOneSignalAndCloseThroughTheNext() throws Exception {
        try (Eal eal = Eal.start("-l", "0,1", "--no-huge", "--in-memory", "--no-telemetry"); LcoreRun run = new LcoreRun(eal)) {
            run.launch(eal.lcores().getLast(), self -> {
                while (!self.stopRequested()) {
                    Thread.onSpinWait();
                }
                return 0;
            });
            run.until(0, () -> { }, LcoreRunTest::terminate);
            terminate();
            // an interrupt, or the end of the JVM, would come here
            Thread.sleep(300);
        }
    }
}
