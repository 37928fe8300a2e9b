package dev.penstock.mbuf;

import dev.penstock.raw.RawMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A packet, or one segment of it (DPDK: rte_mbuf).
 *
 * <p>Created once by its {@link MbufPool}. Data is read and written through this object alone, each
 * access checked against {@link #dataLen()}: one that reaches past it raises
 * {@link IndexOutOfBoundsException}. Multi-byte values are in network byte order, but for the methods
 * that end in {@code Native}. A packet of several segments is the first of them; {@link #pktLen()} and
 * {@link #nbSegs()} are kept there. One thread owns a packet at a time; who passes it on forgets it.
 */
public final class Mbuf extends MbufMetadata {
    /** Room kept before the data of a fresh packet, in bytes. */
    public static final int HEADROOM = 128;
    /** Most segments in one packet. */
    public static final int MAX_SEGS = 65535;

    static final MemorySegment ALL = RawMemory.ALL;
    /** No address has more bits; knowing that, the JIT drops ALL's own bounds checks (measured: macswap). */
    static final long ADDRESS_BITS = (1L << 56) - 1;
    private static final int ETHERNET = 14;
    private static final long MAC_BITS = (1L << 48) - 1;
    private static final boolean CHECKED = Checked.ON;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfShort SHORT_NATIVE = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT_NATIVE = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG_NATIVE = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt INT_LITTLE = INT_NATIVE.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG_LITTLE = LONG_NATIVE.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle REF_CNT;

    static {
        try {
            REF_CNT = MethodHandles.lookup().findVarHandle(Mbuf.class, "refCnt", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final MbufPool pool;
    /** Where its own buffer lies. */
    final long ownAddr;
    /** Where its dynamic fields and, before them, its private area end. */
    final long frontEnd;
    long bufAddr;
    int bufLen;
    int dataOff;
    int dataLen;
    int pktLen;
    int refCnt = 1;
    int nbSegs = 1;
    Mbuf next;
    /** The {@link Mbuf} or {@link ExternalBuffer} whose data this one shows; null when it shows its own. */
    Object attached;
    /** What checked mode remembers, else null. */
    final Checked.Trail trail;

    Mbuf(MbufPool pool, long ownAddr, long frontEnd, int bufLen) {
        this.pool = pool;
        this.ownAddr = ownAddr;
        this.frontEnd = frontEnd;
        this.trail = CHECKED ? new Checked.Trail() : null;
        this.bufAddr = ownAddr;
        this.bufLen = bufLen;
        this.dataOff = Math.min(HEADROOM, bufLen);
    }

    /** Makes a freshly allocated packet empty. */
    void reset() {
        dataOff = Math.min(HEADROOM, bufLen);
        dataLen = 0;
        pktLen = 0;
        port = NO_PORT;
        olFlags = 0;
        txOffload = 0;
        typeAndTags = 0;
    }

    /**
     * Says what a driver has received: makes the packet fresh, with so many bytes of data behind the
     * headroom. It completes what {@link MbufPool#allocRawBulk} leaves out.
     *
     * @param length bytes of data, at most the room behind the headroom
     * @param port the port's number
     */
    public void received(int length, int port) {
        if (length < 0 || bufLen - HEADROOM < length) {
            receivedNothing(length);
        } else {
            dataOff = HEADROOM;
        }
        dataLen = length;
        pktLen = length;
        this.port = port;
        olFlags = 0;
        txOffload = 0;
        typeAndTags = 0;
    }

    /**
     * Says what a device has put into the packet's own buffer: makes the packet fresh, as
     * {@link #received(int, int)} does, with data that begins where the device chose.
     *
     * @param offset where the data begins in the buffer
     * @param length bytes of data, at most the room from there on
     * @param port the port's number
     */
    public void received(int offset, int length, int port) {
        if ((offset | length) < 0 || length > bufLen - offset) {
            throw doesNotFit(length, bufLen - offset);
        }
        dataOff = offset;
        dataLen = length;
        pktLen = length;
        this.port = port;
        olFlags = 0;
        txOffload = 0;
        typeAndTags = 0;
    }

    /** For a buffer that is not even as large as the headroom, and holds an empty packet at most. */
    private void receivedNothing(int length) {
        int room = Math.max(0, bufLen - HEADROOM);
        if (length != 0) {
            throw doesNotFit(length, room);
        }
        dataOff = bufLen - room;
    }

    private static IllegalArgumentException doesNotFit(int length, int room) {
        return new IllegalArgumentException("length " + length + " does not fit in the " + room
                + " bytes of room; give the pool a larger data room");
    }

    /** @return the pool it goes back to */
    public MbufPool pool() {
        return pool;
    }

    /** @return bytes of data in this segment */
    public int dataLen() {
        return dataLen;
    }

    /**
     * Sets the length of this segment's data; {@link #pktLen(int)} is the caller's to set.
     *
     * @param length 0 to the room behind the start of the data
     */
    public void dataLen(int length) {
        if (length < 0 || length > bufLen - dataOff) {
            throw doesNotFit(length, bufLen - dataOff);
        }
        dataLen = length;
    }

    /** @return bytes of data in the whole packet; meaningful in its first segment */
    public int pktLen() {
        return pktLen;
    }

    /** @param length bytes of data in all segments */
    public void pktLen(int length) {
        pktLen = length;
    }

    /** @return where the data starts in the buffer, in bytes */
    public int dataOff() {
        return dataOff;
    }

    /**
     * Moves the start of the data in the buffer, its length unchanged.
     *
     * @param offset 0 to {@code bufLen() - dataLen()}
     */
    public void dataOff(int offset) {
        if (offset < 0 || offset > bufLen - dataLen) {
            throw doesNotFit(dataLen, bufLen - offset);
        }
        dataOff = offset;
    }

    /** @return size of the buffer in bytes, headroom included */
    public int bufLen() {
        return bufLen;
    }

    /** @return segments in the packet; meaningful in its first segment */
    public int nbSegs() {
        return nbSegs;
    }

    /** @param segments how many segments the packet has, 1 to {@link #MAX_SEGS} */
    public void nbSegs(int segments) {
        nbSegs = segments;
    }

    /** @return the segment behind this one, or null */
    public Mbuf next() {
        return next;
    }

    /**
     * Links a segment behind this one; lengths and counts are the caller's to set. Use {@link #chain}
     * unless you build packets segment by segment.
     *
     * @param segment the segment, or null
     */
    public void next(Mbuf segment) {
        next = segment;
    }

    /** @return the packet's last segment, this one if it has but one */
    public Mbuf lastSegment() {
        Mbuf m = this;
        while (m.next != null) {
            m = m.next;
        }
        return m;
    }

    /** @return true when all data is in one segment */
    public boolean isContiguous() {
        return nbSegs == 1;
    }

    /** @return true when the data lies in this mbuf's own buffer */
    public boolean isDirect() {
        return attached == null;
    }

    /** @return true when the data lies in another mbuf */
    public boolean isIndirect() {
        return attached instanceof Mbuf;
    }

    /** @return true when the data lies in an external buffer, attached or the pool's own (pinned) */
    public boolean hasExternal() {
        return attached instanceof ExternalBuffer || attached == null && pool.isPinned();
    }

    /** @return room before the data, in bytes */
    public int headroom() {
        return dataOff;
    }

    /** @return room behind the data of this segment, in bytes */
    public int tailroom() {
        return bufLen - dataOff - dataLen;
    }

    /**
     * Lengthens the packet at its end, in its last segment.
     *
     * @param bytes how many
     * @return where the new bytes start in the last segment's data, or -1 when its tailroom is too small
     */
    public int append(int bytes) {
        Mbuf last = lastSegment();
        if (bytes < 0 || bytes > last.tailroom()) {
            return -1;
        }
        int offset = last.dataLen;
        last.dataLen = offset + bytes;
        pktLen += bytes;
        return offset;
    }

    /**
     * Lengthens the packet at its start, in its first segment.
     *
     * @param bytes how many
     * @return false when the headroom is too small
     */
    public boolean prepend(int bytes) {
        if (bytes < 0 || bytes > dataOff) {
            return false;
        }
        dataOff -= bytes;
        dataLen += bytes;
        pktLen += bytes;
        return true;
    }

    /**
     * Shortens the packet at its start, in its first segment.
     *
     * @param bytes how many
     * @return false when the first segment has fewer
     */
    public boolean adj(int bytes) {
        if (bytes < 0 || bytes > dataLen) {
            return false;
        }
        dataOff += bytes;
        dataLen -= bytes;
        pktLen -= bytes;
        return true;
    }

    /**
     * Shortens the packet at its end, in its last segment.
     *
     * @param bytes how many
     * @return false when the last segment has fewer
     */
    public boolean trim(int bytes) {
        Mbuf last = lastSegment();
        if (bytes < 0 || bytes > last.dataLen) {
            return false;
        }
        last.dataLen -= bytes;
        pktLen -= bytes;
        return true;
    }

    /**
     * Reads one byte.
     *
     * @param offset from the start of the data
     * @return the byte
     */
    public byte getByte(int offset) {
        return ALL.get(BYTE, address(offset, 1));
    }

    /**
     * Reads two bytes.
     *
     * @param offset from the start of the data
     * @return the value
     */
    public short getShort(int offset) {
        return ALL.get(SHORT, address(offset, 2));
    }

    /**
     * Reads four bytes.
     *
     * @param offset from the start of the data
     * @return the value
     */
    public int getInt(int offset) {
        return ALL.get(INT, address(offset, 4));
    }

    /**
     * Reads eight bytes.
     *
     * @param offset from the start of the data
     * @return the value
     */
    public long getLong(int offset) {
        return ALL.get(LONG, address(offset, 8));
    }

    /**
     * Writes one byte.
     *
     * @param offset from the start of the data
     * @param value the byte
     */
    public void putByte(int offset, byte value) {
        ALL.set(BYTE, address(offset, 1), value);
    }

    /**
     * Writes two bytes.
     *
     * @param offset from the start of the data
     * @param value the value
     */
    public void putShort(int offset, short value) {
        ALL.set(SHORT, address(offset, 2), value);
    }

    /**
     * Writes four bytes.
     *
     * @param offset from the start of the data
     * @param value the value
     */
    public void putInt(int offset, int value) {
        ALL.set(INT, address(offset, 4), value);
    }

    /**
     * Writes eight bytes.
     *
     * @param offset from the start of the data
     * @param value the value
     */
    public void putLong(int offset, long value) {
        ALL.set(LONG, address(offset, 8), value);
    }

    /**
     * Reads two bytes in the processor's order.
     *
     * @param offset from the start of the data
     * @return the value
     */
    public short getShortNative(int offset) {
        return ALL.get(SHORT_NATIVE, address(offset, 2));
    }

    /**
     * Reads four bytes in the processor's order.
     *
     * @param offset from the start of the data
     * @return the value
     */
    public int getIntNative(int offset) {
        return ALL.get(INT_NATIVE, address(offset, 4));
    }

    /**
     * Reads eight bytes in the processor's order.
     *
     * @param offset from the start of the data
     * @return the value
     */
    public long getLongNative(int offset) {
        return ALL.get(LONG_NATIVE, address(offset, 8));
    }

    /**
     * Writes two bytes in the processor's order.
     *
     * @param offset from the start of the data
     * @param value the value
     */
    public void putShortNative(int offset, short value) {
        ALL.set(SHORT_NATIVE, address(offset, 2), value);
    }

    /**
     * Writes four bytes in the processor's order.
     *
     * @param offset from the start of the data
     * @param value the value
     */
    public void putIntNative(int offset, int value) {
        ALL.set(INT_NATIVE, address(offset, 4), value);
    }

    /**
     * Writes eight bytes in the processor's order.
     *
     * @param offset from the start of the data
     * @param value the value
     */
    public void putLongNative(int offset, long value) {
        ALL.set(LONG_NATIVE, address(offset, 8), value);
    }

    /**
     * Reads three words of eight bytes in little endian, one behind the other, each into an array of its own: so a burst's
     * headers become columns, which the same steps are then taken on.
     *
     * @param offset from the start of the data
     * @param first gets the first word
     * @param second gets the second
     * @param third gets the third
     * @param index their place in the arrays
     * @return false when the data is shorter; nothing is read then
     */
    public boolean getColumns(int offset, long[] first, long[] second, long[] third, int index) {
        if (CHECKED) {
            Checked.use(this);
        }
        if ((offset | dataLen - 24 - offset) < 0) {
            return false;
        }
        long at = bufAddr + dataOff + offset & ADDRESS_BITS;
        first[index] = ALL.get(LONG_LITTLE, at);
        second[index] = ALL.get(LONG_LITTLE, at + 8);
        third[index] = ALL.get(LONG_LITTLE, at + 16);
        return true;
    }

    /**
     * Writes the first twelve bytes: an Ethernet frame's two addresses.
     *
     * @param first the first eight bytes
     * @param last the last four
     */
    public void putMacs(long first, int last) {
        long at = address(0, 12);
        ALL.set(LONG, at, first);
        ALL.set(INT, at + 8, last);
    }

    /**
     * Writes four bytes in little endian.
     *
     * @param offset from the start of the data
     * @param value the value
     */
    public void putIntLittle(int offset, int value) {
        ALL.set(INT_LITTLE, address(offset, 4), value);
    }

    /**
     * Exchanges the first six bytes with the next six: an Ethernet frame's two addresses.
     *
     * @throws IndexOutOfBoundsException when the segment is shorter than an Ethernet header
     */
    public void swapMacs() {
        long at = header();
        long dst = ALL.get(LONG_LITTLE, at);
        long srcAndType = ALL.get(LONG_LITTLE, at + 6);
        ALL.set(LONG_LITTLE, at, srcAndType);
        ALL.set(LONG_LITTLE, at + 6, srcAndType ^ (srcAndType ^ dst) & MAC_BITS);
    }

    /**
     * Writes an Ethernet frame's two addresses.
     *
     * @param dst the destination, in 48 bits
     * @param src the source, in 48 bits
     * @throws IndexOutOfBoundsException when the segment is shorter than an Ethernet header
     */
    public void putAddresses(long dst, long src) {
        long at = header();
        ALL.set(LONG, at, dst << 16 | src >>> 32 & 0xffff);
        ALL.set(INT, at + 8, (int) src);
    }

    /** Where the data starts, when there are at least as many bytes of it as an Ethernet header has. */
    private long header() {
        if (CHECKED) {
            Checked.use(this);
        }
        if (dataLen < ETHERNET) {
            throw outside(0, ETHERNET);
        }
        return start();
    }

    /** Where the data starts. */
    long start() {
        return bufAddr + dataOff & ADDRESS_BITS;
    }

    /**
     * Copies bytes into the data.
     *
     * @param offset from the start of the data
     * @param from where the bytes are; not to be unmapped meanwhile
     * @param fromOffset where they start
     * @param length how many
     */
    public void write(int offset, MemorySegment from, long fromOffset, int length) {
        long to = address(offset, length);
        long at = WordCopy.address(from, fromOffset, length);
        if (at != -1 && WordCopy.apart(at, to, length)) {
            WordCopy.copy(at, to, length);
        } else {
            MemorySegment.copy(from, fromOffset, ALL, to, length);
        }
    }

    /**
     * Copies bytes into the data.
     *
     * @param offset from the start of the data
     * @param from where the bytes are
     * @param fromOffset where they start
     * @param length how many
     */
    public void write(int offset, byte[] from, int fromOffset, int length) {
        MemorySegment.copy(from, fromOffset, ALL, BYTE, address(offset, length), length);
    }

    /**
     * Copies bytes of one segment into another.
     *
     * @param offset from the start of the data
     * @param from the segment that has the bytes
     * @param fromOffset where they start in its data
     * @param length how many
     */
    public void write(int offset, Mbuf from, int fromOffset, int length) {
        MemorySegment.copy(ALL, from.address(fromOffset, length), ALL, address(offset, length), length);
    }

    /**
     * Copies bytes out of the data.
     *
     * @param offset from the start of the data
     * @param to where the bytes go; not to be unmapped meanwhile
     * @param toOffset where they start
     * @param length how many
     */
    public void read(int offset, MemorySegment to, long toOffset, int length) {
        long from = address(offset, length);
        long at = WordCopy.address(to, toOffset, length);
        if (at != -1 && WordCopy.apart(from, at, length)) {
            WordCopy.copy(from, at, length);
        } else {
            MemorySegment.copy(ALL, from, to, toOffset, length);
        }
    }

    /**
     * Copies bytes out of the data.
     *
     * @param offset from the start of the data
     * @param to where the bytes go
     * @param toOffset where they start
     * @param length how many
     */
    public void read(int offset, byte[] to, int toOffset, int length) {
        MemorySegment.copy(ALL, BYTE, address(offset, length), to, toOffset, length);
    }

    /**
     * Copies bytes out of the packet, across its segments (DPDK: rte_pktmbuf_read).
     *
     * @param offset from the start of the packet
     * @param to where the bytes go
     * @param toOffset where they start
     * @param length how many
     * @return false when the packet is shorter; nothing is copied then
     */
    public boolean readPacket(int offset, MemorySegment to, long toOffset, int length) {
        return Segments.read(this, offset, to, toOffset, length);
    }

    long address(int offset, int bytes) {
        if (CHECKED) {
            Checked.use(this);
        }
        if ((offset | bytes | dataLen - bytes - offset) < 0) {
            throw outside(offset, bytes);
        }
        return bufAddr + dataOff + offset & ADDRESS_BITS;
    }

    private IndexOutOfBoundsException outside(int offset, int bytes) {
        return new IndexOutOfBoundsException(bytes + " bytes at " + offset + " are not within a segment of " + dataLen);
    }

    /**
     * Puts a packet behind this one; the two become one, owned as this one is.
     *
     * @param tail the first segment of the packet to add
     * @return false when that would make more than {@link #MAX_SEGS} segments
     */
    public boolean chain(Mbuf tail) {
        if (nbSegs + tail.nbSegs > MAX_SEGS) {
            return false;
        }
        lastSegment().next = tail;
        nbSegs += tail.nbSegs;
        pktLen += tail.pktLen;
        tail.pktLen = tail.dataLen;
        return true;
    }

    /**
     * Moves the data of all segments into the first and frees the others.
     *
     * @return false when the first segment's tailroom is too small; the packet is as before then
     */
    public boolean linearize() {
        return nbSegs == 1 || Segments.linearize(this);
    }

    /**
     * Makes a packet that shows the same data without copying it; the data lives until the last packet
     * that shows it is freed, and shall not be written meanwhile (DPDK: rte_pktmbuf_clone).
     *
     * @param from the pool that the new segments come from
     * @return the new packet, or null when the pool has too few
     */
    public Mbuf clone(MbufPool from) {
        return Segments.clone(this, from);
    }

    /**
     * Makes a packet with its own copy of the data and metadata (DPDK: rte_pktmbuf_copy).
     *
     * @param from the pool that the new segments come from
     * @param offset where in the packet to start
     * @param length how many bytes at most
     * @return the new packet, or null when the offset is past the end or the pool has too few
     */
    public Mbuf copy(MbufPool from, int offset, int length) {
        return Segments.copy(this, from, offset, length);
    }

    /**
     * Shows another segment's data instead of its own (DPDK: rte_pktmbuf_attach). The other's data lives
     * at least as long as this shows it. An indirect segment passes on what it shows itself.
     *
     * @param other a segment of a pool of the same environment
     */
    public void attach(Mbuf other) {
        Segments.attach(this, other);
    }

    /**
     * Shows a buffer that is no pool's (DPDK: rte_pktmbuf_attach_extbuf). The data is empty at first and
     * starts where the buffer does.
     *
     * @param buffer the buffer
     */
    public void attach(ExternalBuffer buffer) {
        Segments.attach(this, buffer);
    }

    /** Shows its own data again, which is empty; what it showed before is let go. */
    public void detach() {
        if (attached != null) {
            Segments.detach(this);
        }
    }

    /** @return how many owners this segment has: itself, and each that shows its data */
    public int refCnt() {
        return (int) REF_CNT.getAcquire(this);
    }

    /**
     * Changes the number of owners. Plain when there is but one, atomic otherwise.
     *
     * @param delta what to add
     * @return the new number
     */
    public int refCntUpdate(int delta) {
        if ((int) REF_CNT.getAcquire(this) == 1) {
            int count = 1 + delta;
            REF_CNT.setRelease(this, count);
            return count;
        }
        return (int) REF_CNT.getAndAdd(this, delta) + delta;
    }

    /** @param count the number of owners, for a packet that no other thread holds */
    public void refCnt(int count) {
        REF_CNT.setRelease(this, count);
    }

    /** Gives the packet, all its segments, back to their pools. */
    public void free() {
        Mbuf m = this;
        do {
            Mbuf behind = m.next;
            m.freeSegment();
            m = behind;
        } while (m != null);
    }

    /** Gives this segment alone back to its pool, or gives up one of its owners. */
    public void freeSegment() {
        if (isPlain(pool)) {
            // who had it as well may have read it until it gave it up
            VarHandle.acquireFence();
            pool.put(this);
        } else if (Segments.release(this)) {
            pool.put(this);
        }
    }

    /** Whether it can go back to that pool as it is. */
    private boolean isPlain(MbufPool of) {
        return pool == of && next == null && attached == null && refCnt == 1;
    }

    /** Frees the segments behind the first one, which the packet is alone then. */
    public void freeRest() {
        Segments.freeRest(this);
    }

    /**
     * Gives many packets back to their pools; null entries are passed over.
     *
     * @param packets the packets
     * @param from index of the first
     * @param n how many
     */
    public static void freeBulk(Mbuf[] packets, int from, int n) {
        int end = from + n;
        int i = from;
        while (i < end) {
            int start = i;
            Mbuf first = packets[i];
            if (first != null) {
                MbufPool pool = first.pool;
                while (i < end && packets[i] != null && packets[i].isPlain(pool)) {
                    i++;
                }
                if (i > start) {
                    VarHandle.acquireFence();
                    pool.putBulk(packets, start, i - start);
                    continue;
                }
                first.free();
            }
            i++;
        }
    }

    /**
     * The private area, as large as the pool's {@link MbufPool#privSize()}; it stays as it was when the packet
     * is freed.
     *
     * @return a view that is bounded by the area and by the life of the pool's memory
     */
    public MemorySegment priv() {
        return pool.privateArea(this);
    }

    /**
     * Reads a dynamic field of one byte.
     *
     * @param field registered in the pool's {@link DynamicFields}
     * @return the value, whatever was left there in a fresh packet
     */
    public byte dynByte(DynamicFields.Field field) {
        return ALL.get(BYTE, dynamicAddress(field.offset(), 1));
    }

    /**
     * Writes a dynamic field of one byte.
     *
     * @param field registered in the pool's {@link DynamicFields}
     * @param value the value
     */
    public void dynByte(DynamicFields.Field field, byte value) {
        ALL.set(BYTE, dynamicAddress(field.offset(), 1), value);
    }

    /**
     * Reads a dynamic field of two bytes.
     *
     * @param field registered in the pool's {@link DynamicFields}
     * @return the value, whatever was left there in a fresh packet
     */
    public short dynShort(DynamicFields.Field field) {
        return ALL.get(SHORT_NATIVE, dynamicAddress(field.offset(), 2));
    }

    /**
     * Writes a dynamic field of two bytes.
     *
     * @param field registered in the pool's {@link DynamicFields}
     * @param value the value
     */
    public void dynShort(DynamicFields.Field field, short value) {
        ALL.set(SHORT_NATIVE, dynamicAddress(field.offset(), 2), value);
    }

    /**
     * Reads a dynamic field of four bytes.
     *
     * @param field registered in the pool's {@link DynamicFields}
     * @return the value, whatever was left there in a fresh packet
     */
    public int dynInt(DynamicFields.Field field) {
        return dynamicInt(field.offset());
    }

    /**
     * Writes a dynamic field of four bytes.
     *
     * @param field registered in the pool's {@link DynamicFields}
     * @param value the value
     */
    public void dynInt(DynamicFields.Field field, int value) {
        dynamicInt(field.offset(), value);
    }

    /**
     * Reads a dynamic field of eight bytes.
     *
     * @param field registered in the pool's {@link DynamicFields}
     * @return the value, whatever was left there in a fresh packet
     */
    public long dynLong(DynamicFields.Field field) {
        return ALL.get(LONG_NATIVE, dynamicAddress(field.offset(), 8));
    }

    /**
     * Writes a dynamic field of eight bytes.
     *
     * @param field registered in the pool's {@link DynamicFields}
     * @param value the value
     */
    public void dynLong(DynamicFields.Field field, long value) {
        ALL.set(LONG_NATIVE, dynamicAddress(field.offset(), 8), value);
    }

    int dynamicInt(int offset) {
        return ALL.get(INT_NATIVE, dynamicAddress(offset, 4));
    }

    void dynamicInt(int offset, int value) {
        ALL.set(INT_NATIVE, dynamicAddress(offset, 4), value);
    }

    private long dynamicAddress(int offset, int bytes) {
        Objects.checkFromIndexSize(offset, bytes, pool.dynamicLen());
        return frontEnd - MbufPool.DYNAMIC_BYTES + offset;
    }

    /**
     * Looks for contradictions in the packet (DPDK: rte_mbuf_check).
     *
     * @param header true for a packet's first segment, false for one behind it
     * @return null when it is sound, else DPDK's word for what is wrong
     */
    public String check(boolean header) {
        return Segments.check(this, header);
    }

    /**
     * Describes the packet as rte_pktmbuf_dump does.
     *
     * @param bytes how many bytes of data to show at most
     * @return some lines of text
     */
    public String dump(int bytes) {
        return MbufDump.dump(this, bytes);
    }

    @Override
    public String toString() {
        return "mbuf@" + Long.toHexString(ownAddr) + " of " + pool.name() + ", " + dataLen + "/" + pktLen + " bytes, "
                + nbSegs + " segments";
    }
}
