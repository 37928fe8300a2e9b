package dev.penstock.drivers.kernel;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.ethdev.Xstat;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.NetNamespace;
import dev.penstock.testkit.VethPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** Ports in one namespace ("left"), the kernel's stack in another ("right"), and a wire between them. */
public final class Rig implements AutoCloseable {
    /** The address that frames to the kernel in the right namespace carry. */
    public static final String RIGHT_MAC = "02:00:00:00:00:02";
    public static final String LEFT_MAC = "02:00:00:00:00:01";
    public static final int ETHER_IP_UDP = 42;

    /** What was logged. */
    public final List<String> said = new CopyOnWriteArrayList<>();
    public final Eal eal = Eal.start(said::add, "--no-huge", "--in-memory", "--no-telemetry", "-l", "0");
    public final Ports ports = new Ports(eal);
    public final MbufPool pool;
    public final NetNamespace left = NetNamespace.create();
    public final NetNamespace right = NetNamespace.create();

    public Rig(int dataRoom) {
        pool = MbufPool.create(eal, "pool", 4095, 0, dataRoom, -1);
    }

    /** Wires l0 in the left to r0 in the right namespace, which has 198.18.0.2. */
    public Rig wired() {
        VethPair.create(left, "l0", right, "r0");
        left.run("ip", "link", "set", "l0", "address", LEFT_MAC);
        right.run("ip", "link", "set", "r0", "address", RIGHT_MAC);
        right.run("ip", "address", "add", "198.18.0.2/24", "dev", "r0");
        right.run("ip", "neighbour", "replace", "198.18.0.1", "lladdr", LEFT_MAC, "dev", "r0");
        return this;
    }

    /** Gives both ends of the wire so many queues, and has the right kernel compute its checksums: no card does. */
    public Rig queues(int count) {
        right.run("ethtool", "-K", "r0", "tx", "off");
        left.run("ethtool", "-L", "l0", "rx", "" + count, "tx", "" + count);
        right.run("ethtool", "-L", "r0", "rx", "" + count, "tx", "" + count);
        return this;
    }

    public Port attach(String devargs) {
        return left.within(() -> ports.attach(devargs));
    }

    public Port started(String devargs, PortConfig config) {
        return left.within(() -> start(ports.attach(devargs), config));
    }

    public Port started(String devargs) {
        return started(devargs, PortConfig.of(1, 1));
    }

    public Port start(Port port, PortConfig config) {
        port.configure(config);
        for (int q = 0; q < config.rxQueues(); q++) {
            port.setupRxQueue(q, RxQueueConfig.of(pool));
        }
        for (int q = 0; q < config.txQueues(); q++) {
            port.setupTxQueue(q, TxQueueConfig.DEFAULT);
        }
        port.start();
        return port;
    }

    public static void await(String what, BooleanSupplier condition) {
        await(what, 5, condition);
    }

