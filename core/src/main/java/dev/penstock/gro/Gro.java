package dev.penstock.gro;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Checksum;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Tcp;

/**
 * Merges TCP segments over IPv4 or IPv6 that follow each other in a burst into packets of several buffers, without
 * copying (DPDK: rte_gro_reassemble_burst). {@code Gso} takes such a packet apart into the same segments again, but
 * for identifications that did not count on, where the packet may not be fragmented and they mean nothing (RFC 6864).
 *
 * <p>Segments are merged when they have data, the flag ACK and at most PSH beside it, the same headers but for
 * lengths, checksums and IPv4 identification, and when the next begins where the one before ended. A shorter segment
 * or one with PSH is the last of its packet. The order within each flow stays.
 *
 * <p>The merged packet's TCP checksum is made of those of its segments, without reading the data, so that one damaged
 * segment makes it wrong as well. Used by one thread at a time.
 */
public final class Gro {
    private static final int MAX_BURST = 512;
    private static final int MAX_IP = 65535;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final long BAD = OlFlags.RX_IP_CKSUM_BAD | OlFlags.RX_L4_CKSUM_BAD;

    private final Segment seen = new Segment();
    /** Packets that may grow; those before {@link #count}. */
    private final Segment[] open = new Segment[MAX_BURST];
    private int count;
    private long merged;

    /** Has merged nothing yet. */
    public Gro() {
        for (int i = 0; i < MAX_BURST; i++) {
            open[i] = new Segment();
        }
    }

    /** @return segments that were put behind another so far */
    public long merged() {
        return merged;
    }

    /**
     * Merges what can be merged of a burst; what remains moves together and keeps its order.
     *
     * @param packets the burst
     * @param from index of the first
     * @param n how many, at most 512
     * @return how many packets are left, from the first on
     */
    public int merge(Mbuf[] packets, int from, int n) {
        count = 0;
        int left = 0;
        for (int i = 0; i < n; i++) {
            Mbuf m = packets[from + i];
            if (!take(m)) {
                packets[from + left++] = m;
            }
        }
        for (int i = 0; i < count; i++) {
            if (open[i].segments > 1) {
                finish(open[i]);
            }
        }
        merged += n - left;
        return left;
    }

    /** Whether a packet was put behind another. */
    private boolean take(Mbuf m) {
        if ((m.olFlags() & BAD) != 0 || !seen.read(m)) {
            return false;
        }
        for (int i = count - 1; i >= 0; i--) {
            Segment before = open[i];
            if (before.sameFlow(seen)) {
                if (before.grows && seen.eligible && before.continuesWith(seen)) {
                    before.add(seen);
                    return true;
                }
                before.grows = false;
                break;
            }
        }
        if (count < MAX_BURST) {
            open[count++].set(seen);
        }
        return false;
    }

    private static void finish(Segment s) {
        Mbuf m = s.head;
        int length = s.headers - s.l2 + s.data;
        m.l2Len(s.l2);
        m.l3Len(s.l4 - s.l2);
        m.l4Len(s.headers - s.l4);
        m.tsoSegsz(s.size);
        m.olFlags(m.olFlags() | OlFlags.RX_LRO);
        if (s.push) {
            Tcp.flags(m, s.l4, Tcp.flags(m, s.l4) | Tcp.PSH);
        }
        Tcp.checksum(m, s.l4, 0);
        int tcp = s.headers - s.l4;
        int pseudo;
        if (s.v4) {
            Ipv4.totalLength(m, s.l2, length);
            Ipv4.checksum(m, s.l2, Checksum.ipv4(m, s.l2));
            pseudo = Checksum.pseudoIpv4(m, s.l2, tcp + s.data);
        } else {
            Ipv6.payloadLength(m, s.l2, length - Ipv6.LENGTH);
            pseudo = Checksum.pseudoIpv6(m, s.l2, IpProtocol.TCP, tcp + s.data);
        }
        Tcp.checksum(m, s.l4, ~Segment.fold(pseudo + Checksum.raw(m, s.l4, tcp) + s.dataSum) & 0xffff);
    }

    /** One segment's headers, or those of a packet that segments are put behind. */
    private static final class Segment {
        Mbuf head;
        boolean v4;
        /** Could be merged with its like. */
        boolean eligible;
        /** May be followed by another. */
        boolean grows;
        boolean push;
        int l2;
        int l4;
        int headers;
        /** Bytes of TCP data, and of the first segment's. */
        int data;
        int size;
        /** Ones' complement sum of the data. */
        int dataSum;
        int id;
        int segments;
        long nextSeq;

        /** Reads a packet; false when it is no TCP. Bytes behind the IP packet are cut off. */
        boolean read(Mbuf m) {
            head = m;
            l2 = etherLength(m);
            if (l2 < 0) {
                return false;
            }
            int total = v4 ? ipv4(m) : ipv6(m);
            if (total < 0 || l4 + Tcp.LENGTH > m.dataLen()) {
                return false;
            }
            int tcp = Tcp.headerLength(m, l4);
            headers = l4 + tcp;
            if (tcp < Tcp.LENGTH || headers > m.dataLen() || headers - l2 > total) {
                return false;
            }
            data = total - (headers - l2);
            size = data;
            int flags = Tcp.flags(m, l4);
            push = (flags & Tcp.PSH) != 0;
            eligible = data > 0 && (flags & ~Tcp.PSH) == Tcp.ACK && total + l2 <= m.pktLen() && trimmed(m, total + l2);
            grows = eligible && !push;
            nextSeq = Tcp.seq(m, l4) + data & 0xffff_ffffL;
            segments = 1;
            return true;
        }

