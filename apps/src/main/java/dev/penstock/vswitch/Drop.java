package dev.penstock.vswitch;

import java.util.Locale;

/** Why a packet was not forwarded. Each is a counter of the port it came from, or of the port it was to leave by. */
public enum Drop {
    /** In: shorter than an Ethernet header, or than its VLAN tag. */
    SHORT_FRAME,
    /** In: the source address is a group's or zero. */
    BAD_SOURCE,
    /** In: for 01:80:C2:00:00:00 to :0F, which no bridge forwards (IEEE 802.1Q, 8.6.3). */
    RESERVED_ADDRESS,
    /** In: the port does not have the frame's VLAN, or the frame hides a tag behind one that a trunk takes off. */
    VLAN_REFUSED,
    /** In: asks for a checksum or segments that its headers do not fit. */
    BAD_OFFLOAD,
    /** In: an access list denies it. */
    ACL_IN,
    /** In: beyond the port's receive rate. */
    POLICED_IN,
    /** In: beyond the port's rate of broadcasts. */
    BROADCAST_LIMIT,
    /** In: beyond the port's rate of multicasts. */
    MULTICAST_LIMIT,
    /** In: beyond the port's rate of packets to addresses that are not known. */
    UNKNOWN_LIMIT,
    /** In: nobody else is there to flood to. */
    NO_MEMBER,
    /** In: the destination is behind the port that it came from. */
    SAME_PORT,
    /** In: both ports are isolated, or both are tunnels. */
    ISOLATED,
    /** In: no packet to copy a flooded one into, or one that had to be changed. */
    NO_MBUF,
    /** Out: an access list denies it. */
    ACL_OUT,
    /** Out: beyond the port's transmit rate. */
    POLICED_OUT,
    /** Out: the port did not take it: its peer is slow, or gone. */
    TX_FULL,
    /** Out, tunnel: longer than the underlay's MTU allows. */
    TOO_LONG,
    /** Out, tunnel: the next hop's address is not known yet. */
    NO_NEIGHBOUR,
    /** In, underlay: ARP messages that were dealt with. */
    ARP_DONE,
    /** In, underlay: neither VXLAN for this host nor ARP. */
    UNDERLAY_OTHER,
    /** In, underlay: a header that contradicts itself or the packet's length. */
    VXLAN_MALFORMED,
    /** In, underlay: a wrong IPv4 or UDP checksum. */
    VXLAN_CHECKSUM,
    /** In, underlay: no tunnel has this network identifier and sender. */
    VXLAN_UNKNOWN;

    static final Drop[] ALL = values();

    /** @return the counter's name, such as {@code vlan_refused} */
    public String counter() {
        return name().toLowerCase(Locale.ROOT);
    }
}
