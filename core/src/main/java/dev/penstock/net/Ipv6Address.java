package dev.penstock.net;

/**
 * An IPv6 address. On the packet path the two halves travel as two {@code long} values; this object is for
 * configuration and people.
 *
 * @param high the first eight bytes, first byte highest
 * @param low the last eight bytes
 */
public record Ipv6Address(long high, long low) {
    /** The unspecified address, {@code ::}. */
    public static final Ipv6Address ANY = new Ipv6Address(0, 0);

    /**
     * Reads an address (RFC 4291, section 2.2): groups in hexadecimal, one {@code ::}, and if need be an IPv4
     * address in the last 32 bits. Zones ({@code %eth0}) are refused.
     *
     * @param text for example 2001:db8::1
     * @return the address
     * @throws IllegalArgumentException when the text is anything else
     */
    public static Ipv6Address parse(String text) {
        int gap = text.indexOf("::");
        int[] groups = new int[8];
        if (gap < 0) {
            if (groups(text, text, groups, 0) != 8) {
                throw bad(text);
            }
        } else {
            int[] tail = new int[8];
            int before = groups(text, text.substring(0, gap), groups, 0);
            int behind = groups(text, text.substring(gap + 2), tail, 0);
            if (before + behind > 7 || text.lastIndexOf('.', gap) >= 0) {
                throw bad(text);
            }
            System.arraycopy(tail, 0, groups, 8 - behind, behind);
        }
        return new Ipv6Address(half(groups, 0), half(groups, 4));
    }

    private static int groups(String all, String text, int[] groups, int count) {
        if (text.isEmpty()) {
            return 0;
        }
        String[] parts = text.split(":", -1);
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            if (i == parts.length - 1 && part.indexOf('.') >= 0 && count <= 6 && all.endsWith(part)) {
                int ipv4 = Ipv4Address.parse(part);
                groups[count++] = ipv4 >>> 16;
                groups[count++] = ipv4 & 0xffff;
            } else if (count == 8) {
                throw bad(all);
            } else {
                groups[count++] = group(all, part);
            }
        }
        return count;
    }

    private static int group(String all, String part) {
        int value = 0;
        for (int i = 0; i < part.length(); i++) {
            int digit = part.charAt(i) < 128 ? Character.digit(part.charAt(i), 16) : -1;
            if (digit < 0) {
                throw bad(all);
            }
            value = value << 4 | digit;
        }
        if (part.isEmpty() || part.length() > 4) {
            throw bad(all);
        }
        return value;
    }

    private static long half(int[] groups, int from) {
        return (long) groups[from] << 48 | (long) groups[from + 1] << 32 | (long) groups[from + 2] << 16 | groups[from + 3];
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException("no IPv6 address: \"" + text + "\"; write it as 2001:db8::1");
    }

    /**
     * Writes an address as RFC 5952 asks: lower case, no leading zeros, the longest run of two or more zero
     * groups (the first of equals) as {@code ::}, and IPv4-mapped addresses with dots.
     *
     * @param high the first eight bytes
     * @param low the last eight bytes
     * @return for example 2001:db8::1
     */
    public static String format(long high, long low) {
        if (high == 0 && low >>> 32 == 0xffff) {
            return "::ffff:" + Ipv4Address.format((int) low);
        }
        int gap = -1;
        int gapLength = 1;
        for (int i = 0; i < 8; i++) {
            int n = 0;
            while (i + n < 8 && group(high, low, i + n) == 0) {
                n++;
            }
            if (n > gapLength) {
                gap = i;
                gapLength = n;
            }
            i += n;
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == gap) {
                text.append("::");
                i += gapLength - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(group(high, low, i)));
        }
        return text.toString();
    }

    private static int group(long high, long low, int i) {
        return (int) ((i < 4 ? high : low) >>> 48 - 16 * (i & 3)) & 0xffff;
    }

    /**
     * The first half of a prefix's mask.
     *
     * @param bits length of the prefix, 0 to 128
     * @return ones in the prefix, zeros behind it
     */
    public static long highMask(int bits) {
        return bits == 0 ? 0 : -1L << Math.max(0, 64 - bits);
    }

    /**
     * The second half of a prefix's mask.
     *
     * @param bits length of the prefix, 0 to 128
     * @return ones in the prefix, zeros behind it
     */
    public static long lowMask(int bits) {
        return bits <= 64 ? 0 : -1L << 128 - bits;
    }

    /**
     * Whether it names a group (ff00::/8).
     *
     * @param high the first eight bytes
     * @return true for multicast
     */
    public static boolean isMulticast(long high) {
        return high >>> 56 == 0xff;
    }

    /**
     * Whether it is valid on one link alone (fe80::/10).
     *
     * @param high the first eight bytes
     * @return true for link-local
     */
    public static boolean isLinkLocal(long high) {
        return high >>> 54 == 0xfe80 >>> 6;
    }

    /**
     * The group in which the holder of an address listens to neighbour solicitations (RFC 4291, section 2.7.1):
     * its lower half; the upper half is {@code ff02::}.
     *
     * @param low lower half of the address sought
     * @return lower half of the group
     */
    public static long solicitedNodeLow(long low) {
        return 0x1_ff00_0000L | low & 0xff_ffffL;
    }

    @Override
    public String toString() {
        return format(high, low);
    }
}
