package dev.penstock.mbuf;

import dev.penstock.eal.Eal;
import dev.penstock.eal.Memzone;
import dev.penstock.mempool.Mempool;
import dev.penstock.mempool.PoolOps;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A pool of packets with their data rooms (DPDK: rte_pktmbuf_pool).
 *
 * <p>Any thread may allocate and free. The memory is the environment's; it is given back when that is
 * closed, and every packet that is still held has length 0 from then on.
 */
public final class MbufPool extends Mempool<Mbuf> implements AutoCloseable {
    /** Data room that holds a 1518-byte frame with room to spare, headroom included. */
    public static final int DEFAULT_DATA_ROOM = 2048 + Mbuf.HEADROOM;
    /** Largest data room. */
    public static final int MAX_DATA_ROOM = 65535;

    private static final int LINE = 64;
    static final int DYNAMIC_BYTES = (DynamicFields.BYTES + 7) & ~7;

    private final Eal eal;
    private final int dataRoom;
    private final int privSize;
    private final int socket;
    private final PoolLayout layout;
    private final Memzone zone;
    private final Supplier<Object> description;
    private final MemorySegment memory;
    private final MemorySegment pinned;
    private final DynamicFields dynamicFields;
    private int bufLen;
    private int dynamicLen = DynamicFields.BYTES;
    private volatile boolean closed;

    private MbufPool(Settings s) {
        super(s.name, Mbuf.class, s.size, s.cacheSize, PoolOps.named(s.ops, s.name, Mbuf.class, s.size));
        eal = s.eal;
        dataRoom = s.dataRoom;
        bufLen = dataRoom;
        privSize = s.privSize;
        socket = s.socket;
        dynamicFields = s.dynamicFields;
        pinned = s.pinned;
        int front = DYNAMIC_BYTES + ((privSize + 7) & ~7);
        int channels = s.channels != 0 ? s.channels : eal.options().channels();
        int ranks = s.ranks != 0 ? s.ranks : eal.options().ranks();
        layout = PoolLayout.of(front, pinned == null ? dataRoom : 0, channels, ranks);
        zone = eal.reserve("mp_" + s.name, layout.stride() * s.size, LINE, socket);
        memory = zone.segment();
        long base = memory.address();
        long buffers = pinned == null ? base + layout.front() : pinned.address();
        long stride = pinned == null ? layout.stride() : dataRoom;
        populate(i -> new Mbuf(this, buffers + i * stride, base + i * layout.stride() + layout.front(), dataRoom));
        WeakReference<MbufPool> self = new WeakReference<>(this);
        eal.onClose(makesVoid(self));
        description = describes(self);
        eal.telemetry().add("mempool", s.name, description);
    }

    /** Does not keep alive a pool that nobody knows any more. */
    private static Runnable makesVoid(WeakReference<MbufPool> pool) {
        return () -> {
            MbufPool alive = pool.get();
            if (alive != null) {
                alive.makeVoid();
            }
        };
    }

    /** For telemetry, with DPDK's names. Does not keep the pool alive either. */
    private static Supplier<Object> describes(WeakReference<MbufPool> pool) {
        return () -> {
            MbufPool alive = pool.get();
            return alive == null ? Map.of() : alive.describe();
        };
    }

    private Map<String, Object> describe() {
        int cached = cachedCount();
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("name", name());
        info.put("pool_id", memory.address());
        info.put("flags", 0);
        info.put("socket_id", zone.socket());
        info.put("size", size());
        info.put("cache_size", cacheSize());
        info.put("elt_size", layout.stride());
        info.put("header_size", layout.front());
        info.put("trailer_size", 0);
        info.put("private_data_size", privSize);
        info.put("ops_name", opsName());
        info.put("populated_size", size());
        info.put("total_cache_count", cached);
        info.put("common_pool_count", Math.max(0, availCount() - cached));
        info.put("mz_name", zone.name());
        info.put("mz_len", zone.segment().byteSize());
        info.put("mz_hugepage_sz", zone.pageBytes());
        info.put("mz_socket_id", zone.socket());
        info.put("mz_flags", 0);
        return info;
    }

    /**
     * What a pool is made of. Only name and size have no default.
     *
     * <p>{@code MbufPool.with(eal, "rx", 8191).cacheSize(250).privSize(64).create()}
     */
    public static final class Settings {
        private final Eal eal;
        private final String name;
        private final int size;
        private int cacheSize;
        private int privSize;
        private int dataRoom = DEFAULT_DATA_ROOM;
        private int socket = -1;
        private int channels;
        private int ranks;
        private String ops;
        private MemorySegment pinned;
        private DynamicFields dynamicFields = new DynamicFields();

        private Settings(Eal eal, String name, int size) {
            this.eal = Objects.requireNonNull(eal);
            this.name = Objects.requireNonNull(name);
            this.size = size;
            String wanted = eal.options().mbufPoolOps();
            ops = wanted.isEmpty() ? "ring_mp_mc" : wanted;
        }

