package dev.penstock.drivers.kernel;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Copies frames between memory and packets. */
public final class Frames {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int MACS = 12;

    private Frames() {}

    /**
     * Copies a frame into a fresh packet, and what does not fit into packets chained behind it.
     *
     * @param memory holds the frame
     * @param offset where it is
     * @param length its bytes
     * @param m a packet from the pool's {@code allocRawBulk}
     * @param pool gives the packets behind
     * @param port what the packet came from
     * @return false when the pool has too few; the packet is still the caller's then
     */
    public static boolean in(MemorySegment memory, long offset, int length, Mbuf m, MbufPool pool, int port) {
        int room = m.bufLen() - Math.min(Mbuf.HEADROOM, m.bufLen());
        if (length <= room) {
            m.received(length, port);
            m.write(0, memory, offset, length);
            return true;
        }
        m.received(room, port);
        // the whole packet is there before memory is read that may turn out to be gone
        if (!pool.extend(m, length - room)) {
            return false;
        }
        long at = offset;
        for (Mbuf s = m; s != null; s = s.next()) {
            s.write(0, memory, at, s.dataLen());
            at += s.dataLen();
        }
        return true;
    }

    /**
     * A packet's length, never less than what {@link #out} copies.
     *
     * @param m the packet
     * @return bytes
     */
    public static int length(Mbuf m) {
        return m.next() == null ? m.dataLen() : Math.max(m.pktLen(), m.dataLen());
    }

    /**
     * Copies a packet, all its segments, into memory.
     *
     * @param m the packet
     * @param memory where to; has room for {@link #length}
     * @param offset where in it
     */
    public static void out(Mbuf m, MemorySegment memory, long offset) {
        m.read(0, memory, offset, m.dataLen());
        if (m.next() != null) {
            outRest(m, memory, offset);
        }
    }

    private static void outRest(Mbuf first, MemorySegment memory, long offset) {
        long at = offset + first.dataLen();
        long end = offset + length(first);
        for (Mbuf m = first.next(); m != null; m = m.next()) {
            int part = (int) Math.min(m.dataLen(), end - at);
            m.read(0, memory, at, part);
            at += part;
        }
    }

    /**
     * Copies a packet into memory with a VLAN tag behind its addresses.
     *
     * @param m the packet; its first segment has both addresses
     * @param tpid the tag's protocol, such as 0x8100
     * @param tci the tag
     * @param memory where to; has room for {@link #length} and four bytes
     * @param offset where in it
     */
    public static void outTagged(Mbuf m, int tpid, int tci, MemorySegment memory, long offset) {
        out(m, memory, offset + KernelDevice.VLAN_BYTES);
        tag(memory, offset + KernelDevice.VLAN_BYTES, tpid, tci);
    }

    /**
     * Puts a VLAN tag into a frame; the addresses move four bytes to the front.
     *
     * @param memory holds the frame
     * @param offset where it is; four bytes before it are free
     * @param tpid the tag's protocol, such as 0x8100
     * @param tci the tag
     * @return where the frame is now
     */
    public static long tag(MemorySegment memory, long offset, int tpid, int tci) {
        long at = offset - KernelDevice.VLAN_BYTES;
        MemorySegment.copy(memory, offset, memory, at, MACS);
        memory.set(INT, at + MACS, tpid << 16 | tci & 0xffff);
        return at;
    }
}
