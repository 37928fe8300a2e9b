package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;
import java.util.HexFormat;

/**
 * The Toeplitz hash of receive-side scaling (Microsoft, "RSS hashing functions"; DPDK: rte_softrss), a table look-up a
 * byte. Immutable, so any number of threads may share one.
 */
public final class Toeplitz {
    /** Bytes of the usual key, enough for IPv6 addresses and ports. */
    public static final int KEY_LENGTH = 40;
    /** The most bytes that are hashed: IPv6 addresses and ports. */
    public static final int MAX_INPUT = 36;

    /** The key of Microsoft's verification suite, in hexadecimal; its hashes are published. */
    private static final String MICROSOFT =
            "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa";

    /** What byte value v at position p adds to the hash, at p * 256 + v. */
    private final int[] table = new int[MAX_INPUT * 256];

    /**
     * Prepares a key.
     *
     * @param key at least {@link #KEY_LENGTH} bytes, of which the first {@link #KEY_LENGTH} count
     * @throws IllegalArgumentException when the key is shorter
     */
    public Toeplitz(byte[] key) {
        if (key.length < KEY_LENGTH) {
            throw new IllegalArgumentException(
                    "a hash key of " + key.length + " bytes is too short; give " + KEY_LENGTH + " or more");
        }
        for (int position = 0; position < MAX_INPUT; position++) {
            for (int value = 0; value < 256; value++) {
                table[position << 8 | value] = contribution(key, position, value);
            }
        }
    }

    /** The key's 32 bits from each bit of the input that is set, added without carry. */
    private static int contribution(byte[] key, int position, int value) {
        long window = 0;
        for (int i = 0; i < 5; i++) {
            window = window << 8 | key[position + i] & 0xff;
        }
        int sum = 0;
        for (int bit = 0; bit < 8; bit++) {
            sum ^= (value & 0x80 >>> bit) != 0 ? (int) (window >>> 8 - bit) : 0;
        }
        return sum;
    }

    /** @return a copy of the key that DPDK's and Microsoft's examples use, {@link #KEY_LENGTH} bytes */
    public static byte[] defaultKey() {
        return HexFormat.of().parseHex(MICROSOFT);
    }

    /**
     * Hashes source and destination address of an IPv4 packet.
     *
     * @param m the packet
     * @param ip where the IPv4 header starts
     * @return the hash
     */
    public int ipv4(Mbuf m, int ip) {
        return eight(m.getLong(ip + Ipv4.SRC), 0);
    }

    /**
     * Hashes addresses and ports of an IPv4 packet.
     *
     * @param m the packet
     * @param ip where the IPv4 header starts
     * @param l4 where the header starts whose first four bytes are source and destination port
     * @return the hash
     */
    public int ipv4Ports(Mbuf m, int ip, int l4) {
        return eight(m.getLong(ip + Ipv4.SRC), 0) ^ four(m.getInt(l4), 8);
    }

    /**
     * Hashes source and destination address of an IPv6 packet.
     *
     * @param m the packet
     * @param ip where the IPv6 header starts
     * @return the hash
     */
    public int ipv6(Mbuf m, int ip) {
        return eight(Ipv6.srcHigh(m, ip), 0) ^ eight(Ipv6.srcLow(m, ip), 8)
                ^ eight(Ipv6.dstHigh(m, ip), 16) ^ eight(Ipv6.dstLow(m, ip), 24);
    }

    /**
     * Hashes addresses and ports of an IPv6 packet.
     *
     * @param m the packet
     * @param ip where the IPv6 header starts
     * @param l4 where the header starts whose first four bytes are source and destination port
     * @return the hash
     */
    public int ipv6Ports(Mbuf m, int ip, int l4) {
        return ipv6(m, ip) ^ four(m.getInt(l4), 32);
    }

    /**
     * Hashes any bytes.
     *
     * @param input at most {@link #MAX_INPUT} bytes
     * @return the hash
     */
    public int hash(byte[] input) {
        int hash = 0;
        for (int i = 0; i < input.length; i++) {
            hash ^= table[i << 8 | input[i] & 0xff];
        }
        return hash;
    }

    private int eight(long bytes, int position) {
        return four((int) (bytes >>> 32), position) ^ four((int) bytes, position + 4);
    }

    private int four(int bytes, int position) {
        int[] t = table;
        int p = position << 8;
        return t[p + (bytes >>> 24)] ^ t[p + 256 + (bytes >>> 16 & 0xff)] ^ t[p + 512 + (bytes >>> 8 & 0xff)]
                ^ t[p + 768 + (bytes & 0xff)];
    }
}