    public static void await(String what, int seconds, BooleanSupplier condition) {
        long deadline = System.nanoTime() + seconds * 1_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + seconds + " s: " + what);
            }
            Thread.onSpinWait();
        }
    }

    /** Polls until so many frames that the test means have come; frees all others. */
    public static List<byte[]> receive(Port port, int queue, int n, Predicate<byte[]> meant) {
        List<byte[]> frames = new ArrayList<>();
        Mbuf[] burst = new Mbuf[32];
        await(n + " frames, has " + "some", () -> {
            int got = port.rxBurst(queue, burst, Math.min(32, n - frames.size()));
            for (int i = 0; i < got; i++) {
                byte[] frame = bytes(burst[i]);
                if (meant.test(frame)) {
                    frames.add(frame);
                }
                burst[i].free();
            }
            return frames.size() >= n;
        });
        return frames;
    }

    public static byte[] bytes(Mbuf packet) {
        byte[] bytes = new byte[packet.pktLen()];
        int at = 0;
        for (Mbuf m = packet; m != null; m = m.next()) {
            m.read(0, bytes, at, m.dataLen());
            at += m.dataLen();
        }
        if (at != bytes.length) {
            throw new AssertionError("pktLen " + bytes.length + " but " + at + " bytes in segments");
        }
        return bytes;
    }

    public static boolean isUdp(byte[] frame) {
        return frame.length > ETHER_IP_UDP && frame[12] == 8 && frame[13] == 0 && frame[23] == 17;
    }

    public Mbuf packet(byte[] bytes) {
        return packet(pool, bytes);
    }

    /** A packet of a pool, in as many segments as it needs. */
    public static Mbuf packet(MbufPool pool, byte[] bytes) {
        Mbuf head = pool.alloc();
        int at = Math.min(bytes.length, head.tailroom());
        head.append(at);
        head.write(0, bytes, 0, at);
        while (at < bytes.length) {
            Mbuf m = pool.alloc();
            int part = Math.min(bytes.length - at, m.tailroom());
            m.append(part);
            m.write(0, bytes, at, part);
            head.chain(m);
            at += part;
        }
        return head;
    }

    /** An Ethernet frame with a UDP datagram from 198.18.0.1 port 7 to 198.18.0.2. */
    public static byte[] udp(int toPort, byte[] payload) {
        ByteBuffer b = ByteBuffer.allocate(ETHER_IP_UDP + payload.length);
        b.put(mac(RIGHT_MAC)).put(mac(LEFT_MAC)).putShort((short) 0x800);
        int ip = b.position();
        b.put((byte) 0x45).put((byte) 0).putShort((short) (28 + payload.length)).putInt(0x4000).put((byte) 64).put((byte) 17)
                .putShort((short) 0).putInt(0xc6120001).putInt(0xc6120002);
        int sum = 0;
        for (int i = 0; i < 20; i += 2) {
            sum += b.getShort(ip + i) & 0xffff;
        }
        b.putShort(ip + 10, (short) ~(sum % 0xffff));
        b.putShort((short) 7).putShort((short) toPort).putShort((short) (8 + payload.length)).putShort((short) 0).put(payload);
        return b.array();
    }

    public static byte[] mac(String text) {
        byte[] mac = new byte[6];
        for (int i = 0; i < 6; i++) {
            mac[i] = (byte) Integer.parseInt(text.substring(3 * i, 3 * i + 2), 16);
        }
        return mac;
    }

    /** A UDP socket of the kernel in a namespace; does not wait. */
    public static DatagramChannel socket(NetNamespace ns, String address, int port) {
        return ns.within(() -> {
            DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
            channel.bind(new InetSocketAddress(address, port));
            channel.configureBlocking(false);
            return channel;
        });
    }

    public static byte[] datagram(DatagramChannel channel) {
        ByteBuffer buffer = ByteBuffer.allocate(70000);
        await("a datagram", () -> {
            try {
                return channel.receive(buffer) != null;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    /** Bytes to send. */
    public static byte[] random(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Has the kernel send a datagram to the left namespace. */
    public static void send(DatagramChannel from, byte[] payload) throws IOException {
        from.send(ByteBuffer.wrap(payload), new InetSocketAddress("198.18.0.1", 9));
    }

    /** What a frame with a datagram carries. */
    public static byte[] payload(byte[] frame) {
        return Arrays.copyOfRange(frame, ETHER_IP_UDP, frame.length);
    }

    /** Sends packets one by one and frees those that are not taken; how many were. */
    public int give(Port port, int n) {
        int taken = 0;
        for (int i = 0; i < n; i++) {
            Mbuf[] one = {packet(udp(9, new byte[] {1}))};
            int done = port.txBurst(0, one, 0, 1);
            taken += done;
            Mbuf.freeBulk(one, done, 1 - done);
        }
        return taken;
    }

    public static long xstat(Port port, String name) {
        return port.xstats().stream().filter(x -> x.name().equals(name)).mapToLong(Xstat::value).findFirst().orElseThrow();
    }

    @Override
    public void close() {
        try {
            ports.close();
            if (pool.availCount() != pool.size()) {
                throw new AssertionError("packets leaked: " + (pool.size() - pool.availCount()));
            }
        } finally {
            eal.close();
            left.close();
            right.close();
        }
    }
}
