package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * Why a header was not accepted: what {@code check} returns instead of a length. All codes are negative.
 */
public final class Reject {
    /** The packet's first segment ends before the header does. */
    public static final int TRUNCATED = -1;
    /** The version field is not this protocol's. */
    public static final int VERSION = -2;
    /** The header length field is smaller than the smallest header, or not a multiple the protocol allows. */
    public static final int HEADER_LENGTH = -3;
    /** The packet length field is smaller than the header or larger than the bytes that are there. */
    public static final int PACKET_LENGTH = -4;
    /** A field has a value that this protocol does not allow. */
    public static final int FIELD = -5;
    /** More nested headers of this kind than are accepted. */
    public static final int TOO_DEEP = -6;
    /** An option's length is zero or reaches past the end of the options. */
    public static final int OPTION = -7;
    /** The options are in order, but the one asked for is not among them. */
    public static final int ABSENT = -8;

    private static final String[] NAMES = {
        "truncated", "version", "header length", "packet length", "field", "too deep", "option", "absent",
    };

    private Reject() {}

    /**
     * The name of a code.
     *
     * @param code what {@code check} returned
     * @return its name, or "none" for a length
     */
    public static String name(int code) {
        return code >= 0 ? "none" : -code <= NAMES.length ? NAMES[-code - 1] : "unknown";
    }

    /** Whether bytes lie within the first segment. */
    static boolean fits(Mbuf m, int at, int bytes) {
        return at >= 0 && at <= m.dataLen() - bytes;
    }
}
