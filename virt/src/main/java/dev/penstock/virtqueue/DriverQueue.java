package dev.penstock.virtqueue;

import dev.penstock.mbuf.IovaMap;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.foreign.MemorySegment;

/**
 * A queue from the driver's side: it makes buffers available and takes them back used (VIRTIO 1.2, sections 2.7 and
 * 2.8; network packets as in 5.1.6). Packets are sent and received where they lie, without a copy, when their buffers
 * are in memory shared with the device.
 *
 * <p>One thread uses it at a time, for one direction: {@link #transmit}, or {@link #receive} with what was posted
 * before. Counters are written by the polling thread and may be read by any. What the device writes is checked: an
 * id that it does not hold, or a length beyond the buffer, is refused and counted.
 */
public abstract sealed class DriverQueue permits SplitDriverQueue, PackedDriverQueue {
    /** Descriptors in the table that a packet of several segments may take. */
    private static final int TABLE = 18;
    /** Bytes of each buffer's own place: a header, then a table. */
    private static final int SIDE_BYTES = 16 + TABLE * Descriptor.BYTES;
    private static final int REFILL = 32;

    final int size;
    final boolean eventIndex;
    final NetHeader header;
    final IovaMap addresses;
    final long[] rejections = new long[Rejection.values().length];
    /** Packets by the id of their buffer; null where the device holds none. */
    final Mbuf[] held;
    /** Descriptors that are free. */
    int free;
    private final boolean indirect;
    private final MemorySegment side;
    private final long sideAddress;
    private final MbufPool bounce;
    private final Mbuf[] bulk;
    /** Where the pieces of the packet in hand lie. */
    final long[] pieceAddress;
    final int[] pieceLength;
    /** What the device says it wrote into the buffer that {@link #nextUsed} gave; anything up to 2^32. */
    long usedBytes;
    /** The same of each buffer that {@link #takeBack} gave, without a sign. */
    final int[] lengths;
    /** A packet of which some buffers are still to come. */
    private Mbuf merged;
    private Mbuf mergedLast;
    private int mergedLeft;
    private boolean mergedFine;
    private long undeliverable;
    private long undeliverableBytes;
    private long copied;
    private long noMbuf;

    DriverQueue(RingMemory ring, long features, IovaMap addresses, MemorySegment side, MbufPool bounce) {
        size = ring.size();
        eventIndex = (features & Feature.EVENT_IDX) != 0;
        indirect = (features & Feature.INDIRECT_DESC) != 0;
        header = NetHeader.driver(features);
        this.addresses = addresses;
        this.side = side;
        this.sideAddress = side.address();
        this.bounce = bounce;
        held = new Mbuf[size];
        bulk = new Mbuf[size];
        lengths = new int[size];
        pieceAddress = new long[size + 1];
        pieceLength = new int[size + 1];
        free = size;
        if (side.byteSize() < sideBytes(size)) {
            throw new IllegalArgumentException("a side area of " + side.byteSize() + " bytes; a queue of " + size
                    + " descriptors needs " + sideBytes(size));
        }
        ring.descriptors().fill((byte) 0);
        ring.driver().fill((byte) 0);
        ring.device().fill((byte) 0);
    }

    /**
     * A fresh queue in the layout that was negotiated; its memory is cleared.
     *
     * @param ring its memory, shared with the device
     * @param features the {@link Feature} bits that were negotiated
     * @param addresses what the device knows packets' buffers by
     * @param side memory shared with the device, {@link #sideBytes} of it, where the device knows it by its own address
     * @param bounce a pool in shared memory for packets to be sent that are not; null to refuse such packets
     * @return the queue
     * @throws IllegalArgumentException when sizes or alignments are wrong
     */
    public static DriverQueue of(RingMemory ring, long features, IovaMap addresses, MemorySegment side, MbufPool bounce) {
        return (features & Feature.RING_PACKED) != 0 ? new PackedDriverQueue(ring, features, addresses, side, bounce)
                : new SplitDriverQueue(ring, features, addresses, side, bounce);
    }

    /**
     * How much memory a queue needs beside its ring, for headers and tables.
     *
     * @param size descriptors of the queue
     * @return bytes
     */
    public static long sideBytes(int size) {
        return (long) size * SIDE_BYTES;
    }

