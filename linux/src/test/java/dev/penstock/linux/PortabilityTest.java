package dev.penstock.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What happens away from Linux: a JVM that believes itself elsewhere. */
class PortabilityTest {
    @ParameterizedTest
    @CsvSource({"Mac OS X,aarch64", "Windows 11,amd64", "Linux,riscv64"})
    void shouldLoadEveryClassAndRefuseOnlyWhenUsed(String system, String arch) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder(java.toString(), "-XX:+UseSerialGC", "-Dos.name=" + system,
                "-Dos.arch=" + arch, "-cp", System.getProperty("java.class.path"), Elsewhere.class.getName())
                .redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertEquals(true, process.waitFor(30, TimeUnit.SECONDS));
        assertEquals("as it should be", output.strip());
    }

    @Test
    void shouldNumberSystemCallsForBothArchitectures() throws IOException {
        Path header = Path.of("/usr/include/asm-generic/unistd.h");
        String numbers = Files.exists(header) ? Files.readString(header) : "";
        for (SyscallNumber call : SyscallNumber.values()) {
            String name = "__NR_" + call.name().toLowerCase(Locale.ROOT) + " ";
            int at = numbers.indexOf("#define " + name);
            if (at >= 0) {
                String line = numbers.substring(at, numbers.indexOf('\n', at)).strip();
                assertEquals(line.substring(line.lastIndexOf(' ') + 1), String.valueOf(call.aarch64()), call.name());
            }
        }
    }

    /** The other side: prints what went wrong, or that nothing did. */
    static final class Elsewhere {
        private Elsewhere() {}

        public static void main(String[] arguments) throws Exception {
            Path classes = Path.of(Platform.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            try (Stream<Path> files = Files.walk(classes.resolve("dev/penstock"))) {
                for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                    String name = classes.relativize(file).toString().replace('/', '.');
                    if (!name.endsWith("package-info.class") && !name.startsWith("dev.penstock.raw.")) {
                        Class.forName(name.substring(0, name.length() - 6));
                    }
                }
            }
            int refused = 0;
            List<Runnable> uses = List.of(() -> Socket.open(1, 1, 0), () -> Mapping.anonymous(4096), Affinity::cpu,
                    () -> Memfd.create("x", 1), () -> Fd.open("/", 0), () -> new Epoll(1), () -> new Netlink(),
                    () -> Netns.create("x"), () -> new EventFd(), () -> Tun.open("x", 1),
                    Membarrier::allThreads);
            for (Runnable use : uses) {
                try {
                    use.run();
                } catch (NotLinuxException e) {
                    refused++;
                }
            }
            boolean probes = Stream.of(Probe.packetSocket(), Probe.bpf(), Probe.tun(), Probe.ioUring())
                    .noneMatch(Probe::usable);
            boolean facts = !Platform.isLinux() && !Membarrier.isSupported() && Platform.pageSizeBytes() == 4096;
            System.out.println(refused == uses.size() && probes && facts ? "as it should be"
                    : refused + " of " + uses.size() + " refused, probes " + probes + ", facts " + facts);
        }
    }
}
