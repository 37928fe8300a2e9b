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
import dev.penstock.net.Udp;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Frames;
import dev.penstock.testkit.Seed;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UdpGsoTest {
    private static final int POOL = 1023;
    private static final int UDP = 8;

    private final SplittableRandom random = Seed.random("UdpGsoTest");
    private final Mbuf[] to = new Mbuf[256];
    private final Eal eal = Eal.start(l -> { }, "--no-huge", "--in-memory", "--no-telemetry");
    private final MbufPool pool = MbufPool.create(eal, "pool", POOL, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
    private int l2;

    @AfterEach
    void stop() {
        assertEquals(POOL, pool.availCount(), "packets given back");
        eal.close();
    }

    private byte[] ip(boolean v4, byte[] payload) {
        byte[] src = v4 ? Frames.number(0xc6120001L, 4) : Frames.ipv6Address(1);
        byte[] dst = v4 ? Frames.number(0xc6130001L, 4) : Frames.ipv6Address(2);
        byte[] udp = Frames.udp(src, dst, 1234, 53, payload);
        return v4 ? Frames.ipv4(0xc6120001, 0xc6130001, IpProtocol.UDP, udp) : Frames.ipv6(src, dst, IpProtocol.UDP, udp);
    }

    private byte[] frame(boolean v4, boolean tagged, byte[] ip) {
        int type = v4 ? 0x0800 : 0x86dd;
        l2 = tagged ? 18 : 14;
        return Frames.ethernet(2, 4, tagged ? 0x8100 : type, tagged ? Frames.vlan(5, type, ip) : ip);
    }

    private Mbuf packet(byte[] frame, boolean v4, int l4, int size) {
        int headers = l2 + (v4 ? 20 : 40) + UDP;
        Mbuf head = pool.alloc();
        head.append(headers);
        head.write(0, frame, 0, headers);
        for (int at = headers; at < frame.length;) {
            int n = Math.min(frame.length - at, random.nextInt(1, 2000));
            Mbuf next = pool.alloc();
            next.append(n);
            next.write(0, frame, at, n);
            assertTrue(head.chain(next));
            at += n;
        }
        head.l2Len(l2);
        head.l3Len(v4 ? 20 : 40);
        head.l4Len(l4);
        head.tsoSegsz(size);
        head.olFlags(OlFlags.TX_UDP_SEG | OlFlags.TX_UDP_CKSUM | (v4 ? OlFlags.TX_IPV4 : OlFlags.TX_IPV6));
        // what a driver leaves there: the sum of the pseudo header
        head.putShort(l2 + (v4 ? 20 : 40) + 6, (short) random.nextInt());
        return head;
    }

    private static byte[] bytes(Mbuf m) {
        byte[] all = new byte[m.pktLen()];
        assertEquals(m.pktLen(), m.dataLen(), "in one piece");
        m.read(0, all, 0, all.length);
        return all;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldMakeDatagramsOfThePayload(boolean v4) {
        for (int round = 0; round < 1000; round++) {
            byte[] payload = new byte[1 + random.nextInt(20_000)];
            random.nextBytes(payload);
            byte[] frame = frame(v4, random.nextBoolean(), ip(v4, payload));
            int size = random.nextInt(Math.max(8, payload.length / 255), 1472) + 1;
            Mbuf m = packet(frame, v4, UDP, size);
            int n = Gso.segment(m, pool, to);
            assertEquals((payload.length + size - 1) / size, n);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            int l4 = l2 + m.l3Len();
            for (int i = 0; i < n; i++) {
                byte[] bytes = bytes(to[i]);
                all.write(bytes, l4 + UDP, bytes.length - l4 - UDP);
                assertEquals(bytes.length - l4, Udp.length(to[i], l4));
                if (v4) {
                    assertEquals(bytes.length - l2, Ipv4.totalLength(to[i], l2));
                    assertEquals(Ipv4.id(m, l2) + i & 0xffff, Ipv4.id(to[i], l2));
                    assertTrue(Checksum.verifyIpv4(to[i], l2) && Checksum.verifyUdpTcpIpv4(to[i], l2, l4));
                } else {
                    assertEquals(bytes.length - l2 - 40, Ipv6.payloadLength(to[i], l2));
                    assertTrue(Checksum.verifyIpv6(to[i], l2, IpProtocol.UDP, l4));
                }
                assertArrayEquals(Arrays.copyOf(frame, l2), Arrays.copyOf(bytes, l2));
                assertEquals(0, to[i].olFlags());
            }
            assertArrayEquals(payload, all.toByteArray());
            m.free();
            Mbuf.freeBulk(to, 0, n);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldMakeFragmentsThatTogetherAreTheDatagram(boolean v4) {
        for (int round = 0; round < 1000; round++) {
            byte[] payload = new byte[random.nextInt(20_000)];
            random.nextBytes(payload);
            byte[] ip = ip(v4, payload);
            byte[] frame = frame(v4, random.nextBoolean(), ip);
            // the smallest of which 256 are enough: what is over a multiple of 8 carries nothing
            int size = random.nextInt(Math.max(16, payload.length / 200 + 7 & -8), 1480) + 1;
            Mbuf m = packet(frame, v4, 0, size);
            int n = Gso.segment(m, pool, to);
            int each = size & -8;
            assertEquals(Math.max(1, (payload.length + UDP + each - 1) / each), n);
            byte[] whole = new byte[payload.length + UDP];
            int id = 0;
            for (int i = 0; i < n; i++) {
                byte[] bytes = bytes(to[i]);
                int header = l2 + m.l3Len() + (v4 || n == 1 ? 0 : 8);
                int field = n == 1 && !v4 ? 0 : v4 ? to[i].getShort(l2 + 6) & 0xffff : to[i].getShort(l2 + 42) & 0xffff;
                int offset = v4 ? (field & 0x1fff) * 8 : field & 0xfff8;
                assertEquals(i * each, offset);
                assertEquals(i < n - 1, (field & (v4 ? 0x2000 : 1)) != 0, "more fragments");
                System.arraycopy(bytes, header, whole, offset, bytes.length - header);
                if (v4) {
                    assertEquals(bytes.length - l2, Ipv4.totalLength(to[i], l2));
                    assertEquals(Ipv4.id(m, l2), Ipv4.id(to[i], l2));
                    assertTrue(Checksum.verifyIpv4(to[i], l2));
                } else {
                    assertEquals(bytes.length - l2 - 40, Ipv6.payloadLength(to[i], l2));
                    assertEquals(n == 1 ? 17 : 44, Ipv6.nextHeader(to[i], l2));
                    assertTrue(n == 1 || to[i].getByte(l2 + 40) == 17);
                    assertTrue(n == 1 || i == 0 || to[i].getInt(l2 + 44) == id);
                    id = n == 1 ? 0 : to[i].getInt(l2 + 44);
                }
            }
            assertArrayEquals(Arrays.copyOfRange(ip, v4 ? 20 : 40, ip.length), whole, "with the checksum of the whole");
            m.free();
            Mbuf.freeBulk(to, 0, n);
        }
    }

    @Test
    void shouldLeaveWhatItCannotCut() {
        byte[] frame = frame(true, false, ip(true, new byte[3000]));
        Mbuf m = packet(frame, true, UDP, 1000);
        long asked = m.olFlags();
        for (Runnable lie : new Runnable[] {() -> m.olFlags(asked & ~OlFlags.TX_IPV4), () -> m.olFlags(asked | OlFlags.TX_IPV6),
            () -> m.olFlags(asked | OlFlags.TX_TCP_SEG), () -> m.olFlags(asked | OlFlags.TX_TUNNEL_VXLAN), () -> m.tsoSegsz(0),
            () -> m.tsoSegsz(7), () -> m.tsoSegsz(65535), () -> m.l3Len(24), () -> m.l4Len(20), () -> m.l2Len(100),
            () -> m.putByte(23, (byte) 6), () -> m.putShort(20, (short) 0x2000)}) {
            lie.run();
            assertEquals(Gso.UNFIT, Gso.segment(m, pool, to));
            m.olFlags(asked);
            m.tsoSegsz(1000);
            m.l2Len(14);
            m.l3Len(20);
            m.l4Len(UDP);
            m.putByte(23, (byte) 17);
            m.putShort(20, (short) 0);
        }
        assertEquals(Gso.TOO_MANY, Gso.segment(m, pool, new Mbuf[2]));
        MbufPool small = MbufPool.create(eal, "small", 2, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
        assertEquals(Gso.NO_MBUF, Gso.segment(m, small, to));
        assertEquals(2, small.availCount());
        m.free();
    }

    @Test
    void shouldAllocateNothing() {
        byte[] frame = frame(false, false, ip(false, new byte[8000]));
        Mbuf m = packet(frame, false, 0, 1400);
        assertEquals(0, Allocation.steadyBytesOf(() -> {
            for (int i = 0; i < 1000; i++) {
                Mbuf.freeBulk(to, 0, Gso.segment(m, pool, to));
            }
        }));
        m.free();
    }
}
