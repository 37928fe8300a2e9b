package dev.penstock.apps.l3fwd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.apps.cli.Console;
import dev.penstock.testkit.NetNamespace;
import dev.penstock.testkit.VethPair;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two hosts of the kernel, each with l3fwd as its gateway: what a real router does, and with a real one's neighbours. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class KernelTest {
    private static final String MAC_A = "02:00:00:00:01:0a";
    private static final String MAC_B = "02:00:00:00:02:0b";

    @TempDir
    private Path folder;
    private final NetNamespace a = NetNamespace.create();
    private final NetNamespace router = NetNamespace.create();
    private final NetNamespace b = NetNamespace.create();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Thread thread;
    private int code = -1;

    @BeforeEach
    void cables() throws IOException {
        cable(a, "p0", MAC_A, 1);
        cable(b, "p1", MAC_B, 2);
        Files.writeString(folder.resolve("routes4"), "R198.18.1.0/24 0\nR198.18.2.0/24 1\n");
        Files.writeString(folder.resolve("routes6"), "R2001:db8:0:1::/64 0\nR2001:db8:0:2::/64 1\n");
    }

    /** A host with the addresses 10 of its network, behind a cable whose other end is the router's port. */
    private void cable(NetNamespace host, String port, String mac, int net) {
        VethPair.create(host, "eth0", router, port);
        // No card will do for the kernel what it leaves undone.
        host.run("ethtool", "-K", "eth0", "tx", "off", "tso", "off", "gso", "off");
        // One queue: the one that the port takes.
        host.run("ethtool", "-L", "eth0", "rx", "1", "tx", "1");
        router.run("ethtool", "-L", port, "rx", "1", "tx", "1");
        // An AF_PACKET port takes copies: the kernel is not to answer as well.
        router.run("sysctl", "-qw", "net.ipv4.conf." + port + ".rp_filter=1", "net.ipv4.conf." + port + ".arp_ignore=8",
                "net.ipv6.conf." + port + ".disable_ipv6=1");
        host.run("ip", "link", "set", "eth0", "address", mac);
        host.run("ip", "address", "add", "198.18." + net + ".10/24", "dev", "eth0");
        host.run("ip", "address", "add", "2001:db8:0:" + net + "::10/64", "dev", "eth0", "nodad");
        host.run("ip", "route", "add", "default", "via", "198.18." + net + ".1");
        host.run("ip", "-6", "route", "add", "default", "via", "2001:db8:0:" + net + "::1");
    }

    @AfterEach
    void remove() throws InterruptedException {
        if (thread != null) {
            thread.interrupt();
            thread.join();
        }
        a.close();
        b.close();
        router.close();
    }

    private void start(String driver) throws InterruptedException {
        String[] args = {"-l", "0,1", "--no-huge", "--in-memory", "--no-pci", "--no-telemetry", "--vdev", driver + "0,iface=p0", "--vdev",
            driver + "1,iface=p1", "--", "-p", "3", "-P", "--lookup=lpm", "--config=(0,0,1),(1,0,1)", "--rule_ipv4=" + folder.resolve("routes4"),
            "--rule_ipv6=" + folder.resolve("routes6"), "--eth-dest=0," + MAC_A, "--eth-dest=1," + MAC_B, "--exception=gw"};
        thread = Thread.ofPlatform().start(() -> router.within(() -> code = L3fwdCommand.run(args, new Console(out, err))));
        for (int i = 0; i < 100 && !interface1(); i++) {
            assertTrue(thread.isAlive(), () -> out + "\n" + err);
            Thread.sleep(50);
        }
        // The kernel tells who sent a packet that there is no way for, when it is a router itself.
        router.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
        for (int net = 1; net <= 2; net++) {
            router.run("ip", "address", "add", "198.18." + net + ".1/24", "dev", "gw" + (net - 1));
            router.run("ip", "address", "add", "2001:db8:0:" + net + "::1/64", "dev", "gw" + (net - 1), "nodad");
        }
        // Until l3fwd has seen the addresses.
        awaitAnswer(a, "198.18.1.1");
        awaitAnswer(b, "198.18.2.1");
    }

    private void awaitAnswer(NetNamespace host, String gateway) {
        for (int i = 0; !host.run("sh", "-c", "ping -c 1 -W 1 " + gateway + " || true").contains(" 0% packet loss"); i++) {
            assertTrue(i < 20 && thread.isAlive(), () -> gateway + " never answers\n" + out + "\n" + err);
        }
    }

    private boolean interface1() {
        return router.run("ip", "-o", "link").contains("gw1:");
    }

    private void end() throws InterruptedException {
        thread.interrupt();
        thread.join();
        thread = null;
        assertEquals(0, code, err::toString);
    }

    private long count(String name) {
        Matcher m = Pattern.compile("^ *" + name + ": +(\\d+)$", Pattern.MULTILINE).matcher(out.toString());
        long sum = 0;
        while (m.find()) {
            sum += Long.parseLong(m.group(1));
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(strings = {"net_af_packet", "net_af_xdp"})
    void shouldBeARouterToTheKernelsHosts(String driver) throws InterruptedException, IOException {
        start(driver);

        a.run("ping", "-c", "3", "-i", "0.2", "-W", "2", "198.18.1.1");
        String ping = a.run("ping", "-c", "5", "-i", "0.2", "-W", "5", "198.18.2.10");
        assertTrue(ping.contains(" 0% packet loss") && ping.contains("ttl=63") && !ping.contains("DUP"), ping);
        String ping6 = a.run("ping", "-6", "-c", "5", "-i", "0.2", "-W", "5", "2001:db8:0:2::10");
        assertTrue(ping6.contains(" 0% packet loss") && ping6.contains("ttl=63") && !ping6.contains("DUP"), ping6);
        assertTrue(a.run("ip", "neighbour").contains("198.18.1.1 dev eth0 lladdr"), "no ARP entry of the gateway");

        String expired = a.run("sh", "-c", "ping -c 1 -t 1 -W 2 198.18.2.10 || true");
        assertTrue(expired.contains("From 198.18.1.1") && expired.contains("Time to live exceeded"), expired);
        String trace = a.run("traceroute", "-n", "-q", "1", "-w", "2", "-m", "4", "198.18.2.10");
        assertTrue(trace.matches("(?s).* 1  198\\.18\\.1\\.1 .* 2  198\\.18\\.2\\.10 .*"), trace);
        String trace6 = a.run("traceroute", "-6", "-n", "-q", "1", "-w", "2", "-m", "4", "2001:db8:0:2::10");
        assertTrue(trace6.matches("(?s).* 1  2001:db8:0:1::1 .* 2  2001:db8:0:2::10 .*"), trace6);
        String unreachable = a.run("sh", "-c", "ping -c 1 -W 2 198.19.0.1 || true");
        assertTrue(unreachable.contains("From 198.18.1.1") && unreachable.contains("Net Unreachable"), unreachable);

        iperf("198.18.2.10");
        iperf("2001:db8:0:2::10");
        end();
        assertTrue(count("Total packets sent") > 2000, out::toString);
        assertTrue(count("to_kernel") > 0 && count("from_kernel") > 0, out::toString);
        assertEquals(count("Total packets received") + count("from_kernel"),
                count("Total packets sent") + count("Total packets dropped") + count("to_kernel"), out::toString);
    }

    private void iperf(String server) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(b.inside("iperf3", "-s", "-1", "-p", "5201")).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try {
            Thread.sleep(300);
            String said = a.run("timeout", "20", "iperf3", "-c", server, "-t", "1", "-M", "1400", "-J");
            Matcher m = Pattern.compile("\"sum_received\":\\s*\\{[^}]*\"bytes\":\\s*(\\d+)").matcher(said);
            assertTrue(m.find() && Long.parseLong(m.group(1)) > 1_000_000, said);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