    /**
     * Sends packets. Those taken belong to the queue, which frees them when the device is done.
     *
     * @param packets the packets
     * @param from index of the first
     * @param n how many
     * @return how many from the first on were taken; those that cannot be sent count as {@link #undeliverable()}
     */
    public final int transmit(Mbuf[] packets, int from, int n) {
        if (free < n) {
            // no more than is needed: further on are the lines that the device writes just now
            reclaim(n - free);
        }
        if (free == 0) {
            return 0;
        }
        int done = sendAll(packets, from, n);
        if (done > 0) {
            publish();
            if (free < n) {
                // for the next burst, while the processor gets hold of the line that was just written
                reclaim(n - free);
            }
        }
        return done;
    }

    private int sendAll(Mbuf[] packets, int from, int n) {
        int done = sendPlain(packets, from, n);
        while (done < n && send(packets[from + done])) {
            done++;
            done += sendPlain(packets, from + done, n - done);
        }
        return done;
    }

    /** Sends packets of one segment without work, as long as the next are such and there are free descriptors. */
    private int sendPlain(Mbuf[] packets, int from, int n) {
        int k = addresses.plain(packets, from, Math.min(n, free), header.bytes, NetHeader.MIN_FRAME, NetHeader.TX_WORK);
        if (k > 0) {
            putPlain(packets, from, k);
        }
        return k;
    }

    /** Nobody else sees what lies before its data. */
    private boolean canPrepend(Mbuf m) {
        return m.refCnt() == 1 && m.isDirect() && m.headroom() >= header.bytes;
    }

    /** A packet of any shape; false when there are too few free descriptors, or packets to copy it to, now. */
    private boolean send(Mbuf m) {
        Mbuf packet = m;
        int segments = segments(packet);
        int bytes = Math.max(m.pktLen(), m.dataLen());
        if (bytes < NetHeader.MIN_FRAME || bytes > NetHeader.MAX_FRAME) {
            return lose(m);
        }
        if (segments == 0 || segments >= size) {
            if (bounce == null) {
                return lose(m);
            }
            packet = m.copy(bounce, 0, bytes);
            if (packet == null) {
                reclaim(size);
                packet = m.copy(bounce, 0, bytes);
                if (packet == null) {
                    return false;
                }
            }
            segments = segments(packet);
            if (segments == 0 || segments >= size) {
                packet.free();
                return lose(m);
            }
        }
        boolean prepend = canPrepend(packet);
        int pieces = segments + (prepend ? 0 : 1);
        boolean table = indirect && pieces > 1 && pieces <= Math.min(TABLE, size);
        int need = table ? 1 : pieces;
        if (free < need) {
            reclaim(size);
        }
        if (free < need) {
            if (packet != m) {
                packet.free();
            }
            return false;
        }
        long word = NetHeader.hasWork(packet) ? header.send(packet) : 0;
        if (word == -1) {
            if (packet != m) {
                packet.free();
            }
            return lose(m);
        }
        if (packet != m) {
            copied++;
            m.free();
        }
        long place = (long) nextId() * SIDE_BYTES;
        putHeader(packet, prepend, word, place);
        int n = pieces(packet, prepend, place);
        if (table) {
            for (int i = 0; i < n; i++) {
                long at = place + 16 + (long) i * Descriptor.BYTES;
                side.set(Descriptor.LONG, at, pieceAddress[i]);
                side.set(Descriptor.LONG, at + Descriptor.SECOND, tableEntry(pieceLength[i], i, i + 1 < n));
            }
            putTable(packet, sideAddress + place + 16, n * Descriptor.BYTES);
        } else {
            putChain(packet, n);
        }
        return true;
    }

    private boolean lose(Mbuf m) {
        undeliverable++;
        undeliverableBytes += m.pktLen();
        m.free();
        return true;
    }

    /** How many segments have data; 0 when one is not shared with the device. */
    private int segments(Mbuf packet) {
        int count = 0;
        for (Mbuf m = packet; m != null; m = m.next()) {
            if (addresses.bufIova(m) == -1) {
                return 0;
            }
            count++;
        }
        return count;
    }

