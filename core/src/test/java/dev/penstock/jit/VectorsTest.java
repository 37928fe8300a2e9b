package dev.penstock.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VectorsTest {
    /** What a JVM of its own says, started as a user or the launcher would. */
    public static final class Main {
        private Main() {}

        public static void main(String[] arguments) throws ReflectiveOperationException {
            Class<?> loaded = null;
            if (Vectors.module().isPresent()) {
                Main.class.getModule().addReads(Vectors.module().get());
                loaded = Class.forName("jdk.incubator.vector.ByteVector");
            }
            System.out.print(loaded == null ? "scalar" : loaded.getModule().getName());
        }
    }

    private static String started(String... flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-XX:+UseSerialGC"));
        command.addAll(List.of(flags));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said;
    }

    @Test
    void shouldDoWithoutWhereNobodyAskedForVectors() throws Exception {
        assertEquals("scalar", started());
    }

    @Test
    void shouldTakeTheModuleThatTheJvmWasStartedWith() throws Exception {
        assertEquals("WARNING: Using incubator modules: jdk.incubator.vector\njdk.incubator.vector",
                started("--add-modules=jdk.incubator.vector"));
    }

    @Test
    void shouldLoadTheModuleWithoutAWarningWhereTheLauncherLetsIt() throws Exception {
        assertEquals("jdk.incubator.vector", started("-XX:+UnlockExperimentalVMOptions", "-XX:+EnableVectorSupport",
                "--add-exports=java.base/jdk.internal.module=ALL-UNNAMED"));
    }
}
