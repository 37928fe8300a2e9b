package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.RssType;
import dev.penstock.flow.FlowAction;
import dev.penstock.flow.FlowSample;
import dev.penstock.meter.Color;
import dev.penstock.net.Ipv4Address;
import dev.penstock.net.Ipv6Address;
import dev.penstock.net.MacAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Reads a rule's actions, and those of indirect actions and of meters' policies. */
final class FlowActionSyntax {
    /** Receive hashes over ports too. */
    private static final long PORTS = RssType.TCP | RssType.UDP | RssType.SCTP;

    /** By number. */
    private static final List<String> COLORS = Arrays.stream(Color.values()).map(FlowSyntax::lower).toList();

    /** By action, the word before its value. */
    private static final Map<FlowAction.Type, String> PARAMETERS = Map.ofEntries(Map.entry(FlowAction.Type.QUEUE, "index"),
            Map.entry(FlowAction.Type.MARK, "id"), Map.entry(FlowAction.Type.JUMP, "group"), Map.entry(FlowAction.Type.COUNT, "identifier"),
            Map.entry(FlowAction.Type.AGE, "timeout"), Map.entry(FlowAction.Type.METER, "mtr_id"),
            Map.entry(FlowAction.Type.METER_COLOR, "type"),
            Map.entry(FlowAction.Type.OF_PUSH_VLAN, "ethertype"), Map.entry(FlowAction.Type.OF_SET_VLAN_VID, "vlan_vid"),
            Map.entry(FlowAction.Type.OF_SET_VLAN_PCP, "vlan_pcp"), Map.entry(FlowAction.Type.SET_TP_SRC, "port"),
            Map.entry(FlowAction.Type.SET_TP_DST, "port"), Map.entry(FlowAction.Type.SET_MAC_SRC, "mac_addr"),
            Map.entry(FlowAction.Type.SET_MAC_DST, "mac_addr"), Map.entry(FlowAction.Type.SET_IPV4_SRC, "ipv4_addr"),
            Map.entry(FlowAction.Type.SET_IPV4_DST, "ipv4_addr"), Map.entry(FlowAction.Type.SET_IPV6_SRC, "ipv6_addr"),
            Map.entry(FlowAction.Type.SET_IPV6_DST, "ipv6_addr"), Map.entry(FlowAction.Type.SET_TTL, "ttl_value"),
            Map.entry(FlowAction.Type.SET_IPV4_DSCP, "dscp_value"), Map.entry(FlowAction.Type.SET_IPV6_DSCP, "dscp_value"),
            Map.entry(FlowAction.Type.INC_TCP_SEQ, "value"), Map.entry(FlowAction.Type.DEC_TCP_SEQ, "value"),
            Map.entry(FlowAction.Type.INC_TCP_ACK, "value"), Map.entry(FlowAction.Type.DEC_TCP_ACK, "value"));

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
        String parameter = PARAMETERS.get(type);
        return switch (type) {
            case SET_MAC_SRC, SET_MAC_DST -> {
                words.expect(parameter);
                yield new FlowAction(type, address(type, MacAddress::parse));
            }
            case SET_IPV4_SRC, SET_IPV4_DST -> {
                words.expect(parameter);
                yield new FlowAction(type, address(type, Ipv4Address::parse) & 0xffff_ffffL);
            }
            case SET_IPV6_SRC, SET_IPV6_DST -> {
                words.expect(parameter);
                yield new FlowAction(type, address(type, Ipv6Address::parse));
            }
            case RSS -> new FlowAction(type, rss());
            case COUNT -> {
                if (words.next(parameter)) {
                    words.number("an identifier", 0xffff_ffffL);
                }
                yield new FlowAction(type);
            }
            case AGE -> words.at(parameter) ? named(type, parameter) : new FlowAction(type);
            case METER -> {
                words.expect(parameter);
                yield new FlowAction(type, names.meters().apply((int) words.number("a meter", Integer.MAX_VALUE)));
            }
            case METER_COLOR -> new FlowAction(type, words.next(parameter) ? COLORS.indexOf(known("a colour", COLORS)) : 0);
            case SAMPLE -> {
                words.expect("ratio");
                int ratio = (int) words.number("the ratio of sample", Integer.MAX_VALUE);
                words.expect("index");
                yield new FlowAction(type, new FlowSample(ratio, names.samples().apply((int) words.number("the index of sample", Integer.MAX_VALUE))));
            }
            case INDIRECT -> new FlowAction(type, names.indirects().apply((int) words.number("an indirect action", Integer.MAX_VALUE)));
            default -> parameter == null ? new FlowAction(type) : named(type, parameter);
        };
    }

    /** Words that may follow an action's name. */
    static List<String> parameters(String name) {
        if (name.equals("rss")) {
            return List.of("queues", "types", "func", "level", "/");
        }
        if (name.equals("sample")) {
            return List.of("ratio");
        }
        String parameter = Arrays.stream(FlowAction.Type.values()).filter(t -> FlowSyntax.lower(t).equals(name)).findFirst().map(PARAMETERS::get).orElse(null);
        return parameter == null ? List.of("/") : List.of("count", "age", "color").contains(name) ? List.of(parameter, "/") : List.of(parameter);
    }

    /** Why an action of DPDK's is none here. */
    private static String reason(String name) {
        return switch (name) {
            case "pf", "vf", "port_id", "represented_port", "port_representor" -> ", where no switch lies below a port";
            case "security", "conntrack" -> ", which keeps no state of connections";
            case "set_tag", "set_meta", "modify_field" -> ", which has no registers beside a packet";
            default -> "";
        };
    }

    private <T> T address(FlowAction.Type type, Function<String, T> parse) {
        return FlowWords.address(FlowSyntax.lower(type), words.word("an address"), parse);
    }

    private FlowAction named(FlowAction.Type type, String word) {
        words.expect(word);
        return new FlowAction(type, words.number("the " + word + " of " + FlowSyntax.lower(type), Long.MAX_VALUE));
    }

    /** {@code A B ... end}: a bit of each. */
    private long queues() {
        long queues = 0;
        for (String word : words.list("a queue")) {
            long queue = 1L << FlowWords.number("a queue", word, 15);
            if ((queues & queue) != 0) {
                throw new IllegalArgumentException("flow: rss names queue " + word + " twice, and each has the same share in software; name it once");
            }
            queues |= queue;
        }
        return queues;
    }

    /** {@code queues A B ... end types T ... end func F level N}, each or none: the queues' bits, and whether ports count. */
    private long rss() {
        long rss = 0;
        long types = names.rssTypes();
        while (!words.at("/")) {
            String word = words.word("queues, types, func or level");
            switch (word) {
                case "queues" -> rss |= queues();
                case "types" -> types = types();
                case "func" -> known("a function of rss", List.of("default", "toeplitz"));
                case "level" -> rss |= known("a level of rss", List.of("0", "1", "2")).equals("2") ? FlowAction.RSS_INNER : 0;
                default -> throw new IllegalArgumentException("flow: rss takes no '" + word + "' in software; there are queues, types, func, level");
            }
        }
        return types == 0 || (types & PORTS) != 0 ? rss : rss | FlowAction.RSS_ADDRESSES;
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
        return types;
    }
}
