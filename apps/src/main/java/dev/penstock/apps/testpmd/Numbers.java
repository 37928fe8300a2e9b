package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.ExitException;
import java.util.ArrayList;
import java.util.List;

/** Numbers and lists of numbers in options and commands. */
final class Numbers {
    /** What {@link #decimal} says of what is no number: less than any. */
    static final long NONE = Long.MIN_VALUE;

    private Numbers() {}

    /** A whole number in decimal digits, cut to 64 bits; {@link #NONE} when it is none. DPDK takes "x" for 0 and "32x" for 32. */
    static long decimal(String text) {
        if (!text.matches("[+-]?[0-9]+")) {
            return NONE;
        }
        try {
            return Math.max(Long.parseLong(text), NONE + 1);
        } catch (NumberFormatException e) {
            return text.startsWith("-") ? NONE + 1 : Long.MAX_VALUE;
        }
    }

    /**
     * A number in a range.
     *
     * @throws ExitException with the message when it is another, or none
     */
    static int within(String text, int min, int max, String message) {
        long value = decimal(text);
        if (value < min || value > max) {
            throw new ExitException(message);
        }
        return (int) value;
    }

    /** Hexadecimal, with or without 0x; -1 when it is not. */
    static long hex(String text) {
        String digits = text.startsWith("0x") || text.startsWith("0X") ? text.substring(2) : text;
        try {
            return digits.isEmpty() ? -1 : Long.parseUnsignedLong(digits, 16);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Numbers with commas between; null when one is none. */
    static int[] list(String text) {
        String[] parts = text.split(",", -1);
        int[] numbers = new int[parts.length];
        for (int i = 0; i < parts.length; i++) {
            try {
                numbers[i] = Integer.parseInt(parts[i]);
            } catch (NumberFormatException e) {
                return null;
            }
            if (numbers[i] < 0) {
                return null;
            }
        }
        return numbers;
    }

    /** As {@link #list}, with ranges such as 0-3. */
    static List<Integer> ranges(String text) {
        List<Integer> numbers = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            int dash = part.indexOf('-');
            int[] ends = list(dash < 0 ? part + "," + part : part.substring(0, dash) + "," + part.substring(dash + 1));
            if (ends == null || ends[0] > ends[1] || ends[1] > 65535) {
                return null;
            }
            for (int n = ends[0]; n <= ends[1]; n++) {
                numbers.add(n);
            }
        }
        return numbers;
    }

    /** The numbers of the bits that are set. */
    static List<Integer> bits(long mask) {
        List<Integer> numbers = new ArrayList<>();
        for (long rest = mask; rest != 0; rest &= rest - 1) {
            numbers.add(Long.numberOfTrailingZeros(rest));
        }
        return numbers;
    }
}