        /**
         * How many packets each worker keeps aside; 0 if not said.
         *
         * @param packets at most 512 and size / 1.5
         * @return this
         */
        public Settings cacheSize(int packets) {
            cacheSize = packets;
            return this;
        }

        /**
         * How many bytes of private data go with each packet; 0 if not said.
         *
         * @param bytes 0 to 65535
         * @return this
         */
        public Settings privSize(int bytes) {
            privSize = bytes;
            return this;
        }

        /**
         * How many bytes a packet has, headroom included; {@link #DEFAULT_DATA_ROOM} if not said.
         *
         * @param bytes 1 to 65535
         * @return this
         */
        public Settings dataRoom(int bytes) {
            dataRoom = bytes;
            return this;
        }

        /**
         * Where the memory shall be.
         *
         * @param node NUMA node, or -1 for any, which it is if not said
         * @return this
         */
        public Settings socket(int node) {
            socket = node;
            return this;
        }

        /**
         * What keeps the packets that are in no cache; what the EAL argument --mbuf-pool-ops-name says if not said, ring_mp_mc
         * without it.
         *
         * @param name DPDK's name, see {@link PoolOps#named}
         * @return this
         */
        public Settings ops(String name) {
            ops = name;
            return this;
        }

        /**
         * How the machine's memory is built, so that consecutive packets start on different parts of it;
         * what the environment knows if not said.
         *
         * @param channels memory channels (EAL argument -n), 0 for unknown
         * @param ranks memory ranks (EAL argument -r), 0 for unknown
         * @return this
         */
        public Settings memory(int channels, int ranks) {
            this.channels = channels;
            this.ranks = ranks;
            return this;
        }

        /**
         * Lets the packets' data lie in memory of the caller's, for good (DPDK: pinned external buffers,
         * rte_pktmbuf_pool_create_extbuf).
         *
         * @param buffers off-heap, at least size times dataRoom bytes; lives as long as the environment
         * @return this
         */
        public Settings pinned(MemorySegment buffers) {
            pinned = buffers;
            return this;
        }

        /**
         * The set of dynamic fields and flags; one of its own if not said.
         *
         * @param set shared by all pools between which packets travel
         * @return this
         */
        public Settings dynamicFields(DynamicFields set) {
            dynamicFields = set;
            return this;
        }

        /**
         * Creates the pool and all its packets.
         *
         * @return the pool
         * @throws IllegalArgumentException when a number is out of range
         */
        public MbufPool create() {
            checkSizes(name, size, cacheSize);
            if (dataRoom < 1 || dataRoom > MAX_DATA_ROOM) {
                throw new IllegalArgumentException("pool " + name + ": data room of " + dataRoom + " bytes is not from 1 to "
                        + MAX_DATA_ROOM);
            }
            if (privSize < 0 || privSize > 65535) {
                throw new IllegalArgumentException("pool " + name + ": private size of " + privSize
                        + " bytes is not from 0 to 65535");
            }
            if (pinned != null && (!pinned.isNative() || pinned.isReadOnly() || pinned.byteSize() < (long) size * dataRoom)) {
                throw new IllegalArgumentException("pool " + name + ": pinned buffers must be writable off-heap memory of at "
                        + "least " + (long) size * dataRoom + " bytes, not " + pinned);
            }
            return new MbufPool(this);
        }
    }

    /**
     * Starts to describe a pool.
     *
     * @param eal whose memory it takes
     * @param name for people, unique in its environment
     * @param size how many packets; a power of two less one wastes no memory
     * @return the description, to be completed
     */
    public static Settings with(Eal eal, String name, int size) {
        return new Settings(eal, name, size);
    }

    /**
     * Creates a pool.
     *
     * @param eal whose memory it takes
     * @param name for people, unique in its environment
     * @param size how many packets
     * @param cacheSize how many each worker keeps aside, at most 512 and size / 1.5
     * @param dataRoom bytes for a packet, headroom included, at most 65535
     * @param socket NUMA node, or -1 for any
     * @return the pool
     */
    public static MbufPool create(Eal eal, String name, int size, int cacheSize, int dataRoom, int socket) {
        return with(eal, name, size).cacheSize(cacheSize).dataRoom(dataRoom).socket(socket).create();
    }

    /** @return bytes for a packet, headroom included */
    public int dataRoom() {
        return dataRoom;
    }

    /** @return bytes of private data of each packet */
    public int privSize() {
        return privSize;
    }

    /** @return true when the data lies in memory that the creator gave */
    public boolean isPinned() {
        return pinned != null;
    }

    /** @return the dynamic fields and flags of its packets */
    public DynamicFields dynamicFields() {
        return dynamicFields;
    }

    /** @return the environment that it lives in */
    public Eal eal() {
        return eal;
    }

    /** @return true when its packets are void */
    public boolean isClosed() {
        return closed;
    }

