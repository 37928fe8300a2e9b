package dev.penstock.eal;

import java.util.BitSet;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads the ways in which DPDK's EAL arguments name cores: {@code -l 0-2,4}, {@code -c 0x17} and
 * {@code --lcores 0,(1-3)@(4,6)}. What is read is not compared with the machine here.
 */
final class CoreList {
    /** Highest CPU number + 1 that an affinity mask holds (CPU_SETSIZE). */
    static final int MAX_CPUS = 1024;

    private final String option;
    private final String text;
    private final int limit;
    private int at;

    private CoreList(String option, String text, int limit) {
        this.option = option;
        this.text = text;
        this.limit = limit;
    }

    /** Numbers and rising ranges, divided by commas: the value of -l and -S. */
    static BitSet list(String option, String text) {
        return list(option, text, Lcore.MAX);
    }

    static BitSet list(String option, String text, int limit) {
        CoreList in = new CoreList(option, text, limit);
        BitSet cores = new BitSet();
        do {
            int first = in.number();
            int last = first;
            if (in.take('-')) {
                last = in.number();
                if (last < first) {
                    throw in.bad("range " + first + "-" + last + " falls", "write " + last + "-" + first);
                }
            }
            cores.set(first, last + 1);
        } while (in.take(','));
        in.end("',' or '-'");
        return cores;
    }

    /** Hexadecimal digits, 0x before them or not: the value of -c and -s. */
    static BitSet mask(String option, String text) {
        CoreList in = new CoreList(option, text, Lcore.MAX);
        String digits = text.strip();
        if (digits.startsWith("0x") || digits.startsWith("0X")) {
            digits = digits.substring(2);
        }
        BitSet cores = new BitSet();
        for (int i = 0; i < digits.length(); i++) {
            int value = Character.digit(digits.charAt(i), 16);
            if (value < 0 || digits.charAt(i) > 'f') {
                in.at = text.indexOf(digits) + i;
                throw in.bad("'" + digits.charAt(i) + "' is not a hexadecimal digit", "write a mask such as 0x3");
            }
            for (int bit = 0; bit < 4; bit++) {
                if ((value & 1 << bit) != 0) {
                    cores.set((digits.length() - 1 - i) * 4 + bit);
                }
            }
        }
        if (cores.isEmpty()) {
            throw in.bad("no core is in the mask", "write a mask such as 0x3 for cores 0 and 1");
        }
        if (cores.length() > Lcore.MAX) {
            throw in.bad("core " + (cores.length() - 1) + " is above " + (Lcore.MAX - 1),
                    "map high CPUs to low lcores with --lcores, such as 0@" + (cores.length() - 1));
        }
        return cores;
    }

    /**
     * Lcores, each with the CPUs it may run on: the value of --lcores.
     *
     * <p>{@code item[,item...]} with {@code item = set[@set]} and {@code set = N | N-M | (N[-M][,...])}.
     * Without {@code @}, an lcore of a plain number or range runs on the CPU of its own number, and each
     * lcore of a group runs on all CPUs of that group. A later item replaces an earlier one.
     */
    static SortedMap<Integer, BitSet> map(String option, String text) {
        CoreList in = new CoreList(option, text, MAX_CPUS);
        SortedMap<Integer, BitSet> lcores = new TreeMap<>();
        do {
            in.blanks();
            int start = in.at;
            boolean group = in.peek() == '(';
            BitSet ids = in.set();
            String written = text.substring(start, in.at).strip();
            BitSet cpus = null;
            if (in.take('@')) {
                if (!group && ids.cardinality() > 1) {
                    throw in.bad("a range before '@' stands in brackets", "write (" + written + ")@...");
                }
                cpus = in.set();
            }
            if (ids.length() > Lcore.MAX) {
                in.at = start;
                throw in.bad("lcore " + (ids.length() - 1) + " is above " + (Lcore.MAX - 1),
                        "give it a lower number, such as 0@" + (ids.length() - 1));
            }
            for (int id = ids.nextSetBit(0); id >= 0; id = ids.nextSetBit(id + 1)) {
                lcores.put(id, cpus != null ? cpus : group ? ids : only(id));
            }
        } while (in.take(','));
        in.end("',' or '@'");
        return lcores;
    }

    static BitSet only(int cpu) {
        BitSet set = new BitSet();
        set.set(cpu);
        return set;
    }

    private BitSet set() {
        BitSet set = new BitSet();
        if (!take('(')) {
            range(set);
            return set;
        }
        do {
            range(set);
        } while (take(','));
        if (!take(')')) {
            throw bad(peek() == 0 ? "the bracket is not closed" : "'" + peek() + "' is unexpected", "write such as (0,2-4)");
        }
        return set;
    }

    private void range(BitSet set) {
        int a = number();
        int b = take('-') ? number() : a;
        set.set(Math.min(a, b), Math.max(a, b) + 1);
    }

    private int number() {
        blanks();
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        String digits = text.substring(start, at);
        if (digits.isEmpty()) {
            throw bad(peek() == 0 ? "a core number is missing" : "'" + peek() + "' is not a core number",
                    "write such as 0-3,5");
        }
        if (digits.length() > 9 || Integer.parseInt(digits) >= limit) {
            at = start;
            throw bad("core " + digits + " is above " + (limit - 1),
                    limit == Lcore.MAX ? "map high CPUs to low lcores with --lcores, such as 0@" + digits
                            : "no Linux has so many CPUs");
        }
        return Integer.parseInt(digits);
    }

    private boolean take(char c) {
        blanks();
        if (peek() != c) {
            return false;
        }
        at++;
        return true;
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void blanks() {
        while (peek() == ' ' || peek() == '\t') {
            at++;
        }
    }

    private void end(String expected) {
        blanks();
        if (at < text.length()) {
            throw bad("'" + peek() + "' is unexpected", "after a core comes " + expected);
        }
    }

    private IllegalArgumentException bad(String what, String remedy) {
        return new IllegalArgumentException(
                option + " " + text + ": " + what + ", at character " + (at + 1) + "; " + remedy);
    }
}
