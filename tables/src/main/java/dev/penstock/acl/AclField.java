package dev.penstock.acl;

/**
 * One field of an ACL's rules (DPDK: rte_acl_field_def). Data is in network byte order, rules hold numbers.
 *
 * @param name what errors call it, such as {@code "source port"}
 * @param type what rules say about it
 * @param size its bytes in the data: 1, 2, 4 or 8
 * @param offset where it begins in the data, in bytes, 0 to 4095
 */
public record AclField(String name, AclFieldType type, int size, int offset) {
    private static final int MAX_OFFSET = 4095;

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException when a number is out of range
     */
    public AclField {
        if (size != 1 && size != 2 && size != 4 && size != 8) {
            throw new IllegalArgumentException("ACL field " + name + " of " + size + " bytes; give 1, 2, 4 or 8");
        }
        if (offset < 0 || offset > MAX_OFFSET) {
            throw new IllegalArgumentException("ACL field " + name + " at " + offset + "; give 0 to " + MAX_OFFSET);
        }
    }

    /** @return its bits */
    int bits() {
        return size * 8;
    }

    /** @return its greatest value, to be read as an unsigned number */
    long max() {
        return -1L >>> 64 - bits();
    }
}
