package dev.penstock.drivers.afxdp;

import dev.penstock.linux.Mapping;
import dev.penstock.linux.Socket;
import java.lang.foreign.MemorySegment;

/**
 * One of the four rings of an XDP socket, shared with the kernel: one side produces, the other consumes,
 * each publishes its index with a release store once a burst. The memory is exactly the ring's; the other
 * side's index is read once a burst at most and limited to the ring's size before it is used.
 */
final class XskRing implements AutoCloseable {
    private static final int OFFSETS_BYTES = 32;
    private static final int PRODUCER = 0;
    private static final int CONSUMER = 8;
    private static final int DESC = 16;
    private static final int FLAGS = 24;

    private final Mapping mapping;
    private final MemorySegment memory;
    private final int size;
    private final long producer;
    private final long consumer;
    private final long flags;
    private final long entries;
    /** The next entry that this side takes or fills. */
    private int next;
    /** For the consumer: how far the producer was when last looked at. */
    private int shown;
    /** For the consumer: whether it looked when it was last asked. */
    private boolean looked;

    /**
     * Maps a ring whose size has been set.
     *
     * @param offsets the socket's answer to MMAP_OFFSETS
     * @param which the ring's place in it, in rings
     */
    XskRing(Socket socket, MemorySegment offsets, int which, long pageOffset, int size, int entryBytes) {
        long at = (long) which * OFFSETS_BYTES;
        producer = offsets.get(Xdp.LONG, at + PRODUCER);
        consumer = offsets.get(Xdp.LONG, at + CONSUMER);
        entries = offsets.get(Xdp.LONG, at + DESC);
        flags = offsets.get(Xdp.LONG, at + FLAGS);
        this.size = size;
        mapping = Mapping.shared(socket.fd(), pageOffset, entries + (long) size * entryBytes);
        memory = mapping.segment();
    }

    int size() {
        return size;
    }

    boolean needsWakeup() {
        return (memory.get(Xdp.INT, flags) & Xdp.NEED_WAKEUP) != 0;
    }

    /**
     * For the consumer: how many entries can be taken, at most so many. While it knows of as many it does not look: another
     * processor may be writing the index at the time.
     */
    int available(int max) {
        int ready = shown - next;
        looked = ready < max || ready > size;
        if (looked) {
            shown = (int) Xdp.INDEX.getAcquire(memory, producer);
            ready = shown - next;
        }
        return ready <= 0 ? 0 : Math.min(Math.min(ready, size), max);
    }

    /** For the consumer: how many entries are left of those that were there when it last looked. */
    int left() {
        return shown - next;
    }

    /** For the consumer: whether it looked when it was last asked what is available. */
    boolean looked() {
        return looked;
    }

    /** For the producer: the other side's index, which says only whether it has moved. */
    int taken() {
        return (int) Xdp.INDEX.getOpaque(memory, consumer);
    }

    /** For the producer: whether the other side has taken all. */
    boolean drained() {
        return taken() == next;
    }

    /** For the producer of packets: how many of them the other side has not taken. */
    int untaken() {
        int packets = 0;
        for (int i = -Math.min(size, next - taken()); i < 0; i++) {
            packets += (memory.get(Xdp.INT, descriptor(i) + Xdp.DESC_OPTIONS) & Xdp.PKT_CONTD) == 0 ? 1 : 0;
        }
        return packets;
    }

    /** Where entry i from the next one is, for rings of descriptors. */
    long descriptor(int i) {
        return entries + (long) (next + i & size - 1) * Xdp.DESC_BYTES;
    }

    /** Where entry i from the next one is, for rings of addresses. */
    private long address(int i) {
        return entries + (long) (next + i & size - 1) * Long.BYTES;
    }

    MemorySegment memory() {
        return memory;
    }

    long readAddress(int i) {
        return memory.get(Xdp.LONG, address(i));
    }

    void writeAddress(int i, long value) {
        memory.set(Xdp.LONG, address(i), value);
    }

    void writeDescriptor(int i, long address, int length, int options) {
        long at = descriptor(i);
        memory.set(Xdp.LONG, at, address);
        memory.set(Xdp.INT, at + Xdp.DESC_LEN, length);
        memory.set(Xdp.INT, at + Xdp.DESC_OPTIONS, options);
    }

    /** For the producer: shows n more entries. */
    void produce(int n) {
        next += n;
        Xdp.INDEX.setRelease(memory, producer, next);
    }

    /** For the consumer: gives n entries back. */
    void consume(int n) {
        next += n;
        Xdp.INDEX.setRelease(memory, consumer, next);
    }

    @Override
    public void close() {
        mapping.close();
    }
}
