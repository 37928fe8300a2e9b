package dev.penstock.acl;

import java.util.Arrays;

/** A checked rule as numbers. Equal when priority and everything that is matched are equal. */
final class RuleMatch {
    final AclRule rule;
    /** By field, the least and greatest value it can match; for odd bit masks more than it matches. Unsigned. */
    final long[] lo;
    final long[] hi;
    /** By field, a bit mask's value and mask, else {@link #lo} and how much {@link #hi} is above it. */
    final long[] first;
    final long[] second;
    /** Whether {@link #lo} to {@link #hi} is just what the rule matches. */
    private boolean exact = true;

    RuleMatch(AclField[] fields, AclRule rule) {
        this.rule = rule;
        lo = new long[fields.length];
        hi = new long[fields.length];
        first = new long[fields.length];
        second = new long[fields.length];
        for (int f = 0; f < fields.length; f++) {
            if (rule.says(f)) {
                check(fields[f], rule.value(f), rule.mask(f));
                put(f, fields[f], rule.value(f), rule.mask(f));
            } else {
                hi[f] = fields[f].max();
                second[f] = fields[f].type() == AclFieldType.BITMASK ? 0 : hi[f];
            }
        }
    }

    private void check(AclField field, long value, long mask) {
        if (Long.compareUnsigned(value, field.max()) > 0) {
            throw malformed(field, "value 0x" + Long.toHexString(value), most(field));
        }
        if (field.type() == AclFieldType.MASK && (mask < 0 || mask > field.bits())) {
            throw malformed(field, "prefix length " + mask, "0 to " + field.bits());
        }
        if (field.type() != AclFieldType.MASK && Long.compareUnsigned(mask, field.max()) > 0) {
            throw malformed(field, (field.type() == AclFieldType.RANGE ? "greatest value 0x" : "mask 0x")
                    + Long.toHexString(mask), most(field));
        }
        if (field.type() == AclFieldType.RANGE && Long.compareUnsigned(value, mask) > 0) {
            throw new AclRuleException(AclRuleException.Reason.MALFORMED, rule, field.name(), "range from "
                    + Long.toUnsignedString(value) + " to " + Long.toUnsignedString(mask) + "; give the lesser one first");
        }
    }

    private static String most(AclField field) {
        return "at most 0x" + Long.toHexString(field.max());
    }

    private AclRuleException malformed(AclField field, String what, String instead) {
        return new AclRuleException(AclRuleException.Reason.MALFORMED, rule, field.name(), what + " does not fit in "
                + field.bits() + " bits; give " + instead);
    }

    private void put(int f, AclField field, long value, long mask) {
        if (field.type() == AclFieldType.RANGE) {
            lo[f] = value;
            hi[f] = mask;
        } else {
            long bits = field.type() == AclFieldType.BITMASK ? mask
                    : mask == 0 ? 0 : field.max() & -1L << field.bits() - mask;
            long open = ~bits & field.max();
            lo[f] = value & bits;
            hi[f] = lo[f] | open;
            exact &= (open & open + 1) == 0;
            second[f] = bits;
        }
        first[f] = lo[f];
        if (field.type() != AclFieldType.BITMASK) {
            second[f] = hi[f] - lo[f];
        }
    }

    boolean exact() {
        return exact;
    }

    /** Tells whether some packet matches both. */
    boolean overlaps(AclField[] fields, RuleMatch other) {
        for (int f = 0; f < fields.length; f++) {
            boolean apart = fields[f].type() == AclFieldType.BITMASK
                    ? ((first[f] ^ other.first[f]) & second[f] & other.second[f]) != 0
                    : Long.compareUnsigned(lo[f], other.hi[f]) > 0 || Long.compareUnsigned(other.lo[f], hi[f]) > 0;
            if (apart) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RuleMatch that && rule.priority() == that.rule.priority()
                && Arrays.equals(first, that.first) && Arrays.equals(second, that.second);
    }

    @Override
    public int hashCode() {
        return (Arrays.hashCode(first) * 31 + Arrays.hashCode(second)) * 31 + rule.priority();
    }
}
