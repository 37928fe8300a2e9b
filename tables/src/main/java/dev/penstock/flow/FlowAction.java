package dev.penstock.flow;

import dev.penstock.net.Ipv6Address;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What is done with a packet (DPDK: rte_flow_action).
 *
 * @param type what
 * @param value its number: a mark's, a group's, an address, a port, bytes; 0 where it has none
 * @param low the second half of an IPv6 address, whose first is the number; else 0
 * @param argument what else it takes: headers, or what rules share; null where there is nothing
 */
public record FlowAction(Type type, long value, long low, FlowArgument argument) {
    /** What can be done. */
    public enum Type {
        /** Frees the packet, and counts it. */
        DROP(0),
        /** Gives it to the queue of a number. */
        QUEUE(0xffff),
        /**
         * Gives it to one of the queues whose bits are set, or of all for 0, by the hash of addresses and ports; of addresses
         * alone with {@link #RSS_ADDRESSES}; of what is in a tunnel with {@link #RSS_INNER}.
         */
        RSS(0xffff | FlowAction.RSS_ADDRESSES | FlowAction.RSS_INNER),
        /** Puts a number into its flow director ID. */
        MARK(0xff_ffff),
        /** Says that it matched. */
        FLAG(0),
        /** Counts packets and bytes: in a {@link FlowCounter} that rules share, or in the rule's own. */
        COUNT(0),
        /** Notes when a packet came, so that a rule that meets none for that many seconds is known; in a {@link FlowAge} that rules share, or its own. */
        AGE(0xff_ffff),
        /** Colours the packet by a {@link FlowMeter}, and does what that does with the colour. */
        METER(0),
        /** Gives the packet the colour of that number in {@link dev.penstock.meter.Color}, which a meter behind it may look at. */
        METER_COLOR(2),
        /** Copies some packets by a {@link FlowSample}, and does something else with the copies. */
        SAMPLE(0),
        /** Does what a {@link FlowIndirect} says at that moment. */
        INDIRECT(0),
        /** Looks for a rule in a later group. */
        JUMP(0xffff),
        /** Nothing. */
        PASSTHRU(0),
        /** Source MAC address. */
        SET_MAC_SRC(0xffff_ffff_ffffL, FlowItem.Type.ETH),
        /** Destination MAC address. */
        SET_MAC_DST(0xffff_ffff_ffffL, FlowItem.Type.ETH),
        /** Source address; mends the checksums. */
        SET_IPV4_SRC(0xffff_ffffL, FlowItem.Type.IPV4),
        /** Destination address; mends the checksums. */
        SET_IPV4_DST(0xffff_ffffL, FlowItem.Type.IPV4),
        /** Source address; mends the checksum. */
        SET_IPV6_SRC(-1L, FlowItem.Type.IPV6),
        /** Destination address; mends the checksum. */
        SET_IPV6_DST(-1L, FlowItem.Type.IPV6),
        /** Source port of TCP or UDP; mends the checksum. */
        SET_TP_SRC(0xffff, FlowItem.Type.TCP, FlowItem.Type.UDP),
        /** Destination port of TCP or UDP; mends the checksum. */
        SET_TP_DST(0xffff, FlowItem.Type.TCP, FlowItem.Type.UDP),
        /** Takes the outer VLAN tag off, if there is one. */
        OF_POP_VLAN(0, FlowItem.Type.VLAN),
        /** Puts a VLAN tag of an EtherType before the others: VLAN 0, or that and the priority of the one that was there. */
        OF_PUSH_VLAN(0xffff, FlowItem.Type.ETH),
        /** VLAN of the outer tag. */
        OF_SET_VLAN_VID(0xfff, FlowItem.Type.VLAN),
        /** Priority of the outer tag. */
        OF_SET_VLAN_PCP(7, FlowItem.Type.VLAN),
        /** Takes one off the time to live, or the hop limit, unless it is 1 or 0. */
        DEC_TTL(0, FlowItem.Type.IPV4, FlowItem.Type.IPV6),
        /** Time to live, or the hop limit. */
        SET_TTL(0xff, FlowItem.Type.IPV4, FlowItem.Type.IPV6),
        /** The upper six bits of the type of service, which leave ECN as it is. */
        SET_IPV4_DSCP(0x3f, FlowItem.Type.IPV4),
        /** The upper six bits of the traffic class, which leave ECN as it is. */
        SET_IPV6_DSCP(0x3f, FlowItem.Type.IPV6),
        /** Adds to TCP's sequence number; mends the checksum. */
        INC_TCP_SEQ(0xffff_ffffL, FlowItem.Type.TCP),
        /** Takes off TCP's sequence number; mends the checksum. */
        DEC_TCP_SEQ(0xffff_ffffL, FlowItem.Type.TCP),
        /** Adds to TCP's acknowledgement number; mends the checksum. */
        INC_TCP_ACK(0xffff_ffffL, FlowItem.Type.TCP),
        /** Takes off TCP's acknowledgement number; mends the checksum. */
        DEC_TCP_ACK(0xffff_ffffL, FlowItem.Type.TCP),
        /** Lets source and destination MAC address change places. */
        MAC_SWAP(0, FlowItem.Type.ETH),
        /** Puts headers before the packet, whose headers these are then for all that follows. */
        RAW_ENCAP(0),
        /** Takes that many bytes off before the packet; drops one that is not longer. */
        RAW_DECAP(FlowHeader.MAX_LENGTH),
        /** Puts the headers of a VXLAN tunnel before the packet. */
        VXLAN_ENCAP(0),
        /** Takes all off to the end of the VXLAN header; drops a packet that has none (any more). */
        VXLAN_DECAP(0, FlowItem.Type.VXLAN),
        /** Puts the headers of an NVGRE tunnel before the packet. */
        NVGRE_ENCAP(0),
        /** Takes all off to the end of the NVGRE header; drops a packet that has none (any more). */
        NVGRE_DECAP(0, FlowItem.Type.NVGRE);