    private void putHeader(Mbuf packet, boolean prepend, long word, long place) {
        int rest = word == 0 ? 0 : header.csumOffset();
        if (prepend) {
            packet.prepend(header.bytes);
            packet.putLong(0, Long.reverseBytes(word));
            packet.putShort(NetHeader.CSUM_OFFSET, Short.reverseBytes((short) rest));
            if (header.bytes == 12) {
                packet.putShortNative(NetHeader.NUM_BUFFERS, (short) 0);
            }
        } else {
            side.set(Descriptor.LONG, place, word);
            side.set(Descriptor.LONG, place + 8, rest);
        }
    }

    private int pieces(Mbuf packet, boolean prepend, long place) {
        int n = 0;
        if (!prepend) {
            pieceAddress[n] = sideAddress + place;
            pieceLength[n++] = header.bytes;
        }
        for (Mbuf m = packet; m != null; m = m.next()) {
            pieceAddress[n] = addresses.bufIova(m) + m.dataOff();
            pieceLength[n++] = m.dataLen();
        }
        return n;
    }

    /**
     * Gives buffers to the device for it to fill, as many as it can hold.
     *
     * @param pool where they come from; its memory is shared with the device
     */
    public final void fill(MbufPool pool) {
        int room = pool.dataRoom() - Mbuf.HEADROOM + header.bytes;
        int left = evenOffer(free);
        while (left > 0) {
            int n = Math.min(left, REFILL);
            left -= n;
            if (!pool.allocRawBulk(bulk, 0, n)) {
                noMbuf++;
                break;
            }
            offer(bulk, n, room);
        }
        publish();
    }

    /**
     * Takes packets that the device delivered, and gives it fresh buffers.
     *
     * @param pool where fresh buffers come from; its memory is shared with the device
     * @param port what the packets are said to come from
     * @param out where they go
     * @param from index of the first
     * @param max how many at most
     * @return how many
     */
    public final int receive(MbufPool pool, int port, Mbuf[] out, int from, int max) {
        int got = isIdle() ? 0 : take(port, out, from, evenTake(max));
        if (free >= Math.min(REFILL, size >> 1)) {
            fill(pool);
        }
        return got;
    }

    private int take(int port, Mbuf[] out, int from, int max) {
        int n = takeBack(out, from, Math.min(max, size));
        int got = merged == null ? receivePlain(port, out, from, n) : 0;
        for (int i = got; i < n; i++) {
            usedBytes = lengths[i] & 0xffff_ffffL;
            Mbuf m = out[from + i];
            m = header.mergeable ? merge(m, port) : single(m, port);
            if (m != null) {
                out[from + got++] = m;
            }
        }
        return got;
    }

    /** Packets in one buffer each without work, as long as the next are such. */
    private int receivePlain(int port, Mbuf[] out, int from, int n) {
        int[] sizes = lengths;
        boolean merges = header.mergeable;
        boolean reads = header.reads;
        int skip = header.bytes;
        int i = 0;
        for (; i < n; i++) {
            Mbuf m = out[from + i];
            int frame = sizes[i] - skip;
            if (frame < NetHeader.MIN_FRAME || frame > m.bufLen() - Mbuf.HEADROOM
                    || merges && IovaMap.front(m, Long.BYTES) >>> NetHeader.NUM_BUFFERS_SHIFT != 1
                    || reads && (IovaMap.front(m, skip) & NetHeader.WORK) != 0) {
                break;
            }
            m.received(frame, port);
        }
        return i;
    }

    /** A packet in one buffer, or null when the device got it wrong. */
    private Mbuf single(Mbuf m, int port) {
        long frame = usedBytes - header.bytes;
        if (frame < NetHeader.MIN_FRAME || frame > m.bufLen() - Mbuf.HEADROOM) {
            return refuse(m, frame < NetHeader.MIN_FRAME ? Rejection.SHORT : Rejection.LONG);
        }
        if (!header.reads) {
            m.received((int) frame, port);
            return m;
        }
        m.received(Mbuf.HEADROOM - header.bytes, (int) usedBytes, port);
        return withHeader(m);
    }

