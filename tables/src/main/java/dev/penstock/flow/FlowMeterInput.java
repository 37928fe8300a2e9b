package dev.penstock.flow;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.meter.Color;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import java.util.List;

/**
 * What colour a packet has before a meter: that of the meter before in the same rule, that of a table, or always one. A
 * table is used where the packet has the header; that of the DSCP before that of the VLAN tag.
 *
 * @param otherwise the colour where nothing else says one
 * @param previous whether the colour of a meter before counts, when there was one
 * @param byDscp the colours of the 64 DSCPs of the outermost IP header; empty when they do not count
 * @param byVlan the colours of the 16 values of priority and DEI of the outermost tag; empty when they do not count
 */
public record FlowMeterInput(Color otherwise, boolean previous, List<Color> byDscp, List<Color> byVlan) {
    /** Always green: colour-blind. */
    public static final FlowMeterInput GREEN = new FlowMeterInput(Color.GREEN, false, List.of(), List.of());
    private static final int DSCPS = 64;
    private static final int TAGS = 16;

    /**
     * Copies the tables.
     *
     * @throws IllegalArgumentException when a table has not as many colours as there are values
     */
    public FlowMeterInput {
        byDscp = List.copyOf(byDscp);
        byVlan = List.copyOf(byVlan);
        if (!byDscp.isEmpty() && byDscp.size() != DSCPS || !byVlan.isEmpty() && byVlan.size() != TAGS) {
            throw new IllegalArgumentException("colours of " + byDscp.size() + " DSCPs and " + byVlan.size() + " tags; give " + DSCPS + " and "
                    + TAGS + ", or none");
        }
    }

    Color color(Mbuf m, byte[] keys, int key, Color before) {
        if (previous && before != null) {
            return before;
        }
        int headers = FlowKey.headers(keys, key);
        int l3 = FlowKey.l3(keys, key);
        if (!byDscp.isEmpty() && FlowEdit.has(headers, FlowItem.Type.IPV4)) {
            return byDscp.get(Ipv4.tos(m, l3) >>> 2);
        }
        if (!byDscp.isEmpty() && FlowEdit.has(headers, FlowItem.Type.IPV6)) {
            return byDscp.get(Ipv6.versionClassFlow(m, l3) >>> 22 & 0x3f);
        }
        if (!byVlan.isEmpty() && FlowEdit.has(headers, FlowItem.Type.VLAN)) {
            return byVlan.get((FlowEdit.isStripped(m) ? m.vlanTci() : m.getShort(FlowHeader.TCI) & 0xffff) >>> 12);
        }
        return otherwise;
    }
}
