package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchTest {
    private static final int SIGTERM = 143;

    @TempDir
    private Path temporary;

    /** A program that needs files until it is ended. */
    static final class Program {
        private Program() {}

        public static void main(String[] args) throws Exception {
            Scratch.file("output", ".txt");
            Files.writeString(Scratch.folder("pair").resolve("s"), "a socket");
            System.out.println("ready");
            if (args.length == 0) {
                new CountDownLatch(1).await();
            }
        }
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = Stream.concat(Stream.of(ProcessHandle.current().info().command().orElseThrow(),
                "-Djava.io.tmpdir=" + temporary, "-cp", "target/classes:target/test-classes", Program.class.getName()),
                Stream.of(arguments)).toList();
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        assertEquals("ready", process.inputReader().readLine());
        return process;
    }

    private static int end(Process process) throws InterruptedException {
        try {
            return process.waitFor(1, TimeUnit.MINUTES) ? process.exitValue() : -1;
        } finally {
            process.destroyForcibly();
        }
    }

    private long left() throws IOException {
        try (Stream<Path> all = Files.list(temporary)) {
            return all.count();
        }
    }

    @Test
    void shouldLeaveNothingWhenItIsEndedByASignal() throws Exception {
        Process process = start();
        assertEquals(1, left());
        process.destroy();
        assertEquals(SIGTERM, end(process));
        assertEquals(0, left());
    }

    @Test
    void shouldLeaveNothingAtItsEnd() throws Exception {
        assertEquals(0, end(start("end")));
        assertEquals(0, left());
    }
}
