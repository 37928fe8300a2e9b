package dev.penstock.virtqueue;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Checksum;
import dev.penstock.net.EtherType;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Tcp;
import dev.penstock.net.Udp;

/**
 * The header before each frame (struct virtio_net_hdr, VIRTIO 1.2, section 5.1.6) and the packet's offload flags,
 * each made from the other. Its first eight bytes are one number: flags, gso_type, hdr_len, gso_size and csum_start
 * from the lowest bits on; csum_offset and num_buffers follow, 16 bits each.
 */
final class NetHeader {
    static final int MAX_FRAME = 65535 + 18;
    static final int MIN_FRAME = 14;
    /** Where csum_offset is. */
    static final int CSUM_OFFSET = 8;
    /** Where num_buffers is. */
    static final int NUM_BUFFERS = 10;
    /** Where it is in the last eight bytes of the header, read as one number. */
    static final int NUM_BUFFERS_SHIFT = 48;

    /** What of the first eight bytes says that something is undone or known: flags and gso_type. */
    static final long WORK = 0xffff;

    private static final int NEEDS_CSUM = 1;
    private static final int DATA_VALID = 2;
    private static final int GSO_TCPV4 = 1;
    private static final int GSO_UDP = 3;
    private static final int GSO_TCPV6 = 4;
    private static final int GSO_UDP_L4 = 5;
    private static final int GSO_ECN = 0x80;
    private static final int MACS = 12;
    static final long TX_WORK = OlFlags.TX_L4_MASK | OlFlags.TX_TCP_SEG | OlFlags.TX_UDP_SEG | OlFlags.TX_IP_CKSUM;

    /** Its length: num_buffers is there when buffers can be merged or the device is no legacy one. */
    final int bytes;
    final boolean mergeable;
    /**
     * The bits of its last eight bytes of which none may be set when a driver sends it, or all of it is cleared: all but num_buffers.
     * Section 5.1.6.2.1 wants that to be zero, and 5.1.6.2 says that nobody uses it. A packet that came in has a 1 there, by the
     * device; to clear it takes the line to and fro once more, a fifth of what a loop makes. DPDK's driver leaves it, too.
     */
    final long looked;
    /** Whether the peer may leave work undone, so that its headers have to be read. */
    final boolean reads;
    /** Whether checksums that the peer left undone are completed rather than passed on. */
    boolean complete = true;
    /** Whether the peer is a device, whose word on a checksum counts; a driver's does not (sections 5.1.6.2.2 and 5.1.6.4). */
    private final boolean vouches;
    /** What the peer takes undone, as bits of the device's side. */
    private final long peerTakes;
    /** What the peer may leave undone, as bits of the device's side. */
    private final long peerLeaves;
    /** csum_offset of the header that {@link #send} made. */
    private int csumOffset;

    private NetHeader(long features, boolean vouches, long peerTakes, long peerLeaves) {
        this.vouches = vouches;
        mergeable = (features & Feature.MRG_RXBUF) != 0;
        bytes = (features & (Feature.MRG_RXBUF | Feature.VERSION_1)) != 0 ? 12 : 10;
        looked = bytes == 12 ? -1L >>> Short.SIZE : -1;
        reads = peerLeaves != 0;
        this.peerTakes = peerTakes;
        this.peerLeaves = peerLeaves;
    }

    static NetHeader device(long features) {
        return new NetHeader(features, false, guest(features), features & Feature.HOST_OFFLOADS);
    }

    static NetHeader driver(long features) {
        return new NetHeader(features, true, features & Feature.HOST_OFFLOADS, guest(features));
    }

    /** What a driver takes, said with the bits for what a device takes. */
    private static long guest(long features) {
        return bit(features, Feature.GUEST_CSUM, Feature.CSUM) | bit(features, Feature.GUEST_TSO4, Feature.HOST_TSO4)
                | bit(features, Feature.GUEST_TSO6, Feature.HOST_TSO6) | bit(features, Feature.GUEST_UFO, Feature.HOST_UFO)
                | bit(features, Feature.GUEST_ECN, Feature.HOST_ECN)
                | bit(features, Feature.GUEST_USO4 | Feature.GUEST_USO6, Feature.HOST_USO);
    }

    private static long bit(long features, long which, long as) {
        return (features & which) == which ? as : 0;
    }

