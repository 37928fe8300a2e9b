package dev.penstock.net;

/** What an Ethernet frame carries (IANA, IEEE 802 numbers). */
public final class EtherType {
    /** IPv4. */
    public static final int IPV4 = 0x0800;
    /** Address resolution. */
    public static final int ARP = 0x0806;
    /** Transparent Ethernet bridging: a frame within GRE. */
    public static final int TEB = 0x6558;
    /** Reverse address resolution. */
    public static final int RARP = 0x8035;
    /** A customer VLAN tag (IEEE 802.1Q). */
    public static final int VLAN = 0x8100;
    /** IPv6. */
    public static final int IPV6 = 0x86dd;
    /** Unicast MPLS. */
    public static final int MPLS = 0x8847;
    /** Multicast MPLS. */
    public static final int MPLS_MULTICAST = 0x8848;
    /** A service VLAN tag (IEEE 802.1ad). */
    public static final int QINQ = 0x88a8;
    /** Link layer discovery. */
    public static final int LLDP = 0x88cc;
    /** Precision time protocol (IEEE 1588). */
    public static final int PTP = 0x88f7;

    private EtherType() {}
}
