package dev.penstock.mbuf;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The addresses by which a device knows packets' buffers in memory that is shared with it (DPDK: rte_mbuf_iova_get,
 * with virtual addresses as DPDK's virtio-user has them). A number for the device, no way to the bytes. Immutable; any
 * thread may use it.
 */
public final class IovaMap {
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
}
