package dev.penstock.flow;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.net.Checksum;
import dev.penstock.net.EtherType;
import dev.penstock.net.Ethernet;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Udp;
import dev.penstock.net.Vlan;

/**
 * Headers that an action puts before a packet, from the Ethernet header on. Lengths and checksums that depend on the packet
 * are filled in for each one: those of the first IP header and of a UDP header right behind it. A time to live of 0 becomes
 * {@value #TTL}, and UDP over IPv4 goes without a checksum, as VXLAN has it (RFC 7348, section 5). Immutable.
 */
public final class FlowHeader implements FlowArgument {
    /** The longest one, in bytes: what a packet buffer has before its data. */
    public static final int MAX_LENGTH = 128;
    /** The time to live that a header of 0 gets. */
    public static final int TTL = 64;

    private static final int MAX_IP = 0xffff;
    /** Where the outermost tag of a packet has its control information. */
    static final int TCI = Ethernet.LENGTH;
    private static final int IPV4_TTL = 8;
    private static final int IPV6_HOP = 7;

    private final byte[] bytes;
    private final boolean four;
    /** Where the IP header is, or -1; where the UDP header is, or -1. */
    private final int ip;
    private final int udp;

    /**
     * Takes headers.
     *
     * @param headers their bytes, copied
     * @throws IllegalArgumentException when there is no Ethernet header, too many bytes, or a header that ends behind them
     */
    public FlowHeader(byte[] headers) {
        bytes = headers.clone();
        if (bytes.length < Ethernet.LENGTH || bytes.length > MAX_LENGTH) {
            throw new IllegalArgumentException("headers of " + bytes.length + " bytes; give " + Ethernet.LENGTH + " to " + MAX_LENGTH
                    + ", from the Ethernet header on");
        }
        int at = Ethernet.LENGTH;
        int type = number(at - 2);
        while (Vlan.isTag(type)) {
            at += need(at, Vlan.LENGTH);
            type = number(at - 2);
        }
        four = type == EtherType.IPV4;
        ip = four || type == EtherType.IPV6 ? at : -1;
        udp = ip < 0 ? -1 : four ? ipv4() : ipv6();
    }

    private int number(int at) {
        return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
    }

    private void put(int at, int value) {
        bytes[at] = (byte) (value >> 8);
        bytes[at + 1] = (byte) value;
    }

    private int need(int at, int length) {
        if (at + length > bytes.length) {
            throw new IllegalArgumentException("the headers end within the one at byte " + at + ", which has " + length);
        }
        return length;
    }

    private int ipv4() {
        need(ip, Ipv4.LENGTH);
        int length = (bytes[ip] & 15) * 4;
        if (bytes[ip] >> 4 != 4 || length < Ipv4.LENGTH) {
            throw new IllegalArgumentException("the IPv4 header's first byte is 0x" + Integer.toHexString(bytes[ip] & 0xff) + "; give 0x45");
        }
        bytes[ip + IPV4_TTL] = bytes[ip + IPV4_TTL] == 0 ? TTL : bytes[ip + IPV4_TTL];
        return udp(ip + need(ip, length), bytes[ip + 9]);
    }

    private int ipv6() {
        need(ip, Ipv6.LENGTH);
        if (bytes[ip] >> 4 != 6) {
            throw new IllegalArgumentException("the IPv6 header's first byte is 0x" + Integer.toHexString(bytes[ip] & 0xff) + "; give 0x60");
        }
        bytes[ip + IPV6_HOP] = bytes[ip + IPV6_HOP] == 0 ? TTL : bytes[ip + IPV6_HOP];
        return udp(ip + Ipv6.LENGTH, bytes[ip + 6]);
    }

    private int udp(int at, int protocol) {
        if (protocol != IpProtocol.UDP) {
            return -1;
        }
        need(at, Udp.LENGTH);
        put(at + Udp.CHECKSUM, 0);
        return at;
    }

    /** @return bytes */
    public int length() {
        return bytes.length;
    }

    /** @return the bytes, a copy, without what depends on the packet */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Whether the headers are a tunnel's over UDP. */
    boolean hasUdp() {
        return udp >= 0;
    }

    /** Whether there is an IP header. */
    boolean hasIp() {
        return ip >= 0;
    }

    /** Puts them before a packet; false, and nothing done, when there is no room before it or it gets too long for IP. */
    boolean push(Mbuf m) {
        if (m.pktLen() + bytes.length - Math.max(ip, 0) > MAX_IP || !m.prepend(bytes.length)) {
            return false;
        }
        m.write(0, bytes, 0, bytes.length);
        int behind = m.pktLen() - ip;
        if (udp >= 0) {
            Udp.length(m, udp, m.pktLen() - udp);
        }
        if (ip >= 0 && four) {
            Ipv4.totalLength(m, ip, behind);
            Ipv4.checksum(m, ip, 0);
            Ipv4.checksum(m, ip, Checksum.ipv4(m, ip));
        } else if (ip >= 0) {
            Ipv6.payloadLength(m, ip, behind - Ipv6.LENGTH);
            if (udp >= 0) {
                Udp.checksum(m, udp, Checksum.ipv6(m, ip, IpProtocol.UDP, udp));
            }
        }
        return true;
    }
}
