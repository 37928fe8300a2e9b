package dev.penstock.apps.l3fwd;

import dev.penstock.apps.forward.Words;
import dev.penstock.net.Ipv4Address;
import dev.penstock.net.Ipv6Address;
import java.util.StringTokenizer;

/** A line of a rule file, its words taken one by one. Errors name file, line and field. */
final class RuleLine {
    private final int number;
    private final String where;
    private final char lead;
    private final StringTokenizer words;
    private int field;

    RuleLine(String file, int number, String text) {
        this.number = number;
        where = file + " line " + number;
        lead = text.charAt(0);
        words = new StringTokenizer(text.substring(1), " \t\n\r");
    }

    /** The line's number, from 1. */
    int number() {
        return number;
    }

    /** What the line begins with. */
    char lead() {
        return lead;
    }

    /** Takes a word. */
    String word(String name) {
        field++;
        if (!words.hasMoreTokens()) {
            throw wrong(name, "is missing");
        }
        return words.nextToken();
    }

    /** Takes a word that must be this one. */
    void expect(String word, String name) {
        String found = word(name);
        if (!found.equals(word)) {
            throw wrong(name, "is '" + found + "'; give '" + word + "'");
        }
    }

    /** Takes a number as C's strtoul reads it. */
    int number(String name, int max) {
        return number(name, word(name), max);
    }

    private int number(String name, String word, int max) {
        long value = Words.number(word, max);
        if (value < 0) {
            throw wrong(name, "is '" + word + "'; give 0 to " + max);
        }
        return (int) value;
    }

    /** Takes two numbers with a slash between them; the first is in the upper half of the result. */
    long pair(String name, int max) {
        String word = word(name);
        int slash = slash(name, word);
        return (long) number(name, word.substring(0, slash), max) << 32 | number(name, word.substring(slash + 1), max);
    }

    /** Takes an IPv4 address. */
    int ipv4(String name) {
        return ipv4(name, word(name));
    }

    private int ipv4(String name, String word) {
        try {
            return Ipv4Address.parse(word);
        } catch (IllegalArgumentException e) {
            throw wrong(name, "is '" + word + "'; give an IPv4 address such as 198.18.0.1");
        }
    }

    /** Takes an IPv6 address. */
    Ipv6Address ipv6(String name) {
        return ipv6(name, word(name));
    }

    private Ipv6Address ipv6(String name, String word) {
        try {
            return Ipv6Address.parse(word);
        } catch (IllegalArgumentException e) {
            throw wrong(name, "is '" + word + "'; give an IPv6 address such as 2001:db8::1");
        }
    }

    /** Takes an IPv4 prefix; its length is in the upper half of the result. */
    long ipv4Prefix(String name) {
        String word = word(name);
        int slash = slash(name, word);
        int address = ipv4(name, word.substring(0, slash));
        return (long) number(name + "'s length", word.substring(slash + 1), 32) << 32 | address & 0xffff_ffffL;
    }

    /** An IPv6 prefix. */
    record Prefix6(Ipv6Address address, int depth) {}

    /** Takes an IPv6 prefix. */
    Prefix6 ipv6Prefix(String name) {
        String word = word(name);
        int slash = slash(name, word);
        return new Prefix6(ipv6(name, word.substring(0, slash)), number(name + "'s length", word.substring(slash + 1), 128));
    }

    private int slash(String name, String word) {
        int slash = word.indexOf('/');
        if (slash < 0) {
            throw wrong(name, "is '" + word + "'; there is no '/' in it");
        }
        return slash;
    }

    /** Something to be said of this line. */
    String note(String what) {
        return where + ": " + what;
    }

    /** An error at this line's last field. */
    IllegalArgumentException wrong(String name, String what) {
        return new IllegalArgumentException(where + ", field " + field + ": " + name + " " + what);
    }
}
