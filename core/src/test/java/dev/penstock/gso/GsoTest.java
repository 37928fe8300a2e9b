package dev.penstock.gso;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Checksum;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Tcp;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Frames;
import dev.penstock.testkit.Seed;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GsoTest {
    private static final int POOL = 1023;

    private final SplittableRandom random = Seed.random("GsoTest");
    private final Mbuf[] to = new Mbuf[256];
    private Eal eal;
    private MbufPool pool;

    @BeforeEach
    void start() {
        eal = Eal.start(l -> { }, "--no-huge", "--in-memory", "--no-telemetry");
        pool = MbufPool.create(eal, "pool", POOL, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
    }

    @AfterEach
    void stop() {
        assertEquals(POOL, pool.availCount(), "packets given back");
        eal.close();
    }

    /** A packet with its lengths and flags, over several buffers of random lengths. */
    private Mbuf packet(byte[] frame, int l2, int l3, int l4, boolean v4, int size) {
        Mbuf head = pool.alloc();
        int headers = l2 + l3 + l4;
        head.append(headers);
        head.write(0, frame, 0, headers);
        for (int at = headers; at < frame.length; ) {
            int n = Math.min(frame.length - at, random.nextInt(1, 2000));
            if (at == headers && random.nextBoolean() && head.append(n) >= 0) {
                head.write(headers, frame, at, n);
            } else {
                Mbuf next = pool.alloc();
                next.append(n);
                next.write(0, frame, at, n);
                assertTrue(head.chain(next));
            }
            at += n;
        }
        head.l2Len(l2);
        head.l3Len(l3);
        head.l4Len(l4);
        head.tsoSegsz(size);
        head.olFlags(OlFlags.TX_TCP_SEG | (v4 ? OlFlags.TX_IPV4 | OlFlags.TX_IP_CKSUM : OlFlags.TX_IPV6));
        return head;
    }

    private static byte[] bytes(Mbuf m) {
        byte[] all = new byte[m.pktLen()];
        assertEquals(m.pktLen(), m.dataLen(), "in one piece");
        m.read(0, all, 0, all.length);
        return all;
    }

    @Test
    void shouldMakeSegmentsThatTogetherSayWhatThePacketSaid() {
        for (int round = 0; round < 3000; round++) {
            boolean v4 = random.nextBoolean();
            byte[] options = new byte[4 * random.nextInt(0, 11)];
            Arrays.fill(options, (byte) 1);
            byte[] payload = new byte[random.nextInt(10) == 0 ? random.nextInt(3) : random.nextInt(1, 20_000)];
            random.nextBytes(payload);
            int flags = random.nextInt(256) & ~(Tcp.SYN | Tcp.RST);
            byte[] src = v4 ? Frames.number(0xc6120001L, 4) : Frames.ipv6Address(1);
            byte[] dst = v4 ? Frames.number(0xc6130001L, 4) : Frames.ipv6Address(2);
            byte[] tcp = Frames.tcp(src, dst, 1234, 80, flags, options, payload);
            boolean tagged = random.nextBoolean();
            byte[] extension = v4 || random.nextBoolean() ? new byte[0] : Frames.extension(IpProtocol.TCP, 0, new byte[0]);
            byte[] ip = v4 ? Frames.ipv4(0xc6120001, 0xc6130001, IpProtocol.TCP, tcp)
                    : Frames.ipv6(src, dst, extension.length > 0 ? 60 : IpProtocol.TCP, Frames.join(extension, tcp));
            int type = v4 ? 0x0800 : 0x86dd;
            byte[] frame = Frames.ethernet(2, 4, tagged ? 0x8100 : type, tagged ? Frames.vlan(5, type, ip) : ip);
            int l2 = tagged ? 18 : 14;
            int l3 = v4 ? 20 : 40 + extension.length;
            int l4 = 20 + options.length;
            int size = random.nextInt(Math.max(1, payload.length / 255), 1460) + 1;
            Mbuf m = packet(frame, l2, l3, l4, v4, size);
            m.vlanTci(77);
            m.olFlags(m.olFlags() | OlFlags.TX_VLAN);
            int n = Gso.segment(m, pool, to);
            assertEquals(Math.max(1, (payload.length + size - 1) / size), n);
            check(m, n, size, payload, flags, v4);
            m.free();
            Mbuf.freeBulk(to, 0, n);
        }
    }

    private void check(Mbuf m, int n, int size, byte[] payload, int flags, boolean v4) {
        int l2 = m.l2Len();
        int l4 = l2 + m.l3Len();
        int headers = l4 + m.l4Len();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < n; i++) {
            Mbuf s = to[i];
            byte[] bytes = bytes(s);
            assertEquals(i < n - 1 ? size : payload.length - (n - 1) * size, bytes.length - headers);
            all.write(bytes, headers, bytes.length - headers);
            assertEquals(Tcp.seq(m, l4) + (long) i * size & 0xffffffffL, Tcp.seq(s, l4));
            int without = (i < n - 1 ? Tcp.FIN | Tcp.PSH : 0) | (i > 0 ? Tcp.CWR : 0);
            assertEquals(flags & ~without, Tcp.flags(s, l4));
            if (v4) {
                assertEquals(bytes.length - l2, Ipv4.totalLength(s, l2));
                assertEquals(Ipv4.id(m, l2) + i & 0xffff, Ipv4.id(s, l2));
                assertTrue(Checksum.verifyIpv4(s, l2) && Checksum.verifyUdpTcpIpv4(s, l2, l4));
            } else {
                assertEquals(bytes.length - l2 - Ipv6.LENGTH, Ipv6.payloadLength(s, l2));
                assertTrue(Checksum.verifyIpv6(s, l2, IpProtocol.TCP, l4));
            }
            assertEquals(OlFlags.TX_VLAN, s.olFlags());
            assertEquals(77, s.vlanTci());
            byte[] was = new byte[headers];
            m.read(0, was, 0, headers);
            for (int at : new int[] {l2 + (v4 ? 2 : 4), l2 + (v4 ? 4 : 5), l2 + (v4 ? 10 : 5), l4 + 4, l4 + 6, l4 + 16}) {
                Arrays.fill(was, at, at + (v4 || at > l2 + 5 ? 2 : 1), (byte) 0);
                Arrays.fill(bytes, at, at + (v4 || at > l2 + 5 ? 2 : 1), (byte) 0);
            }
            was[l4 + 13] = bytes[l4 + 13];
            assertArrayEquals(was, Arrays.copyOf(bytes, headers), "all else stays");
        }
        assertArrayEquals(payload, all.toByteArray());
    }

    private Mbuf usual(int payload, int size) {
        byte[] tcp = Frames.tcp(Frames.number(1, 4), Frames.number(2, 4), 1, 2, Tcp.ACK, new byte[0], new byte[payload]);
        return packet(Frames.ethernet(2, 4, 0x0800, Frames.ipv4(1, 2, IpProtocol.TCP, tcp)), 14, 20, 20, true, size);
    }

    @Test
    void shouldLeaveWhatItCannotCut() {
        Mbuf m = usual(3000, 1000);
        long asked = m.olFlags();
        for (Runnable lie : new Runnable[] {() -> m.olFlags(asked & ~OlFlags.TX_TCP_SEG), () -> m.olFlags(asked & ~OlFlags.TX_IPV4),
            () -> m.olFlags(asked | OlFlags.TX_IPV6), () -> m.olFlags(asked | OlFlags.TX_TUNNEL_VXLAN), () -> m.tsoSegsz(0),
            () -> m.tsoSegsz(65535), () -> m.tsoSegsz(3000), () -> m.l3Len(16), () -> m.l3Len(24), () -> m.l4Len(24), () -> m.l4Len(16),
            () -> m.l2Len(100)}) {
            lie.run();
            assertEquals(Gso.UNFIT, Gso.segment(m, pool, to));
            m.olFlags(asked);
            m.tsoSegsz(1000);
            m.l2Len(14);
            m.l3Len(20);
            m.l4Len(20);
        }
        assertEquals(Gso.TOO_MANY, Gso.segment(m, pool, new Mbuf[2]));
        MbufPool small = MbufPool.create(eal, "small", 2, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
        assertEquals(Gso.NO_MBUF, Gso.segment(m, small, to));
        assertEquals(2, small.availCount());
        assertEquals(3, Gso.segment(m, pool, to));
        Mbuf.freeBulk(to, 0, 3);
        m.free();
    }

    @Test
    void shouldSurviveRandomHeadersAndLengths() {
        for (int i = 0; i < 100_000; i++) {
            Mbuf m = usual(random.nextInt(1, 500), 100);
            for (int n = random.nextInt(3); n >= 0; n--) {
                m.putByte(random.nextInt(14, 54), (byte) random.nextInt());
            }
            if (random.nextInt(4) == 0) {
                m.l2Len(random.nextInt(128));
                m.l3Len(random.nextInt(512));
                m.l4Len(random.nextInt(256));
                m.tsoSegsz(random.nextInt(65536));
            }
            int n = Gso.segment(m, pool, to);
            assertTrue(n >= Gso.TOO_MANY && n != 0);
            Mbuf.freeBulk(to, 0, Math.max(0, n));
            m.free();
        }
    }

    @Test
    void shouldAllocateNothing() {
        Mbuf m = usual(8000, 1448);
        assertEquals(0, Allocation.steadyBytesOf(() -> {
            for (int i = 0; i < 100; i++) {
                Mbuf.freeBulk(to, 0, Gso.segment(m, pool, to));
            }
        }));
        m.free();
    }
}
