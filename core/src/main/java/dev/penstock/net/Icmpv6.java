package dev.penstock.net;

/**
 * What ICMPv6 (RFC 4443) has of its own. Its header is ICMP's: read and write it with {@link Icmp}. Its checksum covers a
 * pseudo-header, see {@link Checksum#ipv6}. Neighbour discovery is in {@link NeighborDiscovery}.
 */
public final class Icmpv6 {
    /** Type: destination unreachable. */
    public static final int UNREACHABLE = 1;
    /** Type: packet too big, the MTU in the second word. */
    public static final int PACKET_TOO_BIG = 2;
    /** Type: time exceeded. */
    public static final int TIME_EXCEEDED = 3;
    /** Type: parameter problem. */
    public static final int PARAMETER_PROBLEM = 4;
    /** Type: echo request. */
    public static final int ECHO_REQUEST = 128;
    /** Type: echo reply. */
    public static final int ECHO_REPLY = 129;

    private Icmpv6() {}
}
