package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufSum;

/**
 * The Internet checksums (RFC 1071) of packets that hold what their headers say.
 *
 * <p>A computed checksum does not depend on what stands in the checksum field, so the field need not be cleared
 * first. Offsets are those of headers that {@code check} has accepted; packets may have any number of segments.
 * Ranges that leave the packet raise {@link IndexOutOfBoundsException}, lengths that no packet can have are negative
 * {@link Reject} codes.
 */
public final class Checksum {
    private Checksum() {}

    /**
     * The one's-complement sum of a range, not complemented (DPDK: rte_raw_cksum_mbuf).
     *
     * @param m the packet
     * @param offset where the range starts
     * @param length bytes
     * @return 0 to 0xffff
     */
    public static int raw(Mbuf m, int offset, int length) {
        return MbufSum.fold(MbufSum.sum(m, offset, length));
    }

    /**
     * The checksum of an IPv4 header (RFC 791).
     *
     * @param m the packet
     * @param ip where the header starts
     * @return the checksum
     */
    public static int ipv4(Mbuf m, int ip) {
        return ~MbufSum.fold(header(m, ip) + without(Ipv4.checksum(m, ip))) & 0xffff;
    }

    /**
     * Whether an IPv4 header is intact.
     *
     * @param m the packet
     * @param ip where the header starts
     * @return true when its checksum is right
     */
    public static boolean verifyIpv4(Mbuf m, int ip) {
        return MbufSum.fold(header(m, ip)) == 0xffff;
    }

    private static long header(Mbuf m, int ip) {
        int length = Ipv4.headerLength(m, ip);
        return length == Ipv4.LENGTH ? MbufSum.sum20(m, ip) : MbufSum.sum(m, ip, length);
    }

    /**
     * The sum of IPv4's pseudo-header, not complemented: what a device that computes the rest wants in the checksum
     * field (DPDK: rte_ipv4_phdr_cksum).
     *
     * @param m the packet
     * @param ip where the IPv4 header starts
     * @param l4Length bytes of header and payload above IP; 0 when the device also cuts the packet into segments
     * @return the sum
     */
    public static int pseudoIpv4(Mbuf m, int ip, int l4Length) {
        return MbufSum.fold(pseudo4(m, ip, l4Length));
    }

    /**
     * The sum of IPv6's pseudo-header, not complemented (DPDK: rte_ipv6_phdr_cksum).
     *
     * @param m the packet
     * @param ip where the IPv6 header starts
     * @param protocol the protocol above IPv6 and all its extension headers
     * @param l4Length bytes of header and payload above them; 0 when the device also cuts the packet into segments
     * @return the sum
     */
    public static int pseudoIpv6(Mbuf m, int ip, int protocol, int l4Length) {
        return MbufSum.fold(pseudo6(m, ip, protocol, l4Length));
    }

    private static long pseudo4(Mbuf m, int ip, int l4Length) {
        return MbufSum.sum(m, ip + Ipv4.SRC, 8) + MbufSum.partial(Ipv4.protocol(m, ip) + l4Length);
    }

    private static long pseudo6(Mbuf m, int ip, int protocol, int l4Length) {
        return MbufSum.sum(m, ip + Ipv6.SRC_HIGH, 32) + MbufSum.partial(protocol + l4Length);
    }

    /**
     * The checksum of UDP or TCP over IPv4 (RFC 768, RFC 9293); UDP's is never 0.
     *
     * @param m the packet
     * @param ip where the IPv4 header starts
     * @param l4 where the UDP or TCP header starts
     * @return the checksum, or {@link Reject#PACKET_LENGTH} when IP's length is too short for it
     */
    public static int udpTcpIpv4(Mbuf m, int ip, int l4) {
        long lengthToProtocol = m.getLong(ip + Ipv4.TOTAL_LENGTH);
        int length = (int) (lengthToProtocol >>> 48) - (l4 - ip);
        int protocol = (int) lengthToProtocol & 0xff;
        int field = protocol == IpProtocol.UDP ? Udp.CHECKSUM : Tcp.CHECKSUM;
        if (length < field + 2) {
            return Reject.PACKET_LENGTH;
        }
        long sum = withPseudo4(m, ip, l4, length, protocol) + without(m.getShort(l4 + field));
        return complement(sum, protocol == IpProtocol.UDP);
    }

    /**
     * Writes the checksums of an IPv4 header and of the UDP or TCP behind it in one pass, when the header has no
     * options, the packet is no fragment and lies in one segment: most of all packets. A UDP checksum of zero stays.
     *
     * @param m the packet
     * @param ip where the IPv4 header starts, right behind the EtherType that says so
     * @return false when the packet is another kind or its lengths contradict each other; nothing is written then
     */
    public static boolean writeIpv4UdpTcp(Mbuf m, int ip) {
        return MbufSum.writeIpv4UdpTcp(m, ip);
    }

    /** The addresses stand right before the payload when there are no options: then all is one range. */
    private static long withPseudo4(Mbuf m, int ip, int l4, int length, int protocol) {
        long numbers = MbufSum.partial(protocol + length);
        return l4 - ip == Ipv4.LENGTH
                ? numbers + MbufSum.sum(m, ip + Ipv4.SRC, 8 + length)
                : numbers + MbufSum.sum(m, ip + Ipv4.SRC, 8) + MbufSum.sum(m, l4, length);
    }

