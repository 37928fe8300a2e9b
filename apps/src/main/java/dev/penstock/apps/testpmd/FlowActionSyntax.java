package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.RssType;
import dev.penstock.flow.FlowAction;
import dev.penstock.net.Ipv4Address;
import dev.penstock.net.Ipv6Address;
import dev.penstock.net.MacAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads a rule's actions, and those of indirect actions and of meters' policies. */
final class FlowActionSyntax {
    /** Receive hashes over ports too. */
    private static final long PORTS = RssType.TCP | RssType.UDP | RssType.SCTP;

    private final FlowWords words;
    private final FlowNames names;

    FlowActionSyntax(FlowWords words, FlowNames names) {
        this.words = words;
        this.names = names;
    }

    /**
     * Reads actions up to {@code end}.
     *
     * @return the actions
     * @throws IllegalArgumentException with the word that is wrong and what may stand there
     */
    List<FlowAction> list() {
        List<FlowAction> actions = new ArrayList<>();
        for (String name = words.word("an action"); !name.equals("end"); name = words.word("an action")) {
            if (!name.equals("void")) {
                actions.add(action(name));
            }
            words.expect("/");
        }
        return actions;
    }

    private FlowAction action(String name) {
        int index = 0;
        if (name.startsWith("raw_") && words.next("index")) {
            index = (int) words.number("an index", Integer.MAX_VALUE);
        }
        FlowAction tunnel = names.encaps().action(name, index);
        return tunnel == null ? plain(name) : tunnel;
    }

    private FlowAction plain(String word) {
        String name = word.equals("of_dec_nw_ttl") ? "dec_ttl" : word;
        FlowAction.Type type = Arrays.stream(FlowAction.Type.values()).filter(t -> FlowSyntax.lower(t).equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("flow: action '" + name + "' is not done in software" + reason(name) + "; there are "
                        + String.join(", ", Arrays.stream(FlowAction.Type.values()).map(FlowSyntax::lower).toList())));
        return switch (type) {
            case QUEUE -> named(type, "index");
            case MARK -> named(type, "id");
            case JUMP -> named(type, "group");
            case OF_PUSH_VLAN -> named(type, "ethertype");
            case OF_SET_VLAN_VID -> named(type, "vlan_vid");
            case OF_SET_VLAN_PCP -> named(type, "vlan_pcp");
            case SET_TP_SRC, SET_TP_DST -> named(type, "port");
            case SET_MAC_SRC, SET_MAC_DST -> {
                words.expect("mac_addr");
                yield new FlowAction(type, MacAddress.parse(words.word("an address")));
            }
            case SET_IPV4_SRC, SET_IPV4_DST -> {
                words.expect("ipv4_addr");
                yield new FlowAction(type, Ipv4Address.parse(words.word("an address")) & 0xffff_ffffL);
            }
            case SET_IPV6_SRC, SET_IPV6_DST -> {
                words.expect("ipv6_addr");
                yield new FlowAction(type, Ipv6Address.parse(words.word("an address")));
            }
            case SET_TTL -> named(type, "ttl_value");
            case SET_IPV4_DSCP, SET_IPV6_DSCP -> named(type, "dscp_value");
            case RSS -> new FlowAction(type, rss());
            case COUNT -> {
                if (words.next("identifier")) {
                    words.number("an identifier", 0xffff_ffffL);
                }
                yield new FlowAction(type);
            }
            case AGE -> words.next("timeout") ? new FlowAction(type, words.number("the timeout of age", Long.MAX_VALUE)) : new FlowAction(type);
            case METER -> {
                words.expect("mtr_id");
                yield new FlowAction(type, names.meters().apply((int) words.number("a meter", Integer.MAX_VALUE)));
            }
            case INDIRECT -> new FlowAction(type, names.indirects().apply((int) words.number("an indirect action", Integer.MAX_VALUE)));
            case INC_TCP_SEQ, DEC_TCP_SEQ, INC_TCP_ACK, DEC_TCP_ACK -> named(type, "value");
            default -> new FlowAction(type);
        };
    }

    /** Why an action of DPDK's is none here. */
    private static String reason(String name) {
        return switch (name) {
            case "pf", "vf", "port_id", "represented_port", "port_representor" -> ", where no switch lies below a port";
            case "security", "conntrack" -> ", which keeps no state of connections";
            case "sample" -> ", which copies no packets";
            case "set_tag", "set_meta", "modify_field" -> ", which has no registers beside a packet";
            default -> "";
        };
    }

    private FlowAction named(FlowAction.Type type, String word) {
        words.expect(word);
        return new FlowAction(type, words.number("the " + word + " of " + FlowSyntax.lower(type), Long.MAX_VALUE));
    }

    /** {@code queues A B ... end types T ... end func F level N}, each or none: the queues' bits, and whether ports count. */
    private long rss() {
        long rss = 0;
        while (!words.at("/")) {
            String word = words.word("queues, types, func or level");
            switch (word) {
                case "queues" -> rss |= words.list("a queue").stream().mapToLong(q -> 1L << FlowWords.number("a queue", q, 15)).reduce(0, (a, b) -> a | b);
                case "types" -> rss |= types();
                case "func" -> known("a function of rss", List.of("default", "toeplitz"));
                case "level" -> rss |= known("a level of rss", List.of("0", "1", "2")).equals("2") ? FlowAction.RSS_INNER : 0;
                default -> throw new IllegalArgumentException("flow: rss takes no '" + word + "' in software; there are queues, types, func, level");
            }
        }
        return rss;
    }

    private String known(String what, List<String> known) {
        String word = words.word(what);
        if (!known.contains(word)) {
            throw new IllegalArgumentException("flow: '" + word + "' for " + what + "; give " + String.join(" or ", known));
        }
        return word;
    }

    private long types() {
        long types = 0;
        for (String word : words.list("a type")) {
            Long bits = RssNames.bits(word);
            if (bits == null || (bits & (RssType.IP | PORTS)) == 0) {
                throw new IllegalArgumentException("flow: '" + word + "' for a type of rss; there are ip, ipv4, ipv6, tcp, udp, sctp, and parts of"
                        + " those such as ipv4-tcp");
            }
            types |= bits;
        }
        return types == 0 || (types & PORTS) != 0 ? 0 : FlowAction.RSS_ADDRESSES;
    }
}
