package dev.penstock.mbuf;

/**
 * A pool's own memory as a device sees it that reads and writes packets where they lie: a range that begins
 * and ends at pages, in it each packet's buffer at a fixed offset (DPDK: rte_mempool_mem_iter and rte_mbuf_iova_get).
 *
 * <p>It translates between packets and offsets and gives no access to the bytes. Any thread may use it.
 * A driver that lets a device write into a packet's buffer owns the packet as long.
 */
public final class PoolMemory {
    private static final int PAGE = 4096;
    private static final int LINE_SHIFT = 6;
    private static final int SHIFT = 36;

    private final MbufPool pool;
    private final long address;
    private final long lengthBytes;
    private final long first;
    private final long strideBytes;
    private final long strideLines;
    private final long reciprocal;
    private final int size;

    /**
     * The memory of a pool.
     *
     * @param pool has its packets' data in memory of its own
     * @throws IllegalArgumentException when its data lies in memory that its creator gave
     */
    public PoolMemory(MbufPool pool) {
        if (pool.isPinned()) {
            throw new IllegalArgumentException("pool " + pool.name() + " has its data in memory that is not its own (pinned); "
                    + "give a pool without pinned buffers");
        }
        this.pool = pool;
        long start = pool.address();
        address = start & -PAGE;
        lengthBytes = (start + pool.memoryBytes() + PAGE - 1 & -PAGE) - address;
        strideBytes = pool.totalBytes();
        strideLines = strideBytes >> LINE_SHIFT;
        // rounded up; exact for quotients below 2^36 / strideLines, which is more packets than a pool can have
        reciprocal = ((1L << SHIFT) + strideLines - 1) / strideLines;
        first = start + pool.frontBytes() - address;
        size = pool.size();
        if (lengthBytes >> LINE_SHIFT >= 1L << 28) {
            throw new IllegalArgumentException("pool " + pool.name() + " has " + lengthBytes
                    + " bytes; at most 16 GB can be shared with a device");
        }
    }

    /** @return the pool */
    public MbufPool pool() {
        return pool;
    }

    /** @return where the range begins, a multiple of the page's size */
    public long address() {
        return address;
    }

    /** @return how long the range is, a multiple of the page's size */
    public long lengthBytes() {
        return lengthBytes;
    }

    /** @return bytes of each packet's buffer */
    public int bufferBytes() {
        return pool.dataRoom();
    }

    /** @return size of the pages behind the range; neighbours may lie anywhere in the machine's memory */
    public long pageBytes() {
        return pool.pageBytes();
    }

    /** @return how many packets there are; their numbers are 0 to one less */
    public int size() {
        return size;
    }

    /**
     * Where a packet's buffer begins.
     *
     * @param index the packet's number
     * @return bytes from {@link #address()}
     */
    public long offset(int index) {
        return first + index * strideBytes;
    }

    /**
     * Which packet's buffer begins at an offset, which may be anything that a device wrote.
     *
     * @param offset bytes from {@link #address()}
     * @return the packet's number, or -1 when none begins there
     */
    public int index(long offset) {
        long distance = offset - first;
        if (distance < 0 || distance >= lengthBytes) {
            return -1;
        }
        long index = (distance >> LINE_SHIFT) * reciprocal >> SHIFT;
        return index < size && index * strideBytes == distance ? (int) index : -1;
    }

    /**
     * The number of a packet whose data lies in its own buffer in this memory.
     *
     * @param m the packet, or a segment of it
     * @return its number, or -1 when it is another pool's or shows other data
     */
    public int index(Mbuf m) {
        return m.pool == pool && m.attached == null ? index(m.ownAddr - address) : -1;
    }
}
