package dev.penstock.mbuf;

import dev.penstock.eal.HexDump;

/** Describes packets as rte_pktmbuf_dump and rte_hexdump do. */
final class MbufDump {
    private MbufDump() {}

    static String dump(Mbuf packet, int bytes) {
        StringBuilder text = new StringBuilder();
        long flags = packet.olFlags;
        text.append(String.format("dump mbuf at 0x%x, iova=%#x, buf_len=%d%n", packet.ownAddr, packet.bufAddr, packet.bufLen));
        text.append(String.format("  pkt_len=%d, ol_flags=%s, nb_segs=%d, port=%d",
                packet.pktLen, hex(flags), packet.nbSegs, packet.port));
        if ((flags & (OlFlags.RX_QINQ | OlFlags.TX_QINQ)) != 0) {
            text.append(", vlan_tci_outer=").append(packet.vlanTciOuter());
        }
        if ((flags & (OlFlags.RX_VLAN | OlFlags.TX_VLAN)) != 0) {
            text.append(", vlan_tci=").append(packet.vlanTci());
        }
        text.append(", ptype=").append(hex(packet.packetType() & 0xffff_ffffL)).append('\n');
        int left = bytes;
        for (Mbuf m = packet; m != null; m = m.next) {
            text.append(String.format("  segment at 0x%x, data=0x%x, len=%d, off=%d, refcnt=%d%n",
                    m.ownAddr, m.bufAddr + m.dataOff, m.dataLen, m.dataOff, m.refCnt()));
            int n = Math.min(left, m.dataLen);
            if (n > 0) {
                hexDump(m, n, text);
                left -= n;
            }
        }
        return text.toString();
    }

    /** As C's %#x: 0 has no prefix. */
    private static String hex(long value) {
        return value == 0 ? "0" : "0x" + Long.toHexString(value);
    }

    private static void hexDump(Mbuf m, int bytes, StringBuilder text) {
        text.append(String.format("  Dump data at [0x%x], len=%d%n", m.bufAddr + m.dataOff, bytes));
        HexDump.append(text, bytes, m::getByte);
    }
}
