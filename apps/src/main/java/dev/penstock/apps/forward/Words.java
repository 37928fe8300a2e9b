package dev.penstock.apps.forward;

import java.util.ArrayList;
import java.util.List;

/** Numbers as C's strtoul reads them, masks, and lists in parentheses. */
public final class Words {
    private Words() {}

    /**
     * A number in a range: decimal, with {@code 0x} hexadecimal, with {@code 0} octal.
     *
     * @param text the number
     * @param max the greatest
     * @return it, or -1 when it is none or greater
     */
    public static long number(String text, long max) {
        int base = text.startsWith("0x") || text.startsWith("0X") ? 16 : text.length() > 1 && text.startsWith("0") ? 8 : 10;
        return number(base == 16 ? text.substring(2) : text, base, max);
    }

    /**
     * A number in a range.
     *
     * @param text digits
     * @param base of the digits
     * @param max the greatest
     * @return it, or -1 when it is none or greater
     */
    public static long number(String text, int base, long max) {
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = Character.digit(text.charAt(i), base);
            if (digit < 0 || value > max) {
                return -1;
            }
            value = value * base + digit;
        }
        return text.isEmpty() || value > max ? -1 : value;
    }

    /**
     * A hexadecimal mask of ports.
     *
     * @param text with or without {@code 0x}
     * @return the mask; 0 when it is none
     */
    public static long mask(String text) {
        String digits = text.startsWith("0x") || text.startsWith("0X") ? text.substring(2) : text;
        return Math.max(0, number(digits, 16, 0xffff_ffffL));
    }

    /**
     * Groups of numbers such as {@code (0,0,1),(1,0,1)}.
     *
     * @param option who asks, for the error
     * @param text the groups
     * @param names what each number of a group is
     * @param max the greatest number
     * @return a row a group
     * @throws IllegalArgumentException when it is something else; says what and where
     */
    public static List<int[]> groups(String option, String text, List<String> names, int max) {
        List<int[]> groups = new ArrayList<>();
        String form = "(" + String.join(",", names) + ")[,(" + String.join(",", names) + ")]";
        for (int open = text.indexOf('('); open >= 0; open = text.indexOf('(', open)) {
            int close = text.indexOf(')', open);
            String inside = text.substring(open + 1, close < 0 ? text.length() : close);
            String[] parts = inside.split(",", -1);
            if (close < 0 || parts.length != names.size()) {
                throw new IllegalArgumentException("Invalid " + option + ": '(" + inside + "' in '" + text + "'; give " + form);
            }
            int[] group = new int[parts.length];
            for (int i = 0; i < parts.length; i++) {
                group[i] = (int) number(parts[i].strip(), max);
                if (group[i] < 0) {
                    throw new IllegalArgumentException("Invalid " + option + ": " + names.get(i) + " '" + parts[i] + "' in '"
                            + text + "'; give 0 to " + max);
                }
            }
            groups.add(group);
            open = close;
        }
        if (groups.isEmpty()) {
            throw new IllegalArgumentException("Invalid " + option + ": '" + text + "'; give " + form);
        }
        return groups;
    }
}
