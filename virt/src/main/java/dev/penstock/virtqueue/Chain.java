package dev.penstock.virtqueue;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A descriptor chain, read once and checked: the pieces of memory that it stands for. What the peer writes into the
 * descriptors afterwards changes nothing. Every chain ends: it has at most as many descriptors as the queue
 * (VIRTIO 1.2, sections 2.7.5.3.1 and 2.8.8).
 */
final class Chain {
    /** Gathered, or done. */
    static final int FINE = -1;
    /** An address is unknown and may become known. */
    static final int WAIT = -2;
    /** The pool is empty. */
    static final int NO_MBUF = -3;

    /** Nothing is available. */
    static final int NONE = -4;

    private static final int LIMIT = NetHeader.MAX_FRAME + 12;
    private static final int CROSSINGS = 64;

    private final int queueSize;
    private final boolean indirect;
    private final boolean write;
    private final int[] range;
    private final long[] address;
    private final int[] length;
    private final MemorySegment scratch = Arena.ofAuto().allocate(16, 8);
    private int pieces;
    private long missed;
    private boolean missedWrite;
    /** What the chain added last took of the ring: heads (split) or descriptors (packed). */
    int descriptors;
    /** What it is returned under. */
    int id;
    /** Bytes of all pieces; those past any frame are not counted. */
    int bytes;
    /** A range that addresses were found in, a good guess for the next. */
    int lastRange;

    Chain(int queueSize, boolean indirect, boolean write) {
        this.queueSize = queueSize;
        this.indirect = indirect;
        this.write = write;
        range = new int[queueSize + CROSSINGS];
        address = new long[queueSize + CROSSINGS];
        length = new int[queueSize + CROSSINGS];
    }

    /** Forgets all pieces. */
    void clear() {
        pieces = 0;
        bytes = 0;
    }

    /** The address that {@link #WAIT} is for. */
    long missed() {
        return missed;
    }

    /** Whether it is to be written. */
    boolean missedWrite() {
        return missedWrite;
    }

    /** Adds a chain of a split ring: {@link #FINE}, {@link #WAIT}, or a rejection's ordinal. */
    int addSplit(AddressSpace space, MemorySegment ring, int head) {
        descriptors = 1;
        id = head;
        if (head >= queueSize) {
            id = -1;
            return Rejection.ID.ordinal();
        }
        MemorySegment table = ring;
        long base = 0;
        int entries = queueSize;
        int index = head;
        for (int count = 0; count < queueSize + (table == ring ? 0 : 1); count++) {
            long at = base + (long) index * Descriptor.BYTES;
            long start = table.get(Descriptor.LONG_ANY, at);
            long second = table.get(Descriptor.LONG_ANY, at + Descriptor.SECOND);
            int flags = (int) (second >>> 32) & 0xffff;
            if ((flags & Descriptor.INDIRECT) != 0) {
                int r = table == ring && (flags & Descriptor.NEXT) == 0 ? table(space, start, second) : Rejection.INDIRECT.ordinal();
                if (r != FINE) {
                    return r;
                }
                entries = (int) second / Descriptor.BYTES;
                table = space.memory(lastRange);
                base = space.offset(lastRange, start);
                index = 0;
                continue;
            }
            int r = add(space, start, second, flags);
            if (r != FINE || (flags & Descriptor.NEXT) == 0) {
                return r;
            }
            index = (int) (second >>> 48);
            if (index >= entries) {
                return Rejection.NEXT.ordinal();
            }
        }
        return Rejection.CHAIN_LENGTH.ordinal();
    }

