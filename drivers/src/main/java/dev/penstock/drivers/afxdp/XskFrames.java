package dev.penstock.drivers.afxdp;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.PoolMemory;

/**
 * The packets whose buffers the kernel has, each by its number. What comes back is looked up here, so a
 * wrong or repeated address finds nothing.
 */
final class XskFrames {
    private final PoolMemory memory;
    private final Mbuf[] held;
    private int count;

    XskFrames(PoolMemory memory) {
        this.memory = memory;
        held = new Mbuf[memory.size()];
    }

    int count() {
        return count;
    }

    /** The number of a packet that can be lent, or -1: it lies elsewhere, or is lent already. */
    int fit(Mbuf m) {
        int index = memory.index(m);
        return index >= 0 && held[index] == null ? index : -1;
    }

    /** Lends a packet; its address in the umem. */
    long lend(Mbuf m, int index) {
        held[index] = m;
        count++;
        return memory.offset(index);
    }

    /** The packet at an address that the kernel wrote, which is ours again; null when there is none. */
    Mbuf back(long address) {
        int index = memory.index(address & Xdp.ADDRESS_MASK);
        if (index < 0) {
            return null;
        }
        Mbuf m = held[index];
        if (m != null) {
            held[index] = null;
            count--;
        }
        return m;
    }

    /** Frees all that are lent, when the kernel has let go of the memory. */
    void freeAll() {
        for (int i = 0; i < held.length; i++) {
            if (held[i] != null) {
                held[i].free();
                held[i] = null;
            }
        }
        count = 0;
    }
}