    /**
     * Allocates one empty packet.
     *
     * @return the packet, or null when the pool has none
     */
    public Mbuf alloc() {
        Mbuf m = get();
        if (m != null) {
            m.reset();
        }
        return m;
    }

    /**
     * Allocates n empty packets, or none.
     *
     * @param to where they go
     * @param offset index of the first
     * @param n how many
     * @return false when the pool has fewer
     */
    public boolean allocBulk(Mbuf[] to, int offset, int n) {
        if (!getBulk(to, offset, n)) {
            return false;
        }
        for (int i = offset; i < offset + n; i++) {
            to[i].reset();
        }
        return true;
    }

    /**
     * Allocates n packets, or none, for a driver that calls {@link Mbuf#received} on each before anything
     * else: their metadata is left from their last use (DPDK: rte_mbuf_raw_alloc_bulk).
     *
     * @param to where they go
     * @param offset index of the first
     * @param n how many
     * @return false when the pool has fewer
     */
    public boolean allocRawBulk(Mbuf[] to, int offset, int n) {
        return getBulk(to, offset, n);
    }

    /**
     * Chains packets of this pool behind one of one segment, for a driver that fills them then: each begins at its buffer's start.
     *
     * @param first the packet, whose lengths are set
     * @param bytes that the packet is to be longer, more than 0
     * @return false when the pool has too few; the packet is as it was then
     */
    public boolean extend(Mbuf first, int bytes) {
        return Segments.extend(first, bytes, this);
    }

    /**
     * The packets that are out of the pool and where each was allocated; known in checked mode only, while
     * {@link #inUseCount()} counts them always.
     *
     * @return one for each packet, empty when checked mode is off
     */
    public List<Leak> leaks() {
        List<Leak> leaks = new ArrayList<>();
        if (Checked.ON) {
            forEach(m -> {
                if (m.trail.out) {
                    leaks.add(new Leak(m, m.trail.allocated));
                }
            });
        }
        return leaks;
    }

    /**
     * Ends the use of the pool and gives its memory back: its packets are void, each access to their data
     * raises an exception.
     *
     * @throws IllegalStateException when packets are out of the pool; it stays open then
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        int out = inUseCount();
        if (out > 0) {
            StringBuilder text = new StringBuilder("pool " + name() + " cannot be closed: " + out
                    + " of its packets are in use; free them first");
            if (!Checked.ON) {
                text.append(", or run with -Dpenstock.checked=true to see where they were allocated");
            }
            for (Leak leak : leaks()) {
                text.append(System.lineSeparator()).append(leak);
            }
            throw new IllegalStateException(text.toString());
        }
        eal.telemetry().remove("mempool", name(), description);
        makeVoid();
        eal.free(zone);
    }

    /** For the end of the environment, whose memory goes away: no packet shows it any more. */
    void makeVoid() {
        closed = true;
        bufLen = 0;
        dynamicLen = 0;
        forEach(m -> {
            m.dataLen = 0;
            m.pktLen = 0;
            m.bufLen = 0;
            m.dataOff = 0;
        });
    }

    /** Size of the pages behind its memory. */
    long pageBytes() {
        return zone.pageBytes();
    }

    /** Bytes from one packet's beginning to its buffer. */
    int frontBytes() {
        return layout.front();
    }

    /** Room that a packet has in its own buffer; 0 when the pool is closed. */
    int bufLen() {
        return bufLen;
    }

    /** Bytes of a packet's dynamic room; 0 when the pool is closed. */
    int dynamicLen() {
        return dynamicLen;
    }

    MemorySegment privateArea(Mbuf m) {
        if (closed) {
            throw new IllegalStateException("pool " + name() + " is closed");
        }
        long end = m.frontEnd - memory.address() - DYNAMIC_BYTES;
        return memory.asSlice(end - ((privSize + 7) & ~7), privSize);
    }

    void copyDynamicFields(Mbuf from, Mbuf to) {
        if (dynamicFields.used() && from.pool.dynamicFields == dynamicFields) {
            for (int i = 0; i < DynamicFields.BYTES; i += 4) {
                to.dynamicInt(i, from.dynamicInt(i));
            }
        }
    }

    @Override
    protected void taken(Mbuf m) {
        Checked.allocated(m);
    }

    @Override
    protected void returned(Mbuf m) {
        Checked.freed(m, this);
    }

    @Override
    protected int socket() {
        return socket;
    }

    @Override
    protected long address() {
        return memory.address();
    }

    @Override
    protected long memoryBytes() {
        return memory.byteSize();
    }

    @Override
    protected int headerBytes() {
        return layout.front() - ((privSize + 7) & ~7);
    }

    @Override
    protected int elementBytes() {
        return ((privSize + 7) & ~7) + (isPinned() ? 0 : dataRoom);
    }

    @Override
    protected int totalBytes() {
        return (int) layout.stride();
    }
}
