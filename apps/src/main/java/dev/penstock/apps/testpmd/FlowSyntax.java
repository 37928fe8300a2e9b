package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Syntax;
import dev.penstock.ethdev.RssType;
import dev.penstock.flow.FlowAction;
import dev.penstock.flow.FlowField;
import dev.penstock.flow.FlowItem;
import dev.penstock.flow.FlowRule;
import dev.penstock.net.Ipv4Address;
import dev.penstock.net.Ipv6Address;
import dev.penstock.net.MacAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * Reads a rule as testpmd's {@code flow create} has it: attributes, {@code pattern} items {@code / end}, {@code actions}
 * actions {@code / end}. A field takes {@code is V}, {@code spec V}, {@code last V}, {@code mask V} or {@code prefix N}.
 */
final class FlowSyntax {
    /** Receive hashes over ports too. */
    private static final long PORTS = RssType.TCP | RssType.UDP | RssType.SCTP;

    private final Deque<String> words;
    private final EncapCommands encaps;
    private int group;
    private int priority;
    private boolean ingress;
    private boolean egress;
    private boolean transfer;

    private FlowSyntax(String text, EncapCommands encaps) {
        this.encaps = encaps;
        words = new ArrayDeque<>(List.of(text.strip().split("\\s+")));
    }

    /**
     * Reads a rule.
     *
     * @param text what follows the port
     * @param encaps the headers that are set
     * @return the rule
     * @throws IllegalArgumentException when it is none, with the word that is wrong and what may stand there
     */
    static FlowRule parse(String text, EncapCommands encaps) {
        FlowSyntax syntax = new FlowSyntax(text, encaps);
        syntax.attributes();
        List<FlowItem> pattern = syntax.pattern();
        syntax.expect("actions");
        List<FlowAction> actions = syntax.actions();
        if (!syntax.words.isEmpty()) {
            throw new IllegalArgumentException("flow: '" + syntax.words.peek() + "' stands behind the end of the actions");
        }
        return new FlowRule(syntax.group, syntax.priority, syntax.ingress, syntax.egress, syntax.transfer, pattern, actions);
    }

