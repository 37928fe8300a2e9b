package dev.penstock.net;

/** What an IP packet carries: IPv4's protocol, IPv6's next header (IANA, protocol numbers). */
public final class IpProtocol {
    /** IPv6 hop-by-hop options. */
    public static final int HOP_BY_HOP = 0;
    /** ICMP. */
    public static final int ICMP = 1;
    /** IGMP. */
    public static final int IGMP = 2;
    /** IPv4 within IP. */
    public static final int IPV4 = 4;
    /** TCP. */
    public static final int TCP = 6;
    /** UDP. */
    public static final int UDP = 17;
    /** IPv6 within IP. */
    public static final int IPV6 = 41;
    /** IPv6 routing header. */
    public static final int ROUTING = 43;
    /** IPv6 fragment header. */
    public static final int FRAGMENT = 44;
    /** GRE. */
    public static final int GRE = 47;
    /** Encapsulating security payload. */
    public static final int ESP = 50;
    /** Authentication header. */
    public static final int AH = 51;
    /** ICMPv6. */
    public static final int ICMPV6 = 58;
    /** Nothing follows. */
    public static final int NONE = 59;
    /** IPv6 destination options. */
    public static final int DESTINATION = 60;
    /** SCTP. */
    public static final int SCTP = 132;

    private IpProtocol() {}
}
