package dev.penstock.acl;

import java.util.List;

/**
 * Rules in the order they win: what a packet's answer depends on is the least rank of the rules it matches. What is
 * said of field f by rule r lies at {@code r * fields.length + f}; see {@link RuleMatch} for the words.
 */
final class RuleSet {
    final AclField[] fields;
    final int size;
    final long[] lo;
    final long[] hi;
    final long[] first;
    final long[] second;
    final int[] userdata;
    final int[] categories;
    final boolean[] exact;

    RuleSet(AclField[] fields, List<RuleMatch> ranked) {
        this.fields = fields;
        size = ranked.size();
        int words = Math.multiplyExact(size, fields.length);
        lo = new long[words];
        hi = new long[words];
        first = new long[words];
        second = new long[words];
        userdata = new int[size];
        categories = new int[size];
        exact = new boolean[size];
        for (int rank = 0; rank < size; rank++) {
            RuleMatch match = ranked.get(rank);
            int at = rank * fields.length;
            System.arraycopy(match.lo, 0, lo, at, fields.length);
            System.arraycopy(match.hi, 0, hi, at, fields.length);
            System.arraycopy(match.first, 0, first, at, fields.length);
            System.arraycopy(match.second, 0, second, at, fields.length);
            userdata[rank] = match.rule.userdata();
            categories[rank] = match.rule.categories();
            exact[rank] = match.exact();
        }
    }

    /** Tells whether a rule matches every value of a field from {@code from} to {@code to}. */
    boolean covers(int rank, int field, long from, long to) {
        int at = rank * fields.length + field;
        return Long.compareUnsigned(lo[at], from) <= 0 && Long.compareUnsigned(hi[at], to) >= 0;
    }

    /** Tells how a rule's range of a field compares with half of all values: true when it is narrower than their square root. */
    boolean narrow(int rank, int field) {
        int at = rank * fields.length + field;
        return hi[at] - lo[at] >>> fields[field].bits() / 2 == 0;
    }
}
