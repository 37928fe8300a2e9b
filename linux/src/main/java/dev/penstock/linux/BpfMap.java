package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** A map that eBPF programs and this process share; gone when nobody holds it any more. */
public final class BpfMap implements AutoCloseable {
    /** Kind: numbers by index. */
    public static final int BPF_MAP_TYPE_ARRAY = 2;
    /** Kind: XDP sockets by index. */
    public static final int BPF_MAP_TYPE_XSKMAP = 17;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final int NAME_BYTES = 16;

    private final Fd fd;

    /**
     * Makes a map of four-byte keys.
     *
     * @param type a {@code BPF_MAP_TYPE_} number
     * @param valueBytes bytes of a value; 4 for sockets
     * @param entries how many entries it can have
     * @param name for people, as bpftool shows it: up to 15 letters, digits and underscores
     * @throws LinuxException if the kernel refuses
     */
    public BpfMap(int type, int valueBytes, int entries, String name) {
        this(new BpfObject.Map(name, type, Integer.BYTES, valueBytes, entries, 0));
    }

    /**
     * Makes a map that an object describes.
     *
     * @param map kind, sizes and name
     * @throws LinuxException if the kernel refuses
     */
    public BpfMap(BpfObject.Map map) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(72, 8);
            attributes.set(INT, 0, map.type());
            attributes.set(INT, 4, map.keyBytes());
            attributes.set(INT, 8, map.valueBytes());
            attributes.set(INT, 12, map.entries());
            attributes.set(INT, 16, map.flags());
            name(attributes, 28, map.name());
            fd = Bpf.open(Bpf.BPF_MAP_CREATE, attributes, "map " + map.name());
        }
    }

    static void name(MemorySegment attributes, long offset, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(bytes, 0, attributes, ValueLayout.JAVA_BYTE, offset, Math.min(bytes.length, NAME_BYTES - 1));
    }

    /** @return the descriptor, owned by this map */
    public Fd fd() {
        return fd;
    }

    /**
     * Puts a socket or another descriptor into the map.
     *
     * @param key where
     * @param value what
     * @throws LinuxException if the kernel refuses
     */
    public void put(int key, Fd value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(32, 8);
            attributes.set(INT, 0, fd.value());
            attributes.set(LONG, 8, arena.allocateFrom(INT, key).address());
            attributes.set(LONG, 16, arena.allocateFrom(INT, value.value()).address());
            LinuxException.check(Bpf.call(Bpf.BPF_MAP_UPDATE_ELEM, attributes),
                    "bpf(" + fd.name() + "[" + key + "] = " + value.name() + ")");
        }
    }

    /** Lets it go; a second time does nothing. */
    @Override
    public void close() {
        fd.close();
    }
}
