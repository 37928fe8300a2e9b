package dev.penstock.net;

import static dev.penstock.testkit.Frames.number;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.testkit.Frames;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Headers written here are, byte for byte, those that the test kit builds; what is read is what was put in. */
class HeaderTest {
    private static final long A = 0x0200_0000_0001L;
    private static final long B = 0xfeed_beef_cafeL;
    private static final int SRC = 0xc612_0001;
    private static final int DST = 0xc613_fffe;
    private static final Ipv6Address SRC6 = Ipv6Address.parse("2001:db8::1");
    private static final Ipv6Address DST6 = Ipv6Address.parse("2001:db8::abcd:1");

    private final TestPackets packets = new TestPackets();

    @AfterEach
    void close() {
        packets.close();
    }

    private Mbuf room(int length) {
        byte[] dirt = new byte[length];
        Arrays.fill(dirt, (byte) 0xa5);
        return packets.of(dirt);
    }

    private static void holds(byte[] expected, Mbuf m) {
        assertArrayEquals(expected, TestPackets.bytes(m));
    }

    @Test
    void shouldWriteAndReadEthernet() {
        Mbuf m = room(14);
        assertEquals(14, Ethernet.write(m, 0, A, B, EtherType.IPV6));
        holds(Frames.ethernet(A, B, 0x86dd, new byte[0]), m);
        assertEquals(A, Ethernet.dst(m, 0));
        assertEquals(B, Ethernet.src(m, 0));
        assertEquals(EtherType.IPV6, Ethernet.etherType(m, 0));
        Ethernet.swap(m, 0);
        holds(Frames.ethernet(B, A, 0x86dd, new byte[0]), m);
        Ethernet.dst(m, 0, A);
        Ethernet.src(m, 0, B);
        holds(Frames.ethernet(A, B, 0x86dd, new byte[0]), m);
    }

    @Test
    void shouldWriteAndReadTagsAndLabels() {
        Mbuf m = room(4);
        Vlan.write(m, 0, Vlan.tci(0x123, 5, true), EtherType.IPV4);
        holds(Frames.vlan(0xb123, 0x800, new byte[0]), m);
        int tci = Vlan.tci(m, 0);
        assertEquals(0x123, Vlan.vlanId(tci));
        assertEquals(5, Vlan.priority(tci));
        assertTrue(Vlan.isDropEligible(tci));
        Mpls.write(m, 0, 0xabcde, 0, true, 64);
        holds(Frames.mpls(0xabcde, true, new byte[0]), m);
        assertEquals(0xabcde, Mpls.label(m, 0));
        assertEquals(64, Mpls.ttl(m, 0));
    }

    @Test
    void shouldWriteAndReadArp() {
        Mbuf m = room(28);
        Arp.write(m, 0, Arp.REPLY, A, SRC, B, DST);
        holds(Frames.arp(2, A, SRC, B, DST), m);
        assertEquals(28, Arp.check(m, 0));
        assertEquals(Arp.REPLY, Arp.operation(m, 0));
        assertEquals(A, Arp.senderMac(m, 0));
        assertEquals(SRC, Arp.senderIp(m, 0));
        assertEquals(B, Arp.targetMac(m, 0));
        assertEquals(DST, Arp.targetIp(m, 0));
    }

    @Test
    void shouldWriteAndReadIpv4() {
        Mbuf m = room(20);
        Ipv4.write(m, 0, 0, 20, 1, 0, 64, IpProtocol.TCP, SRC, DST);
        holds(Frames.ipv4(SRC, DST, 6, new byte[0]), m);
        Ipv4.tos(m, 0, 0xb8);
        Ipv4.fragment(m, 0, Ipv4.DONT_FRAGMENT);
        assertEquals(0xb8, m.getByte(1) & 0xff);
        assertEquals(0x40, m.getByte(6));
        assertEquals(64, Ipv4.ttl(m, 0));
        assertEquals(1, Ipv4.id(m, 0));
        assertEquals(20, Ipv4.totalLength(m, 0));
    }

