package dev.penstock.apps.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.penstock.eal.Ranges;
import dev.penstock.linux.Machine;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

class DoctorTest {
    @TempDir
    private Path root;

    @Test
    void shouldNameTheCommandThatMendsEachLackOfABareMachine() throws IOException {
        file("proc/self/limits", "Max locked memory         8388608   8388608  bytes\n");
        file("proc/self/status", "CapEff:\t0000000000200000\n");
        file("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "0\n");
        file("sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n");
        file("sys/devices/system/cpu/online", "0-3\n");
        Machine machine = Machine.at(root);
        assertEquals("sysctl -w vm.nr_hugepages=256", find(MemoryChecks.all(machine), "huge pages").remedy());
        assertEquals(Check.Status.MISSING, find(MemoryChecks.all(machine), "huge pages").status());
        assertEquals("echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
                find(MemoryChecks.all(machine), "transparent huge pages").remedy());
        assertEquals("8 MB", find(MemoryChecks.all(machine), "locked memory limit").value());
        assertEquals(Check.Status.OK, find(MemoryChecks.all(machine), "hugetlbfs").status(), "no mount is needed");
        assertTrue(find(ProcessorChecks.all(machine), "isolated").remedy().contains(" isolcpus=1-3"));
        assertTrue(find(NetworkChecks.all(machine), "capabilities").value().contains("CAP_NET_RAW"));
        assertEquals("off", find(NetworkChecks.all(machine), "IOMMU (for PCI devices)").value());
    }

    /** What was told to ordinary users was refused: the hard limit is that of most systems, and files of /sys are root's. */
    @Test
    void shouldNameCommandsThatWorkForThisUser() throws IOException {
        file("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "0\n");
        assertEquals("sudo sh -c 'sysctl -w vm.nr_hugepages=256'", find(MemoryChecks.all(Machine.at(root)), "huge pages").remedy());
        assertEquals("sudo prlimit --pid $$ --memlock=unlimited:unlimited", lockRemedy("8388608   8388608  "));
        assertEquals("ulimit -l unlimited", lockRemedy("65536     unlimited"));
        assertEquals("ulimit -l 1048576", lockRemedy("65536     1073741824"));
    }

    /** There were words about what to write into which file, which nobody can paste. */
    @Test
    void shouldAddAKernelArgumentByACommandAsItStands() throws Exception {
        file("proc/self/status", "CapEff:\t0000000000200000\n");
        String command = Check.kernelArgument(Machine.at(root), "isolcpus=1-3");
        assertTrue(command.endsWith(" && reboot") && command.contains("isolcpus=1-3"), command);
        assertTrue(Check.kernelArgument(Machine.at(root.resolve("user")), "a=b").startsWith("sudo "));
        assumeTrue(command.startsWith("sed "), "SKIPPED: this system has grubby");
        String grub = "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nGRUB_CMDLINE_LINUX=\"%s\"\n";
        for (String before : List.of("", "net.ifnames=0")) {
            file("grub", String.format(grub, before));
            String edit = command.substring(0, command.indexOf(" && ")).replace("/etc/default/grub", root.resolve("grub").toString());
            assertEquals(0, new ProcessBuilder("sh", "-c", edit).inheritIO().start().waitFor(), edit);
            assertEquals(String.format(grub, before + " isolcpus=1-3"), Files.readString(root.resolve("grub")));
        }
    }

    private String lockRemedy(String limits) throws IOException {
        file("proc/self/limits", "Max locked memory         " + limits + "  bytes\n");
        return find(MemoryChecks.all(Machine.at(root)), "locked memory limit").remedy();
    }

    @Test
    void shouldFindTheNodeWithoutHugePages() throws IOException {
        file("sys/devices/system/node/online", "0-1\n");
        for (String folder : List.of("kernel/mm", "devices/system/node/node0", "devices/system/node/node1")) {
            String pages = folder.endsWith("1") ? "0\n" : "64\n";
            file("sys/" + folder + "/hugepages/hugepages-2048kB/nr_hugepages", pages);
            file("sys/" + folder + "/hugepages/hugepages-2048kB/free_hugepages", pages);
        }
        List<Check> checks = MemoryChecks.all(Machine.at(root));
        assertEquals(Check.Status.OK, find(checks, "huge pages of 2 MB").status());
        assertEquals(Check.Status.OK, find(checks, "  on node 0").status());
        assertEquals("sudo sh -c 'echo 256 > /sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages'",
                find(checks, "  on node 1").remedy());
    }

    @Test
    void shouldGiveEveryLackARemedyAndEveryGoodThingNone() throws IOException {
        for (Machine machine : List.of(Machine.local(), Machine.at(root))) {
            for (List<Check> checks : List.of(JvmChecks.all(), ProcessorChecks.all(machine),
                    MemoryChecks.all(machine), NetworkChecks.all(machine))) {
                for (Check check : checks) {
                    assertEquals(check.status() == Check.Status.OK, check.remedy().isEmpty(), check::toString);
                    assertFalse(check.value().isEmpty(), check::toString);
                }
            }
        }
    }

    @Test
    void shouldWriteJsonThatAProgramReads() throws IOException {
        StringWriter text = new StringWriter();
        CommandLine line = new CommandLine(new DoctorCommand()).setOut(new PrintWriter(text));
        assertEquals(0, line.execute("--json"));
        Map<String, Object> document = JSON.std.mapFrom(text.toString());
        List<?> checks = (List<?>) document.get("checks");
        Map<?, ?> summary = (Map<?, ?>) document.get("summary");
        assertEquals(checks.size(), summary.values().stream().mapToInt(n -> (Integer) n).sum());
        assertTrue(checks.stream().anyMatch(c -> ((Map<?, ?>) c).get("name").equals("JDK")));
        int missing = (Integer) summary.get("missing");
        assertEquals(missing > 0 ? 1 : 0, line.execute("--strict", "--json"));
    }

    @Test
    void shouldAlignColumnsAndColourOnlyWhereAsked() {
        List<Check> checks = List.of(Check.ok("a", "short", "x"),
                new Check("b", "much longer", Check.Status.MISSING, "none", "do this"));
        assertEquals("""
                a
                  ok       short        x

                b
                  missing  much longer  none
                                        mend: do this

                1 ok, 0 to improve, 1 missing
                """, printed(checks, Ansi.OFF).replace("\r", ""));
        assertTrue(printed(checks, Ansi.ON).contains("\u001b[31mmissing"));
    }

    @Test
    void shouldWriteAmountsAndProcessorsAsPeopleDo() {
        assertEquals("1.5 GB", Amount.bytes(3L << 29));
        assertEquals("2 MB", Amount.bytes(2 << 20));
        assertEquals("0 B", Amount.bytes(0));
        BitSet cpus = new BitSet();
        cpus.set(0, 4);
        cpus.set(8);
        assertEquals("0-3,8", Ranges.text(cpus));
        assertEquals("", Ranges.text(new BitSet()));
    }

    private static String printed(List<Check> checks, Ansi ansi) {
        StringWriter text = new StringWriter();
        DoctorCommand.print(new PrintWriter(text), checks, ansi);
        return text.toString();
    }

    private static Check find(List<Check> checks, String name) {
        return checks.stream().filter(check -> check.name().equals(name)).findFirst().orElseThrow();
    }

    private void file(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
