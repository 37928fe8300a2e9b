package dev.penstock.drivers.pcap;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** All packets of a file, one behind the other in memory, each on a cache line's boundary. */
final class Frames {
    private static final int ALIGN = 64;
    private static final long MAX_BYTES = 1L << 30;

    private Arena arena = Arena.ofShared();
    private MemorySegment data = arena.allocate(1 << 16, ALIGN);
    private int[] offsets = new int[256];
    private int[] lengths = new int[256];
    private int count;
    private int end;

    private Frames() {}

    /** Reads a whole file; each packet must fit in one data room of the pool. */
    static Frames load(PcapReader reader, MbufPool pool) throws IOException {
        Frames frames = new Frames();
        try {
            frames.read(reader, pool.dataRoom() - Mbuf.HEADROOM);
            return frames;
        } catch (IOException | RuntimeException e) {
            frames.release();
            throw e;
        }
    }

    private void read(PcapReader reader, int room) throws IOException {
        reader.rewind();
        while (reader.next()) {
            int length = reader.capturedLength();
            if (reader.linkType() != PcapFormat.ETHERNET) {
                throw reader.in.damage("a packet has link type " + reader.linkType() + ", a port needs Ethernet (1)");
            }
            if (length > room) {
                throw reader.in.damage("packet " + (count + 1) + " has " + length + " bytes, a data room of the pool " + room
                        + "; use larger ones (--mbuf-size), or no infinite_rx");
            }
            add(reader, length);
        }
        if (count == 0) {
            throw reader.in.damage("the file has no packets; give one that has");
        }
        offsets = Arrays.copyOf(offsets, count);
        lengths = Arrays.copyOf(lengths, count);
    }

    private void add(PcapReader reader, int length) throws PcapException {
        if (end + (long) length > data.byteSize()) {
            if (2 * data.byteSize() > MAX_BYTES) {
                throw reader.in.damage("the packets take more than " + MAX_BYTES + " bytes of memory; use a shorter file");
            }
            grow();
        }
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, 2 * count);
            lengths = Arrays.copyOf(lengths, 2 * count);
        }
        MemorySegment.copy(reader.data(), reader.dataOffset(), data, end, length);
        offsets[count] = end;
        lengths[count++] = length;
        end += (length + ALIGN - 1) & -ALIGN;
    }

    private void grow() {
        Arena larger = Arena.ofShared();
        MemorySegment to = larger.allocate(2 * data.byteSize(), ALIGN);
        MemorySegment.copy(data, 0, to, 0, data.byteSize());
        arena.close();
        arena = larger;
        data = to;
    }

    MemorySegment data() {
        return data;
    }

    int[] offsets() {
        return offsets;
    }

    int[] lengths() {
        return lengths;
    }

    void release() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