    /** Whether the peer takes a packet before it is cut into segments, as the packet asks. */
    boolean takesWhole(Mbuf m) {
        long flags = m.olFlags();
        long needs = Feature.CSUM | ((flags & OlFlags.TX_TCP_SEG) == 0 ? udp(m)
                : (flags & OlFlags.TX_IPV4) != 0 ? Feature.HOST_TSO4 : Feature.HOST_TSO6);
        return (peerTakes & needs) == needs;
    }

    /** Whether {@link #send} has anything to do. */
    static boolean hasWork(Mbuf m) {
        return (m.olFlags() & TX_WORK) != 0;
    }

    /** csum_offset of the header that {@link #send} made last. */
    int csumOffset() {
        return csumOffset;
    }

    /**
     * Puts a received header into the packet's flags.
     *
     * @return false when it cannot be true of this packet
     */
    boolean receive(Mbuf m, long word, int offset) {
        int flags = (int) word & 0xff;
        int gso = (int) (word >>> 8) & 0xff;
        if ((flags & NEEDS_CSUM) == 0) {
            if (vouches && (flags & DATA_VALID) != 0) {
                m.olFlags(OlFlags.RX_L4_CKSUM_GOOD);
            }
            return gso == 0;
        }
        int start = (int) (word >>> 48);
        int at = start + offset;
        if ((peerLeaves & Feature.CSUM) == 0 || start < MIN_FRAME || at + 2 > m.dataLen()) {
            return false;
        }
        long kind = offset == Tcp.CHECKSUM ? OlFlags.TX_TCP_CKSUM : offset == Udp.CHECKSUM ? OlFlags.TX_UDP_CKSUM : 0;
        int l2 = l2Length(m);
        int type = l2 > start ? 0 : m.getShort(l2 - 2) & 0xffff;
        long ip = type == EtherType.IPV4 ? OlFlags.TX_IPV4 : type == EtherType.IPV6 ? OlFlags.TX_IPV6 : 0;
        if (gso != 0 && !segmented(m, gso, (int) (word >>> 32) & 0xffff, start, kind, ip)) {
            return false;
        }
        if (complete || kind == 0 || ip == 0 || start - l2 > 511) {
            // a sum of 0 says "none" in UDP, and its twin is as good in all others
            int sum = ~Checksum.raw(m, start, m.pktLen() - start) & 0xffff;
            m.putShort(at, (short) (sum == 0 ? 0xffff : sum));
            m.olFlags(m.olFlags() & OlFlags.RX_LRO | OlFlags.RX_L4_CKSUM_GOOD);
            return true;
        }
        m.l2Len(l2);
        m.l3Len(start - l2);
        m.olFlags(m.olFlags() | OlFlags.RX_L4_CKSUM_NONE | kind | ip);
        return true;
    }

    /** The headers before the network header; past the data's end when there is no type to read. */
    private static int l2Length(Mbuf m) {
        int at = MACS;
        while (at + 2 <= m.dataLen()) {
            int type = m.getShort(at) & 0xffff;
            if (type != EtherType.VLAN && type != EtherType.QINQ) {
                return at + 2;
            }
            at += 4;
        }
        return Integer.MAX_VALUE;
    }

    private boolean segmented(Mbuf m, int gso, int size, int start, long kind, long ip) {
        int type = gso & ~GSO_ECN;
        boolean tcp = type == GSO_TCPV4 || type == GSO_TCPV6;
        long needs = type == GSO_TCPV4 ? Feature.HOST_TSO4 : type == GSO_TCPV6 ? Feature.HOST_TSO6
                : type == GSO_UDP ? Feature.HOST_UFO : type == GSO_UDP_L4 ? Feature.HOST_USO : 0;
        boolean fits = type == GSO_TCPV4 ? ip == OlFlags.TX_IPV4 : type == GSO_TCPV6 ? ip == OlFlags.TX_IPV6 : ip != 0;
        int least = tcp ? Tcp.LENGTH : type == GSO_UDP ? 0 : Udp.LENGTH;
        if (needs == 0 || (peerLeaves & needs) == 0 || !fits || size == 0 || start + (tcp ? Tcp.LENGTH : Udp.LENGTH) > m.dataLen()
                || kind != (tcp ? OlFlags.TX_TCP_CKSUM : OlFlags.TX_UDP_CKSUM)) {
            return false;
        }
        // no header of its own for each piece says that it is a fragment
        int l4 = tcp ? (m.getByte(start + 12) >>> 2) & 0x3c : least;
        if (l4 < least || start + l4 > m.dataLen()) {
            return false;
        }
        m.l4Len(l4);
        m.tsoSegsz(size);
        m.olFlags(OlFlags.RX_LRO | (complete ? 0 : tcp ? OlFlags.TX_TCP_SEG : OlFlags.TX_UDP_SEG));
        return true;
    }

