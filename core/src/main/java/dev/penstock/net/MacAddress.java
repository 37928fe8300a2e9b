package dev.penstock.net;

/**
 * Ethernet addresses as the lower 48 bits of a {@code long}, first byte highest: 02:00:00:00:00:01 is
 * {@code 0x020000000001L}.
 */
public final class MacAddress {
    /** All ones. */
    public static final long BROADCAST = 0xffff_ffff_ffffL;

    private static final long GROUP_BIT = 1L << 40;
    private static final long LOCAL_BIT = 2L << 40;

    private MacAddress() {}

    /**
     * Reads an address as DPDK and Linux write it.
     *
     * @param text six bytes in hexadecimal with ':' or '-' between them
     * @return the address
     * @throws IllegalArgumentException when the text is anything else
     */
    public static long parse(String text) {
        if (text.length() != 17) {
            throw bad(text);
        }
        char separator = text.charAt(2);
        long mac = 0;
        for (int i = 0; i < 17; i++) {
            char c = text.charAt(i);
            if (i % 3 == 2) {
                if (c != separator || c != ':' && c != '-') {
                    throw bad(text);
                }
                continue;
            }
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw bad(text);
            }
            mac = mac << 4 | digit;
        }
        return mac;
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException("no MAC address: \"" + text + "\"; write it as 02:00:00:00:00:01");
    }

    /**
     * Writes an address as DPDK does.
     *
     * @param mac the address
     * @return for example 02:00:00:00:00:0A
     */
    public static String format(long mac) {
        return String.format("%02X:%02X:%02X:%02X:%02X:%02X", mac >>> 40 & 0xff, mac >>> 32 & 0xff, mac >>> 24 & 0xff,
                mac >>> 16 & 0xff, mac >>> 8 & 0xff, mac & 0xff);
    }

    /**
     * Whether it names a group; broadcast is one.
     *
     * @param mac the address
     * @return true for multicast and broadcast
     */
    public static boolean isMulticast(long mac) {
        return (mac & GROUP_BIT) != 0;
    }

    /**
     * Whether it names every station.
     *
     * @param mac the address
     * @return true for broadcast
     */
    public static boolean isBroadcast(long mac) {
        return (mac & BROADCAST) == BROADCAST;
    }

    /**
     * Whether it can be a station's own address: neither a group nor zero.
     *
     * @param mac the address
     * @return true when a port may have it
     */
    public static boolean isValidUnicast(long mac) {
        return (mac & GROUP_BIT) == 0 && (mac & BROADCAST) != 0;
    }

    /**
     * Whether it was assigned locally rather than by a vendor.
     *
     * @param mac the address
     * @return true when the local bit is set
     */
    public static boolean isLocal(long mac) {
        return (mac & LOCAL_BIT) != 0;
    }

    /**
     * The group address that carries an IPv4 group (RFC 1112, section 6.4).
     *
     * @param group IPv4 group address
     * @return its Ethernet address
     */
    public static long ofIpv4Group(int group) {
        return 0x0100_5e00_0000L | group & 0x7f_ffff;
    }
}