    @Test
    void shouldFindIpv4Options() {
        Mbuf m = packets.of(Frames.ipv4(SRC, DST, 6, 0, Frames.bytes(1, 148, 4, 0, 0, 0, 7, 2), new byte[0]));
        assertEquals(28, Ipv4.check(m, 0));
        assertEquals(21, Ipv4.option(m, 0, Ipv4.OPTION_ROUTER_ALERT));
        assertEquals(Reject.ABSENT, Ipv4.option(m, 0, Ipv4.OPTION_RECORD_ROUTE), "behind the end of the list");
        m.putByte(22, (byte) 1);
        assertEquals(Reject.OPTION, Ipv4.option(m, 0, Ipv4.OPTION_RECORD_ROUTE));
        m.putByte(22, (byte) 40);
        assertEquals(Reject.OPTION, Ipv4.option(m, 0, Ipv4.OPTION_ROUTER_ALERT));
    }

    @Test
    void shouldWriteAndReadIpv6() {
        Mbuf m = room(40);
        Ipv6.write(m, 0, 0, 0, 0, IpProtocol.NONE, 64, SRC6, DST6);
        holds(Frames.ipv6(Frames.ipv6Address(1), Frames.ipv6Address(0xabcd0001), 59, new byte[0]), m);
        Ipv6.write(m, 0, 0xb8, 0xfedcb, 0, IpProtocol.NONE, 64, SRC6, DST6);
        assertEquals(0xb8, Ipv6.trafficClass(m, 0));
        assertEquals(0xfedcb, Ipv6.flowLabel(m, 0));
        assertEquals(40, Ipv6.check(m, 0));
        Ipv6.payloadLength(m, 0, 1);
        assertEquals(Reject.PACKET_LENGTH, Ipv6.check(m, 0));
    }

    @Test
    void shouldWriteAndWalkExtensionHeaders() {
        Mbuf m = room(24);
        Ipv6Options.write(m, 0, IpProtocol.FRAGMENT);
        assertEquals(0x2c00_0104_0000_0000L, m.getLong(0));
        Ipv6Fragment.write(m, 8, IpProtocol.UDP, 16 | Ipv6Fragment.MORE_FRAGMENTS, 7);
        assertArrayEquals(Frames.fragment(17, 17, new byte[0]), Arrays.copyOfRange(TestPackets.bytes(m), 8, 16));
        long walked = Ipv6Extensions.walk(m, 0, IpProtocol.HOP_BY_HOP);
        assertEquals(16, Ipv6Extensions.offset(walked));
        assertEquals(IpProtocol.UDP, Ipv6Extensions.protocol(walked));
        assertTrue(Ipv6Extensions.isFragment(walked));
        Ah.write(m, 0, IpProtocol.UDP, 12, 0x1234, 1);
        assertArrayEquals(Arrays.copyOf(Frames.ah(17, new byte[0]), 12), Arrays.copyOf(TestPackets.bytes(m), 12));
        assertEquals(24, Ah.check(m, 0));
        Ipv6Routing.write(m, 0, IpProtocol.TCP, 2, Ipv6Routing.TYPE_SEGMENTS, 1);
        assertEquals(0x0602_0401_0000_0000L, m.getLong(0));
        assertEquals(24, Ipv6Extensions.check(m, 0));
    }

    @Test
    void shouldStopAtTooManyExtensionHeaders() {
        byte[] chain = new byte[80];
        Mbuf m = packets.of(chain);
        assertEquals(Reject.TOO_DEEP, Ipv6Extensions.walk(m, 0, IpProtocol.HOP_BY_HOP));
        m.putByte(7 * 8, (byte) IpProtocol.TCP);
        assertEquals(64, Ipv6Extensions.offset(Ipv6Extensions.walk(m, 0, IpProtocol.HOP_BY_HOP)));
    }

    @Test
    void shouldWriteAndReadTransportHeaders() {
        Mbuf m = room(8);
        Udp.write(m, 0, 1, 65_535, 8);
        Udp.checksum(m, 0, 0xffff & (Frames.udp(number(SRC, 4), number(DST, 4), 1, 65_535, new byte[0])[6] << 8
                | Frames.udp(number(SRC, 4), number(DST, 4), 1, 65_535, new byte[0])[7] & 0xff));
        holds(Frames.udp(number(SRC, 4), number(DST, 4), 1, 65_535, new byte[0]), m);
        Udp.swapPorts(m, 0);
        assertEquals(65_535, Udp.srcPort(m, 0));
        assertEquals(1, Udp.dstPort(m, 0));

        m = room(20);
        byte[] tcp = Frames.tcp(number(SRC, 4), number(DST, 4), 7, 8, 0x12, new byte[0], new byte[0]);
        Tcp.write(m, 0, 7, 8, 1000, 2000, Tcp.SYN | Tcp.ACK, 65_000);
        Tcp.checksum(m, 0, (tcp[16] & 0xff) << 8 | tcp[17] & 0xff);
        holds(tcp, m);
        assertEquals(1000, Tcp.seq(m, 0));
        assertEquals(2000, Tcp.ack(m, 0));
        assertEquals(0x12, Tcp.flags(m, 0));
        assertEquals(65_000, Tcp.window(m, 0));

        m = room(12);
        Sctp.write(m, 0, 9, 10, 7);
        assertEquals(0x0009_000a_0000_0007L, m.getLong(0));
    }

