package dev.penstock.apps.vswitch;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rates and sizes as people write them. */
final class Quantity {
    private static final Pattern FORM = Pattern.compile("(\\d{1,12})\\s*([a-z]*)");
    private static final Map<String, Long> BITS = Map.of("bit", 1L, "kbit", 1_000L, "mbit", 1_000_000L, "gbit", 1_000_000_000L);
    private static final Map<String, Long> BYTES = Map.of("", 1L, "b", 1L, "k", 1L << 10, "kb", 1L << 10, "m", 1L << 20, "mb", 1L << 20);
    private static final long MAX_BITS = 400_000_000_000L;
    private static final long MAX_BYTES = 1L << 30;

    private Quantity() {}

    /** Bytes a second, of {@code 100mbit}. */
    static long rate(String text) {
        long bits = parse(text, BITS, "a rate such as 64kbit, 100mbit or 10gbit");
        if (bits < 8 || bits > MAX_BITS) {
            throw new IllegalArgumentException("'" + text + "' is no rate from 8bit to 400gbit");
        }
        return bits / 8;
    }

    /** Bytes, of {@code 64k}. */
    static long bytes(String text) {
        long bytes = parse(text, BYTES, "a size such as 1500, 64k or 1m");
        if (bytes < 1 || bytes > MAX_BYTES) {
            throw new IllegalArgumentException("'" + text + "' is no size from 1 to 1024m");
        }
        return bytes;
    }

    private static long parse(String text, Map<String, Long> units, String form) {
        Matcher m = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!m.matches() || !units.containsKey(m.group(2))) {
            throw new IllegalArgumentException("'" + text + "' is not " + form);
        }
        long number = Long.parseLong(m.group(1));
        long unit = units.get(m.group(2));
        return number > Long.MAX_VALUE / unit ? Long.MAX_VALUE : number * unit;
    }
}
