package dev.penstock.mbuf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The addresses by which a device knows packets' buffers in memory that is shared with it (DPDK: rte_mbuf_iova_get,
 * with virtual addresses as DPDK's virtio-user has them). A number for the device, no way to the bytes. Immutable; any
 * thread may use it.
 */
public final class IovaMap {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfLong LITTLE = LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final long[] starts;
    private final long[] lengths;

    /**
     * A map of shared memory.
     *
     * @param regions off-heap memory that the device sees at the same addresses
     */
    public IovaMap(List<MemorySegment> regions) {
        starts = regions.stream().mapToLong(MemorySegment::address).toArray();
        lengths = regions.stream().mapToLong(MemorySegment::byteSize).toArray();
    }

    /**
     * The address of a packet's buffer, or of the one that it shows; its data begins {@link Mbuf#dataOff()} further.
     *
     * @param m the packet, or a segment of it
     * @return the address, or -1 when the buffer is not in shared memory as a whole
     */
    public long bufIova(Mbuf m) {
        long start = m.bufAddr;
        for (int i = 0; i < starts.length; i++) {
            long offset = start - starts[i];
            if (offset >= 0 && offset <= lengths[i] - m.bufLen) {
                return start;
            }
        }
        return -1;
    }

    /**
     * How many packets, from the first on, the device can be given as they are: of one segment that nobody shares, in the same
     * shared memory as the first.
     *
     * @param packets the packets
     * @param from index of the first
     * @param n how many at most
     * @param front bytes that are to be free before the data
     * @param least bytes of data that each has at least
     * @param work flags that none of them has
     * @return how many
     */
    public int plain(Mbuf[] packets, int from, int n, int front, int least, long work) {
        int region = 0;
        while (n > 0 && region < starts.length && !holds(region, packets[from])) {
            region++;
        }
        if (region >= starts.length) {
            return 0;
        }
        long start = starts[region];
        long length = lengths[region];
        int i = 0;
        for (; i < n; i++) {
            Mbuf m = packets[from + i];
            long offset = m.bufAddr - start;
            if (Checked.ON) {
                Checked.use(m);
            }
            if (m.next != null || m.attached != null || m.refCnt != 1 || (m.olFlags & work) != 0 || m.dataOff < front
                    || m.dataLen < least || offset < 0 || offset > length - m.bufLen) {
                break;
            }
        }
        // what others did with the packets while they still had them
        VarHandle.acquireFence();
        return i;
    }

    /**
     * The address of the buffer of a packet that {@link #plain} counted; its data begins {@link Mbuf#dataOff()} further.
     *
     * @param m the packet
     * @return the address, as the device knows it
     */
    public static long plainIova(Mbuf m) {
        return m.bufAddr;
    }

    private boolean holds(int region, Mbuf m) {
        long offset = m.bufAddr - starts[region];
        return offset >= 0 && offset <= lengths[region] - m.bufLen;
    }

    /**
     * What a device wrote before where data begins in a fresh packet.
     *
     * @param m the packet, with an own buffer of at least {@link Mbuf#HEADROOM} bytes
     * @param before how many bytes before that, 8 to 16
     * @return the eight bytes there, little-endian
     */
    public static long front(Mbuf m, int before) {
        return Mbuf.ALL.get(LITTLE, m.bufAddr + Mbuf.HEADROOM - before & Mbuf.ADDRESS_BITS);
    }

    /**
     * Clears what is before the data of a packet that {@link #plain} counted, where it is not zero: a line that both sides only
     * read stays in both caches.
     *
     * @param m the packet
     * @param bytes how many, 8 to 16 and no more than were asked for
     * @param looked which bits of the last eight of them, little-endian, are to be zero; when none of those is set, nor of the first
     *     eight, nothing is cleared
     * @return the address of the first of them, as the device knows it
     */
    public static long clearFront(Mbuf m, int bytes, long looked) {
        long at = m.bufAddr + m.dataOff - bytes & Mbuf.ADDRESS_BITS;
        long last = at + bytes - Long.BYTES & Mbuf.ADDRESS_BITS;
        long end = Mbuf.ALL.get(LITTLE, last);
        if ((Mbuf.ALL.get(LONG, at) | end & looked) != 0) {
            Mbuf.ALL.set(LONG, at, 0);
            Mbuf.ALL.set(LONG, last, 0);
        }
        return at;
    }
}
