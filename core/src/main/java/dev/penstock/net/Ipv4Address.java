package dev.penstock.net;

/** IPv4 addresses as an {@code int}, first byte highest: 198.18.0.1 is {@code 0xc6120001}. */
public final class Ipv4Address {
    private Ipv4Address() {}

    /**
     * Makes an address of its four bytes.
     *
     * @param a first byte, 0 to 255
     * @param b second byte
     * @param c third byte
     * @param d fourth byte
     * @return the address
     */
    public static int of(int a, int b, int c, int d) {
        return (a & 0xff) << 24 | (b & 0xff) << 16 | (c & 0xff) << 8 | d & 0xff;
    }

    /**
     * Reads four decimal numbers with dots between them.
     *
     * @param text for example 198.18.0.1
     * @return the address
     * @throws IllegalArgumentException when the text is anything else; leading zeros are refused, since some
     *     programs take them for octal
     */
    public static int parse(String text) {
        int address = 0;
        int parts = 0;
        int i = 0;
        while (parts < 4) {
            int start = i;
            int value = 0;
            while (i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9' && i - start < 3) {
                value = value * 10 + text.charAt(i++) - '0';
            }
            if (i == start || value > 255 || i - start > 1 && text.charAt(start) == '0') {
                throw bad(text);
            }
            address = address << 8 | value;
            if (++parts < 4 && (i >= text.length() || text.charAt(i++) != '.')) {
                throw bad(text);
            }
        }
        if (i != text.length()) {
            throw bad(text);
        }
        return address;
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException("no IPv4 address: \"" + text + "\"; write it as 198.18.0.1");
    }

    /**
     * Writes an address.
     *
     * @param address the address
     * @return for example 198.18.0.1
     */
    public static String format(int address) {
        return (address >>> 24) + "." + (address >>> 16 & 0xff) + "." + (address >>> 8 & 0xff) + "." + (address & 0xff);
    }

    /**
     * Whether it names a group (224.0.0.0/4).
     *
     * @param address the address
     * @return true for multicast
     */
    public static boolean isMulticast(int address) {
        return address >>> 28 == 0xe;
    }

    /**
     * The mask of a prefix.
     *
     * @param bits length of the prefix, 0 to 32
     * @return ones in the prefix, zeros behind it
     */
    public static int mask(int bits) {
        return bits == 0 ? 0 : -1 << 32 - bits;
    }
}
