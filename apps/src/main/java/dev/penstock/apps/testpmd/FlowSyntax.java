package dev.penstock.apps.testpmd;

import dev.penstock.flow.FlowAction;
import dev.penstock.flow.FlowField;
import dev.penstock.flow.FlowItem;
import dev.penstock.flow.FlowRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads a rule as testpmd's {@code flow create} has it: attributes, {@code pattern} items {@code / end}, {@code actions}
 * actions {@code / end}. A field takes {@code is V}, {@code spec V}, {@code last V}, {@code mask V} or {@code prefix N}.
 */
final class FlowSyntax {
    static final List<String> HOWS = List.of("is", "spec", "last", "mask", "prefix");

    private final FlowWords words;
    private int group;
    private int priority;
    private boolean ingress;
    private boolean egress;
    private boolean transfer;

    private FlowSyntax(FlowWords words) {
        this.words = words;
    }

    /**
     * Reads a rule.
     *
     * @param text what follows the port
     * @param names what its actions can name
     * @return the rule
     * @throws IllegalArgumentException when it is none, with the word that is wrong and what may stand there
     */
    static FlowRule parse(String text, FlowNames names) {
        FlowWords words = new FlowWords(text);
        FlowSyntax syntax = new FlowSyntax(words);
        syntax.attributes();
        List<FlowItem> pattern = syntax.pattern();
        words.expect("actions");
        List<FlowAction> actions = new FlowActionSyntax(words, names).list();
        words.end();
        return new FlowRule(syntax.group, syntax.priority, syntax.ingress, syntax.egress, syntax.transfer, pattern, actions);
    }

    private void attributes() {
        for (String word = words.word("'pattern'"); !word.equals("pattern"); word = words.word("'pattern'")) {
            switch (word) {
                case "group" -> group = (int) words.number("a group", 0xffff_ffffL);
                case "priority" -> priority = (int) words.number("a priority", Integer.MAX_VALUE);
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
        for (String name = words.word("an item"); !name.equals("end"); name = words.word("an item")) {
            if (name.equals("void")) {
                words.expect("/");
                continue;
            }
            items.add(item(name));
        }
        return items;
    }

    private FlowItem item(String name) {
        FlowItem.Type type = type(name).orElseThrow(() -> new IllegalArgumentException("flow: item '" + name + "' is not matched in software"
                + (name.equals("gtp") ? "; say gtpu or gtpc; there are " : "; there are ") + String.join(", ", names())));
        List<FlowValue> values = new ArrayList<>();
        for (String field = words.word("a field or '/'"); !field.equals("/"); field = words.word("a field or '/'")) {
            // DPDK's pppoe_proto_id has its value without a field's name
            boolean nameless = type == FlowItem.Type.PPPOE_PROTO_ID && HOWS.contains(field);
            List<FlowValue> parts = FlowValue.of(type, nameless ? "proto_id" : field);
            parts.forEach(part -> values.stream().filter(v -> v.sameAs(part)).findFirst().ifPresentOrElse(v -> { }, () -> values.add(part)));
            String how = nameless ? field : words.word("is, spec, last, mask or prefix");
            String value = words.word("a value");
            for (FlowValue part : parts) {
                values.stream().filter(v -> v.sameAs(part)).forEach(v -> v.say(part, how, value));
            }
        }
        if (!values.isEmpty() && values.stream().noneMatch(FlowValue::hasSpec)) {
            throw new IllegalArgumentException("flow: " + name + " has a mask, a prefix or a last value of nothing; give its spec");
        }
        for (int i = 1; i < values.size(); i++) {
            if (values.get(i - 1).splits(values.get(i))) {
                throw new IllegalArgumentException("flow: a range of " + name + " addresses that differ in the first 64 bits is matched in software"
                        + " only when the other 64 may be anything; give a prefix, or a rule for each");
            }
        }
        FlowItem item = new FlowItem(type);
        for (FlowValue value : values) {
            item = value.with(item);
        }
        return item;
    }

    /** What DPDK's testpmd calls an item. */
    static String name(FlowItem.Type type) {
        return type == FlowItem.Type.VXLAN_GPE ? "vxlan-gpe" : lower(type);
    }

    /** All items' names. */
    static List<String> names() {
        return Arrays.stream(FlowItem.Type.values()).map(FlowSyntax::name).toList();
    }

    /** The item of a name; one with an underscore for DPDK's hyphen is taken too. */
    static Optional<FlowItem.Type> type(String name) {
        return Arrays.stream(FlowItem.Type.values()).filter(t -> name(t).equals(name) || lower(t).equals(name)).findFirst();
    }

    /** What DPDK's testpmd calls all else, actions among it. */
    static String lower(Enum<?> name) {
        return name == FlowAction.Type.METER_COLOR ? "color" : name.name().toLowerCase(Locale.ROOT);
    }

    /** The fields of an item. */
    static List<String> fields(FlowItem.Type type) {
        List<String> parts = FlowValue.parts(type);
        return Stream.concat(parts.stream(), Arrays.stream(FlowField.values()).filter(f -> f.item() == type)
                .map(f -> f.word().replaceFirst("_(high|low)$", ""))).distinct().toList();
    }
}
