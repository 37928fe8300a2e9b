package dev.penstock.apps.l3fwd;

import dev.penstock.jit.Vectors;
import dev.penstock.mbuf.Mbuf;

/**
 * The IPv4 headers of a burst in columns: each step is taken on all packets, by the Vector API where that is there. What
 * it says of a packet holds for plain headers, of 20 bytes and right in all that RFC 1812, 5.2.2 asks; the others are
 * somebody else's to look at. One lcore's own.
 */
final class Headers {
    /** Where the columns begin in a frame: bytes 10 to 33, of which the last 20 are the header. */
    private static final int FROM = 10;
    /** Of the first column: the frame's type, version and header length, in little endian. */
    static final long KIND_MASK = 0xff_ffff_0000L;
    static final long KIND = 0x45_0008_0000L;
    static final long LOW = 0xffff_ffffL;
    /** Of the second column: a time to live of two or more. */
    static final long TTL = 0xfe_0000_0000L;
    private static final boolean VECTOR = Vectors.readBy(Headers.class.getModule()::addReads) && HeadersVector.isWide();

    final long[] first = new long[Router.BURST];
    final long[] second = new long[Router.BURST];
    final long[] third = new long[Router.BURST];
    final long[] lengths = new long[Router.BURST];
    /** Destinations of those packets. */
    final int[] destinations = new int[Router.BURST];
    /** Their time to live, protocol and checksum one hop later: four bytes in little endian. */
    final int[] words = new int[Router.BURST];

    /**
     * Looks at a burst.
     *
     * @param packets the packets
     * @param n how many, up to {@link Router#BURST}
     * @return bits of those whose header is plain and right, and who may live one hop longer
     */
    int check(Mbuf[] packets, int n) {
        load(packets, n);
        return (VECTOR ? HeadersVector.check(this, n) : check(n)) & -1 >>> Router.BURST - n;
    }

    void load(Mbuf[] packets, int n) {
        long[] a = first;
        long[] b = second;
        long[] c = third;
        long[] l = lengths;
        for (int i = 0; i < n; i++) {
            Mbuf m = packets[i];
            l[i] = m.pktLen();
            if (!m.getColumns(FROM, a, b, c, i)) {
                a[i] = 0;
            }
        }
    }

    /** The scalar twin of {@link HeadersVector#check}. */
    int check(int n) {
        int good = 0;
        for (int i = 0; i < n; i++) {
            long a = first[i];
            long b = second[i];
            long c = third[i];
            long sum = (a >>> 32) + (b & LOW) + (b >>> 32) + (c & LOW) + (c >>> 32);
            sum = (sum & LOW) + (sum >>> 32);
            sum = (sum & 0xffff) + (sum >>> 16);
            sum = (sum & 0xffff) + (sum >>> 16);
            sum = (sum & 0xffff) + (sum >>> 16);
            long total = Short.reverseBytes((short) (a >>> 48)) & 0xffff;
            boolean right = (a & KIND_MASK) == KIND && sum == 0xffff && total >= 20 && total <= lengths[i] - Lookup.IP && (b & TTL) != 0;
            good |= right ? 1 << i : 0;
            destinations[i] = (int) Long.reverseBytes(c);
            words[i] = oneHop((int) (b >>> 32));
        }
        return good;
    }

    /**
     * One hop later (RFC 1624): what leaves the time to live is added to the checksum, with the carry.
     *
     * @param word time to live, protocol and checksum, in little endian
     * @return them
     */
    static int oneHop(int word) {
        int sum = (word >>> 16) + 1;
        return (word & 0xffff) - 1 | sum + (sum + 1 >>> 16) << 16;
    }
}
