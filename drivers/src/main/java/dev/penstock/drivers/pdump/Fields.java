package dev.penstock.drivers.pdump;

import dev.penstock.net.EtherType;
import dev.penstock.net.IpProtocol;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Where a filter's fields are, behind so many bytes of VLAN tags. What is not in the packet's head matches nothing.
 *
 * @param link where the EtherType is
 */
record Fields(int link) {
    static final int SRC = 1;
    static final int DST = 2;

    private static final int ETHER_TYPE = 12;
    private static final int IPV6_HEADER = 40;
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    static Fields untagged() {
        return new Fields(ETHER_TYPE);
    }

    Fields tagged() {
        return new Fields(link + 4);
    }

    private static int u16(byte[] head, int at) {
        return (short) SHORT.get(head, at) & 0xffff;
    }

    private boolean isType(byte[] head, int there, int type) {
        return link + 2 <= there && u16(head, link) == type;
    }

    private int network() {
        return link + 2;
    }

    PacketTest etherType(int type) {
        return (head, there, length) -> isType(head, there, type);
    }

    PacketTest vlan(int id) {
        return (head, there, length) -> (isType(head, there, EtherType.VLAN) || isType(head, there, EtherType.QINQ)
                || isType(head, there, 0x9100)) && (id < 0 || link + 4 <= there && (u16(head, link + 2) & 0xfff) == id);
    }

    /** The address at 0 (destination) or 6 (source). */
    static PacketTest mac(int sides, long mac) {
        return (head, there, length) -> there >= 12 && ((sides & DST) != 0 && (long) LONG.get(head, 0) >>> 16 == mac
                || (sides & SRC) != 0 && ((long) LONG.get(head, 4) & 0xffff_ffff_ffffL) == mac);
    }

    /** The group bit of the destination. */
    static PacketTest multicast() {
        return (head, there, length) -> there > 0 && (head[0] & 1) != 0;
    }

    PacketTest ipv4Protocol(int protocol) {
        return (head, there, length) -> isType(head, there, EtherType.IPV4) && network() + 10 <= there
                && (head[network() + 9] & 0xff) == protocol;
    }

    /** Of the next header, also behind one fragment header. */
    PacketTest ipv6Protocol(int protocol) {
        return (head, there, length) -> {
            int at = network();
            if (!isType(head, there, EtherType.IPV6) || at + IPV6_HEADER > there) {
                return false;
            }
            int next = head[at + 6] & 0xff;
            return next == protocol
                    || next == IpProtocol.FRAGMENT && at + IPV6_HEADER < there && (head[at + IPV6_HEADER] & 0xff) == protocol;
        };
    }

    /** Addresses in IPv4, and in ARP and reverse ARP for IPv4. */
    PacketTest ipv4(int sides, int address, int mask) {
        return (head, there, length) -> {
            int at = network();
            if (isType(head, there, EtherType.IPV4)) {
                return any(head, there, at + 12, at + 16, sides, address, mask);
            }
            return (isType(head, there, EtherType.ARP) || isType(head, there, EtherType.RARP))
                    && any(head, there, at + 14, at + 24, sides, address, mask);
        };
    }

    private static boolean any(byte[] head, int there, int src, int dst, int sides, int address, int mask) {
        return dst + 4 <= there && ((sides & SRC) != 0 && ((int) INT.get(head, src) & mask) == address
                || (sides & DST) != 0 && ((int) INT.get(head, dst) & mask) == address);
    }

    PacketTest ipv6(int sides, long high, long low, long maskHigh, long maskLow) {
        return (head, there, length) -> {
            int at = network();
            return isType(head, there, EtherType.IPV6) && at + IPV6_HEADER <= there
                    && ((sides & SRC) != 0 && equal(head, at + 8, high, low, maskHigh, maskLow)
                    || (sides & DST) != 0 && equal(head, at + 24, high, low, maskHigh, maskLow));
        };
    }

    private static boolean equal(byte[] head, int at, long high, long low, long maskHigh, long maskLow) {
        return ((long) LONG.get(head, at) & maskHigh) == high && ((long) LONG.get(head, at + 8) & maskLow) == low;
    }

    /** Ports of a protocol, 0 for TCP, UDP and SCTP, of packets that are no later fragments. */
    PacketTest ports(int protocol, int sides, int from, int to) {
        return (head, there, length) -> {
            int at = network();
            int ports;
            int next;
            if (isType(head, there, EtherType.IPV4) && at + 20 <= there) {
                next = head[at + 9] & 0xff;
                ports = (u16(head, at + 6) & 0x1fff) != 0 ? there : at + (head[at] & 0xf) * 4;
            } else if (isType(head, there, EtherType.IPV6) && at + IPV6_HEADER <= there) {
                next = head[at + 6] & 0xff;
                ports = at + IPV6_HEADER;
            } else {
                return false;
            }
            boolean known = protocol != 0 ? next == protocol
                    : next == IpProtocol.TCP || next == IpProtocol.UDP || next == IpProtocol.SCTP;
            return known && ports + 4 <= there && ((sides & SRC) != 0 && within(u16(head, ports), from, to)
                    || (sides & DST) != 0 && within(u16(head, ports + 2), from, to));
        };
    }

    private static boolean within(int port, int from, int to) {
        return port >= from && port <= to;
    }
}
