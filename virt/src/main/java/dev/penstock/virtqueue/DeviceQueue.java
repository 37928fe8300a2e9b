package dev.penstock.virtqueue;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.foreign.MemorySegment;

/**
 * A queue from the device's side, as a vhost back end has it: it takes what the driver makes available and returns
 * it used (VIRTIO 1.2, sections 2.7 and 2.8; network packets as in 5.1.6).
 *
 * <p>One thread uses it at a time, for one direction: {@link #dequeue} of the driver's transmit queue or
 * {@link #enqueue} into its receive queue. What must not happen meanwhile (a new memory table, the end of the
 * mapping) is the caller's to keep apart, with a {@link BurstLock}. Counters are written by the polling thread and may
 * be read by any.
 */
public abstract sealed class DeviceQueue permits SplitDeviceQueue, PackedDeviceQueue {
    /** Bytes of the longest frame: 64 KB of IP behind an Ethernet header with a VLAN tag. */
    public static final int MAX_FRAME = NetHeader.MAX_FRAME;
    /** Bytes of the shortest frame: an Ethernet header. */
    public static final int MIN_FRAME = NetHeader.MIN_FRAME;

    /** Where a fresh split queue begins. */
    public static final int SPLIT_BASE = 0;
    /** Where a fresh packed queue begins: at position 0, in the first lap. */
    public static final int PACKED_BASE = 0x8000_8000;

    /**
     * Of bursts whose first frame is as long, a word of each frame is read before the first is copied. That line comes from the
     * driver's processor, which wrote it. A core that copies a long frame does not look far enough ahead to see the next one's,
     * so that each would be waited for on its own: with processors far apart that took most of the time.
     */
    static final int LONG_FRAME = 256;
    /** The longest header and a word. */
    static final int TOUCHED = 12 + Long.BYTES;

    /** Buffers that are looked at for addresses to ask for. */
    private static final int AHEAD = 32;

    private static final int ONE_BUFFER = 1 << 16;
    private static final int STOP = -1;
    private static final int AGAIN = 0;
    private static final int DONE = 1;

    final int size;
    final boolean eventIndex;
    final NetHeader header;
    final long[] rejections = new long[Rejection.values().length];
    AddressSpace space;
    WriteLog log;
    CommitHook hook;
    private Runnable broken = () -> { };
    /** Heads (split) or descriptors (packed) of this burst, used but not yet published. */
    int taken;
    /** Packets allocated for the burst under way, from its first index on. */
    int held;
    /** Keeps the JIT from leaving out the reads that are for {@link #LONG_FRAME}. */
    long touched;
    /** A range that the next address is probably in. */
    int guess;
    private final boolean indirect;
    private Chain chain;
    private int[] ids;
    private int[] counts;
    private int[] sizes;
    /** Packets that stayed in the ring because the pool was empty, counted once a burst. */
    private long noMbuf;
    private long undeliverable;
    private long undeliverableBytes;
    private long untranslated;
    private long missedAddress;
    private boolean missed;
    private boolean missedWrite;
    /** Whether the burst under way ended at an address that is unknown. */
    private boolean stopped;

    DeviceQueue(RingMemory ring, AddressSpace space, long features) {
        this.size = ring.size();
        this.space = space;
        this.indirect = (features & Feature.INDIRECT_DESC) != 0;
        this.eventIndex = (features & Feature.EVENT_IDX) != 0;
        this.header = NetHeader.device(features);
    }

    /**
     * A queue in the layout that was negotiated.
     *
     * @param ring its memory
     * @param space what the addresses in it stand for
     * @param features the {@link Feature} bits that were negotiated
     * @param base where to begin, as {@link #base()} said it, or {@link #SPLIT_BASE} or {@link #PACKED_BASE}
     * @return the queue
     * @throws IllegalArgumentException when sizes or alignments are wrong
     */
    public static DeviceQueue of(RingMemory ring, AddressSpace space, long features, int base) {
        return (features & Feature.RING_PACKED) != 0 ? new PackedDeviceQueue(ring, space, features, base)
                : new SplitDeviceQueue(ring, space, features, base);
    }

