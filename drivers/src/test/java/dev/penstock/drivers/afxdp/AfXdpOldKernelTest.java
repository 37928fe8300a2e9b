package dev.penstock.drivers.afxdp;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.drivers.kernel.Victim;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Command;
import java.io.BufferedReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an older kernel does not know: strace refuses it in the kernel's place. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class AfXdpOldKernelTest {
    private static final String PORT = "net_af_xdp0,iface=l0";
    @TempDir
    private Path folder;
    private Rig rig;

    @BeforeEach
    void make() {
        Assumptions.assumeTrue(canTrace(), "SKIPPED: needs strace, and to be allowed to trace");
        rig = new Rig(MbufPool.DEFAULT_DATA_ROOM).wired();
    }

    private static boolean canTrace() {
        try {
            Command.run("strace", "-f", "-o", "/dev/null", "true");
            return true;
        } catch (IllegalStateException | UncheckedIOException e) {
            return false;
        }
    }

    @AfterEach
    void close() {
        if (rig != null) {
            rig.close();
        }
    }

    /** What a port says in a process of its own, some of whose calls are traced or refused. */
    private String said(String port, String... trace) throws Exception {
        String[] command = Stream.of(Stream.of("strace", "-f", "-o", folder.resolve("trace").toString()), Stream.of(trace),
                Stream.of(Victim.command(port))).flatMap(s -> s).toArray(String[]::new);
        Process strace = new ProcessBuilder(rig.left.inside(command)).redirectErrorStream(true).start();
        StringBuilder text = new StringBuilder();
        try (BufferedReader output = strace.inputReader()) {
            for (String line = output.readLine(); line != null && !line.equals("ready"); line = output.readLine()) {
                text.append(line).append('\n');
            }
        } finally {
            strace.descendants().forEach(ProcessHandle::destroyForcibly);
            strace.destroy();
            assertTrue(strace.waitFor(10, TimeUnit.SECONDS));
        }
        return text.toString();
    }

    private String link() {
        return rig.left.run("ip", "-d", "link", "show", "l0");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "2  | takes no XDP program for frames in pieces, which needs Linux 5.18 | started",
        "3  | runs in the network stack (generic mode, slower) | started",
        "3+ | links of XDP programs need Linux 5.9 or later | refused"})
    void shouldSayWhatOfBpfIsMissingAndGoOnWhereItCan(String which, String words, String outcome) throws Exception {
        String said = said(PORT, "-e", "trace=bpf", "-e", "inject=bpf:error=EINVAL:when=" + which);
        assertTrue(said.contains(words) && said.contains(outcome), said);
        Rig.await("no program", () -> !link().contains("xdp"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "SO_PREFER_BUSY_POLL | no busy polling, which needs Linux 5.11 | started",
        "XDP_UMEM_REG | umem in unaligned chunks needs Linux 5.4 | refused"})
    void shouldSayWhichOptionIsMissing(String option, String words, String outcome) throws Exception {
        said(PORT, "-e", "trace=setsockopt");
        List<String> calls = Files.readAllLines(folder.resolve("trace"));
        String call = calls.stream().filter(l -> l.contains(option)).findFirst().orElseThrow();
        String thread = call.substring(0, call.indexOf(' '));
        long which = calls.stream().filter(l -> l.matches(thread + " +setsockopt\\(.*")).takeWhile(l -> !l.equals(call)).count() + 1;
        String said = said(PORT, "-e", "trace=setsockopt", "-e", "inject=setsockopt:error=ENOPROTOOPT:when=" + which);
        assertTrue(said.contains(words) && said.contains(outcome), said);
        Rig.await("no program", () -> !link().contains("xdp"));
    }

    @Test
    void shouldUseTheNetworkStackWhereTheDriverHasNoXdp() throws Exception {
        rig.left.run("ip", "link", "add", "br0", "type", "bridge");
        rig.left.run("ip", "link", "set", "br0", "up");
        String best = said("net_af_xdp0,iface=br0", "-e", "trace=none");
        assertTrue(best.contains("br0: the XDP program runs in the network stack") && best.contains("copies, its driver has no zero-copy")
                && best.contains("started"), best);
        String driver = said("net_af_xdp0,iface=br0,mode=drv", "-e", "trace=none");
        assertTrue(driver.contains("refused") && driver.contains("leave mode=drv out"), driver);
        assertFalse(rig.left.run("ip", "-d", "link", "show", "br0").contains("xdp"));
    }
}