    /**
     * Makes the header of a packet to be sent, and does what the peer does not take undone. {@link #csumOffset()}
     * belongs to it.
     *
     * @return the first eight bytes, or -1 when the peer can't have the packet
     */
    long send(Mbuf m) {
        csumOffset = 0;
        long flags = m.olFlags();
        int ip = m.l2Len();
        int start = ip + m.l3Len();
        boolean v4 = (flags & (OlFlags.TX_IPV4 | OlFlags.TX_IP_CKSUM)) != 0;
        if (ip < MIN_FRAME || start - ip < (v4 ? Ipv4.LENGTH : Ipv6.LENGTH) || start > m.dataLen()
                || v4 && Ipv4.headerLength(m, ip) > start - ip) {
            return -1;
        }
        if ((flags & OlFlags.TX_IP_CKSUM) != 0) {
            Ipv4.checksum(m, ip, Checksum.ipv4(m, ip));
        }
        boolean tso = (flags & OlFlags.TX_TCP_SEG) != 0;
        boolean uso = (flags & OlFlags.TX_UDP_SEG) != 0;
        boolean tcp = tso || (flags & OlFlags.TX_L4_MASK) == OlFlags.TX_TCP_CKSUM;
        if (!tcp && !uso && (flags & OlFlags.TX_L4_MASK) != OlFlags.TX_UDP_CKSUM) {
            return 0;
        }
        if (start + (tcp ? Tcp.LENGTH : Udp.LENGTH) > m.dataLen()) {
            return -1;
        }
        int length = m.pktLen() - start;
        int at = start + (tcp ? Tcp.CHECKSUM : Udp.CHECKSUM);
        int pseudo = v4 ? Checksum.pseudoIpv4(m, ip, length)
                : Checksum.pseudoIpv6(m, ip, tcp ? IpProtocol.TCP : IpProtocol.UDP, length);
        m.putShort(at, (short) pseudo);
        if ((peerTakes & Feature.CSUM) == 0) {
            int sum = ~Checksum.raw(m, start, length) & 0xffff;
            m.putShort(at, (short) (sum == 0 ? 0xffff : sum));
            return tso || uso ? -1 : 0;
        }
        csumOffset = at - start;
        long word = NEEDS_CSUM | (long) start << 48;
        return tso || uso ? segmented(m, word, tso, v4, start) : word;
    }

    private long segmented(Mbuf m, long word, boolean tso, boolean v4, int start) {
        long needs = !tso ? udp(m) : v4 ? Feature.HOST_TSO4 : Feature.HOST_TSO6;
        int size = m.tsoSegsz();
        if ((peerTakes & needs) == 0 || size == 0) {
            return -1;
        }
        if (m.pktLen() - start - m.l4Len() <= size) {
            return word;
        }
        long type = tso ? (v4 ? GSO_TCPV4 : GSO_TCPV6) | reduced(m, start) : m.l4Len() != 0 ? GSO_UDP_L4 : GSO_UDP;
        return word | type << 8 | (long) (start + (m.l4Len() == 0 ? Udp.LENGTH : m.l4Len())) << 16 | (long) size << 32;
    }

    /** Who cuts the packet leaves CWR to the first segment when it is told of it. */
    private int reduced(Mbuf m, int tcp) {
        return (peerTakes & Feature.HOST_ECN) != 0 && (Tcp.flags(m, tcp) & Tcp.CWR) != 0 ? GSO_ECN : 0;
    }

    /** What has to be agreed on for a UDP packet to be cut: into datagrams, or into fragments, which have no header of UDP's. */
    private static long udp(Mbuf m) {
        return m.l4Len() != 0 ? Feature.HOST_USO : Feature.HOST_UFO;
    }
}
