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

    /**
     * How many packets, from the first on, the peer can be given as they are, all in the region of the first.
     *
     * @param least bytes of data that each has at least
     */
    int plain(Mbuf[] packets, int from, int n, int least) {
        return addresses.plain(packets, from, n, 0, least, 0);
    }

    /**
     * The place of a packet's buffer in the peer's view.
     *
     * @return the region, from 1 on (the one before has the rings), in the high half, and the offset; -1 when it is not shared
     */
    long place(Mbuf m) {
        long at = addresses.bufIova(m);
        int region = at == -1 ? 0 : region(at);
        return region == 0 ? -1 : (long) region << 32 | at - start(region);
    }

    /**
     * The region that holds an address.
     *
     * @return its number, from 1 on; 0 when none does
     */
    int region(long at) {
        for (int i = 0; i < starts.length; i++) {
            long offset = at - starts[i];
            if (offset >= 0 && offset < lengths[i]) {
                return i + 1;
            }
        }
        return 0;
    }

    /** Where a region begins, as {@link IovaMap} says addresses. */
    long start(int region) {
        return starts[region - 1];
    }
}
