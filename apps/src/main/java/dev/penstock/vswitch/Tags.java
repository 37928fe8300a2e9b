package dev.penstock.vswitch;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.net.EtherType;
import dev.penstock.net.Ethernet;
import dev.penstock.net.Vlan;

/** Puts VLAN tags into frames and takes them out. */
final class Tags {
    private Tags() {}

    /**
     * Makes a frame tagged, or not.
     *
     * @param m at least an Ethernet header, and a whole tag when its type says so, in the first segment
     * @param tagged whether it shall have a tag
     * @param vlan the tag's VLAN
     * @param pool for a copy, when the frame's data is not its own or has no room
     * @return the frame, or its copy, the frame then freed; null when there is no packet for a copy, the frame unchanged
     */
    static Mbuf fit(Mbuf m, boolean tagged, int vlan, MbufPool pool) {
        boolean has = Ethernet.etherType(m, 0) == EtherType.VLAN;
        if (has == tagged && (!has || Vlan.vlanId(Vlan.tci(m, Ethernet.LENGTH)) == vlan)) {
            return m;
        }
        Mbuf own = own(m, Vlan.LENGTH, pool);
        if (own == null) {
            return null;
        }
        if (has && tagged) {
            Vlan.tci(own, Ethernet.LENGTH, Vlan.tci(own, Ethernet.LENGTH) & 0xf000 | vlan);
        } else if (tagged) {
            insert(own, vlan);
        } else {
            strip(own);
        }
        return own;
    }

    private static void insert(Mbuf m, int vlan) {
        m.prepend(Vlan.LENGTH);
        m.putLongNative(0, m.getLongNative(4));
        m.putIntNative(8, m.getIntNative(12));
        m.putShort(Ethernet.ETHER_TYPE, (short) EtherType.VLAN);
        m.putShort(Ethernet.LENGTH, (short) vlan);
        if (m.l2Len() != 0) {
            m.l2Len(m.l2Len() + Vlan.LENGTH);
        }
    }

    private static void strip(Mbuf m) {
        int high = m.getIntNative(8);
        m.putLongNative(4, m.getLongNative(0));
        m.putIntNative(12, high);
        m.adj(Vlan.LENGTH);
        if (m.l2Len() != 0) {
            m.l2Len(m.l2Len() - Vlan.LENGTH);
        }
    }

    /** A packet whose data may be written and has room before it: the same, or a copy. */
    static Mbuf own(Mbuf m, int room, MbufPool pool) {
        if (m.isDirect() && m.refCnt() == 1 && m.headroom() >= room) {
            return m;
        }
        Mbuf copy = m.copy(pool, 0, m.pktLen());
        if (copy != null && (copy.headroom() < room || copy.dataLen() < Math.min(m.dataLen(), Ethernet.LENGTH + Vlan.LENGTH))) {
            copy.free();
            return null;
        }
        if (copy != null) {
            m.free();
        }
        return copy;
    }
}
