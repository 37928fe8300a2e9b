package dev.penstock.flow;

import java.util.ArrayList;
import java.util.List;

/**
 * One header of a pattern (DPDK: rte_flow_item), and what is said of its fields. Immutable; {@link #is}, {@link #masked}
 * and {@link #range} give an item that says more.
 */
public final class FlowItem {
    /** Headers that a pattern can name. */
    public enum Type {
        /** Ethernet. */
        ETH,
        /** A VLAN tag; a second one stands for the inner of two. */
        VLAN,
        /** IPv4. */
        IPV4,
        /** IPv6. */
        IPV6,
        /** ICMP for IPv4. */
        ICMP,
        /** UDP. */
        UDP,
        /** TCP. */
        TCP,
        /** SCTP. */
        SCTP,
        /** VXLAN, over UDP to port 4789. */
        VXLAN,
        /** NVGRE (RFC 7637): GRE with a key over IP. */
        NVGRE,
        /** ARP for Ethernet and IPv4. */
        ARP_ETH_IPV4,
        /** The first entry of an MPLS label stack, behind Ethernet. */
        MPLS,
        /** ICMP for IPv6. */
        ICMP6,
        /** GRE (RFC 2784, 2890); an NVGRE header is one too. */
        GRE,
        /** A GRE header's key. */
        GRE_KEY,
        /** ESP (RFC 4303). */
        ESP,
        /** Geneve, over UDP to port 6081. */
        GENEVE,
        /** GTP-U, over UDP to port 2152. */
        GTPU,
        /** GTP-C of version 1, or of version 2 with a tunnel endpoint identifier; over UDP to port 2123. */
        GTPC,
        /** GTP-U's PDU session container. */
        GTP_PSC,
        /** VXLAN-GPE, over UDP to port 4790. */
        VXLAN_GPE,
        /** L2TP of version 3 over IP. */
        L2TPV3OIP,
        /** A PPPoE session's data. */
        PPPOES,
        /** The protocol of what is in a PPPoE session. */
        PPPOE_PROTO_ID;

        /** Where it may stand: below it are lesser ones, a tag between Ethernet and the network header. */
        int layer() {
            return switch (this) {
                case ETH -> 2;
                case VLAN -> 3;
                case IPV4, IPV6, ARP_ETH_IPV4, MPLS, PPPOES -> NETWORK;
                case VXLAN, GENEVE, GTPU, GTPC, VXLAN_GPE, GRE_KEY -> 6;
                case GTP_PSC -> 7;
                default -> 5;
            };
        }

        /** Whether a header that stands behind this one is within it: of the packet in a tunnel. */
        boolean encloses(Type next) {
            return switch (this) {
                case VXLAN, VXLAN_GPE, NVGRE, GENEVE, GRE_KEY, GTP_PSC, MPLS, PPPOE_PROTO_ID -> true;
                case GTPU -> next != GTP_PSC;
                case GRE -> next != GRE_KEY;
                case PPPOES -> next != PPPOE_PROTO_ID;
                case IPV4, IPV6 -> next == IPV4 || next == IPV6;
                default -> false;
            };
        }
    }

    /** The layer of the headers that an EtherType leads to. */
    static final int NETWORK = 4;

    /** What is said of a field: the bits of {@code mask} are those of {@code spec}, or the value is from spec to last. */
    record Match(FlowField field, long spec, long last, long mask) {}

    private final Type type;
    private final List<Match> matches;

    /**
     * An item of which nothing is said but that the header is there.
     *
     * @param type the header
     */
    public FlowItem(Type type) {
        this(type, List.of());
    }

    private FlowItem(Type type, List<Match> matches) {
        this.type = type;
        this.matches = matches;
    }

    /** @return the header */
    public Type type() {
        return type;
    }

    List<Match> matches() {
        return matches;
    }

    /**
     * Says that a field has a value.
     *
     * @param field one of this header
     * @param value the value
     * @return the item with that
     */
    public FlowItem is(FlowField field, long value) {
        return with(new Match(field, value, value, field.max()));
    }

    /**
     * Says what some bits of a field are.
     *
     * @param field one of this header
     * @param spec the bits
     * @param mask which of them count
     * @return the item with that
     */
    public FlowItem masked(FlowField field, long spec, long mask) {
        return with(new Match(field, spec & mask, spec & mask, mask));
    }

    /**
     * Says that a field's value lies in a range.
     *
     * @param field one of this header
     * @param spec the least value
     * @param last the greatest value
     * @return the item with that
     */
    public FlowItem range(FlowField field, long spec, long last) {
        return with(new Match(field, spec, last, field.max()));
    }

    private FlowItem with(Match match) {
        List<Match> more = new ArrayList<>(matches);
        more.removeIf(other -> other.field == match.field);
        more.add(match);
        return new FlowItem(type, List.copyOf(more));
    }

    /** As testpmd's syntax has it. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(FlowPattern.name(type));
        for (Match match : matches) {
            text.append(' ').append(match.field.word()).append(" spec 0x").append(Long.toHexString(match.spec));
            if (match.spec != match.last) {
                text.append(' ').append(match.field.word()).append(" last 0x").append(Long.toHexString(match.last));
            } else {
                text.append(' ').append(match.field.word()).append(" mask 0x").append(Long.toHexString(match.mask));
            }
        }
        return text.toString();
    }
}
