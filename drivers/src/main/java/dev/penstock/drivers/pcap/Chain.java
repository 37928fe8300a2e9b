package dev.penstock.drivers.pcap;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.foreign.MemorySegment;

/** Puts a packet's bytes into mbufs: one, or a chain when it is longer than a data room. */
final class Chain {
    private Chain() {}

    /**
     * Fills a fresh mbuf with a reader's packet.
     *
     * @return false when the pool has no mbufs for the rest of a long packet; the first one is fresh again then
     */
    static boolean fill(Mbuf first, PcapReader reader, MbufPool pool, Mbuf[] one, int port) {
        int length = reader.capturedLength();
        int part = Math.min(length, Math.max(0, first.bufLen() - Mbuf.HEADROOM));
        first.received(part, port);
        first.write(0, reader.data(), reader.dataOffset(), part);
        return part == length || extend(first, part, reader.data(), reader.dataOffset(), length, pool, one);
    }

    private static boolean extend(Mbuf first, int done, MemorySegment data, long offset, int length, MbufPool pool, Mbuf[] one) {
        Mbuf last = first;
        int segments = 1;
        for (int at = done; at < length; segments++) {
            if (!pool.allocBulk(one, 0, 1)) {
                drop(first);
                return false;
            }
            Mbuf segment = one[0];
            // Only a packet's first segment needs headroom.
            segment.prepend(segment.headroom());
            int part = Math.min(length - at, segment.bufLen());
            segment.dataLen(part);
            segment.pktLen(part);
            segment.write(0, data, offset + at, part);
            last.next(segment);
            last = segment;
            at += part;
        }
        first.nbSegs(segments);
        first.pktLen(length);
        return true;
    }

    private static void drop(Mbuf first) {
        Mbuf rest = first.next();
        if (rest != null) {
            int segments = 0;
            for (Mbuf m = rest; m != null; m = m.next()) {
                segments++;
            }
            rest.nbSegs(segments);
            first.next(null);
            rest.free();
        }
    }
}
