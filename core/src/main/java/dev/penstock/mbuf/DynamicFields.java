package dev.penstock.mbuf;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Room in every packet that is given out by name (DPDK: rte_mbuf_dyn): {@value #BYTES} bytes for fields,
 * and the free bits of the offload flags.
 *
 * <p>Pools that share a set share its places; each pool has a set of its own unless one is given to it.
 * Registering is for start-up and takes a lock; a registered {@link Field} is used without one.
 */
public final class DynamicFields {
    /** Bytes for fields in each packet. */
    public static final int BYTES = 36;

    /**
     * A place in every packet.
     *
     * @param name unique in its set
     * @param size bytes
     * @param align a power of two that divides the offset
     * @param offset where in the room it starts
     */
    public record Field(String name, int size, int align, int offset) {}

    private final Map<String, Field> fields = new LinkedHashMap<>();
    private final Map<String, Integer> flags = new LinkedHashMap<>();
    private final BitSet usedBytes = new BitSet(BYTES);
    private volatile boolean used;

    /** An empty set. */
    public DynamicFields() {}

    /**
     * Gives out a place, or the one that was given for the same name, size and alignment.
     *
     * @param name 1 to 63 characters
     * @param size bytes, 1 to {@value #BYTES}
     * @param align a power of two
     * @return the place
     * @throws IllegalArgumentException when the parameters are wrong or differ from an earlier registration
     * @throws IllegalStateException when there is no room
     */
    public synchronized Field register(String name, int size, int align) {
        return register(name, size, align, -1);
    }

    /**
     * As {@link #register(String, int, int)}, at a place that the caller knows.
     *
     * @param name 1 to 63 characters
     * @param size bytes, 1 to {@value #BYTES}
     * @param align a power of two
     * @param offset where in the room, or -1 for anywhere
     * @return the place
     */
    public synchronized Field register(String name, int size, int align, int offset) {
        checkName(name);
        if (size < 1 || size > BYTES || Integer.bitCount(align) != 1 || align > 8) {
            throw new IllegalArgumentException("dynamic field " + name + ": size " + size + ", alignment " + align
                    + "; the size is 1 to " + BYTES + " and the alignment 1, 2, 4 or 8");
        }
        Field known = fields.get(name);
        if (known != null) {
            if (known.size != size || known.align != align || offset >= 0 && known.offset != offset) {
                throw new IllegalArgumentException("dynamic field " + name + " is registered already, as " + known);
            }
            return known;
        }
        int at = offset < 0 ? find(size, align) : offset;
        if (at < 0 || at + size > BYTES || at % align != 0 || !isFree(at, size)) {
            throw new IllegalStateException("dynamic field " + name + " of " + size + " bytes: no room"
                    + (offset < 0 ? "" : " at " + offset) + " beside " + fields.values());
        }
        Field field = new Field(name, size, align, at);
        usedBytes.set(at, at + size);
        fields.put(name, field);
        used = true;
        return field;
    }

    /**
     * Finds a field.
     *
     * @param name its name
     * @return the place, or null
     */
    public synchronized Field lookup(String name) {
        return fields.get(name);
    }

    /**
     * Gives out a free bit of the offload flags, or the one that was given for the same name.
     *
     * @param name 1 to 63 characters
     * @return the flag, one bit
     * @throws IllegalStateException when none is left
     */
    public synchronized long registerFlag(String name) {
        return registerFlag(name, -1);
    }

    /**
     * As {@link #registerFlag(String)}, a bit that the caller knows.
     *
     * @param name 1 to 63 characters
     * @param bit its number, 23 to 40, or -1 for any
     * @return the flag, one bit
     */
    public synchronized long registerFlag(String name, int bit) {
        checkName(name);
        int first = Long.numberOfTrailingZeros(OlFlags.FIRST_FREE);
        int last = Long.numberOfTrailingZeros(OlFlags.LAST_FREE);
        Integer known = flags.get(name);
        if (known != null) {
            if (bit >= 0 && bit != known) {
                throw new IllegalArgumentException("dynamic flag " + name + " is registered already, as bit " + known);
            }
            return 1L << known;
        }
        if (bit != -1 && (bit < first || bit > last)) {
            throw new IllegalArgumentException("dynamic flag " + name + ": bit " + bit + " is not from " + first + " to " + last);
        }
        int at = bit < 0 ? first : bit;
        while (bit < 0 && at <= last && flags.containsValue(at)) {
            at++;
        }
        if (at > last || flags.containsValue(at)) {
            throw new IllegalStateException("dynamic flag " + name + ": no free bit" + (bit < 0 ? "" : " " + bit));
        }
        flags.put(name, at);
        return 1L << at;
    }

    /**
     * Finds a flag.
     *
     * @param name its name
     * @return the flag, or 0
     */
    public synchronized long lookupFlag(String name) {
        Integer bit = flags.get(name);
        return bit == null ? 0 : 1L << bit;
    }

    /** Whether packets must carry the room along when they are copied. */
    boolean used() {
        return used;
    }

    private static void checkName(String name) {
        if (name.isEmpty() || name.length() > 63) {
            throw new IllegalArgumentException("dynamic name '" + name + "' has not 1 to 63 characters");
        }
    }

    /** The smallest free gap that fits, so that wide fields find room later. */
    private int find(int size, int align) {
        int best = -1;
        int bestGap = Integer.MAX_VALUE;
        for (int at = 0; at + size <= BYTES; at += align) {
            if (isFree(at, size)) {
                int end = usedBytes.nextSetBit(at);
                int gap = (end < 0 ? BYTES : end) - (usedBytes.previousSetBit(at) + 1);
                if (gap < bestGap) {
                    bestGap = gap;
                    best = at;
                }
            }
        }
        return best;
    }

    private boolean isFree(int at, int size) {
        int next = usedBytes.nextSetBit(at);
        return next < 0 || next >= at + size;
    }

    @Override
    public synchronized String toString() {
        return "fields " + fields.values() + ", flags " + flags;
    }
}
