package dev.penstock.apps.testpmd;

import dev.penstock.mbuf.Mbuf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Sends UDP packets of given segment lengths, without receiving. */
final class TxOnlyEngine extends Engine {
    /** Bytes of headers in the first segments. */
    static final int HEADERS = UdpTemplate.LENGTH;

    private final int[] lengths;
    /** Whether a segment is so long that it needs the headroom too. */
    private final boolean roomy;
    private final int frame;
    private final boolean multiFlow;
    private final boolean randomSegments;
    private final SplittableRandom random = new SplittableRandom(0);
    private final int srcIp;
    private final int dstIp;
    private final int srcPort;
    private final int dstPort;
    /**
     * Headers to be copied: those of all packets, when they have the same, in two stores to a line that a peer has to give back first, where
     * words would be six; or those of one, to be spread.
     */
    private final MemorySegment headers = Arena.ofAuto().allocate(HEADERS);
    private boolean known;
    private final Mbuf[] segments;
    private Stream last;
    private UdpTemplate template;
    private int flow;

    TxOnlyEngine(Settings s) {
        lengths = s.txLengths.clone();
        int room = s.mbufSizes.get(0) - Mbuf.HEADROOM;
        roomy = IntStream.of(lengths).anyMatch(length -> length > room);
        frame = s.txLength();
        multiFlow = s.multiFlow;
        randomSegments = s.txSplit.equals("rand");
        srcIp = s.txSrcIp;
        dstIp = s.txDstIp;
        srcPort = s.txSrcPort;
        dstPort = s.txDstPort;
        segments = new Mbuf[lengths.length];
    }

    @Override
    int forward(Stream s) {
        if (s != last) {
            last = s;
            template = new UdpTemplate(s.dstMac, s.srcMac, srcPort, dstPort);
            known = false;
        }
        int n = alloc(s);
        if (n == 0) {
            return 0;
        }
        int made = lengths.length == 1 ? single(s, n) : multi(s, n);
        if (made != 0) {
            s.generated += made;
            TxFlags.put(s, made);
            int sent = s.send(made);
            flow -= made - sent;
        }
        return made;
    }

    private static int alloc(Stream s) {
        if (s.pool.allocBulk(s.packets, 0, s.burst)) {
            return s.burst;
        }
        int n = 0;
        while (n < s.burst && (s.packets[n] = s.pool.alloc()) != null) {
            n++;
        }
        return n;
    }

    private int single(Stream s, int n) {
        int length = frame;
        for (int i = 0; i < n; i++) {
            Mbuf m = s.packets[i];
            if (roomy) {
                makeRoom(m, length);
            }
            m.dataLen(length);
            m.pktLen(length);
        }
        // one store behind the other, so that lines which a peer has read come back several at a time
        if (multiFlow) {
            for (int i = 0; i < n; i++) {
                template.write(s.packets[i], length, nextSource(s), dstIp);
            }
        } else {
            writeSame(s.packets, n, length);
        }
        return n;
    }

    private void writeSame(Mbuf[] packets, int n, int length) {
        if (!known) {
            template.write(packets[0], length, srcIp, dstIp);
            packets[0].read(0, headers, 0, HEADERS);
            known = true;
        }
        for (int i = 0; i < n; i++) {
            packets[i].write(0, headers, 0, HEADERS);
        }
    }

    private int nextSource(Stream s) {
        return (dstIp | (flow++ & 0xff) << 8) + s.lcore;
    }

    private int multi(Stream s, int n) {
        for (int i = 0; i < n; i++) {
            if (!chain(s, s.packets[i])) {
                Mbuf.freeBulk(s.packets, i, n - i);
                return i;
            }
        }
        return n;
    }

    /** Hangs the other segments on a packet and writes the headers; false when the pool has no segments. */
    private boolean chain(Stream s, Mbuf m) {
        int count = randomSegments ? random.nextInt(lengths.length) + 1 : lengths.length;
        if (count > 1 && !s.pool.allocBulk(segments, 1, count - 1)) {
            return false;
        }
        makeRoom(m, lengths[0]);
        m.dataLen(lengths[0]);
        m.pktLen(lengths[0]);
        for (int i = 1; i < count; i++) {
            makeRoom(segments[i], lengths[i]);
            segments[i].dataLen(lengths[i]);
            segments[i].pktLen(lengths[i]);
            m.chain(segments[i]);
        }
        int from = multiFlow ? nextSource(s) : srcIp;
        if (m.dataLen() >= HEADERS) {
            template.write(m, m.pktLen(), from, dstIp);
            return true;
        }
        return spread(s, m, from);
    }

    /** Headers across segments: written in a packet of their own, then copied piece by piece. */
    private boolean spread(Stream s, Mbuf m, int from) {
        Mbuf whole = s.pool.alloc();
        if (whole == null) {
            return false;
        }
        whole.dataLen(HEADERS);
        template.write(whole, m.pktLen(), from, dstIp);
        whole.read(0, headers, 0, HEADERS);
        whole.pktLen(HEADERS);
        whole.free();
        int at = 0;
        for (Mbuf segment = m; at < HEADERS && segment != null; segment = segment.next()) {
            int part = Math.min(HEADERS - at, segment.dataLen());
            segment.write(0, headers, at, part);
            at += part;
        }
        return true;
    }
}
