package dev.penstock.ethdev;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlags;

/** Whether a queue can send what packets ask for (DPDK: rte_eth_tx_prepare, rte_validate_tx_offload). */
final class TxCheck {
    private TxCheck() {}

    /** The {@link OlFlags} that ask for what a queue with these {@link TxOffload} bits was not made for. */
    static long refused(long offloads) {
        return without(offloads, TxOffload.VLAN_INSERT, OlFlags.TX_VLAN) | without(offloads, TxOffload.QINQ_INSERT, OlFlags.TX_QINQ)
                | without(offloads, TxOffload.IPV4_CKSUM, OlFlags.TX_IP_CKSUM) | without(offloads, TxOffload.TCP_TSO, OlFlags.TX_TCP_SEG)
                | without(offloads, TxOffload.UDP_TSO, OlFlags.TX_UDP_SEG)
                | without(offloads, TxOffload.OUTER_IPV4_CKSUM, OlFlags.TX_OUTER_IP_CKSUM)
                | without(offloads, TxOffload.OUTER_UDP_CKSUM, OlFlags.TX_OUTER_UDP_CKSUM);
    }

    private static long without(long offloads, long offload, long flag) {
        return (offloads & offload) != 0 ? 0 : flag;
    }

    /** How many packets from the first on can be sent. */
    static int fit(TxQueue queue, Mbuf[] packets, int from, int n) {
        for (int i = 0; i < n; i++) {
            if (!fits(queue, packets[from + i])) {
                return i;
            }
        }
        return n;
    }

    private static boolean fits(TxQueue queue, Mbuf m) {
        long flags = m.olFlags();
        // a segmented packet's own flag asks for more than its checksum: the sums of the segments come with it
        long kind = (flags & OlFlags.TX_TCP_SEG) != 0 ? 0 : flags & OlFlags.TX_L4_MASK;
        long offload = kind == 0 ? 0 : kind == OlFlags.TX_UDP_CKSUM ? TxOffload.UDP_CKSUM
                : kind == OlFlags.TX_TCP_CKSUM ? TxOffload.TCP_CKSUM : TxOffload.SCTP_CKSUM;
        long refused = (flags & OlFlags.TX_TCP_SEG) != 0 ? queue.refused & ~OlFlags.TX_IP_CKSUM : queue.refused;
        if ((flags & refused) != 0 || (queue.offloads & offload) != offload) {
            return false;
        }
        return (m.nbSegs() == 1 || (queue.offloads & TxOffload.MULTI_SEGS) != 0) && m.validateTxOffload() == null;
    }
}
