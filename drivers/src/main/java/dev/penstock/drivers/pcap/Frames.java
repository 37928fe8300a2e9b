package dev.penstock.drivers.pcap;

import dev.penstock.mbuf.FrameStore;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.io.IOException;

/** Reads all packets of a file into memory. */
final class Frames {
    private static final long MAX_BYTES = 1L << 30;

    private Frames() {}

    /** Reads a whole file; each packet must fit in one data room of the pool. */
    static FrameStore load(PcapReader reader, MbufPool pool) throws IOException {
        FrameStore store = new FrameStore(MAX_BYTES);
        int room = pool.dataRoom() - Mbuf.HEADROOM;
        reader.rewind();
        while (reader.next()) {
            int length = reader.capturedLength();
            if (reader.linkType() != PcapFormat.ETHERNET) {
                throw reader.in.damage("a packet has link type " + reader.linkType() + ", a port needs Ethernet (1)");
            }
            if (length > room) {
                throw reader.in.damage("packet " + (store.count() + 1) + " has " + length + " bytes, a data room of the pool "
                        + room + "; use larger ones (--mbuf-size), or no infinite_rx");
            }
            if (!store.add(reader.data(), reader.dataOffset(), length)) {
                throw reader.in.damage("the packets take more than " + MAX_BYTES + " bytes of memory; use a shorter file");
            }
        }
        if (store.count() == 0) {
            throw reader.in.damage("the file has no packets; give one that has");
        }
        return store;
    }
}