    /**
     * Takes packets that the driver sends. A chain that is refused goes back to the driver and counts as rejected.
     *
     * @param pool where the packets come from
     * @param port what they are said to come from
     * @param out where the packets go
     * @param from index of the first
     * @param max how many at most
     * @return how many
     */
    public final int dequeue(MbufPool pool, int port, Mbuf[] out, int from, int max) {
        int n = fresh(Math.min(max, most()));
        if (n == 0) {
            return 0;
        }
        // an error of the ring is not to be raised while the pool gives packets that are in no list yet
        Faults.deliver();
        if (!pool.allocRawBulk(out, from, n)) {
            countNoMbuf();
            return 0;
        }
        held = n;
        begin();
        return takeAll(pool, port, out, from, n);
    }

    /** How many buffers are published at once at most. */
    abstract int most();

    /** A burst of {@link #dequeue} begins. */
    abstract void begin();

    /**
     * After a {@link #dequeue} that ended with an error, since memory vanished under it: gives its packets back.
     *
     * @param out as given to it
     * @param from as given to it
     * @return false when it had ended already, and its packets are the caller's
     */
    public final boolean abandon(Mbuf[] out, int from) {
        int n = held;
        held = 0;
        Mbuf.freeBulk(out, from, n);
        return n > 0;
    }

    /**
     * Copies packets into buffers that the driver offers. The packets stay the caller's, who may now free them or
     * give them to another queue as well.
     *
     * @param packets the packets
     * @param from index of the first
     * @param n how many
     * @return how many from the first on are done with: delivered, or counted as {@link #undeliverable()}
     */
    public final int enqueue(Mbuf[] packets, int from, int n) {
        int limit = Math.min(n, most());
        if (fresh(limit) == 0) {
            return 0;
        }
        stopped = false;
        int done = deliver(packets, from, limit);
        publish();
        if (stopped) {
            untranslated += limit - done;
        } else {
            lookAhead();
        }
        return done;
    }

    /**
     * Behind an IOMMU: looks for an address that is unknown among the next buffers that packets would be copied into, for
     * {@link #hasMiss}, so that it can be asked for before a packet needs it. {@link #enqueue} does so itself.
     */
    public final void lookAhead() {
        if (!space.isPartial()) {
            return;
        }
        Chain c = chain(true);
        for (int buffers = 0, ahead = 0; buffers < AHEAD; buffers++, ahead += c.descriptors) {
            c.clear();
            int result = gather(c, ahead);
            if (result == Chain.WAIT) {
                miss(c);
            }
            if (result != Chain.FINE) {
                return;
            }
        }
    }

    /** Packets without work go at once into buffers of one descriptor; for all else the chain is gathered first. */
    private int deliver(Mbuf[] packets, int from, int n) {
        int done = putSimple(packets, from, n);
        while (done < n && !exhausted()) {
            Mbuf m = packets[from + done];
            int step = deliverChains(m, Math.max(m.pktLen(), m.dataLen()));
            if (step == STOP) {
                break;
            }
            done += step;
            // it may have taken several buffers, which were those that are known of the packets behind it
            fresh(taken + n - done);
            done += putSimple(packets, from + done, n - done);
        }
        return done;
    }

    private int deliverChains(Mbuf m, int bytes) {
        Chain c = chain(true);
        long word = NetHeader.hasWork(m) ? header.send(m) : 0;
        int need = header.bytes + bytes;
        int ahead = taken;
        int k = 0;
        boolean impossible = word == -1 || bytes > MAX_FRAME;
        c.clear();
        while (!impossible && (k == 0 || header.mergeable && c.bytes < need && k < size)) {
            int before = c.bytes;
            int result = gather(c, ahead);
            guess = c.lastRange;
            if (result == Chain.NONE || result == Chain.WAIT) {
                if (result == Chain.WAIT) {
                    miss(c);
                }
                impossible = result == Chain.NONE && taken == 0 && ahead >= size;
                if (!impossible) {
                    return STOP;
                }
                break;
            }
            ids[k] = c.id;
            counts[k] = c.descriptors;
            sizes[k++] = c.bytes - before;
            ahead += c.descriptors;
            if (result != Chain.FINE) {
                reject(result);
                useAll(k, 0);
                return AGAIN;
            }
        }
        if (impossible || c.bytes < need) {
            undeliverable++;
            undeliverableBytes += bytes;
        } else {
            c.write(space, header, word, k, m, bytes, log);
            useAll(k, need);
        }
        return DONE;
    }

