package dev.penstock.apps.demo;

import dev.penstock.drivers.pcap.PcapWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * The demo's traffic: some thousand packets of many flows between clients and servers of two networks,
 * the same ones each time. ARP, IPv4, IPv6, ICMP, ICMPv6, UDP in sizes of an Internet mix, TCP sessions
 * from handshake to end, SCTP, VLAN, QinQ, GRE and VXLAN, all with right checksums. Addresses are those
 * set aside for tests: 198.18.0.0/15 (RFC 2544) and 2001:db8::/32 (RFC 3849).
 */
public final class DemoTraffic {
    private static final long START_NS = 1_767_225_600_000_000_000L;
    private static final long CLIENT_MAC = 0x0200_0000_0001L;
    private static final long SERVER_MAC = 0x0200_0000_0002L;
    private static final int FLOWS = 16;
    /** Bytes of UDP payload: seven small, four middle, one large of twelve, as 60, 590 and 1514-byte frames. */
    private static final int[] MIX = {18, 548, 18, 18, 548, 18, 18, 1472, 18, 548, 18, 548};
    private static final byte[] TEXT = "Penstock carries packets from one place to another. ".getBytes(StandardCharsets.US_ASCII);

    private record Frame(long timeNs, String kind, byte[] bytes) {}

    private final SplittableRandom random = new SplittableRandom(2544);
    private final List<Frame> frames = new ArrayList<>();

    private DemoTraffic() {
        for (int i = 0; i < FLOWS; i++) {
            resolve(i);
            pings(client4(i), server4(i), 4, "ICMP");
            pings(client6(i), server6(i), 3, "ICMPv6");
            udp(client4(i), server4(i), 12, "UDP", 0);
            udp(client6(i), server6(i), 8, "UDP over IPv6", 0);
            session(client4(i), server4(i), i);
            session(client6(i), server6(i), i + FLOWS);
            sctp(i);
            gre(i);
            vxlan(i);
            udp(client4(i), server4(i), 3, "VLAN", 1);
            udp(client4(i), server4(i), 2, "QinQ", 2);
        }
        frames.sort(Comparator.comparingLong(Frame::timeNs));
    }

    /**
     * Writes the traffic to a pcap file.
     *
     * @param file where
     * @return how many packets were written
     * @throws IOException when the file can't be written
     */
    public static int write(Path file) throws IOException {
        List<Frame> all = new DemoTraffic().frames;
        try (PcapWriter writer = PcapWriter.create(file, PcapWriter.DEFAULT_SNAPLEN); Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(2048);
            for (Frame frame : all) {
                buffer.copyFrom(MemorySegment.ofArray(frame.bytes));
                writer.write(buffer, 0, frame.bytes.length, frame.timeNs);
            }
        }
        return all.size();
    }

    /** @return how many packets there are of each kind, by name */
    public static Map<String, Integer> kinds() {
        Map<String, Integer> kinds = new TreeMap<>();
        new DemoTraffic().frames.forEach(frame -> kinds.merge(frame.kind, 1, Integer::sum));
        return kinds;
    }

    private void resolve(int i) {
        long at = moment();
        add(at, "ARP", 0xffff_ffff_ffffL, CLIENT_MAC, Frames.ARP, Frames.arp(1, CLIENT_MAC, client4(i), 0, server4(i)));
        add(at + 20_000, "ARP", CLIENT_MAC, SERVER_MAC, Frames.ARP, Frames.arp(2, SERVER_MAC, server4(i), CLIENT_MAC, client4(i)));
    }

    private void pings(byte[] client, byte[] server, int count, String kind) {
        int id = random.nextInt(1, 65536);
        int protocol = client.length == 4 ? Frames.ICMP : Frames.ICMPV6;
        long at = moment();
        for (int n = 1; n <= count; n++) {
            byte[] payload = text(56);
            packet(at, kind, true, client, server, protocol, Frames.echo(client, server, false, id, n, payload));
            packet(at + 300_000, kind, false, server, client, protocol, Frames.echo(server, client, true, id, n, payload));
            at += 100_000_000;
        }
    }

    private void udp(byte[] client, byte[] server, int count, String kind, int tags) {
        int srcPort = port();
        int dstPort = port();
        long at = moment();
        for (int n = 0; n < count; n++) {
            byte[] payload = text(Math.max(0, MIX[random.nextInt(MIX.length)] - (client.length == 4 ? 0 : 20)));
            byte[] ip = Frames.ip(client, server, Frames.UDP, random.nextInt(), Frames.udp(client, server, srcPort, dstPort, payload));
            int type = Frames.typeOf(client);
            if (tags > 0) {
                ip = Frames.vlan(100 + n % 4, type, ip);
                type = Frames.VLAN;
            }
            if (tags > 1) {
                ip = Frames.vlan(1000, type, ip);
                type = Frames.SERVICE_VLAN;
            }
            add(at, kind, SERVER_MAC, CLIENT_MAC, type, ip);
            at += random.nextLong(1_000_000, 60_000_000);
        }
    }

