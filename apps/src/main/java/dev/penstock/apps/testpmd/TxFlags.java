package dev.penstock.apps.testpmd;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Ethernet;
import dev.penstock.net.Ipv4;

/** What {@code tx_vlan set} asks of the device for every packet. */
final class TxFlags {
    private static final long KEPT = OlFlags.INDIRECT | OlFlags.EXTERNAL;

    private TxFlags() {}

    /** Marks the first n packets of a stream, when there is something to ask. */
    static void put(Stream s, int n) {
        if (s.txFlags != 0) {
            for (int i = 0; i < n; i++) {
                put(s, s.packets[i]);
            }
        }
    }

    static void put(Stream s, Mbuf m) {
        m.olFlags(m.olFlags() & KEPT | s.txFlags);
        m.l2Len(Ethernet.LENGTH);
        m.l3Len(Ipv4.LENGTH);
        m.vlanTci(s.txVlan);
        m.vlanTciOuter(s.txVlanOuter);
    }
}