    private void useAll(int chains, int bytes) {
        int left = bytes;
        for (int i = 0; i < chains; i++) {
            int part = Math.min(left, sizes[i]);
            use(ids[i], counts[i], part);
            left -= part;
            if (taken >= most()) {
                publish();
            }
        }
    }

    /** Takes a frame out of a chain of any shape; says how many descriptors that was in {@link Chain#descriptors}. */
    final int takeChain(Mbuf m, MbufPool pool, int port) {
        Chain c = chain(false);
        c.clear();
        int result = gather(c, taken);
        guess = c.lastRange;
        if (result == Chain.FINE) {
            result = c.read(space, header, m, pool, port);
        }
        if (result == Chain.NO_MBUF) {
            noMbuf++;
        } else if (result == Chain.WAIT) {
            miss(c);
        } else if (result != Chain.NONE) {
            use(c.id, c.descriptors, 0);
            if (result != Chain.FINE) {
                reject(result);
            }
        }
        return result;
    }

    private Chain chain(boolean write) {
        if (chain == null) {
            chain = new Chain(size, indirect, write);
            ids = new int[size];
            counts = new int[size];
            sizes = new int[size];
        }
        return chain;
    }

    /**
     * How many of so many heads (split) or descriptors (packed) are there; looks at shared memory only when it must. This
     * and the loops below are methods of their own, so that the JIT sees them apart from the many polls of an idle ring.
     */
    abstract int fresh(int wanted);

    /** Whether nothing is known to be left for the packet in hand. */
    abstract boolean exhausted();

    /**
     * Copies frames into buffers of one descriptor in a range met before, as long as the next are such and are known to be
     * there.
     *
     * @return how many
     */
    abstract int putSimple(Mbuf[] packets, int from, int n);

    /**
     * Copies frames out of buffers of one descriptor in a range met before, as long as the next are such.
     *
     * @param out packets to be filled
     * @param from index of the first
     * @param n how many at most; so many are known to be there
     * @param port what the packets are said to come from
     * @return how many
     */
    abstract int takeSimple(Mbuf[] out, int from, int n, int port);

    /**
     * Reads a word of each of a burst's frames that lies in this range, when they are as long as {@link #LONG_FRAME}. It is used for
     * nothing; who copies reads the ring again, and checks again.
     *
     * @param n how many descriptors or heads are known to be there
     * @return something of what was read
     */
    abstract long touch(int n, MemorySegment memory, long begin);

    /** Takes packets of which so many were allocated and are known to be there. */
    final int takeAll(MbufPool pool, int port, Mbuf[] out, int from, int n) {
        int got = 0;
        if (guess < space.size()) {
            touched = touch(n, space.memory(guess), space.start(guess));
        }
        while (taken < n) {
            got += takeSimple(out, from + got, n - taken, port);
            if (taken >= n) {
                break;
            }
            int result = takeChain(out[from + got], pool, port);
            if (result == Chain.FINE) {
                got++;
            } else if (result < 0) {
                break;
            }
        }
        publish();
        // nor one of what was copied while packets are freed, or on their way to the caller
        Faults.deliver();
        held = got;
        if (got < n) {
            Mbuf.freeBulk(out, from + got, n - got);
        }
        held = 0;
        return got;
    }

    /** Adds the chain so many heads or descriptors ahead to what was gathered, and says its id and length. */
    abstract int gather(Chain c, int ahead);

    /** Returns the next chain to the driver, not yet visibly; an id below 0 stands for a head that made no sense. */
    abstract void use(int id, int descriptors, int bytes);

    /** Makes visible what was used; one release store. */
    abstract void publish();

    /**
     * Writes the header of a packet without work, where it differs: a line that both only read stays in both caches. Where the
     * driver clears num_buffers as it must (section 5.1.6.2.1) all differ, and a look at each would be one wait more for each.
     *
     * @param differs what this said of the packet before, false for a burst's first
     * @return whether it differs, or one before it did
     */
    final boolean putPlainHeader(MemorySegment memory, long at, boolean differs) {
        boolean numbered = header.bytes == 12;
        if (!differs && memory.get(Descriptor.LONG_ANY, at) == 0
                && (numbered ? memory.get(Descriptor.INT_ANY, at + 8) == ONE_BUFFER : memory.get(Descriptor.SHORT_ANY, at + 8) == 0)) {
            return false;
        }
        memory.set(Descriptor.LONG_ANY, at, 0);
        if (numbered) {
            memory.set(Descriptor.INT_ANY, at + 8, ONE_BUFFER);
        } else {
            memory.set(Descriptor.SHORT_ANY, at + 8, (short) 0);
        }
        return true;
    }

