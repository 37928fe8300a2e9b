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
    /** Bits of an address within a page, and the largest of them at which a whole buffer fits; 0 where buffers may lie anywhere. */
    private final long inPage;
    private final long lastInPage;
    /** What crosses from one page to the next. */
    private final Mbuf[] aside;
    private int asideCount;

    /** @param device whether a device reads and writes the memory itself, to which a buffer must lie in one page */
    XskFrames(PoolMemory memory, boolean device) {
        this.memory = memory;
        held = new Mbuf[memory.size()];
        inPage = device ? memory.pageBytes() - 1 : 0;
        lastInPage = device ? memory.pageBytes() - XskSocket.chunkBytes(memory) : 0;
        int crossing = 0;
        for (int i = 0; device && i < held.length; i++) {
            crossing += crosses(i) ? 1 : 0;
        }
        aside = new Mbuf[crossing];
    }

    private boolean crosses(int index) {
        return (memory.address() + memory.offset(index) & inPage) > lastInPage;
    }

    /** Keeps a packet that can't be lent, until all are freed; false for one that can. */
    boolean putAside(Mbuf m, int index) {
        if (!crosses(index)) {
            return false;
        }
        aside[asideCount++] = m;
        return true;
    }

    int count() {
        return count;
    }

    /** The number of a packet that can be lent, or -1: it lies elsewhere or in two pages, or is lent already. */
    int fit(Mbuf m) {
        int index = memory.index(m);
        return index >= 0 && held[index] == null && !crosses(index) ? index : -1;
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
        Mbuf.freeBulk(aside, 0, asideCount);
        asideCount = 0;
    }
}
