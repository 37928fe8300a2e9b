package dev.penstock.apps.l3fwd;

import dev.penstock.mbuf.Mbuf;

/** Finds where packets go. One lcore's own: it may keep scratch memory. */
abstract class Lookup {
    /** What a look-up gives for a packet without a rule; other negative results mean that an ACL entry denies it. */
    static final int NO_ROUTE = -1;
    /** An ACL entry denies it. */
    static final int DENIED = -2;
    /** Where the IP header starts. */
    static final int IP = 14;

    /**
     * IPv4 packets of a burst, headers checked.
     *
     * @param packets the packets
     * @param destinations their destination addresses
     * @param hops gets the ports that they go to, or a negative number
     * @param n how many
     */
    abstract void ipv4(Mbuf[] packets, int[] destinations, int[] hops, int n);

    /**
     * IPv6 packets of a burst, headers checked.
     *
     * @param packets the packets
     * @param destinations their destination addresses, two longs each
     * @param hops gets the ports that they go to, or a negative number
     * @param n how many
     */
    abstract void ipv6(Mbuf[] packets, long[] destinations, int[] hops, int n);
}
