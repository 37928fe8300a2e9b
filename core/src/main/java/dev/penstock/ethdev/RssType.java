package dev.penstock.ethdev;

/** What a receive hash is taken over, with DPDK's bits (RTE_ETH_RSS_*). */
public final class RssType {
    /** IPv4 addresses. */
    public static final long IPV4 = 1L << 2;
    /** IPv4 addresses of fragments. */
    public static final long FRAG_IPV4 = 1L << 3;
    /** IPv4 addresses and TCP ports. */
    public static final long NONFRAG_IPV4_TCP = 1L << 4;
    /** IPv4 addresses and UDP ports. */
    public static final long NONFRAG_IPV4_UDP = 1L << 5;
    /** IPv4 addresses and SCTP ports. */
    public static final long NONFRAG_IPV4_SCTP = 1L << 6;
    /** IPv4 addresses of other protocols. */
    public static final long NONFRAG_IPV4_OTHER = 1L << 7;
    /** IPv6 addresses. */
    public static final long IPV6 = 1L << 8;
    /** IPv6 addresses of fragments. */
    public static final long FRAG_IPV6 = 1L << 9;
    /** IPv6 addresses and TCP ports. */
    public static final long NONFRAG_IPV6_TCP = 1L << 10;
    /** IPv6 addresses and UDP ports. */
    public static final long NONFRAG_IPV6_UDP = 1L << 11;
    /** IPv6 addresses and SCTP ports. */
    public static final long NONFRAG_IPV6_SCTP = 1L << 12;
    /** IPv6 addresses of other protocols. */
    public static final long NONFRAG_IPV6_OTHER = 1L << 13;
    /** Ethernet payload. */
    public static final long L2_PAYLOAD = 1L << 14;
    /** IPv6 with extension headers. */
    public static final long IPV6_EX = 1L << 15;
    /** TCP over IPv6 with extension headers. */
    public static final long IPV6_TCP_EX = 1L << 16;
    /** UDP over IPv6 with extension headers. */
    public static final long IPV6_UDP_EX = 1L << 17;

    /** All of IP: what {@code --rss-ip} means. */
    public static final long IP = IPV4 | FRAG_IPV4 | NONFRAG_IPV4_OTHER | IPV6 | FRAG_IPV6 | NONFRAG_IPV6_OTHER
            | IPV6_EX;
    /** UDP over both versions of IP. */
    public static final long UDP = NONFRAG_IPV4_UDP | NONFRAG_IPV6_UDP | IPV6_UDP_EX;
    /** TCP over both versions of IP. */
    public static final long TCP = NONFRAG_IPV4_TCP | NONFRAG_IPV6_TCP | IPV6_TCP_EX;
    /** SCTP over both versions of IP. */
    public static final long SCTP = NONFRAG_IPV4_SCTP | NONFRAG_IPV6_SCTP;

    private static final String[] NAMES = {
        "", "", "ipv4", "ipv4-frag", "ipv4-tcp",
        "ipv4-udp", "ipv4-sctp", "ipv4-other", "ipv6", "ipv6-frag",
        "ipv6-tcp", "ipv6-udp", "ipv6-sctp", "ipv6-other", "l2-payload",
        "ipv6-ex", "ipv6-tcp-ex", "ipv6-udp-ex", "port", "vxlan",
        "geneve", "nvgre", "", "gtpu", "eth",
        "s-vlan", "c-vlan", "esp", "ah", "l2tpv3",
        "pfcp", "pppoe", "ecpri", "mpls", "ipv4-chksum",
        "l4-chksum", "l2tpv2",
    };

    private RssType() {}

    /**
     * The names of bits, each as testpmd prints it.
     *
     * @param bits the bits
     * @return the names with a blank before each, or an empty text
     */
    public static String names(long bits) {
        return OffloadNames.of(bits, NAMES);
    }
}
