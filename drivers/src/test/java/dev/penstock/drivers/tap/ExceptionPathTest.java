package dev.penstock.drivers.tap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.ethdev.ExceptionPath;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.Xstat;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Allocation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class ExceptionPathTest {
    private static final int ECHO = 7777;
    private Rig rig;
    private Port port;
    private ExceptionPath path;
    private volatile boolean stop;
    private volatile long reflected;

    @BeforeEach
    void make() {
        rig = new Rig(MbufPool.DEFAULT_DATA_ROOM).wired();
        // neither side's kernel leaves sums to a card that is not there, and ARP has to find the way
        rig.queues(1);
        rig.right.run("ip", "neighbour", "del", "198.18.0.1", "dev", "r0");
    }

    @AfterEach
    void close() {
        if (path != null) {
            path.close();
        }
        rig.close();
    }

    private void open(String devargs) {
        port = rig.started(devargs);
        path = rig.left.within(() -> ExceptionPath.open(rig.ports, port, "x0", rig.pool));
        rig.left.run("ip", "address", "add", "198.18.0.1/24", "dev", "x0");
    }

    private long xstat(String name) {
        return path.xstats().stream().filter(x -> x.name().equals(name)).mapToLong(Xstat::value).findFirst().orElseThrow();
    }

    /** Sends datagrams to the echo port back where they came from; all else is the kernel's. */
    private void reflect() {
        Mbuf[] burst = new Mbuf[32];
        Mbuf[] other = new Mbuf[32];
        while (!stop) {
            int n = port.rxBurst(0, burst, 32);
            int mine = 0;
            int rest = 0;
            for (int i = 0; i < n; i++) {
                Mbuf m = burst[i];
                if (m.dataLen() >= 42 && m.getShort(12) == 0x800 && m.getByte(23) == 17 && m.getShort(36) == ECHO) {
                    m.swapMacs();
                    int from = m.getInt(26);
                    m.putInt(26, m.getInt(30));
                    m.putInt(30, from);
                    m.putInt(34, m.getInt(34) << 16 | m.getInt(34) >>> 16);
                    burst[mine++] = m;
                } else {
                    other[rest++] = m;
                }
            }
            path.toKernel(other, 0, rest);
            send(burst, mine);
            reflected += mine;
            send(other, path.fromKernel(other, 32));
        }
    }

    private void send(Mbuf[] packets, int n) {
        int sent = n == 0 ? 0 : port.txBurst(0, packets, 0, n);
        Mbuf.freeBulk(packets, sent, n - sent);
    }

    @Test
    void shouldLetTheKernelAnswerWhileTheFastPathForwardsOnTheSamePort() throws Exception {
        open("net_af_xdp0,iface=l0");
        Thread loop = Thread.ofPlatform().start(this::reflect);
        try (DatagramChannel fast = rig.right.within(() -> DatagramChannel.open(StandardProtocolFamily.INET));
                ServerSocket server = rig.left.within(() -> new ServerSocket(2222, 1, InetAddress.getByName("198.18.0.1")))) {
            Thread.ofPlatform().daemon().start(() -> serve(server));
            fast.connect(new InetSocketAddress("198.18.0.1", ECHO));
            CompletableFuture<String> pings = CompletableFuture.supplyAsync(
                    () -> rig.right.run("ping", "-c", "20", "-i", "0.02", "-W", "2", "198.18.0.1"));
            try (Socket client = rig.right.within(() -> new Socket("198.18.0.1", 2222))) {
                client.setSoTimeout(5000);
                byte[] banner = client.getInputStream().readNBytes(8);
                assertEquals("SSH-2.0\n", new String(banner, StandardCharsets.US_ASCII));
                byte[] text = new byte[3000];
                for (int i = 0; i < 50; i++) {
                    client.getOutputStream().write(text);
                    assertArrayEquals(text, client.getInputStream().readNBytes(text.length));
                    ByteBuffer b = ByteBuffer.allocate(8).putLong(0, i);
                    fast.write(b);
                    ByteBuffer back = ByteBuffer.allocate(8);
                    fast.read(back);
                    assertEquals(i, back.getLong(0));
                }
            }
            assertTrue(pings.get().contains(" 0% packet loss"), pings.get());
        } finally {
            stop = true;
            loop.join();
        }
        assertEquals(50, reflected);
        assertTrue(xstat("to_kernel_packets") > 120 && xstat("from_kernel_packets") > 120, path.xstats().toString());
        assertTrue(rig.right.run("ip", "neighbour").contains("198.18.0.1 dev r0 lladdr " + Rig.LEFT_MAC));
        assertEquals(0, xstat("to_kernel_ring_full") + xstat("to_kernel_refused"), path.xstats().toString());
    }

    /** As an SSH server does: speaks first, then answers. */
    private static void serve(ServerSocket server) {
        try (Socket s = server.accept()) {
            s.getOutputStream().write("SSH-2.0\n".getBytes(StandardCharsets.US_ASCII));
            s.getInputStream().transferTo(s.getOutputStream());
        } catch (IOException e) {
            // the client is gone
        }
    }

    @Test
    void shouldCountEachPacketThatTheKernelDoesNotGet() {
        open("net_af_packet0,iface=l0");
        rig.left.run("ip", "link", "set", "x0", "down");
        int sent = 0;
        for (int i = 0; i < 200; i++) {
            Mbuf[] burst = new Mbuf[32];
            for (int j = 0; j < 32; j++) {
                burst[j] = rig.packet(new byte[60]);
            }
            path.toKernel(burst, 0, 32);
            sent += 32;
            Rig.await("room in the pool", () -> rig.pool.availCount() > 64);
        }
        int all = sent;
        Rig.await("all counted", () -> xstat("to_kernel_refused") + xstat("to_kernel_ring_full") + xstat("to_kernel_packets") == all);
        assertTrue(xstat("to_kernel_refused") > 0);
        rig.left.run("ip", "link", "set", "x0", "up");
        long before = xstat("to_kernel_packets");
        path.toKernel(new Mbuf[] {rig.packet(new byte[60])}, 0, 1);
        Rig.await("back by itself", () -> xstat("to_kernel_packets") == before + 1);
    }

    @Test
    void shouldRemoveTheInterfaceWhenClosed() {
        open("net_af_packet0,iface=l0");
        assertTrue(rig.left.run("ip", "link").contains("x0:"));
        assertEquals(1, rig.ports.list().size());
        path.close();
        assertFalse(rig.left.run("ip", "link").contains("x0:"));
    }

    @Test
    void shouldAllocateNothingInTheForwardingThread() {
        open("net_af_packet0,iface=l0");
        Mbuf[] burst = new Mbuf[1];
        Runnable traffic = () -> {
            for (int i = 0; i < 20_000; i++) {
                burst[0] = rig.pool.alloc();
                if (burst[0] != null) {
                    burst[0].append(60);
                    path.toKernel(burst, 0, 1);
                }
                if (path.fromKernel(burst, 1) > 0) {
                    burst[0].free();
                }
            }
        };
        assertEquals(0, Allocation.steadyBytesOf(traffic));
    }
}
