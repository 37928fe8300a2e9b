package dev.penstock.examples.exceptionpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.testkit.NetNamespace;
import dev.penstock.testkit.VethPair;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real daemons on the kernel's side of a port, through its TAP interface or steered past the port, while the fast path is busy on the same port. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class DaemonsTest {
    private static final String OSPF = """
            router id %s;
            protocol device { scan time 1; }
            protocol kernel { scan time 1; ipv4 { export where source = RTS_OSPF_EXT2; }; }
            protocol static { ipv4; route %s blackhole; }
            protocol ospf v2 {
              ipv4 { import all; export where source = RTS_STATIC; };
              area 0 { interface "%s" { type ptp; hello 1; dead count 10; }; };
            }
            """;

    @TempDir
    private Path folder;
    private final List<Process> processes = new ArrayList<>();
    private NetNamespace near;
    private NetNamespace far;
    private volatile boolean stop;
    private volatile int echoes;

    @BeforeEach
    void make() throws Exception {
        near = NetNamespace.create();
        far = NetNamespace.create();
        VethPair.create(near, "near0", far, "far0");
        far.run("ip", "address", "add", "198.18.0.2/24", "dev", "far0");
        far.run("ethtool", "-K", "far0", "tx", "off");
        near.run("ethtool", "-L", "near0", "rx", "1", "tx", "1");
        far.run("ethtool", "-L", "far0", "rx", "1", "tx", "1");
        near.run("ip", "link", "set", "lo", "up");
    }

    /** Starts the example on a port; the near address is that of an interface. */
    private void start(String port, String address) throws IOException {
        Process program = begin("example", near, System.getProperty("java.home") + "/bin/java", "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                EchoWithKernel.class.getName(), port, "mgmt0");
        await("the example", () -> text("example").contains("ready"));
        assertTrue(program.isAlive(), text("example"));
        near.run("ip", "address", "add", "198.18.0.1/24", "dev", address);
    }

    @AfterEach
    void close() throws Exception {
        stop = true;
        for (Process p : processes.reversed()) {
            p.destroyForcibly().waitFor();
        }
        near.close();
        far.close();
    }

    private Process begin(String name, NetNamespace space, String... command) throws IOException {
        Process p = new ProcessBuilder(space.inside(command)).redirectErrorStream(true)
                .redirectOutput(folder.resolve(name).toFile()).start();
        processes.add(p);
        return p;
    }

    private String text(String name) {
        try {
            return Files.readString(folder.resolve(name));
        } catch (IOException e) {
            return "";
        }
    }

    private void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "not within 30 s: " + what + "\n" + text("example"));
            Thread.onSpinWait();
        }
    }

    private static void need(String... programs) {
        for (String program : programs) {
            Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/sbin", program)) || Files.isExecutable(Path.of("/usr/bin", program)),
                    "SKIPPED: needs " + program);
        }
    }

    /** Sends datagrams to the fast path, each when the last one has come back, until it is told to stop. */
    private Thread echoing() {
        return Thread.ofPlatform().start(() -> {
            try (DatagramChannel channel = far.within(() -> DatagramChannel.open(StandardProtocolFamily.INET))) {
                channel.connect(new InetSocketAddress("198.18.0.1", 7));
                ByteBuffer b = ByteBuffer.allocate(8);
                while (!stop) {
                    channel.write(b.clear().putLong(0, echoes));
                    channel.read(b.clear());
                    echoes++;
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void busy(Thread echoing, int before) throws InterruptedException {
        await("the fast path goes on", () -> echoes > before);
        stop = true;
        echoing.join(5000);
        assertTrue(!echoing.isAlive(), "a datagram of the fast path was lost after " + echoes);
    }

    @Test
    void shouldLetRoutingDaemonsLearnFromEachOtherBesideTheFastPath() throws Exception {
        need("bird");
        start("net_af_xdp0,iface=near0", "mgmt0");
        Thread echoing = echoing();
        bird("near-bird", near, "198.18.0.1", "198.19.8.0/24", "mgmt0");
        bird("far-bird", far, "198.18.0.2", "198.19.7.0/24", "far0");
        await("the far network behind mgmt0", () -> near.run("ip", "route").contains("198.19.7.0/24 via 198.18.0.2 dev mgmt0 proto bird"));
        await("the near network behind far0", () -> far.run("ip", "route").contains("198.19.8.0/24 via 198.18.0.1 dev far0 proto bird"));
        busy(echoing, echoes);
    }

    private void bird(String name, NetNamespace space, String address, String network, String device) throws IOException {
        Path config = Files.writeString(folder.resolve(name + ".conf"), OSPF.formatted(address, network, device));
        begin(name, space, "bird", "-f", "-c", config.toString(), "-s", folder.resolve(name + ".ctl").toString());
    }

    @ParameterizedTest
    @CsvSource({"'net_af_xdp0,iface=near0', mgmt0", "'net_af_xdp0,iface=near0,steer=[!arp,!tcp:22]', near0"})
    void shouldLetSshInBesideTheFastPath(String port, String address) throws Exception {
        need("dropbear", "dbclient", "dropbearkey");
        start(port, address);
        Thread echoing = echoing();
        for (String key : List.of("host", "user")) {
            near.run("dropbearkey", "-t", "ed25519", "-f", folder.resolve(key).toString());
        }
        Path home = Files.createDirectory(folder.resolve("home"));
        String open = near.run("dropbearkey", "-y", "-f", folder.resolve("user").toString()).lines()
                .filter(l -> l.startsWith("ssh-")).findFirst().orElseThrow();
        // the server reads root's keys: for it alone they are those of this test
        Files.writeString(Files.createDirectory(home.resolve(".ssh")).resolve("authorized_keys"), open + "\n");
        begin("sshd", near, "unshare", "--mount", "sh", "-c", "mount --bind " + home + " ~ && exec dropbear -F -E -s -p 198.18.0.1:22 -r "
                + folder.resolve("host") + " -P " + folder.resolve("pid"));
        await("the server", () -> near.run("ss", "-ltn").contains("198.18.0.1:22"));
        Process ssh = begin("ssh", far, "env", "HOME=" + home, "dbclient", "-y", "-y", "-i", folder.resolve("user").toString(),
                "root@198.18.0.1", "seq 1 20000");
        assertEquals(0, ssh.waitFor(), () -> text("ssh") + text("sshd"));
        try (BufferedReader lines = Files.newBufferedReader(folder.resolve("ssh"))) {
            assertEquals(20000, lines.lines().filter(l -> l.matches("\\d+")).count(), () -> text("ssh"));
        }
        busy(echoing, echoes);
    }
}
