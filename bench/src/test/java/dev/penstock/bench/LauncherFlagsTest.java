package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LauncherFlagsTest {
    private static final Pattern FLAG = Pattern.compile("(?<=[ =(])-(?:XX:[+-]?\\w+|X[a-z]+|-[a-z-]+(?==))");

    /** What passes paths and names, what JMH needs for its own JVMs, and what only unlocks another flag. */
    private static final List<String> NO_CHOICE = List.of("--module-path", "--sun-misc-unsafe-memory-access", "--file-prefix",
            "--total-num-mbufs", "-XX:+UnlockDiagnosticVMOptions", "-XX:+UnlockExperimentalVMOptions");

    @Test
    void shouldHaveAReasonForEachFlagOfTheLauncher() throws IOException {
        String launcher = Files.readString(Path.of("../penstock"));
        String reasons = Files.readString(Path.of("../docs/decisions/jvm-flags.md"));
        List<String> flags = FLAG.matcher(launcher.replaceAll("(?m)^\\s*#.*", "")).results().map(m -> m.group())
                .filter(f -> !NO_CHOICE.contains(f)).distinct().toList();
        assertTrue(flags.size() > 9 && flags.contains("-XX:+UseShenandoahGC") && flags.contains("-Xmn"), flags.toString());
        for (String flag : flags) {
            assertTrue(reasons.contains("`" + flag) || reasons.contains(" " + flag), flag + " has no reason in docs/decisions/jvm-flags.md");
        }
    }
}
