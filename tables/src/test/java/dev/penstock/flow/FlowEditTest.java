package dev.penstock.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.flow.FlowAction.Type;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Checksum;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Ipv6Address;
import dev.penstock.testkit.Frames;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What actions that change a packet leave as it is, and checksums at their edges. */
@Timeout(120)
class FlowEditTest {
    private static final int IP = 14;
    private static final byte[] FROM = Frames.ipv6Address(5);
    private static final byte[] TO = Frames.ipv6Address(6);

    private final Eal eal = Eal.start(line -> { }, "--no-huge", "-l", "0");
    private final MbufPool pool = MbufPool.create(eal, "edits", 15, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
    private final Flows flows = new Flows(null, 1);

    @AfterEach
    void stop() {
        assertEquals(15, pool.availCount(), "packets given back");
        eal.close();
    }

    private Mbuf edited(FlowItem.Type item, FlowAction action, byte[] frame) {
        flows.flush();
        flows.create(new FlowRule(List.of(new FlowItem(item)), List.of(action)));
        Mbuf m = pool.alloc();
        m.append(frame.length);
        m.write(0, frame, 0, frame.length);
        m.packetType(0x11);
        m.olFlags(OlFlags.RX_OUTER_L4_CKSUM_MASK | OlFlags.RX_OUTER_IP_CKSUM_BAD);
        assertEquals(1, flows.engine(0).received(null, 0, new Mbuf[] {m}, 1, 1));
        return m;
    }

    @ParameterizedTest
    @CsvSource({"VLAN, OF_SET_VLAN_VID, 0, 0xf000", "VLAN, OF_SET_VLAN_PCP, 0, 0x1fff", "ETH, OF_PUSH_VLAN, 0x88a8, 0xffff"})
    void shouldLeaveOrCopyTheOtherBitsOfATag(FlowItem.Type item, Type type, String value, String tag) {
        Mbuf m = edited(item, new FlowAction(type, Long.decode(value)),
                Frames.ethernet(2, 4, 0x8100, Frames.vlan(0xffff, 0x0800, Frames.udp4(1, 2, 3, 7, new byte[8]))));
        assertEquals(Integer.decode(tag), m.getShort(IP) & 0xffff);
        m.free();
    }

    /** ECN is the network's. */
    @Test
    void shouldLeaveTheBitsBelowADscp() {
        byte[] four = Frames.ethernet(2, 4, 0x0800, Frames.ipv4(1, 2, 59, new byte[8]));
        four[IP + 1] = 3;
        Mbuf m = edited(FlowItem.Type.IPV4, new FlowAction(Type.SET_IPV4_DSCP, 17), four);
        assertEquals(17 << 2 | 3, m.getByte(IP + 1));
        m.free();
        byte[] six = Frames.ethernet(2, 4, 0x86dd, Frames.ipv6(FROM, TO, 59, new byte[8]));
        six[IP + 1] = (byte) 0xff;
        m = edited(FlowItem.Type.IPV6, new FlowAction(Type.SET_IPV6_DSCP, 17), six);
        assertEquals(0x6000_0000 | (17 << 2 | 3) << 20 | 0xf_0000, Ipv6.versionClassFlow(m, IP));
        m.free();
    }

    /** 0 says of UDP over IPv4 that there is none, so a sum of 0 is written as 0xffff; TCP's is what it is. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellAChecksumOfZeroFromNone(boolean udp) {
        byte[] a = Frames.number(1, 4);
        byte[] b = Frames.number(2, 4);
        int at = IP + 20 + (udp ? 6 : 16);
        byte[][] packets = new byte[2][];
        long sum = 0;
        for (int port = 8; port > 6; port--) {
            // with the sum of a packet of the port that is set, so that with that port it is 0
            byte[] payload = Frames.number(sum, 8);
            byte[] l4 = udp ? Frames.udp(a, b, 3, port, payload) : Frames.tcp(a, b, 3, port, 2, new byte[0], payload);
            packets[8 - port] = Frames.ethernet(2, 4, 0x0800, Frames.ipv4(1, 2, udp ? 17 : 6, l4));
            sum = (packets[8 - port][at] & 0xff) << 8 | packets[8 - port][at + 1] & 0xff;
        }
        FlowItem.Type item = udp ? FlowItem.Type.UDP : FlowItem.Type.TCP;
        Mbuf m = edited(item, new FlowAction(Type.SET_TP_DST, 8), packets[1]);
        assertEquals(udp ? 0xffff : 0, m.getShort(at) & 0xffff);
        m.free();
        packets[1][at] = 0;
        packets[1][at + 1] = 0;
        m = edited(item, new FlowAction(Type.SET_TP_DST, 8), packets[1]);
        assertEquals(udp, m.getShort(at) == 0);
        m.free();
    }

    @Test
    void shouldMendTheChecksumOfIcmpv6() {
        Mbuf m = edited(FlowItem.Type.IPV6, new FlowAction(Type.SET_IPV6_SRC, Ipv6Address.parse("2001:db8:1:2:3:4:5:6")),
                Frames.ethernet(2, 4, 0x86dd, Frames.ipv6(FROM, TO, 58, Frames.icmpv6(FROM, TO, 128, new byte[9]))));
        assertTrue(Checksum.verifyIpv6(m, IP, 58, IP + Ipv6.LENGTH));
        m.free();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "2, 1"})
    void shouldLeaveTheLastHopOfIpv6(int hops, int left) {
        byte[] frame = Frames.ethernet(2, 4, 0x86dd, Frames.ipv6(FROM, TO, 59, new byte[8]));
        frame[IP + 7] = (byte) hops;
        Mbuf m = edited(FlowItem.Type.IPV6, new FlowAction(Type.DEC_TTL), frame);
        assertEquals(left, Ipv6.hopLimit(m, IP));
        m.free();
    }

    @Test
    void shouldForgetWhatThePortSaidOfHeadersThatAreGone() {
        Mbuf m = edited(FlowItem.Type.ETH, new FlowAction(Type.RAW_DECAP, 14), Frames.ethernet(2, 4, 0x0800, Frames.udp4(1, 2, 3, 7, new byte[8])));
        assertEquals(0, m.packetType());
        assertEquals(0, m.olFlags());
        m.free();
    }
}
