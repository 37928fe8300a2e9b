package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.TxOffload;

/** The words that commands have for offloads, those of DPDK 22.11. */
final class OffloadNames {
    private static final String RX = "vlan_strip|ipv4_cksum|udp_cksum|tcp_cksum|tcp_lro|qinq_strip|outer_ipv4_cksum|macsec_strip"
            + "|vlan_filter|vlan_extend|scatter|buffer_split|timestamp|security|keep_crc|sctp_cksum|outer_udp_cksum|rss_hash";
    private static final String TX = "vlan_insert|ipv4_cksum|udp_cksum|tcp_cksum|sctp_cksum|tcp_tso|udp_tso|outer_ipv4_cksum"
            + "|qinq_insert|vxlan_tnl_tso|gre_tnl_tso|ipip_tnl_tso|geneve_tnl_tso|macsec_insert|mt_lockfree|multi_segs"
            + "|mbuf_fast_free|security|outer_udp_cksum|send_on_timestamp";

    private OffloadNames() {}

    /** All, with a bar between. */
    static String words(boolean rx) {
        return rx ? RX : TX;
    }

    /** The bit, or 0 when there is none of that name. */
    static long bit(String name, boolean rx) {
        for (int i = 0; i < 63; i++) {
            String known = (rx ? RxOffload.names(1L << i) : TxOffload.names(1L << i)).strip();
            if (!known.equals("UNKNOWN") && known.equalsIgnoreCase(name)) {
                return 1L << i;
            }
        }
        return 0;
    }
}