    @Test
    void shouldFindTcpOptions() {
        byte[] options = Frames.bytes(2, 4, 5, 0xb4, 1, 3, 3, 7);
        Mbuf m = packets.of(Frames.tcp(number(SRC, 4), number(DST, 4), 1, 2, 2, options, new byte[9]));
        assertEquals(28, Tcp.check(m, 0));
        assertEquals(20, Tcp.option(m, 0, Tcp.OPTION_MSS));
        assertEquals(25, Tcp.option(m, 0, Tcp.OPTION_WINDOW_SCALE));
        assertEquals(Reject.ABSENT, Tcp.option(m, 0, Tcp.OPTION_SACK));
    }

    @Test
    void shouldWriteAndReadControlMessages() {
        Mbuf m = room(8);
        Icmp.write(m, 0, Icmp.ECHO_REQUEST, 0, 0xbeef, 0xcafe);
        Icmp.checksum(m, 0, Checksum.icmp(m, 0, 8));
        holds(Frames.icmp(8, 0xbeef, 0xcafe, new byte[0]), m);
        assertEquals(0xbeef, Icmp.id(m, 0));
        assertEquals(0xcafe, Icmp.seq(m, 0));

        m = room(72);
        Ipv6.write(m, 0, 0, 0, 32, IpProtocol.ICMPV6, 255, SRC6, DST6);
        int length = NeighborDiscovery.write(m, 40, NeighborDiscovery.NEIGHBOR_ADVERTISEMENT, NeighborDiscovery.SOLICITED, SRC6, A);
        assertEquals(32, length);
        assertEquals(24, NeighborDiscovery.check(m, 40));
        Icmp.checksum(m, 40, Checksum.ipv6(m, 0, IpProtocol.ICMPV6, 40));
        byte[] body = Frames.join(number(0x4000_0000L, 4), Frames.ipv6Address(1), Frames.bytes(2, 1), number(A, 6));
        assertArrayEquals(Frames.icmpv6(Frames.ipv6Address(1), Frames.ipv6Address(0xabcd0001), 136, body),
                Arrays.copyOfRange(TestPackets.bytes(m), 40, 72));
        int option = NeighborDiscovery.option(m, 40, 72, NeighborDiscovery.OPTION_TARGET_LINK);
        assertEquals(64, option);
        assertEquals(A, NeighborDiscovery.optionMac(m, option));
        assertEquals(SRC6.low(), NeighborDiscovery.targetLow(m, 40));
        assertTrue(Checksum.verifyIpv6(m, 0, IpProtocol.ICMPV6, 40));
    }

    @Test
    void shouldWriteAndReadTunnels() {
        Mbuf m = room(8);
        Vxlan.write(m, 0, 0xabcdef);
        holds(Frames.vxlan(0xabcdef, new byte[0]), m);
        assertEquals(0xabcdef, Vxlan.vni(m, 0));
        Geneve.write(m, 0, EtherType.TEB, 0x123456);
        holds(Frames.geneve(0x6558, 0x123456, new byte[0], new byte[0]), m);
        GtpU.write(m, 0, GtpU.G_PDU, 0, 0xdeadbeef);
        holds(Frames.gtpU(0xdeadbeef, false, new byte[0]), m);
        assertEquals(0xdeadbeef, GtpU.teid(m, 0));
        m = packets.of(Frames.gre(0x800, true, new byte[0]));
        assertEquals(8, Gre.check(m, 0));
        assertEquals(42, Gre.key(m, 0));
        Gre.flags(m, 0, 0xb000);
        assertEquals(16, Gre.headerLength(0xb000));
        assertEquals(Reject.TRUNCATED, Gre.check(m, 0));
    }

    @Test
    void shouldNameEveryRejection() {
        assertEquals("truncated", Reject.name(Reject.TRUNCATED));
        assertEquals("absent", Reject.name(Reject.ABSENT));
        assertEquals("none", Reject.name(20));
        assertEquals("unknown", Reject.name(-99));
    }
}