    /**
     * Adds a chain of a packed ring, of which the first descriptor is available; sets {@link #descriptors} and
     * {@link #id} also when it is refused, so that it can be given back.
     *
     * @param most descriptors that are left in the lap behind this burst
     */
    int addPacked(AddressSpace space, MemorySegment ring, int head, int most) {
        int index = head;
        int result = FINE;
        for (int count = 1; count <= most; count++) {
            long start = ring.get(Descriptor.LONG, (long) index * Descriptor.BYTES);
            long second = ring.get(Descriptor.LONG, (long) index * Descriptor.BYTES + Descriptor.SECOND);
            int flags = (int) (second >>> 48);
            descriptors = count;
            id = (int) (second >>> 32) & 0xffff;
            if (result == FINE) {
                if ((flags & Descriptor.INDIRECT) == 0) {
                    result = add(space, start, second, flags);
                } else {
                    result = count == 1 && (flags & Descriptor.NEXT) == 0 ? addTable(space, start, second)
                            : Rejection.INDIRECT.ordinal();
                }
            }
            if ((flags & Descriptor.NEXT) == 0) {
                return result;
            }
            index = index + 1 == queueSize ? 0 : index + 1;
        }
        return Rejection.CHAIN_LENGTH.ordinal();
    }

    /** A packed ring's table has its descriptors in a row, and flags other than WRITE say nothing (section 2.8.7). */
    private int addTable(AddressSpace space, long start, long second) {
        int result = table(space, start, second);
        if (result != FINE) {
            return result;
        }
        MemorySegment table = space.memory(lastRange);
        long base = space.offset(lastRange, start);
        int entries = (int) second / Descriptor.BYTES;
        for (int i = 0; i < entries && result == FINE; i++) {
            long at = base + (long) i * Descriptor.BYTES;
            long address = table.get(Descriptor.LONG_ANY, at);
            long rest = table.get(Descriptor.LONG_ANY, at + Descriptor.SECOND);
            result = add(space, address, rest, (int) (rest >>> 48));
        }
        return result;
    }

    /** Finds a table; then it lies in {@link #lastRange}. */
    private int table(AddressSpace space, long start, long second) {
        long bytes = second & 0xffff_ffffL;
        if (!indirect || bytes == 0 || bytes % Descriptor.BYTES != 0 || bytes > (long) queueSize * Descriptor.BYTES) {
            return Rejection.INDIRECT.ordinal();
        }
        int found = space.find(start);
        if (found < 0) {
            return unknown(space, start, false);
        }
        if (space.room(found, start) < bytes) {
            return Rejection.ADDRESS.ordinal();
        }
        lastRange = found;
        return FINE;
    }

    private int unknown(AddressSpace space, long start, boolean toWrite) {
        missed = start;
        missedWrite = toWrite;
        return space.isPartial() ? WAIT : Rejection.ADDRESS.ordinal();
    }

    /** Adds what a descriptor says, cut where ranges end. */
    private int add(AddressSpace space, long start, long second, int flags) {
        if ((flags & Descriptor.WRITE) != 0 != write) {
            return Rejection.DIRECTION.ordinal();
        }
        long left = second & 0xffff_ffffL;
        if (left > LIMIT - bytes) {
            if (!write) {
                return Rejection.LONG.ordinal();
            }
            left = LIMIT - bytes;
        }
        long at = start;
        while (left > 0) {
            int found = lastRange < space.size() && space.holds(lastRange, at, 1) ? lastRange : space.find(at);
            if (found < 0) {
                return unknown(space, at, write);
            }
            if (write && !space.isWritable(found)) {
                return Rejection.ADDRESS.ordinal();
            }
            if (pieces == length.length) {
                return Rejection.CHAIN_LENGTH.ordinal();
            }
            int part = (int) Math.min(left, space.room(found, at));
            range[pieces] = found;
            address[pieces] = at;
            length[pieces++] = part;
            lastRange = found;
            bytes += part;
            left -= part;
            at += part;
        }
        return FINE;
    }

