package dev.penstock.apps.testpmd;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.net.Ethernet;
import dev.penstock.net.EtherType;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Udp;

/** The 42 bytes of Ethernet, IPv4 and UDP header that a generator writes, as words to store. Without options, UDP checksum 0. */
final class UdpTemplate {
    /** Bytes of the three headers. */
    static final int LENGTH = Ethernet.LENGTH + Ipv4.LENGTH + Udp.LENGTH;

    private static final int TTL = 64;

    private final long dst;
    private final long src;
    private final int ports;

    UdpTemplate(long dst, long src, int srcPort, int dstPort) {
        this.dst = dst;
        this.src = src;
        this.ports = srcPort << 16 | dstPort & 0xffff;
    }

    /**
     * Writes the headers.
     *
     * @param m a packet whose first segment has 42 bytes or more
     * @param frame length of the whole frame, which the length fields follow
     * @param fromIp source address
     * @param toIp destination address
     */
    void write(Mbuf m, int frame, int fromIp, int toIp) {
        int total = frame - Ethernet.LENGTH & 0xffff;
        m.putLong(0, dst << 16 | src >>> 32 & 0xffff);
        m.putLong(8, src << 32 | (long) EtherType.IPV4 << 16 | 0x4500);
        m.putLong(16, (long) total << 48 | (long) TTL << 8 | IpProtocol.UDP);
        m.putLong(24, (long) checksum(total, fromIp, toIp) << 48 | (fromIp & 0xffff_ffffL) << 16 | toIp >>> 16);
        m.putLong(32, (long) (toIp & 0xffff) << 48 | (ports & 0xffff_ffffL) << 16 | (total - Ipv4.LENGTH & 0xffff));
        m.putShort(40, (short) 0);
    }

    private static int checksum(int total, int fromIp, int toIp) {
        int sum = 0x4500 + total + (TTL << 8 | IpProtocol.UDP) + (fromIp >>> 16) + (fromIp & 0xffff) + (toIp >>> 16)
                + (toIp & 0xffff);
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        return ~sum & 0xffff;
    }
}
