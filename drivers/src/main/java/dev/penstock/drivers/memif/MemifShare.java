package dev.penstock.drivers.memif;

import dev.penstock.eal.SharedMemory;
import dev.penstock.mbuf.IovaMap;
import dev.penstock.mbuf.Mbuf;
import java.util.List;

/** The memory of an environment that a client shares with its peer, so that packets need not be copied (zero-copy). */
final class MemifShare {
    /** Descriptors have offsets of 32 bits. */
    private static final long MAX_BYTES = 1L << 32;

    private final List<SharedMemory> memory;
    private final IovaMap addresses;
    private final long[] starts;
    private final long[] lengths;

    /**
     * Memory, of which more may come later that is not shared then.
     *
     * @param all what there is
     * @param regions how many the peer takes at most
     */
    MemifShare(List<SharedMemory> all, int regions) {
        memory = all.stream().filter(m -> m.segment().byteSize() <= MAX_BYTES).limit(regions).toList();
        addresses = new IovaMap(memory.stream().map(SharedMemory::segment).toList());
        starts = memory.stream().mapToLong(m -> m.segment().address()).toArray();
        lengths = memory.stream().mapToLong(m -> m.segment().byteSize()).toArray();
    }

    List<SharedMemory> memory() {
        return memory;
    }

    /** How many packets, from the first on, the peer can be given as they are, all in the region of the first. */
    int plain(Mbuf[] packets, int from, int n) {
        return addresses.plain(packets, from, n, 0, 1, 0);
    }

    /**
     * The place of a packet's buffer in the peer's view.
     *
     * @return the region, from 1 on (the one before has the rings), in the high half, and the offset; -1 when it is not shared
     */
    long place(Mbuf m) {
        long at = addresses.bufIova(m);
        for (int i = 0; at != -1 && i < starts.length; i++) {
            long offset = at - starts[i];
            if (offset >= 0 && offset < lengths[i]) {
                return i + 1L << 32 | offset;
            }
        }
        return -1;
    }
}
