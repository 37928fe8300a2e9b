package dev.penstock.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class TemporaryNamespacesTest {
    private static final Path FOLDER = Path.of("/run/netns");

    @Test
    void shouldGoWithAProgramThatASignalEnds() throws Exception {
        Process program = new ProcessBuilder(System.getProperty("java.home") + "/bin/java", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), Waiting.class.getName()).redirectErrorStream(true).start();
        try (BufferedReader lines = program.inputReader()) {
            Path first = FOLDER.resolve(lines.readLine());
            Path second = FOLDER.resolve(lines.readLine());
            assertTrue(Files.exists(first) && Files.exists(second), first + ", " + second);
            program.toHandle().destroy();
            assertEquals(143, program.waitFor());
            assertFalse(Files.exists(first) || Files.exists(second), first + ", " + second);
        } finally {
            program.destroyForcibly();
        }
    }

    /** Makes two and closes neither. */
    static final class Waiting {
        public static void main(String[] args) throws IOException {
            TemporaryNamespaces all = new TemporaryNamespaces("penstock-ending-", "a", "b");
            System.out.println(all.name(0));
            System.out.println(all.name(1));
            while (System.in.read() >= 0) {
                continue;
            }
        }
    }
}
