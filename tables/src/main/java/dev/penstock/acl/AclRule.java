package dev.penstock.acl;

import java.util.Arrays;

/**
 * A rule of an ACL (DPDK: rte_acl_rule). Immutable; {@link #field} gives a rule with one more field said. A field of
 * which nothing is said matches everything.
 */
public final class AclRule {
    /** The greatest priority. */
    public static final int MAX_PRIORITY = (1 << 29) - 1;
    /** The mask of all 16 categories. */
    public static final int ALL_CATEGORIES = 0xffff;

    private final int line;
    private final int priority;
    private final int categories;
    private final int userdata;
    private final long[] values;
    private final long[] masks;
    /** Bits of the fields of which something is said. */
    private final long said;

    /**
     * Makes a rule that matches everything, in every category.
     *
     * @param line where it was written, for errors; 0 when nowhere
     * @param priority 0 to {@link #MAX_PRIORITY}; of the rules that match, the greatest is the answer, and among
     *     equals the one that was added first
     * @param userdata the answer for what it matches, not 0
     */
    public AclRule(int line, int priority, int userdata) {
        this(line, priority, ALL_CATEGORIES, userdata, new long[0], new long[0], 0);
    }

    private AclRule(int line, int priority, int categories, int userdata, long[] values, long[] masks, long said) {
        this.line = line;
        this.priority = priority;
        this.categories = categories;
        this.userdata = userdata;
        this.values = values;
        this.masks = masks;
        this.said = said;
    }

    /**
     * Says something about a field; checked when the rule is added.
     *
     * @param index the field's place in the ACL's list, 0 to 63
     * @param value the value, or the least one of a RANGE; bits that do not count are ignored
     * @param mask prefix length of a MASK, greatest value of a RANGE, bits that count of a BITMASK
     * @return the rule with it
     * @throws IllegalArgumentException when there cannot be such a field
     */
    public AclRule field(int index, long value, long mask) {
        if (index < 0 || index >= Acl.MAX_FIELDS) {
            throw new IllegalArgumentException("field " + index + " of an ACL rule; give 0 to " + (Acl.MAX_FIELDS - 1));
        }
        int length = Math.max(values.length, index + 1);
        long[] newValues = Arrays.copyOf(values, length);
        long[] newMasks = Arrays.copyOf(masks, length);
        newValues[index] = value;
        newMasks[index] = mask;
        return new AclRule(line, priority, categories, userdata, newValues, newMasks, said | 1L << index);
    }

    /**
     * Says in which categories it counts.
     *
     * @param mask bits 0 to 15
     * @return the rule in those
     */
    public AclRule categories(int mask) {
        return new AclRule(line, priority, mask, userdata, values, masks, said);
    }

    /** @return where it was written, 0 when nowhere */
    public int line() {
        return line;
    }

    /** @return its priority */
    public int priority() {
        return priority;
    }

    /** @return bits of the categories it counts in */
    public int categories() {
        return categories;
    }

    /** @return the answer for what it matches */
    public int userdata() {
        return userdata;
    }

    /** @return one more than the last field of which something is said */
    int fields() {
        return values.length;
    }

    boolean says(int field) {
        return (said >>> field & 1) != 0;
    }

    long value(int field) {
        return values[field];
    }

    long mask(int field) {
        return masks[field];
    }
}
