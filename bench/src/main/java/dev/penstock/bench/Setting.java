package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Where a run was made and of what. */
final class Setting {
    /** What may differ between pieces of one result. */
    static final Set<String> MAY_DIFFER = Set.of("date", "command", "noise");

    private Setting() {}

    static Map<String, String> of(String command) {
        Map<String, String> setting = new LinkedHashMap<>();
        setting.put("machine", cpu() + ", " + Runtime.getRuntime().availableProcessors() + " cores");
        setting.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch"));
        setting.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
        Path testpmd = Bench.find("dpdk-testpmd");
        setting.put("dpdk", testpmd == null ? "not installed" : firstLine("dpkg-query", "-W", "-f=${Version}", "dpdk"));
        setting.put("commit", firstLine("git", "-C", Path.of(System.getProperty("penstock.launcher", ".")).toAbsolutePath().getParent()
                .toString(), "describe", "--always", "--dirty", "--abbrev=12"));
        setting.put("date", LocalDate.now().toString());
        setting.put("command", command);
        return setting;
    }

    private static String cpu() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(l -> l.startsWith("model name"))
                    .map(l -> l.substring(l.indexOf(':') + 1).trim()).findFirst().orElse("unknown processor");
        } catch (IOException e) {
            return "unknown processor";
        }
    }

    private static String firstLine(String... command) {
        try {
            Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
            String line = process.inputReader().readLine();
            process.waitFor(5, TimeUnit.SECONDS);
            return line == null || process.exitValue() != 0 ? "unknown" : line;
        } catch (IOException e) {
            return "unknown";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }
}
