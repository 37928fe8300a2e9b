package dev.penstock.apps.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
    @TempDir private Path folder;

    private Process demo(int seconds) throws Exception {
        return new ProcessBuilder(System.getProperty("java.home") + "/bin/java", "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + folder, "-cp", System.getProperty("java.class.path"), "dev.penstock.apps.Main", "demo",
                "--seconds=" + seconds).redirectErrorStream(true).start();
    }

    private List<Path> left() throws Exception {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        }
    }

    @Test
    void shouldLeaveNoFolderWhenASignalEndsIt() throws Exception {
        Process program = demo(60);
        try (BufferedReader lines = program.inputReader()) {
            while (!lines.readLine().startsWith("2.")) {
                assertEquals(1, left().size());
            }
            program.toHandle().destroy();
            assertEquals(143, program.waitFor());
            assertEquals(List.of(), left());
        } finally {
            program.destroyForcibly();
        }
    }

    @Test
    void shouldNameTheFolderThatItLeaves() throws Exception {
        Process program = demo(1);
        String said = new String(program.getInputStream().readAllBytes());
        assertEquals(0, program.waitFor(), said);
        assertEquals(1, left().size(), said);
        assertTrue(said.contains("tcpdump -nr " + left().getFirst().resolve("out.pcap")), said);
    }
}
