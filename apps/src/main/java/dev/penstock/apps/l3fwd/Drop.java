package dev.penstock.apps.l3fwd;

/** Why a packet is not forwarded. */
enum Drop {
    /** Neither IPv4 nor IPv6, such as ARP. */
    NOT_IP(true),
    /** RFC 1812, 5.2.2: too short, not version 4, or a length that can't be. */
    IPV4_HEADER(false),
    /** RFC 1812, 5.2.2: the header's checksum is wrong. */
    IPV4_CHECKSUM(false),
    /** RFC 1812, 5.3.1: no time left to live. */
    IPV4_TTL(true),
    /** Too short, not version 6, or a length that can't be. */
    IPV6_HEADER(false),
    /** RFC 8200, 3: no hops left. */
    IPV6_HOP_LIMIT(true),
    /** For the router itself or for a group; only where there is a way to the kernel. */
    LOCAL(true),
    /** No rule for it. */
    NO_ROUTE(true),
    /** An ACL entry denies it. */
    DENIED(false);

    static final int COUNT = values().length;

    /** Whether the kernel can make something of it: answer it, or tell the sender. */
    final boolean kernel;

    Drop(boolean kernel) {
        this.kernel = kernel;
    }
}
