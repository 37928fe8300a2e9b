package dev.penstock.drivers.afxdp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.ethdev.Port;
import dev.penstock.linux.LinuxException;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class UserProgramTest {
    @TempDir
    private Path folder;
    private Rig rig;

    @BeforeEach
    void make() {
        rig = new Rig(MbufPool.DEFAULT_DATA_ROOM).wired().queues(1);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private String port(byte[] object) throws Exception {
        Path file = folder.resolve("p.o");
        Files.write(file, object);
        return "net_af_xdp0,iface=l0,xdp_prog=" + file;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReceiveAndSendThroughTheUsersProgram(boolean types) throws Exception {
        receiveAndSend(BpfObjects.redirect("xdp.frags", types, 64));
    }

    @Test
    void shouldReceiveAndSendThroughAProgramThatClangMade() throws Exception {
        receiveAndSend(BpfObjects.compiled());
    }

    private void receiveAndSend(byte[] object) throws Exception {
        Port port = rig.started(port(object));
        assertTrue(rig.left.run("ip", "-d", "link", "show", "l0").contains("name take"), rig.left.run("ip", "-d", "link", "show", "l0"));
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            for (byte i = 0; i < 10; i++) {
                kernel.send(ByteBuffer.wrap(new byte[] {i}), new InetSocketAddress("198.18.0.1", 9));
                assertEquals(i, Rig.receive(port, 0, 1, Rig::isUdp).getFirst()[Rig.ETHER_IP_UDP]);
                assertEquals(1, port.txBurst(0, new Mbuf[] {rig.packet(Rig.udp(9, new byte[] {i}))}, 0, 1));
                assertArrayEquals(new byte[] {i}, Rig.datagram(kernel));
            }
        }
        port.close();
        assertFalse(rig.left.run("ip", "-d", "link", "show", "l0").contains("xdp"));
    }

    @Test
    void shouldSayWhyAProgramCantBeUsed() throws Exception {
        assertTrue(refusal("net_af_xdp0,iface=l0,xdp_prog=/nope.o").contains("there is no such file"));
        assertTrue(refusal(port(new byte[200])).contains("ELF header"));
        assertTrue(refusal(port(BpfObjects.redirect("xdp", true, 64)) + ",steer=arp").contains("exclude each other"));
        assertTrue(refusal(port(BpfObjects.redirect("xdp", true, 4)) + ",queue_count=8").contains("has 4 entries"));
        byte[] hash = BpfObjects.redirect("xdp", false, 64);
        hash[find(hash, 17)] = 1;
        assertTrue(refusal(port(hash)).contains("no map of type BPF_MAP_TYPE_XSKMAP"));
    }

    @Test
    void shouldRepeatWhatTheKernelsVerifierSays() throws Exception {
        byte[] object = BpfObjects.redirect("xdp", false, 64);
        // r3 = 2 becomes r3 = 2 in a way that leaves r2 unset: the load of the queue's number is made a load into r4
        object[65] = 0x14;
        LinuxException e = assertThrows(LinuxException.class, () -> rig.attach(port(object)));
        assertTrue(e.getMessage().contains("verifier says") && e.getMessage().contains("R2"), e.getMessage());
        assertFalse(rig.left.run("ip", "-d", "link", "show", "l0").contains("xdp"));
    }

    private String refusal(String devargs) {
        return assertThrows(IllegalArgumentException.class, () -> rig.attach(devargs)).getMessage();
    }

    private static int find(byte[] file, int number) {
        for (int i = 64; i < file.length - 4; i += 4) {
            if (file[i] == number && file[i + 1] == 0 && file[i + 4] == 4) {
                return i;
            }
        }
        throw new AssertionError();
    }
}