    private String word(String wanted) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException("flow: the rule ends where " + wanted + " is to stand");
        }
        return words.remove();
    }

    private void expect(String word) {
        String found = word("'" + word + "'");
        if (!found.equals(word)) {
            throw new IllegalArgumentException("flow: '" + found + "' where '" + word + "' is to stand");
        }
    }

    private void attributes() {
        for (String word = word("'pattern'"); !word.equals("pattern"); word = word("'pattern'")) {
            switch (word) {
                case "group" -> group = (int) number("a group", 0xffff_ffffL);
                case "priority" -> priority = (int) number("a priority", Integer.MAX_VALUE);
                case "ingress" -> ingress = true;
                case "egress" -> egress = true;
                case "transfer" -> transfer = true;
                default -> throw new IllegalArgumentException("flow: '" + word + "' is no attribute; there are group, priority, ingress,"
                        + " egress, transfer; then comes pattern");
            }
        }
    }

    private List<FlowItem> pattern() {
        List<FlowItem> items = new ArrayList<>();
        for (String name = word("an item"); !name.equals("end"); name = word("an item")) {
            if (name.equals("void")) {
                expect("/");
                continue;
            }
            items.add(item(name));
        }
        return items;
    }

    private FlowItem item(String name) {
        FlowItem.Type type = Arrays.stream(FlowItem.Type.values()).filter(t -> lower(t).equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("flow: item '" + name + "' is not matched in software; there are "
                        + String.join(", ", Arrays.stream(FlowItem.Type.values()).map(FlowSyntax::lower).toList())));
        List<FlowValue> values = new ArrayList<>();
        for (String field = word("a field or '/'"); !field.equals("/"); field = word("a field or '/'")) {
            FlowValue.of(type, field).forEach(part -> values.stream().filter(v -> v.sameAs(part)).findFirst()
                    .ifPresentOrElse(v -> { }, () -> values.add(part)));
            String how = word("is, spec, last, mask or prefix");
            String value = word("a value");
            for (FlowValue part : FlowValue.of(type, field)) {
                values.stream().filter(v -> v.sameAs(part)).forEach(v -> v.say(part, how, value));
            }
        }
        FlowItem item = new FlowItem(type);
        for (FlowValue value : values) {
            item = value.with(item);
        }
        return item;
    }

    private List<FlowAction> actions() {
        List<FlowAction> actions = new ArrayList<>();
        for (String name = word("an action"); !name.equals("end"); name = word("an action")) {
            if (!name.equals("void")) {
                actions.add(action(name));
            }
            expect("/");
        }
        return actions;
    }

    private FlowAction action(String name) {
        int index = 0;
        if (name.startsWith("raw_") && "index".equals(words.peek())) {
            words.remove();
            index = (int) number("an index", Integer.MAX_VALUE);
        }
        FlowAction tunnel = encaps.action(name, index);
        return tunnel == null ? plain(name) : tunnel;
    }

    private FlowAction plain(String word) {
        String name = word.equals("of_dec_nw_ttl") ? "dec_ttl" : word;
        FlowAction.Type type = Arrays.stream(FlowAction.Type.values()).filter(t -> lower(t).equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("flow: action '" + name + "' is not done in software; there are "
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
                expect("mac_addr");
                yield new FlowAction(type, MacAddress.parse(word("an address")));
            }
            case SET_IPV4_SRC, SET_IPV4_DST -> {
                expect("ipv4_addr");
                yield new FlowAction(type, Ipv4Address.parse(word("an address")) & 0xffff_ffffL);
            }
            case SET_IPV6_SRC, SET_IPV6_DST -> {
                expect("ipv6_addr");
                yield new FlowAction(type, Ipv6Address.parse(word("an address")));
            }
            case SET_TTL -> named(type, "ttl_value");
            case SET_IPV4_DSCP, SET_IPV6_DSCP -> named(type, "dscp_value");
            case RSS -> new FlowAction(type, rss());
            case COUNT -> {
                if ("identifier".equals(words.peek())) {
                    words.remove();
                    number("an identifier", 0xffff_ffffL);
                }
                yield new FlowAction(type);
            }
            default -> new FlowAction(type);
        };
    }

    private FlowAction named(FlowAction.Type type, String word) {
        expect(word);
        return new FlowAction(type, number("the " + word + " of " + lower(type), Long.MAX_VALUE));
    }

    /** {@code queues A B ... end types T ... end func F level N}, each or none: the queues' bits, and whether ports count. */
    private long rss() {
        long rss = 0;
        while (!"/".equals(words.peek())) {
            String word = word("queues, types, func or level");
            switch (word) {
                case "queues" -> rss |= list("a queue").stream().mapToLong(q -> 1L << number("a queue", q, 15)).reduce(0, (a, b) -> a | b);
                case "types" -> rss |= types();
                case "func" -> known("a function of rss", List.of("default", "toeplitz"));
                case "level" -> known("a level of rss, whose inner headers are not hashed", List.of("0", "1"));
                default -> throw new IllegalArgumentException("flow: rss takes no '" + word + "' in software; there are queues, types, func, level");
            }
        }
        return rss;
    }

    private void known(String what, List<String> known) {
        String word = word(what);
        if (!known.contains(word)) {
            throw new IllegalArgumentException("flow: '" + word + "' for " + what + "; give " + String.join(" or ", known));
        }
    }

    private long types() {
        long types = 0;
        for (String word : list("a type")) {
            Long bits = RssNames.bits(word);
            if (bits == null || (bits & (RssType.IP | PORTS)) == 0) {
                throw new IllegalArgumentException("flow: '" + word + "' for a type of rss; there are ip, ipv4, ipv6, tcp, udp, sctp, and parts of"
                        + " those such as ipv4-tcp");
            }
            types |= bits;
        }
        return types == 0 || (types & PORTS) != 0 ? 0 : FlowAction.RSS_ADDRESSES;
    }

    /** Words up to {@code end}. */
    private List<String> list(String what) {
        List<String> list = new ArrayList<>();
        for (String word = word(what + " or 'end'"); !word.equals("end"); word = word(what + " or 'end'")) {
            list.add(word);
        }
        return list;
    }

    private long number(String what, long max) {
        return number(what, word(what), max);
    }

    static long number(String what, String word, long max) {
        try {
            long value = Syntax.number(word);
            if (value >= 0 && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException("flow: '" + word + "' for " + what + "; give 0 to " + max);
    }

    static String lower(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT);
    }

    /** The fields of an item, for messages. */
    static String fields(FlowItem.Type type) {
        return String.join(", ", Arrays.stream(FlowField.values()).filter(f -> f.item() == type)
                .map(f -> f.word().replaceFirst("_(high|low)$", "")).distinct().toList());
    }
}