        private final long max;
        private final List<FlowItem.Type> needs;
        private final int headers;

        Type(long max, FlowItem.Type... needs) {
            this.max = max;
            this.needs = List.of(needs);
            headers = this.needs.stream().mapToInt(FlowKey::bit).reduce(0, (a, b) -> a | b);
        }

        /** Headers of which a packet must have one; none when it does not matter. */
        List<FlowItem.Type> needs() {
            return needs;
        }

        /** Whether a packet with these headers has one that is needed. */
        boolean fits(int present) {
            return headers == 0 || (headers & present) != 0;
        }

        /** @return its greatest number, 0 when it has none */
        public long max() {
            return max;
        }

        /** Of which class its argument is; null when it takes none. */
        Class<? extends FlowArgument> argument() {
            return switch (this) {
                case RAW_ENCAP, VXLAN_ENCAP, NVGRE_ENCAP -> FlowHeader.class;
                case COUNT -> FlowCounter.class;
                case AGE -> FlowAge.class;
                case METER -> FlowMeter.class;
                case SAMPLE -> FlowSample.class;
                case INDIRECT -> FlowIndirect.class;
                default -> null;
            };
        }

        /** Whether a rule makes an argument of its own when none is given. */
        boolean makesArgument() {
            return this == COUNT || this == AGE;
        }

        /** Whether it puts bytes before the packet, or takes some off there. */
        boolean isBefore() {
            return switch (this) {
                case OF_POP_VLAN, OF_PUSH_VLAN, RAW_ENCAP, RAW_DECAP, VXLAN_ENCAP, VXLAN_DECAP, NVGRE_ENCAP, NVGRE_DECAP -> true;
                default -> false;
            };
        }

        /** Whether the packet's way ends with it. */
        boolean isFate() {
            return this == DROP || this == QUEUE || this == RSS || this == JUMP || this == PASSTHRU;
        }
    }

    /** What is added to the bits of {@link Type#RSS}'s queues when ports are not to count. */
    public static final long RSS_ADDRESSES = 0x1_0000;
    /** What is added when the headers in a tunnel are to count, where there is one. */
    public static final long RSS_INNER = 0x2_0000;
    /** Those bits of {@link Type#RSS} that are queues. */
    static final long RSS_QUEUES = 0xffff;

    /**
     * An action without a number.
     *
     * @param type what
     */
    public FlowAction(Type type) {
        this(type, 0, 0, null);
    }

    /**
     * An action with a number.
     *
     * @param type what
     * @param value its number
     */
    public FlowAction(Type type, long value) {
        this(type, value, 0, null);
    }

    /**
     * An action that puts headers before the packet, or one with something that rules share.
     *
     * @param type what
     * @param argument the headers, or what they share
     */
    public FlowAction(Type type, FlowArgument argument) {
        this(type, 0, 0, argument);
    }

    /**
     * An action with an IPv6 address.
     *
     * @param type what
     * @param address the address
     */
    public FlowAction(Type type, Ipv6Address address) {
        this(type, address.high(), address.low(), null);
    }

    /** Its name and what it takes. */
    @Override
    public String toString() {
        return type.name().toLowerCase(Locale.ROOT) + (value == 0 ? "" : " 0x" + Long.toHexString(value)) + (low == 0 ? "" : " 0x" + Long.toHexString(low))
                + (argument instanceof FlowIndirect indirect ? " " + indirect.action() : "");
    }

    /** The action itself, or what an indirect one says now. */
    FlowAction direct() {
        return argument instanceof FlowIndirect indirect ? indirect.action() : this;
    }

    /** What is done by it: {@link #direct}, and what that does with a colour or a copy. */
    Stream<FlowAction> all() {
        FlowAction now = direct();
        List<FlowAction> within = now.argument instanceof FlowMeter meter ? meter.policy().all()
                : now.argument instanceof FlowSample sample ? sample.all() : List.of();
        return Stream.concat(Stream.of(now), within.stream().flatMap(FlowAction::all));
    }

    /** Whether it makes packets that a queue of its own port gets. */
    boolean isCopying() {
        return all().anyMatch(action -> action.type == Type.SAMPLE);
    }

    /** The action with a counter or an age of its own, when it needs one and has none. */
    FlowAction bound(int queues) {
        return argument != null || !type.makesArgument() ? this
                : new FlowAction(type, value, low, type == Type.COUNT ? new FlowCounter(queues) : new FlowAge(value, queues));
    }
}
