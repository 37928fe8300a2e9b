package dev.penstock.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.RandomFrames;
import dev.penstock.testkit.Seed;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChecksumTest {
    private final TestPackets packets = new TestPackets();

    @AfterEach
    void close() {
        packets.close();
    }

    private static int naive(byte[] b, int from, int length) {
        long sum = 0;
        for (int i = 0; i < length; i += 2) {
            sum += (b[from + i] & 0xff) << 8 | (i + 1 < length ? b[from + i + 1] & 0xff : 0);
        }
        while (sum > 0xffff) {
            sum = (sum >> 16) + (sum & 0xffff);
        }
        return (int) sum;
    }

    @Test
    void shouldSumTheExampleOfRfc1071() {
        Mbuf m = packets.of(HexFormat.of().parseHex("0001f203f4f5f6f7"));
        assertEquals(0xddf2, Checksum.raw(m, 0, 8));
    }

    @Test
    void shouldSumEveryLengthAndOffsetAsSixteenBitWordsDo() {
        SplittableRandom random = Seed.random("checksum");
        byte[] bytes = new byte[2100];
        for (int length = 0; length <= 1600; length++) {
            random.nextBytes(bytes);
            int offset = random.nextInt(64);
            Mbuf m = packets.of(bytes);
            assertEquals(naive(bytes, offset, length), Checksum.raw(m, offset, length), length + " at " + offset);
        }
    }

    @Test
    void shouldSumExtremesAndKeepZeroApartFromAllOnes() {
        byte[] bytes = new byte[9000];
        assertEquals(0, Checksum.raw(packets.of(bytes), 0, 9000));
        Arrays.fill(bytes, (byte) 0xff);
        for (int length = 1; length <= 9000; length += 7) {
            assertEquals(naive(bytes, 0, length), Checksum.raw(packets.of(bytes), 0, length));
        }
    }

    @Test
    void shouldRefuseToSumWhatIsNotInThePacket() {
        Mbuf m = packets.of(new byte[64]);
        assertThrows(IndexOutOfBoundsException.class, () -> Checksum.raw(m, 0, 65));
        assertThrows(IndexOutOfBoundsException.class, () -> Checksum.raw(m, 65, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> Checksum.raw(m, -1, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> Checksum.raw(m, 2, -1));
        assertThrows(IndexOutOfBoundsException.class, () -> Checksum.raw(m, Integer.MAX_VALUE, Integer.MAX_VALUE));
    }

    @Test
    void shouldGiveTheHeaderChecksumWhateverStandsInTheField() {
        byte[] header = HexFormat.of().parseHex("45000073000040004011b861c0a80001c0a800c7");
        Mbuf m = packets.of(header);
        assertTrue(Checksum.verifyIpv4(m, 0));
        assertEquals(0xb861, Checksum.ipv4(m, 0));
        Ipv4.checksum(m, 0, 0x1234);
        assertFalse(Checksum.verifyIpv4(m, 0));
        assertEquals(0xb861, Checksum.ipv4(m, 0));
    }

    @Test
    void shouldMendAChecksumAsIfItWereComputedAnew() {
        SplittableRandom random = Seed.random("checksum update");
        byte[] bytes = new byte[20];
        for (int i = 0; i < 100_000; i++) {
            random.nextBytes(bytes);
            bytes[0] = 0x45;
            Mbuf m = packets.of(bytes);
            int before = Checksum.ipv4(m, 0);
            int ttl = m.getShort(8);
            int after = random.nextInt(8) == 0 ? random.nextInt(2) * 0xffff : random.nextInt(0x10000);
            m.putShort(8, (short) after);
            int middle = Checksum.update(before, ttl, after);
            assertEquals(Checksum.ipv4(m, 0), middle);
            int src = Ipv4.src(m, 0);
            Ipv4.src(m, 0, random.nextInt());
            assertEquals(Checksum.ipv4(m, 0), Checksum.update32(middle, src, Ipv4.src(m, 0)));
        }
    }

    @Test
    void shouldLowerTheTimeToLiveAndStopAtOne() {
        Mbuf m = packets.of(new byte[20]);
        Ipv4.write(m, 0, 0, 20, 7, 0, 3, IpProtocol.UDP, 0xc6120001, 0xc6120002);
        assertEquals(2, Ipv4.decrementTtl(m, 0));
        assertEquals(1, Ipv4.decrementTtl(m, 0));
        assertTrue(Checksum.verifyIpv4(m, 0));
        assertEquals(0, Ipv4.decrementTtl(m, 0));
        assertEquals(1, Ipv4.ttl(m, 0));
    }

    @Test
    void shouldSendAllOnesWhenUdpSumsToZero() {
        Mbuf m = packets.of(new byte[30]);
        Ipv4.write(m, 0, 0, 30, 0, 0, 64, IpProtocol.UDP, 0xc6120001, 0xc6120002);
        Udp.write(m, 20, 1, 2, 10);
        m.putShort(28, (short) Checksum.udpTcpIpv4(m, 0, 20));
        assertEquals(0xffff, Checksum.udpTcpIpv4(m, 0, 20));
        Udp.checksum(m, 20, 0xffff);
        assertTrue(Checksum.verifyUdpTcpIpv4(m, 0, 20));
        Udp.checksum(m, 20, 0);
        assertTrue(Checksum.verifyUdpTcpIpv4(m, 0, 20), "no checksum at all is allowed over IPv4");
        Udp.checksum(m, 20, 1);
        assertFalse(Checksum.verifyUdpTcpIpv4(m, 0, 20));
    }

    @Test
    void shouldRejectLengthsThatNoDatagramHas() {
        Mbuf m = packets.of(new byte[60]);
        Ipv4.write(m, 0, 0, 25, 0, 0, 64, IpProtocol.UDP, 1, 2);
        assertEquals(Reject.PACKET_LENGTH, Checksum.udpTcpIpv4(m, 0, 20));
        assertFalse(Checksum.verifyUdpTcpIpv4(m, 0, 20));
        Ipv4.write(m, 0, 0, 30, 0, 0, 64, IpProtocol.TCP, 1, 2);
        assertEquals(Reject.PACKET_LENGTH, Checksum.udpTcpIpv4(m, 0, 20));
    }

    @Test
    void shouldAllocateNothing() {
        byte[] bytes = new byte[1500];
        Mbuf m = packets.of(bytes);
        Ipv4.write(m, 0, 0, 1500, 0, 0, 64, IpProtocol.UDP, 1, 2);
        int[] sink = new int[1];
        Runnable work = () -> {
            for (int i = 0; i < 20_000; i++) {
                sink[0] += Checksum.ipv4(m, 0) + Checksum.udpTcpIpv4(m, 0, 20);
            }
        };
        assertEquals(0, Allocation.steadyBytesOf(work));
    }

    private static int added(int a, int b) {
        return (a + b & 0xffff) + (a + b >>> 16);
    }

    @Test
    void shouldFindTheChecksumsOfTheTestKitRight() {
        RandomFrames frames = new RandomFrames(Seed.random("checksums of frames"), 64);
        PacketLengths lengths = new PacketLengths();
        int seen = 0;
        for (int i = 0; i < 50_000; i++) {
            Mbuf m = packets.of(frames.valid());
            int type = PacketType.parse(m, lengths);
            int ip = lengths.l2Len();
            int l4 = ip + lengths.l3Len();
            int l4Type = type & PacketType.L4_MASK;
            if ((type & PacketType.L3_MASK) == 0) {
                continue;
            }
            boolean isIpv4 = (type & PacketType.L3_IPV6) == 0;
            if (isIpv4) {
                assertTrue(Checksum.verifyIpv4(m, ip));
                assertEquals(Ipv4.checksum(m, ip), Checksum.ipv4(m, ip));
            }
            if (l4Type == PacketType.L4_UDP || l4Type == PacketType.L4_TCP) {
                boolean udp = l4Type == PacketType.L4_UDP;
                int protocol = udp ? IpProtocol.UDP : IpProtocol.TCP;
                int written = udp ? Udp.checksum(m, l4) : Tcp.checksum(m, l4);
                assertEquals(written, isIpv4 ? Checksum.udpTcpIpv4(m, ip, l4) : Checksum.ipv6(m, ip, protocol, l4));
                assertTrue(isIpv4 ? Checksum.verifyUdpTcpIpv4(m, ip, l4) : Checksum.verifyIpv6(m, ip, protocol, l4));
                int end = isIpv4 ? ip + Ipv4.totalLength(m, ip) : ip + Ipv6.LENGTH + Ipv6.payloadLength(m, ip);
                m.putShort(l4 + (udp ? Udp.CHECKSUM : Tcp.CHECKSUM), (short) 0);
                int rest = Checksum.raw(m, l4, end - l4);
                int pseudo = isIpv4 ? Checksum.pseudoIpv4(m, ip, end - l4) : Checksum.pseudoIpv6(m, ip, protocol, end - l4);
                assertEquals(written % 0xffff, ~added(pseudo, rest) & 0xffff);
                seen++;
            } else if (l4Type == PacketType.L4_SCTP) {
                int end = isIpv4 ? ip + Ipv4.totalLength(m, ip) : ip + Ipv6.LENGTH + Ipv6.payloadLength(m, ip);
                assertTrue(Crc.verifySctp(m, l4, end - l4));
            }
        }
        assertTrue(seen > 10_000, "only " + seen);
    }

    @Test
    void shouldWriteBothChecksumsInOnePassAsOneByOne() {
        RandomFrames frames = new RandomFrames(Seed.random("checksums in one pass"), 64);
        PacketLengths lengths = new PacketLengths();
        int written = 0;
        int left = 0;
        Mbuf expected = packets.fresh();
        for (int i = 0; i < 50_000; i++) {
            byte[] frame = i % 4 == 0 ? frames.mutated() : frames.valid();
            Mbuf m = packets.of(frame);
            PacketType.parse(m, lengths);
            int ip = i % 4 == 0 ? Ethernet.LENGTH : lengths.l2Len();
            expected.received(frame.length, 0);
            expected.write(0, frame, 0, frame.length);
            if (Checksum.writeIpv4UdpTcp(m, ip)) {
                written++;
                boolean udp = Ipv4.protocol(expected, ip) == IpProtocol.UDP;
                int field = ip + Ipv4.LENGTH + (udp ? Udp.CHECKSUM : Tcp.CHECKSUM);
                assertFalse(Ipv4.isFragment(expected, ip));
                Ipv4.checksum(expected, ip, Checksum.ipv4(expected, ip));
                if (!udp || expected.getShort(field) != 0) {
                    expected.putShort(field, (short) Checksum.udpTcpIpv4(expected, ip, ip + Ipv4.LENGTH));
                }
            } else {
                left++;
            }
            assertArrayEquals(TestPackets.bytes(expected), TestPackets.bytes(m));
        }
        expected.free();
        assertTrue(written > 5_000 && left > 5_000, written + " written and " + left + " left");
    }
}