        private int etherLength(Mbuf m) {
            for (int at = 12; at <= 20 && at + 2 <= m.dataLen(); at += 4) {
                int type = m.getShort(at) & 0xffff;
                v4 = type == 0x0800;
                if (v4 || type == 0x86dd) {
                    return at + 2;
                }
                if (type != 0x8100 && type != 0x88a8) {
                    return -1;
                }
            }
            return -1;
        }

        /** The IP packet's length, or -1 when it is not a whole one without options that carries TCP. */
        private int ipv4(Mbuf m) {
            l4 = l2 + Ipv4.LENGTH;
            if (l4 > m.dataLen() || Ipv4.versionIhl(m, l2) != 0x45 || Ipv4.protocol(m, l2) != IpProtocol.TCP || Ipv4.isFragment(m, l2)) {
                return -1;
            }
            id = Ipv4.id(m, l2);
            return Ipv4.totalLength(m, l2);
        }

        private int ipv6(Mbuf m) {
            l4 = l2 + Ipv6.LENGTH;
            return l4 > m.dataLen() || (m.getByte(l2) & 0xf0) != 0x60 || Ipv6.nextHeader(m, l2) != IpProtocol.TCP ? -1
                    : Ipv6.LENGTH + Ipv6.payloadLength(m, l2);
        }

        private static boolean trimmed(Mbuf m, int length) {
            return m.pktLen() == length || m.trim(m.pktLen() - length);
        }

        void set(Segment s) {
            head = s.head;
            v4 = s.v4;
            eligible = s.eligible;
            grows = s.grows;
            push = s.push;
            l2 = s.l2;
            l4 = s.l4;
            headers = s.headers;
            data = s.data;
            size = s.size;
            id = s.id;
            segments = 1;
            nextSeq = s.nextSeq;
            dataSum = -1;
        }

        /** Addresses and ports. */
        boolean sameFlow(Segment s) {
            if (v4 != s.v4 || head.getInt(l4) != s.head.getInt(s.l4)) {
                return false;
            }
            return v4 ? head.getLong(l2 + Ipv4.SRC) == s.head.getLong(s.l2 + Ipv4.SRC)
                    : Ipv6.srcHigh(head, l2) == Ipv6.srcHigh(s.head, s.l2) && Ipv6.srcLow(head, l2) == Ipv6.srcLow(s.head, s.l2)
                    && Ipv6.dstHigh(head, l2) == Ipv6.dstHigh(s.head, s.l2) && Ipv6.dstLow(head, l2) == Ipv6.dstLow(s.head, s.l2);
        }

        /** Whether a segment of the same flow is the next, with headers that say the same. */
        boolean continuesWith(Segment s) {
            if (l2 != s.l2 || headers != s.headers || s.data > size || Tcp.seq(s.head, l4) != nextSeq
                    || headers - l2 + data + s.data > MAX_IP || head.vlanTci() != s.head.vlanTci()
                    || ((head.olFlags() ^ s.head.olFlags()) & OlFlags.RX_L4_CKSUM_MASK) != 0
                    || head.nbSegs() + s.head.nbSegs() > Mbuf.MAX_SEGS) {
                return false;
            }
            return same(s, 0, l2) && (v4 ? sameIpv4(s) : sameIpv6(s)) && Tcp.ack(head, l4) == Tcp.ack(s.head, l4)
                    && Tcp.window(head, l4) == Tcp.window(s.head, l4) && same(s, l4 + Tcp.LENGTH, headers);
        }

        private boolean sameIpv4(Segment s) {
            int fragment = Ipv4.fragment(head, l2);
            return Ipv4.tos(head, l2) == Ipv4.tos(s.head, l2) && Ipv4.ttl(head, l2) == Ipv4.ttl(s.head, l2)
                    && fragment == Ipv4.fragment(s.head, l2)
                    && (s.id == (id + segments & 0xffff) || s.id == id && (fragment & DONT_FRAGMENT) != 0);
        }

        private boolean sameIpv6(Segment s) {
            return Ipv6.versionClassFlow(head, l2) == Ipv6.versionClassFlow(s.head, l2)
                    && Ipv6.hopLimit(head, l2) == Ipv6.hopLimit(s.head, l2);
        }

        private boolean same(Segment s, int from, int to) {
            for (int at = from; at < to; at += 2) {
                if (head.getShort(at) != s.head.getShort(at)) {
                    return false;
                }
            }
            return true;
        }

        /** Puts a segment's data behind the head. */
        void add(Segment s) {
            if (dataSum < 0) {
                dataSum = sumOfData(head, size);
            }
            int sum = s.sumOfData(s.head, s.data);
            dataSum = fold(dataSum + ((data & 1) == 0 ? sum : Integer.reverseBytes(sum) >>> 16));
            data += s.data;
            nextSeq = s.nextSeq;
            segments++;
            push = s.push;
            grows = !push && s.data == size;
            s.head.adj(headers);
            head.chain(s.head);
        }

        /** The sum of a segment's data: what its checksum says, less its headers. */
        private int sumOfData(Mbuf m, int bytes) {
            int tcp = headers - l4;
            int pseudo = v4 ? Checksum.pseudoIpv4(m, l2, tcp + bytes) : Checksum.pseudoIpv6(m, l2, IpProtocol.TCP, tcp + bytes);
            // the checksum field itself is in the sum of the header: what is left of all ones is the data
            return fold(0xffff - fold(pseudo + Checksum.raw(m, l4, tcp)));
        }

        static int fold(int sum) {
            int once = (sum & 0xffff) + (sum >>> 16);
            return (once & 0xffff) + (once >>> 16);
        }
    }
}