    private Mbuf withHeader(Mbuf m) {
        long word = Long.reverseBytes(m.getLong(0));
        int offset = Short.reverseBytes(m.getShort(NetHeader.CSUM_OFFSET)) & 0xffff;
        m.adj(header.bytes);
        return header.receive(m, word, offset) ? m : refuse(m, Rejection.HEADER);
    }

    /** A packet whose header says in how many buffers it lies; null until the last of them is there. */
    private Mbuf merge(Mbuf m, int port) {
        if (merged != null) {
            return mergeMore(m, port);
        }
        if (usedBytes < header.bytes + 1 || usedBytes > m.bufLen() - Mbuf.HEADROOM + header.bytes) {
            return refuse(m, usedBytes <= header.bytes ? Rejection.SHORT : Rejection.LONG);
        }
        m.received(Mbuf.HEADROOM - header.bytes, (int) usedBytes, port);
        int buffers = Short.reverseBytes(m.getShort(NetHeader.NUM_BUFFERS)) & 0xffff;
        if (buffers != 1) {
            if (buffers == 0 || buffers > size) {
                return refuse(m, Rejection.MERGED);
            }
            merged = m;
            mergedLast = m;
            mergedLeft = buffers - 1;
            mergedFine = true;
            return null;
        }
        if (m.dataLen() < header.bytes + NetHeader.MIN_FRAME) {
            return refuse(m, Rejection.SHORT);
        }
        if (header.reads) {
            return withHeader(m);
        }
        m.adj(header.bytes);
        return m;
    }

    private Mbuf mergeMore(Mbuf m, int port) {
        Mbuf first = merged;
        mergedLeft--;
        mergedFine &= usedBytes > 0 && usedBytes <= m.bufLen() - Mbuf.HEADROOM + header.bytes
                && first.pktLen() + usedBytes <= NetHeader.MAX_FRAME + header.bytes;
        if (mergedFine) {
            m.received(Mbuf.HEADROOM - header.bytes, (int) usedBytes, port);
            mergedLast.next(m);
            mergedLast = m;
            first.nbSegs(first.nbSegs() + 1);
            first.pktLen(first.pktLen() + m.dataLen());
        } else {
            m.free();
        }
        if (mergedLeft > 0) {
            return null;
        }
        merged = null;
        if (!mergedFine) {
            return refuse(first, Rejection.LONG);
        }
        if (first.pktLen() < header.bytes + NetHeader.MIN_FRAME) {
            return refuse(first, Rejection.SHORT);
        }
        if (header.reads) {
            return withHeader(first);
        }
        first.adj(header.bytes);
        return first;
    }

    private Mbuf refuse(Mbuf m, Rejection why) {
        reject(why);
        m.free();
        return null;
    }

    /** Frees what the device is done sending, so many at most. */
    private void reclaim(int most) {
        if (!isIdle()) {
            reclaimSome(Math.min(most, size));
        }
    }

    private void reclaimSome(int most) {
        Mbuf.freeBulk(bulk, 0, takeSent(bulk, most));
    }

    /**
     * Takes back packets that were sent, of which nobody asks for a length, from index 0 on.
     *
     * @param most {@link #size} or less
     * @return how many
     */
    int takeSent(Mbuf[] out, int most) {
        return takeBack(out, 0, most);
    }

    /**
     * Takes back used buffers, with their {@link #lengths}, up to one that makes no sense. So many at most, and no more than the
     * device can hold at all, so that no device keeps this going.
     *
     * @param most {@link #size} or less
     * @return how many
     */
    final int takeBack(Mbuf[] out, int from, int most) {
        return takeRest(out, from, takePlain(out, from, 0, most), most);
    }

    /** Behind so many plain ones. A method of its own, so that what comes seldom does not throw away what is compiled for each burst. */
    private int takeRest(Mbuf[] out, int from, int plain, int most) {
        int n = plain;
        while (n < most) {
            Mbuf m = nextUsed();
            if (m == null) {
                break;
            }
            lengths[n] = (int) usedBytes;
            out[from + n++] = m;
            n += takePlain(out, from, n, most);
        }
        return n;
    }

    /**
     * Whether the device wants to be told of what was made available since the last time this was asked (sections
     * 2.7.14 and 2.8.21). Has a full fence; ask once a burst that did something.
     *
     * @return true to signal the kick eventfd
     */
    public abstract boolean kickNeeded();