    /**
     * Copies the frame behind the header into a packet, and what does not fit into packets chained behind it.
     *
     * @return {@link #FINE}, {@link #NO_MBUF}, or a rejection's ordinal; the packet is still the caller's, as it was, but
     *     when fine
     */
    int read(AddressSpace space, NetHeader header, Mbuf first, MbufPool pool, int port) {
        if (bytes < header.bytes + NetHeader.MIN_FRAME) {
            return Rejection.SHORT.ordinal();
        }
        int room = first.bufLen() - Math.min(Mbuf.HEADROOM, first.bufLen());
        int frame = bytes - header.bytes;
        first.received(Math.min(frame, room), port);
        // the whole packet is there before memory is read that may turn out to be gone
        if (frame > room) {
            Faults.deliver();
            if (!pool.extend(first, frame - room)) {
                return NO_MBUF;
            }
        }
        int at = header.bytes;
        for (Mbuf m = first; m != null; m = m.next()) {
            out(space, at, m);
            at += m.dataLen();
        }
        if (header.reads) {
            copyOut(space, 0, scratch, 0, header.bytes);
            if (!header.receive(first, scratch.get(Descriptor.LONG, 0), scratch.get(Descriptor.SHORT, 8) & 0xffff)) {
                Faults.deliver();
                first.freeRest();
                return Rejection.HEADER.ordinal();
            }
        }
        return FINE;
    }

    /** Copies a segment's whole data length from the pieces. */
    private void out(AddressSpace space, int from, Mbuf to) {
        int piece = 0;
        int skip = from;
        while (skip >= length[piece]) {
            skip -= length[piece++];
        }
        for (int at = 0; at < to.dataLen(); piece++, skip = 0) {
            int part = Math.min(length[piece] - skip, to.dataLen() - at);
            to.write(at, space.memory(range[piece]), space.offset(range[piece], address[piece] + skip), part);
            at += part;
        }
    }

    private void copyOut(AddressSpace space, int from, MemorySegment to, long toOffset, int count) {
        long at = toOffset;
        int end = from + count;
        int begin = 0;
        for (int piece = 0; piece < pieces && begin < end; begin += length[piece++]) {
            int skip = Math.max(0, from - begin);
            int part = Math.min(length[piece], end - begin) - skip;
            if (part > 0) {
                MemorySegment.copy(space.memory(range[piece]), space.offset(range[piece], address[piece] + skip), to, at, part);
                at += part;
            }
        }
    }

    /** Writes header and packet; there is room for both. */
    void write(AddressSpace space, NetHeader header, long word, int buffers, Mbuf packet, int packetBytes, WriteLog log) {
        scratch.set(Descriptor.LONG, 0, word);
        scratch.set(Descriptor.SHORT, NetHeader.CSUM_OFFSET, (short) (word == 0 ? 0 : header.csumOffset()));
        scratch.set(Descriptor.SHORT, NetHeader.NUM_BUFFERS, (short) buffers);
        int piece = 0;
        int used = 0;
        for (int at = 0; at < header.bytes; ) {
            if (used == length[piece]) {
                piece++;
                used = 0;
            }
            int part = Math.min(length[piece] - used, header.bytes - at);
            MemorySegment.copy(scratch, at, space.memory(range[piece]), space.offset(range[piece], address[piece] + used), part);
            at += part;
            used += part;
        }
        int left = packetBytes;
        for (Mbuf m = packet; m != null && left > 0; m = m.next()) {
            int count = Math.min(m.dataLen(), left);
            for (int at = 0; at < count; ) {
                if (used == length[piece]) {
                    piece++;
                    used = 0;
                }
                int part = Math.min(length[piece] - used, count - at);
                m.read(at, space.memory(range[piece]), space.offset(range[piece], address[piece] + used), part);
                at += part;
                used += part;
            }
            left -= count;
        }
        if (log != null) {
            log(log, header.bytes + packetBytes);
        }
    }

    private void log(WriteLog log, int written) {
        int left = written;
        for (int piece = 0; left > 0; piece++) {
            log.wroteBuffer(address[piece], Math.min(left, length[piece]));
            left -= length[piece];
        }
    }
}
