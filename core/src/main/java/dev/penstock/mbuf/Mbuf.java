package dev.penstock.mbuf;

import dev.penstock.raw.RawMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A packet, or one segment of it (DPDK: rte_mbuf).
 *
 * <p>Created once by its {@link MbufPool}. Data is read and written through this object alone, each
 * access checked against {@link #dataLen()}; multi-byte values are in network byte order. One thread
 * owns a packet at a time.
 */
public final class Mbuf {
    /** Room kept before the data of a fresh packet, in bytes. */
    public static final int HEADROOM = 128;
    /** The port of a packet that came from none. */
    public static final int NO_PORT = 0xffff;

    private static final MemorySegment ALL = RawMemory.ALL;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    final MbufPool pool;
    long bufAddr;
    int bufLen;
    int dataOff;
    int dataLen;
    int pktLen;
    int refCnt = 1;
    int nbSegs = 1;
    int port = NO_PORT;
    Mbuf next;
    long olFlags;
    long txOffload;
    int packetType;
    int vlanTci;
    int vlanTciOuter;
    int rssHash;
    long timestamp;

    Mbuf(MbufPool pool, long bufAddr, int bufLen) {
        this.pool = pool;
        this.bufAddr = bufAddr;
        this.bufLen = bufLen;
    }

    /** Makes a freshly allocated packet empty. */
    void reset() {
        dataOff = Math.min(HEADROOM, bufLen);
        dataLen = 0;
        pktLen = 0;
        port = NO_PORT;
        olFlags = 0;
        txOffload = 0;
        packetType = 0;
        vlanTci = 0;
        vlanTciOuter = 0;
    }

    /** @return bytes of data in this segment */
    public int dataLen() {
        return dataLen;
    }

    /** @return bytes of data in the whole packet */
    public int pktLen() {
        return pktLen;
    }

    /** @return the port it came from, or {@link #NO_PORT} */
    public int port() {
        return port;
    }

    /** @return room before the data, in bytes */
    public int headroom() {
        return dataOff;
    }

    /** @return room behind the data, in bytes */
    public int tailroom() {
        return bufLen - dataOff - dataLen;
    }

    /**
     * Says what a driver has received into a fresh, single-segment packet.
     *
     * @param length bytes of data, at most the room behind the headroom
     * @param port the port's number
     */
    public void received(int length, int port) {
        if (length < 0 || length > bufLen - dataOff) {
            throw new IllegalArgumentException("length " + length + " does not fit in " + (bufLen - dataOff));
        }
        dataLen = length;
        pktLen = length;
        this.port = port;
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
     * Copies bytes into the data.
     *
     * @param offset from the start of the data
     * @param from where the bytes are
     * @param fromOffset where they start
     * @param length how many
     */
    public void write(int offset, MemorySegment from, long fromOffset, int length) {
        MemorySegment.copy(from, fromOffset, ALL, address(offset, length), length);
    }

    /**
     * Copies bytes out of the data.
     *
     * @param offset from the start of the data
     * @param to where the bytes go
     * @param toOffset where they start
     * @param length how many
     */
    public void read(int offset, MemorySegment to, long toOffset, int length) {
        MemorySegment.copy(ALL, address(offset, length), to, toOffset, length);
    }

    private long address(int offset, int bytes) {
        Objects.checkFromIndexSize(offset, bytes, dataLen);
        return bufAddr + dataOff + offset;
    }

    /** Gives the packet, all its segments, back to its pool. */
    public void free() {
        pool.free(this);
    }

    /**
     * Gives many packets back to their pools.
     *
     * @param packets the packets
     * @param from index of the first
     * @param n how many
     */
    public static void freeBulk(Mbuf[] packets, int from, int n) {
        if (n == 0) {
            return;
        }
        MbufPool pool = packets[from].pool;
        for (int i = from; i < from + n; i++) {
            Mbuf m = packets[i];
            if (m.pool != pool || m.next != null || m.refCnt != 1) {
                freeEach(packets, from, n);
                return;
            }
        }
        pool.putBulk(packets, from, n);
    }

    private static void freeEach(Mbuf[] packets, int from, int n) {
        for (int i = from; i < from + n; i++) {
            packets[i].free();
        }
    }
}
