package dev.penstock.bench;

import dev.penstock.linux.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Where a run was made and of what. */
final class Setting {
    private static final List<String> VECTORS = List.of("avx512f", "avx2", "sve2", "sve", "asimd");

    private Setting() {}

    static Map<String, String> of(String command) {
        Map<String, String> setting = new LinkedHashMap<>();
        setting.put("machine", machine());
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

    /**
     * Which machine's ratios these are: processors of one name differ by family and by the vectors that the hypervisor shows.
     *
     * @return as in {@code AMD EPYC, family 25, avx2, 2 cores}
     */
    static String machine() {
        return processor(Machine.local()) + ", " + Runtime.getRuntime().availableProcessors() + " cores";
    }

    /** What is said of the first processor, on x86-64 and on aarch64, where the model is a number. */
    static String processor(Machine machine) {
        String model = machine.cpuModel();
        String name = model.isEmpty() ? "unknown processor"
                : model.startsWith("0x") ? "processor " + model + " of " + machine.cpuFamily() : model + ", family " + machine.cpuFamily();
        return VECTORS.stream().filter(machine.cpuFlags()::contains).findFirst().map(widest -> name + ", " + widest).orElse(name);
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
