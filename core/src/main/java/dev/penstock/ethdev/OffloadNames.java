package dev.penstock.ethdev;

/** The names of offloads and of types of hashes, which are bits. */
final class OffloadNames {
    private OffloadNames() {}

    /** Each name with a blank before it, in the order of the bits. */
    static String of(long bits, String[] names) {
        StringBuilder text = new StringBuilder();
        for (long rest = bits; rest != 0; rest &= rest - 1) {
            int bit = Long.numberOfTrailingZeros(rest);
            text.append(' ').append(bit < names.length && !names[bit].isEmpty() ? names[bit] : "UNKNOWN");
        }
        return text.toString();
    }
}