    /** A request and its answer, from the first SYN to the last ACK. */
    private void session(byte[] client, byte[] server, int i) {
        TcpSession s = new TcpSession(client, server, port());
        s.send(true, Frames.SYN, new byte[0]);
        s.send(false, Frames.SYN | Frames.ACK, new byte[0]);
        s.send(true, Frames.ACK, new byte[0]);
        byte[] body = text(random.nextInt(100, 3000));
        s.send(true, Frames.PSH | Frames.ACK, ascii("GET /" + i + " HTTP/1.1\r\nHost: example.com\r\n\r\n"));
        byte[] answer = Frames.join(ascii("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + body.length + "\r\n\r\n"), body);
        for (int from = 0; from < answer.length; from += 1400) {
            s.send(false, Frames.PSH | Frames.ACK, Arrays.copyOfRange(answer, from, Math.min(answer.length, from + 1400)));
        }
        s.send(true, Frames.FIN | Frames.ACK, new byte[0]);
        s.send(false, Frames.FIN | Frames.ACK, new byte[0]);
        s.send(true, Frames.ACK, new byte[0]);
    }

    private final class TcpSession {
        private final byte[] client;
        private final byte[] server;
        private final int clientPort;
        private int clientNext = random.nextInt();
        private int serverNext = random.nextInt();
        private long at = moment();

        TcpSession(byte[] client, byte[] server, int clientPort) {
            this.client = client;
            this.server = server;
            this.clientPort = clientPort;
        }

        void send(boolean up, int flags, byte[] payload) {
            String kind = client.length == 4 ? "TCP" : "TCP over IPv6";
            int advance = payload.length + ((flags & (Frames.SYN | Frames.FIN)) != 0 ? 1 : 0);
            if (up) {
                int acknowledged = (flags & Frames.ACK) != 0 ? serverNext : 0;
                packet(at, kind, true, client, server, Frames.TCP,
                        Frames.tcp(client, server, clientPort, 80, clientNext, acknowledged, flags, payload));
                clientNext += advance;
            } else {
                packet(at, kind, false, server, client, Frames.TCP,
                        Frames.tcp(server, client, 80, clientPort, serverNext, clientNext, flags, payload));
                serverNext += advance;
            }
            at += 150_000;
        }
    }

    private void sctp(int i) {
        int srcPort = port();
        int tag = random.nextInt();
        long at = moment();
        for (int n = 0; n < 2; n++) {
            packet(at, "SCTP", true, client4(i), server4(i), Frames.SCTP, Frames.sctp(srcPort, 50_000, tag, n, text(random.nextInt(20, 400))));
            at += 5_000_000;
        }
    }

    private void gre(int i) {
        byte[] from = {10, 0, 0, (byte) i};
        byte[] to = {10, 0, 1, (byte) i};
        byte[] inner = Frames.ip(from, to, Frames.ICMP, i, Frames.echo(from, to, false, i, 1, text(56)));
        packet(moment(), "GRE", true, client4(i), server4(i), Frames.GRE, Frames.gre(Frames.IPV4, inner));
    }

    private void vxlan(int i) {
        byte[] from = {10, 1, 0, (byte) i};
        byte[] to = {10, 1, 1, (byte) i};
        byte[] inner = Frames.ip(from, to, Frames.UDP, i, Frames.udp(from, to, port(), port(), text(200)));
        byte[] frame = Frames.ethernet(0x0200_0000_0012L, 0x0200_0000_0011L, Frames.IPV4, inner);
        packet(moment(), "VXLAN", true, client4(i), server4(i), Frames.UDP,
                Frames.udp(client4(i), server4(i), port(), 4789, Frames.vxlan(4096 + i, frame)));
    }

    private void packet(long at, String kind, boolean up, byte[] src, byte[] dst, int protocol, byte[] payload) {
        byte[] ip = Frames.ip(src, dst, protocol, random.nextInt(), payload);
        add(at, kind, up ? SERVER_MAC : CLIENT_MAC, up ? CLIENT_MAC : SERVER_MAC, Frames.typeOf(src), ip);
    }

    private void add(long at, String kind, long dst, long src, int type, byte[] payload) {
        frames.add(new Frame(at, kind, Frames.ethernet(dst, src, type, payload)));
    }

    /** Some moment of the first half second. */
    private long moment() {
        return START_NS + random.nextLong(500_000_000);
    }

    /** A port of the dynamic range, where no dissector expects a protocol. */
    private int port() {
        return random.nextInt(49_152, 65_000);
    }

    private static byte[] client4(int i) {
        return new byte[] {(byte) 198, 18, 0, (byte) (1 + i)};
    }

    private static byte[] server4(int i) {
        return new byte[] {(byte) 198, 19, 0, (byte) (1 + i)};
    }

    private static byte[] client6(int i) {
        return ByteBuffer.allocate(16).putLong(0x2001_0db8_0000_0000L).putLong(1 + i).array();
    }

    private static byte[] server6(int i) {
        return ByteBuffer.allocate(16).putLong(0x2001_0db8_0001_0000L).putLong(1 + i).array();
    }

    private static byte[] text(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = TEXT[i % TEXT.length];
        }
        return bytes;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
