package dev.penstock.eal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A device's name and its arguments: {@code net_null0,size=64,copy=1} (DPDK: rte_devargs, rte_kvargs).
 *
 * <p>Arguments stand in their order and may repeat; a key without {@code =} has an empty value. A comma
 * inside square brackets belongs to the value, as in {@code queues=[0,2]}.
 */
public final class DeviceArgs {
    /**
     * One argument.
     *
     * @param key before the {@code =}
     * @param value behind it, or empty
     */
    public record Pair(String key, String value) {}

    private final String text;
    private final String name;
    private final List<Pair> pairs;

    private DeviceArgs(String text, String name, List<Pair> pairs) {
        this.text = text;
        this.name = name;
        this.pairs = List.copyOf(pairs);
    }

    /**
     * Reads a device's description.
     *
     * @param text such as {@code net_null0,size=64}
     * @return its parts
     * @throws IllegalArgumentException when the name or a key is missing or a bracket has no partner; says where
     */
    public static DeviceArgs parse(String text) {
        List<Pair> pairs = new ArrayList<>();
        String name = null;
        int start = 0;
        int open = -1;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : ',';
            if (c == '[' && open < 0) {
                open = i;
            } else if (c == ']') {
                if (open < 0) {
                    throw bad(text, i, "']' closes nothing", "write a list as [a,b]");
                }
                open = -1;
            } else if (c == ',' && (open < 0 || i == text.length())) {
                if (open >= 0) {
                    throw bad(text, open, "'[' is not closed", "write a list as [a,b]");
                }
                if (name == null) {
                    name = name(text, i);
                } else {
                    pairs.add(pair(text, start, i));
                }
                start = i + 1;
            }
        }
        return new DeviceArgs(text, name, pairs);
    }

    private static String name(String text, int end) {
        if (end == 0 || text.isBlank()) {
            throw bad(text, 0, "the device's name is missing", "write such as net_null0,size=64");
        }
        int equals = text.indexOf('=');
        if (equals >= 0 && equals < end) {
            throw bad(text, equals, "an argument stands where the device's name should", "write such as net_null0,size=64");
        }
        return text.substring(0, end);
    }

    private static Pair pair(String text, int start, int end) {
        int equals = text.indexOf('=', start);
        int keyEnd = equals >= 0 && equals < end ? equals : end;
        if (keyEnd == start) {
            throw bad(text, start, "a key is missing", "write key=value");
        }
        return new Pair(text.substring(start, keyEnd), keyEnd < end ? text.substring(keyEnd + 1, end) : "");
    }

    private static IllegalArgumentException bad(String text, int at, String what, String remedy) {
        return new IllegalArgumentException("device '" + text + "': " + what + ", at character " + (at + 1) + "; " + remedy);
    }

    /**
     * Makes sure that every key is known.
     *
     * @param keys the keys that the driver takes
     * @return this
     * @throws IllegalArgumentException naming the unknown key, its place and the nearest known one
     */
    public DeviceArgs allow(Set<String> keys) {
        for (Pair pair : pairs) {
            if (!keys.contains(pair.key)) {
                String hint = Spelling.suggestion(pair.key, keys);
                String takes = keys.isEmpty() ? name + " takes no arguments"
                        : (pair.value.isEmpty() ? "write a list as key=[a,b]; " : "") + name + " takes " + String.join(", ", new TreeSet<>(keys));
                throw bad(text, text.indexOf("," + pair.key) + 1, "unknown key '" + pair.key + "'" + hint, takes);
            }
        }
        return this;
    }

    /** @return as it was written */
    public String text() {
        return text;
    }

    /** @return the device's name */
    public String name() {
        return name;
    }

    /** @return all arguments in their order */
    public List<Pair> pairs() {
        return pairs;
    }

    /**
     * The last value of a key.
     *
     * @param key the key
     * @return its value, or nothing
     */
    public Optional<String> value(String key) {
        List<String> all = values(key);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    /**
     * All values of a key that may repeat.
     *
     * @param key the key
     * @return its values in their order
     */
    public List<String> values(String key) {
        return pairs.stream().filter(p -> p.key.equals(key)).map(Pair::value).toList();
    }

    /**
     * A number.
     *
     * @param key the key
     * @param fallback what it is when the key is not given
     * @param least the smallest allowed
     * @param most the largest allowed
     * @return the number; decimal, or hexadecimal behind 0x
     * @throws IllegalArgumentException when it is not a number in this range
     */
    public long number(String key, long fallback, long least, long most) {
        String value = value(key).orElse(null);
        if (value == null) {
            return fallback;
        }
        try {
            long number = number(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw bad(text, text.indexOf("," + key) + 1, key + "=" + value + " is not a number from " + least + " to " + most,
                "mend the value");
    }

    /**
     * Reads a number.
     *
     * @param text decimal, also with zeros before it, or hexadecimal behind 0x
     * @return the number
     * @throws NumberFormatException when it is none
     */
    public static long number(String text) {
        return Long.decode(text.matches("0+[0-9]+") ? text.replaceFirst("^0+(?=.)", "") : text);
    }

    /**
     * The elements of a value.
     *
     * @param value {@code [a,b]}, or one element without brackets
     * @return the elements
     */
    public static List<String> list(String value) {
        boolean bracketed = value.startsWith("[") && value.endsWith("]");
        String inside = bracketed ? value.substring(1, value.length() - 1) : value;
        return inside.isEmpty() ? List.of() : List.of(inside.split(",", -1));
    }

    @Override
    public String toString() {
        return text;
    }
}
