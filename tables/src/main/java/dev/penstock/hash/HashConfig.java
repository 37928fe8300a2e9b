package dev.penstock.hash;

/**
 * How a {@link Hash} is made (DPDK: rte_hash_parameters).
 *
 * @param entries keys it may hold, 8 to 2^26
 * @param keyLength bytes of each key, 1 to 1024
 * @param function hashes the keys
 * @param init the function's initial value
 * @param extendable whether crowded buckets get more room, so that every key finds a place until all entries are used
 * @param freeOnDelete whether a deleted key's position may be used again at once; if not, {@link Hash#free} frees it
 * @param oneWriter whether only one thread at a time adds and deletes, which then takes no lock; readers are free as ever
 */
public record HashConfig(int entries, int keyLength, HashFunction function, int init, boolean extendable,
        boolean freeOnDelete, boolean oneWriter) {
    /** Checks the numbers. */
    public HashConfig {
        if (entries < 8 || entries > 1 << 26) {
            throw new IllegalArgumentException("entries of a hash: " + entries + "; give 8 to " + (1 << 26));
        }
        if (keyLength < 1 || keyLength > 1024) {
            throw new IllegalArgumentException("key length of a hash: " + keyLength + " bytes; give 1 to 1024");
        }
        if (function == null) {
            throw new IllegalArgumentException("a hash without a function; give HashFunction.MULTIPLY, JHASH or CRC32C");
        }
    }

    /**
     * The usual: extendable, positions freed on delete, writers that take turns.
     *
     * @param entries keys it may hold
     * @param keyLength bytes of each key
     * @return the configuration
     */
    public static HashConfig of(int entries, int keyLength) {
        return new HashConfig(entries, keyLength, HashFunction.MULTIPLY, 0, true, true, false);
    }

    /**
     * Changes the function.
     *
     * @param other the function
     * @param initial its initial value
     * @return the changed configuration
     */
    public HashConfig function(HashFunction other, int initial) {
        return new HashConfig(entries, keyLength, other, initial, extendable, freeOnDelete, oneWriter);
    }

    /**
     * Changes whether buckets are extended.
     *
     * @param value whether
     * @return the changed configuration
     */
    public HashConfig extendable(boolean value) {
        return new HashConfig(entries, keyLength, function, init, value, freeOnDelete, oneWriter);
    }

    /**
     * Changes what a delete does.
     *
     * @param value whether it frees the position
     * @return the changed configuration
     */
    public HashConfig freeOnDelete(boolean value) {
        return new HashConfig(entries, keyLength, function, init, extendable, value, oneWriter);
    }

    /**
     * Changes how writers are kept apart (DPDK: without RTE_HASH_EXTRA_FLAGS_MULTI_WRITER_ADD).
     *
     * @param value true when the user sees to it that one thread at a time changes the table
     * @return the changed configuration
     */
    public HashConfig oneWriter(boolean value) {
        return new HashConfig(entries, keyLength, function, init, extendable, freeOnDelete, value);
    }
}
