package dev.penstock.net;

import static dev.penstock.testkit.Frames.ethernet;
import static dev.penstock.testkit.Frames.ipv4;
import static dev.penstock.testkit.Frames.ipv6;
import static dev.penstock.testkit.Frames.ipv6Address;
import static dev.penstock.testkit.Frames.number;
import static dev.penstock.testkit.Frames.udp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Frames;
import dev.penstock.testkit.RandomFrames;
import dev.penstock.testkit.Seed;
import java.util.HexFormat;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PacketTypeTest {
    private static final int SRC = 0xc612_0001;
    private static final int DST = 0xc612_0002;

    private final TestPackets packets = new TestPackets();
    private final PacketLengths lengths = new PacketLengths();

    @AfterEach
    void close() {
        packets.close();
    }

    private String name(byte[] frame) {
        return PacketTypeName.of(PacketType.parse(packets.of(frame), lengths));
    }

    private static byte[] datagram() {
        return udp(number(SRC, 4), number(DST, 4), 1, 2, new byte[10]);
    }

    @Test
    void shouldNamePlainPacketsAsDpdkDoes() {
        assertEquals("L2_ETHER L3_IPV4 L4_UDP", name(ethernet(1, 2, 0x800, ipv4(SRC, DST, 17, datagram()))));
        assertEquals("l2=14 l3=20 l4=8 tunnel=0 inner l2=0 l3=0 l4=0", lengths.toString());
        assertEquals("L2_ETHER_VLAN L3_IPV4 L4_UDP",
                name(ethernet(1, 2, 0x8100, Frames.vlan(5, 0x800, ipv4(SRC, DST, 17, datagram())))));
        assertEquals("L2_ETHER_QINQ L3_IPV4_EXT L4_FRAG", name(ethernet(1, 2, 0x88a8,
                Frames.vlan(5, 0x8100, Frames.vlan(6, 0x800, ipv4(SRC, DST, 17, 0x2000, new byte[4], datagram()))))));
        assertEquals(22, lengths.l2Len());
        assertEquals("L2_ETHER L3_IPV4", name(ethernet(1, 2, 0x800, ipv4(SRC, DST, 1, Frames.icmp(8, 1, 1, new byte[8])))));
        assertEquals("L2_ETHER", name(ethernet(1, 2, 0x806, Frames.arp(1, 2, SRC, 0, DST))));
        byte[] extended = ipv6(ipv6Address(1), ipv6Address(2), 0,
                Frames.extension(6, 0, Frames.tcp(ipv6Address(1), ipv6Address(2), 1, 2, 2, new byte[4], new byte[0])));
        assertEquals("L2_ETHER L3_IPV6_EXT L4_TCP", name(ethernet(1, 2, 0x86dd, extended)));
        assertEquals("l2=14 l3=48 l4=24 tunnel=0 inner l2=0 l3=0 l4=0", lengths.toString());
        assertEquals("UNKNOWN", name(new byte[13]));
    }

    @Test
    void shouldLookIntoTunnels() {
        byte[] inner = ethernet(1, 2, 0x800, ipv4(SRC, DST, 17, datagram()));
        byte[] vxlan = udp(number(SRC, 4), number(DST, 4), 9, 4789, Frames.vxlan(7, inner));
        assertEquals("L2_ETHER L3_IPV4 L4_UDP TUNNEL_VXLAN INNER_L2_ETHER INNER_L3_IPV4 INNER_L4_UDP",
                name(ethernet(1, 2, 0x800, ipv4(SRC, DST, 17, vxlan))));
        assertEquals("l2=14 l3=20 l4=8 tunnel=8 inner l2=30 l3=20 l4=8", lengths.toString());
        assertEquals("L2_ETHER L3_IPV4 TUNNEL_NVGRE INNER_L2_ETHER INNER_L3_IPV4 INNER_L4_UDP",
                name(ethernet(1, 2, 0x800, ipv4(SRC, DST, 47, Frames.gre(0x6558, true, inner)))));
    }

    @Test
    void shouldLookNoFurtherThanAsked() {
        Mbuf m = packets.of(ethernet(1, 2, 0x800, ipv4(SRC, DST, 17, datagram())));
        assertEquals("L2_ETHER", PacketTypeName.of(PacketType.parse(m, lengths, PacketType.L2_MASK)));
        assertEquals("L2_ETHER L3_IPV4",
                PacketTypeName.of(PacketType.parse(m, lengths, PacketType.L2_MASK | PacketType.L3_MASK)));
        assertEquals(0, lengths.l4Len());
    }

    @Test
    void shouldAgreeWithTheOracleOnAMillionFrames() {
        RandomFrames frames = new RandomFrames(Seed.random("packet types"), 64);
        TreeSet<Integer> kinds = new TreeSet<>();
        for (int i = 0; i < Integer.getInteger("penstock.fuzz", 1_000_000); i++) {
            byte[] frame = frames.any();
            int type = PacketType.parse(packets.of(frame), lengths);
            PacketTypeOracle oracle = new PacketTypeOracle(frame);
            if (type != oracle.type || lengths.l2 != oracle.l2 || lengths.l3 != oracle.l3 || lengths.l4 != oracle.l4
                    || lengths.tunnel != oracle.tunnel || lengths.innerL2 != oracle.innerL2
                    || lengths.innerL3 != oracle.innerL3 || lengths.innerL4 != oracle.innerL4) {
                assertEquals(PacketTypeName.of(oracle.type), PacketTypeName.of(type), HexFormat.of().formatHex(frame));
                assertEquals(oracle.l2 + " " + oracle.l3 + " " + oracle.l4 + " " + oracle.tunnel + " " + oracle.innerL2 + " "
                        + oracle.innerL3 + " " + oracle.innerL4, lengths.toString(), HexFormat.of().formatHex(frame));
            }
            kinds.add(type);
        }
        assertTrue(kinds.size() > 100, "only " + kinds.size() + " kinds of packet");
    }

    @Test
    void shouldAllocateNothing() {
        Mbuf m = packets.of(ethernet(1, 2, 0x800, ipv4(SRC, DST, 17, datagram())));
        int[] sink = new int[1];
        Runnable work = () -> {
            for (int i = 0; i < 20_000; i++) {
                sink[0] += PacketType.parse(m, lengths);
            }
        };
        assertEquals(0, Allocation.steadyBytesOf(work));
    }
}