    /**
     * Whether UDP or TCP over IPv4 is intact. UDP's 0, no checksum, is.
     *
     * @param m the packet
     * @param ip where the IPv4 header starts
     * @param l4 where the UDP or TCP header starts
     * @return true when the checksum is right or absent
     */
    public static boolean verifyUdpTcpIpv4(Mbuf m, int ip, int l4) {
        int length = Ipv4.totalLength(m, ip) - (l4 - ip);
        if (length < Udp.LENGTH) {
            return false;
        }
        if (Ipv4.protocol(m, ip) == IpProtocol.UDP && Udp.checksum(m, l4) == 0) {
            return true;
        }
        return MbufSum.fold(withPseudo4(m, ip, l4, length, Ipv4.protocol(m, ip))) == 0xffff;
    }

    /**
     * The checksum of UDP, TCP or ICMPv6 over IPv6 (RFC 8200, section 8.1); UDP's is never 0.
     *
     * @param m the packet
     * @param ip where the IPv6 header starts
     * @param protocol {@link IpProtocol#UDP}, {@link IpProtocol#TCP} or {@link IpProtocol#ICMPV6}
     * @param l4 where that protocol's header starts, behind the extension headers
     * @return the checksum, or {@link Reject#PACKET_LENGTH} when IP's length is too short for it
     */
    public static int ipv6(Mbuf m, int ip, int protocol, int l4) {
        int length = Ipv6.payloadLength(m, ip) + Ipv6.LENGTH - (l4 - ip);
        int field = l4 + switch (protocol) {
            case IpProtocol.UDP -> Udp.CHECKSUM;
            case IpProtocol.TCP -> Tcp.CHECKSUM;
            default -> Icmp.CHECKSUM;
        };
        if (length < field - l4 + 2) {
            return Reject.PACKET_LENGTH;
        }
        long sum = withPseudo6(m, ip, protocol, l4, length) + without(m.getShort(field));
        return complement(sum, protocol == IpProtocol.UDP);
    }

    /**
     * Whether UDP, TCP or ICMPv6 over IPv6 is intact. UDP must have a checksum (RFC 8200, section 8.1).
     *
     * @param m the packet
     * @param ip where the IPv6 header starts
     * @param protocol {@link IpProtocol#UDP}, {@link IpProtocol#TCP} or {@link IpProtocol#ICMPV6}
     * @param l4 where that protocol's header starts, behind the extension headers
     * @return true when the checksum is right
     */
    public static boolean verifyIpv6(Mbuf m, int ip, int protocol, int l4) {
        int length = Ipv6.payloadLength(m, ip) + Ipv6.LENGTH - (l4 - ip);
        if (length < Icmp.LENGTH || protocol == IpProtocol.UDP && Udp.checksum(m, l4) == 0) {
            return false;
        }
        return MbufSum.fold(withPseudo6(m, ip, protocol, l4, length)) == 0xffff;
    }

    private static long withPseudo6(Mbuf m, int ip, int protocol, int l4, int length) {
        long numbers = MbufSum.partial(protocol + length);
        return l4 - ip == Ipv6.LENGTH
                ? numbers + MbufSum.sum(m, ip + Ipv6.SRC_HIGH, 32 + length)
                : numbers + MbufSum.sum(m, ip + Ipv6.SRC_HIGH, 32) + MbufSum.sum(m, l4, length);
    }

    /**
     * The checksum of an ICMP message (RFC 792).
     *
     * @param m the packet
     * @param icmp where the message starts
     * @param length bytes of the message, at least {@link Icmp#LENGTH}
     * @return the checksum, or {@link Reject#PACKET_LENGTH} when the length is too short
     */
    public static int icmp(Mbuf m, int icmp, int length) {
        if (length < Icmp.LENGTH) {
            return Reject.PACKET_LENGTH;
        }
        return complement(MbufSum.sum(m, icmp, 2) + MbufSum.sum(m, icmp + 4, length - 4), false);
    }

    private static int complement(long sum, boolean neverZero) {
        int checksum = ~MbufSum.fold(sum) & 0xffff;
        return neverZero && checksum == 0 ? 0xffff : checksum;
    }

    /** Takes a word out of a sum: in one's complement its complement is its negative. */
    private static long without(int word) {
        return MbufSum.partial(~word & 0xffff);
    }

    /**
     * Mends a checksum after a word that it covers has changed (RFC 1624, equation 3).
     *
     * @param checksum the old checksum
     * @param before the old word, 16 bits at an even distance from the start
     * @param after the new word
     * @return the new checksum
     */
    public static int update(int checksum, int before, int after) {
        int sum = (~checksum & 0xffff) + (~before & 0xffff) + (after & 0xffff);
        sum = (sum >>> 16) + (sum & 0xffff);
        sum += sum >>> 16;
        return ~sum & 0xffff;
    }

    /**
     * Mends a checksum after four bytes that it covers have changed, such as an address.
     *
     * @param checksum the old checksum
     * @param before the old bytes, at an even distance from the start
     * @param after the new bytes
     * @return the new checksum
     */
    public static int update32(int checksum, int before, int after) {
        return update(update(checksum, before >>> 16, after >>> 16), before, after);
    }
}
