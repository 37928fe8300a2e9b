package dev.penstock.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher on a machine that lacks what it needs: a copy of it alone, with few programs on the path. */
class LauncherTest {
    @TempDir private Path folder;

    private Path launcher;
    private Path programs;

    private record Outcome(int code, String text) {}

    @BeforeEach
    void copy() throws IOException {
        Path home = Files.createDirectories(folder.resolve("a path with spaces"));
        launcher = Files.copy(Path.of("..", "penstock"), home.resolve("penstock"));
        launcher.toFile().setExecutable(true);
        Files.createDirectories(home.resolve("examples/01-forwarder"));
        programs = Files.createDirectories(folder.resolve("programs"));
        for (String program : List.of("bash", "env", "sed", "dirname", "readlink", "id", "find", "ls", "tr")) {
            link(program);
        }
    }

    private Outcome run(Path program, Map<String, String> environment, String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(args));
        Path out = folder.resolve("out");
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile())).redirectOutput(out.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", programs.toString());
        builder.environment().putAll(environment);
        int code = builder.start().waitFor();
        return new Outcome(code, Files.readString(out));
    }

    private Path jdk(String version) throws IOException {
        Path home = Files.createDirectories(folder.resolve("jdk " + version + "/bin")).getParent();
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n", StandardCharsets.UTF_8);
        Files.writeString(home.resolve("bin/javac"), "#!/bin/sh\n").toFile().setExecutable(true);
        return home;
    }

    @Test
    void shouldNameTheJdkThatIsTooOld() throws Exception {
        Path old = jdk("17.0.9");
        Outcome o = run(launcher, Map.of("PENSTOCK_JAVA_HOME", old.toString()), "version");
        assertEquals(1, o.code, o.text);
        assertTrue(o.text.startsWith("penstock: PENSTOCK_JAVA_HOME=" + old + " is no JDK 25 or newer\n"), o.text);
    }

    @Test
    void shouldSayHowToGetMavenWithoutHomeAndThroughALink() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), launcher);
        for (Path program : List.of(launcher, link)) {
            Outcome o = run(program, Map.of("PENSTOCK_JAVA_HOME", jdk("25.0.1").toString()), "version");
            assertEquals(1, o.code, o.text);
            assertTrue(o.text.startsWith("penstock: needs Maven to build and found no mvn\n"), o.text);
            assertTrue(o.text.contains("sudo apt-get install maven"), o.text);
            o = run(program, Map.of("JAVA_HOME", jdk("25").toString()), "demo");
            assertTrue(o.text.startsWith("penstock: needs Maven to build and found no mvn\n"), o.text);
        }
    }

    @Test
    void shouldExplainItsOwnCommandsWithAnExampleBeforeAnythingIsBuilt() throws Exception {
        for (String[] args : new String[][] {{"help", "build"}, {"build", "--help"}, {"example", "--help"}, {"help", "example"}}) {
            Outcome o = run(launcher, Map.of(), args);
            assertEquals(0, o.code, o.text);
            assertTrue(o.text.contains("Usage: ./penstock " + (args[0].equals("help") ? args[1] : args[0])), o.text);
            assertTrue(o.text.contains("Example: ./penstock "), o.text);
        }
        assertTrue(run(launcher, Map.of(), "help", "example").text.contains("01-forwarder"));
    }

    @Test
    void shouldRefuseArgumentsThatItWouldNotHeed() throws Exception {
        Map<String, String> environment = Map.of("JAVA_HOME", jdk("25").toString());
        assertTrue(run(launcher, environment, "build", "core").text.startsWith("penstock: build takes no arguments, and not 'core'\n"));
        Outcome o = run(launcher, environment, "build", "--fast");
        assertEquals(1, o.code, o.text);
        Path shell = Files.createDirectories(launcher.resolveSibling("apps/src/main/shell"));
        Files.copy(Path.of("src/main/shell/test.sh"), shell.resolve("test.sh"));
        for (String wrong : List.of("--fast", "-X", "-D")) {
            o = run(launcher, environment, "test", wrong);
            assertEquals(1, o.code, o.text);
            assertTrue(o.text.startsWith("penstock: no option '" + wrong + "'\n"), o.text);
        }
        for (String wrong : List.of("--slow", "-Dtest=RingTest")) {
            o = run(launcher, environment, "test", wrong, "--aarch64");
            assertEquals(1, o.code, o.text);
            assertTrue(o.text.startsWith("penstock: --aarch64 takes modules alone, and neither --slow nor -Dtest"), o.text);
        }
    }

    @Test
    void shouldShowTheErrorOfABuildThatMavenPutsAColoursCodesBefore() throws Exception {
        for (String program : List.of("mktemp", "chmod", "mkdir", "rm", "grep", "head", "tail", "tee", "cat")) {
            link(program);
        }
        Files.createDirectories(launcher.resolveSibling("linux"));
        Files.writeString(programs.resolve("mvn"), "#!/bin/bash\nprintf '\\e[0m\\e[0m[ERROR] Could not create a folder\\n[ERROR] Help\\n'\nexit 1\n")
                .toFile().setExecutable(true);
        Outcome o = run(launcher, Map.of("JAVA_HOME", jdk("25").toString()), "build");
        assertEquals(1, o.code, o.text);
        assertTrue(o.text.contains("\n[ERROR] Could not create a folder\n[ERROR] Help\npenstock: the build failed; "), o.text);
    }

    /** A launcher whose build is up to date and whose JVM prints its arguments. */
    private Map<String, String> built() throws IOException {
        Path home = launcher.getParent();
        for (String part : List.of("linux", "core", "tables", "virt", "drivers", "apps")) {
            Files.createDirectories(home.resolve(part + "/src/main"));
            Files.createFile(home.resolve(part + "/pom.xml"));
        }
        Files.createFile(home.resolve("pom.xml"));
        Path jdk = jdk("25");
        Files.writeString(jdk.resolve("bin/java"), "#!/bin/bash\nprintf '%s\\n' \"$@\"\n").toFile().setExecutable(true);
        Path target = Files.createDirectories(home.resolve("apps/target"));
        Files.writeString(target.resolve("collector"), "-XX:+UseSerialGC\n");
        Files.writeString(target.resolve("built"), jdk.toString());
        link("head");
        link("cat");
        return Map.of("JAVA_HOME", jdk.toString());
    }

    private void link(String program) throws IOException {
        Path at = Files.exists(Path.of("/bin", program)) ? Path.of("/bin", program) : Path.of("/usr/bin", program);
        Files.createSymbolicLink(programs.resolve(program), at);
    }

    @Test
    void shouldPutTemporaryFilesWhereTheEnvironmentSays() throws Exception {
        Map<String, String> environment = new HashMap<>(built());
        assertFalse(run(launcher, environment, "demo").text.contains("java.io.tmpdir"));
        Path temporary = Path.of("/tmp");
        environment.put("TMPDIR", temporary.toString());
        assertTrue(run(launcher, environment, "demo").text.contains("\n-Djava.io.tmpdir=/tmp\n"));
        // a socket's name would be too long, a device's argument would end
        for (Path wrong : List.of(folder.resolve("gone"), Files.createDirectories(folder.resolve("a,b")),
                Files.createDirectories(folder.resolve("long".repeat(16))))) {
            environment.put("TMPDIR", wrong.toString());
            assertFalse(run(launcher, environment, "demo").text.contains("java.io.tmpdir"), wrong.toString());
        }
    }

    @Test
    void shouldRunNothingButExamplesAsAnExample() throws Exception {
        Map<String, String> environment = built();
        Path sources = Files.createDirectories(launcher.resolveSibling("examples/01-forwarder/src/main/java"));
        Files.createFile(sources.resolve("Forwarder.java"));
        Files.writeString(launcher.resolveSibling("examples/01-forwarder/README.md"), "# 01-forwarder\n\nForwards.\n");
        Files.createDirectories(launcher.resolveSibling("apps/src/main/java"));
        Files.createFile(launcher.resolveSibling("apps/src/main/java/Other.java"));
        // what was made now is newer than the build
        Files.setLastModifiedTime(launcher.resolveSibling("apps/target/built"), FileTime.from(Instant.now().plusSeconds(60)));
        assertTrue(run(launcher, environment, "example", "01-forwarder", "net_null0").text.endsWith("/Forwarder.java\nnet_null0\n"));
        assertTrue(run(launcher, environment, "example", "01-forwarder/").text.endsWith("/Forwarder.java\n"));
        for (String wrong : List.of("../apps", ".", "..", "01-forwarder/src")) {
            Outcome o = run(launcher, environment, "example", wrong);
            assertEquals(1, o.code, o.text);
            assertTrue(o.text.startsWith("penstock: no example named '" + wrong + "'; there are 01-forwarder"), o.text);
        }
        Outcome o = run(launcher, environment, "example", "01-forwarder", "--help");
        assertEquals("# 01-forwarder\n\nForwards.\n", o.text);
        assertEquals(0, o.code);
    }
}
