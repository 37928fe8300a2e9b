package dev.penstock.vswitch;

import dev.penstock.net.Ipv4Address;
import dev.penstock.net.Ipv6Address;

/**
 * An IPv4 or IPv6 prefix.
 *
 * @param isV4 whether it is IPv4; its bits are then the upper ones of {@code high}
 * @param high the upper 64 bits of the address, those behind the prefix zero
 * @param low the lower ones
 * @param length bits, 0 to 32 or 128
 */
public record IpPrefix(boolean isV4, long high, long low, int length) {
    /**
     * Reads one.
     *
     * @param text such as {@code 198.18.0.0/15}, {@code 2001:db8::/32}, or an address alone
     * @return the prefix
     * @throws IllegalArgumentException when it is none; says why
     */
    public static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        boolean v4 = address.indexOf(':') < 0;
        int bits = v4 ? 32 : 128;
        int length = slash < 0 ? bits : length(text.substring(slash + 1), bits, text);
        if (v4) {
            long high = (long) Ipv4Address.parse(address) << 32;
            return new IpPrefix(true, high & Ipv6Address.highMask(length), 0, length);
        }
        Ipv6Address six = Ipv6Address.parse(address);
        return new IpPrefix(false, six.high() & Ipv6Address.highMask(length), six.low() & Ipv6Address.lowMask(length), length);
    }

    private static int length(String digits, int bits, String text) {
        if (!digits.matches("\\d{1,3}") || Integer.parseInt(digits) > bits) {
            throw new IllegalArgumentException("no prefix: \"" + text + "\"; its length goes from 0 to " + bits);
        }
        return Integer.parseInt(digits);
    }

    boolean contains(long addressHigh, long addressLow) {
        return ((addressHigh ^ high) & Ipv6Address.highMask(length)) == 0 && ((addressLow ^ low) & Ipv6Address.lowMask(length)) == 0;
    }

    String text() {
        return (isV4 ? Ipv4Address.format((int) (high >>> 32)) : new Ipv6Address(high, low).toString()) + "/" + length;
    }
}
