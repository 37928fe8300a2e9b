package dev.penstock.examples.exceptionpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.testkit.NetNamespace;
import dev.penstock.testkit.VethPair;
import java.io.BufferedReader;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class EchoWithKernelTest {
    @Test
    void shouldEchoOnTheFastPathWhileTheKernelAnswersPings() throws Exception {
        try (NetNamespace near = NetNamespace.create(); NetNamespace far = NetNamespace.create()) {
            VethPair.create(near, "near0", far, "far0");
            far.run("ip", "address", "add", "198.18.0.2/24", "dev", "far0");
            far.run("ethtool", "-K", "far0", "tx", "off");
            // frames of queues that the port does not use go to the interface's own stack
            near.run("ethtool", "-L", "near0", "rx", "1", "tx", "1");
            far.run("ethtool", "-L", "far0", "rx", "1", "tx", "1");
            Process program = new ProcessBuilder(near.inside(System.getProperty("java.home") + "/bin/java", "-XX:+UseSerialGC",
                    "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                    EchoWithKernel.class.getName(), "net_af_xdp0,iface=near0", "mgmt0")).redirectErrorStream(true).start();
            List<String> said;
            try (BufferedReader output = program.inputReader()) {
                String line = output.readLine();
                while (line != null && !line.startsWith("ready")) {
                    line = output.readLine();
                }
                near.run("ip", "address", "add", "198.18.0.1/24", "dev", "mgmt0");
                assertTrue(far.run("ping", "-c", "5", "-i", "0.1", "-W", "2", "198.18.0.1").contains(" 0% packet loss"));
                assertEquals("hello", echo(far));
                program.getOutputStream().close();
                said = output.readAllLines();
                assertEquals(0, program.waitFor(), said.toString());
            } finally {
                program.destroyForcibly().waitFor();
            }
            assertTrue(said.contains("to_kernel_ring_full 0"), said.toString());
        }
    }

    private static String echo(NetNamespace far) throws Exception {
        try (DatagramChannel channel = far.within(() -> DatagramChannel.open(StandardProtocolFamily.INET))) {
            channel.connect(new InetSocketAddress("198.18.0.1", 7));
            channel.socket().setSoTimeout(5000);
            channel.write(ByteBuffer.wrap("hello".getBytes()));
            byte[] back = new byte[16];
            DatagramPacket packet = new DatagramPacket(back, back.length);
            channel.socket().receive(packet);
            return new String(back, 0, packet.getLength());
        }
    }
}