    /**
     * Asks the device to call when it has used buffers, or not to: a poller does not need it.
     *
     * @param on true to be called; look once more before going to sleep
     */
    public abstract void interrupts(boolean on);

    /** @return how many buffers the device has used that were not taken back, at least; any thread may ask */
    public abstract int waiting();

    /**
     * How many packets were sent that the device has not returned, and may not have read.
     *
     * @return packets
     */
    public final int unreturned() {
        reclaim(size);
        int n = 0;
        for (Mbuf m : held) {
            n += m == null ? 0 : 1;
        }
        return n;
    }

    /** Frees every packet that the device holds; it must have stopped. The queue is of no use afterwards. */
    public final void close() {
        for (int i = 0; i < size; i++) {
            if (held[i] != null) {
                held[i].free();
                held[i] = null;
            }
        }
        if (merged != null) {
            merged.free();
            merged = null;
        }
    }

    /**
     * Whether the device takes a packet before it is cut into segments, as {@link dev.penstock.mbuf.OlFlags#TX_TCP_SEG} asks.
     *
     * @param m the packet
     * @return false when it has to be cut first
     */
    public boolean takesWhole(Mbuf m) {
        return header.takesWhole(m);
    }

    /**
     * How often something was refused.
     *
     * @param why the reason
     * @return the count
     */
    public final long rejected(Rejection why) {
        return rejections[why.ordinal()];
    }

    /** @return packets lost because they are no frames, or ask for what the device does not do */
    public final long undeliverable() {
        return undeliverable;
    }

    /** @return their bytes */
    public final long undeliverableBytes() {
        return undeliverableBytes;
    }

    /** @return packets that were copied because they are not in shared memory or in too many pieces */
    public final long copied() {
        return copied;
    }

    /** @return how often there were no fresh buffers for the device */
    public final long noMbuf() {
        return noMbuf;
    }

    /**
     * Whether received checksums that the device left undone are completed; true at first. When not, such packets have
     * {@link dev.penstock.mbuf.OlFlags#RX_L4_CKSUM_NONE} and can be sent on as they are.
     *
     * @param complete true to complete
     */
    public final void completeChecksums(boolean complete) {
        header.complete = complete;
    }

    final void reject(Rejection why) {
        rejections[why.ordinal()]++;
    }

    /** The id that the next buffer will have. */
    abstract int nextId();

    /**
     * Makes packets that {@link IovaMap#plain} counted available, with a header that says nothing, not yet visibly. There are as
     * many free descriptors. Like the other loops a method of its own, so that the JIT sees it apart from the many polls of an
     * idle ring.
     */
    abstract void putPlain(Mbuf[] packets, int from, int n);

    /** Makes a table of pieces available for the device to read, not yet visibly. There is a free descriptor. */
    abstract void putTable(Mbuf m, long address, int bytes);

    /** The same with the pieces in hand. There are as many free descriptors. */
    abstract void putChain(Mbuf m, int pieces);

    /** The second half of a descriptor in a table. */
    abstract long tableEntry(int bytes, int index, boolean more);

    /**
     * Makes buffers available for the device to write, each from where its header will be, not yet visibly. There are as many
     * free descriptors.
     */
    abstract void offer(Mbuf[] packets, int n, int bytes);

    /** So many buffers or some fewer, where that makes a burst of them end well. */
    abstract int evenOffer(int n);

    /** So many used buffers or some fewer, where that makes a burst of them end well. */
    abstract int evenTake(int n);

    /** Whether there is nothing to take back. */
    abstract boolean isIdle();

    /** Makes visible what was put or offered; one release store. */
    abstract void publish();

    /**
     * Takes back buffers of one descriptor each that are used one by one, as long as the next are such.
     *
     * @param out where they go, from index from + n on
     * @param n how many were taken before; the first length goes there
     * @param most what the sum may become
     * @return how many
     */
    abstract int takePlain(Mbuf[] out, int from, int n, int most);

    /** Takes back the next used buffer, with {@link #usedBytes}; null when there is none or it makes no sense. */
    abstract Mbuf nextUsed();
}