    /** Puts a header with work into the packet's flags; counts it when it cannot be true. */
    final boolean receiveHeader(Mbuf m, long word, MemorySegment memory, long at) {
        if (header.receive(m, word, memory.get(Descriptor.SHORT_ANY, at + NetHeader.CSUM_OFFSET) & 0xffff)) {
            return true;
        }
        reject(Rejection.HEADER.ordinal());
        return false;
    }

    /**
     * Whether the driver wants to be told of what was used since the last time this was asked (section 2.7.10 and
     * 2.8.14). Has a full fence; ask once a burst that did something, and only when there is a way to tell.
     *
     * @return true to signal the call eventfd
     */
    public abstract boolean callNeeded();

    /** @return whether buffers were returned, used or refused, since {@link #callNeeded} was asked last */
    public abstract boolean hasReturned();

    /**
     * Asks the driver to kick when it makes buffers available, or not to: a poller does not need it.
     *
     * @param on true to be kicked; look once more before going to sleep
     */
    public abstract void notifications(boolean on);

    /** @return how many heads wait, at least; 0 when none does. Any thread may ask. */
    public abstract int waiting();

    /**
     * Where the queue stands, as vhost-user's GET_VRING_BASE says it: split, the available index; packed, the available
     * position with its wrap counter in bit 15 and, in the upper half, the same of the used position.
     *
     * @return the position
     */
    public abstract int base();

    /** @param space what addresses stand for from now on */
    public void space(AddressSpace space) {
        this.space = space;
        missed = false;
    }

    /** @param log is told of what is written; null for none */
    public void log(WriteLog log) {
        this.log = log;
    }

    /** @param hook is told of each burst; null for none */
    public void hook(CommitHook hook) {
        this.hook = hook;
    }

    /**
     * Who is to know of a ring that makes no sense, beside the counters; a frame or header that makes none is not meant.
     *
     * @param told called with each such {@link Rejection}, by who polls the queue
     */
    public void onBroken(Runnable told) {
        broken = told;
    }

    /**
     * Whether {@link #dequeue} completes checksums that the driver left undone; true at first. When not, such packets
     * have {@link dev.penstock.mbuf.OlFlags#RX_L4_CKSUM_NONE} and an {@link #enqueue} elsewhere passes that on.
     *
     * @param complete true to complete
     */
    public void completeChecksums(boolean complete) {
        header.complete = complete;
    }

    /**
     * Whether the driver takes a packet before it is cut into segments, as {@link dev.penstock.mbuf.OlFlags#TX_TCP_SEG} asks.
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
    public long rejected(Rejection why) {
        return rejections[why.ordinal()];
    }

    /** @return bursts that ended early because the pool was empty; nothing was lost */
    public long noMbuf() {
        return noMbuf;
    }

    /** @return packets lost because the driver's buffers can't hold them, or because it takes no such segmentation */
    public long undeliverable() {
        return undeliverable;
    }

    /** @return their bytes */
    public long undeliverableBytes() {
        return undeliverableBytes;
    }

    /** @return packets that stayed with the caller because an address is not translated yet; given again they count again */
    public long untranslated() {
        return untranslated;
    }

    /** @return whether an address was unknown since the last {@link #space(AddressSpace)}, for an IOTLB */
    public boolean hasMiss() {
        return missed;
    }

    /** @return the last address that was unknown */
    public long missedAddress() {
        return missedAddress;
    }

    /** @return whether it is to be written, and not only read */
    public boolean missedWrite() {
        return missedWrite;
    }

    final void reject(int why) {
        rejections[why]++;
        if (why < Rejection.SHORT.ordinal()) {
            broken.run();
        }
    }

    final void countNoMbuf() {
        noMbuf++;
    }

    private void miss(Chain c) {
        stopped = true;
        missed = true;
        missedAddress = c.missed();
        missedWrite = c.missedWrite();
    }
}
