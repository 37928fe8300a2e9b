package dev.penstock.flow;

import dev.penstock.acl.Acl;
import dev.penstock.acl.AclField;
import dev.penstock.acl.AclFieldType;
import dev.penstock.acl.AclRule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All flows of a port as one ACL a group, whose answers are the numbers of flows. Immutable. */
final class FlowProgram {
    private static final AclField HEADERS = new AclField("headers", AclFieldType.BITMASK, 4, FlowKey.HEADERS);

    private final Map<Integer, Acl> byGroup = new TreeMap<>();
    /** By number, which begins at 1. */
    private final Flow[] flows;
    /** By number, what a flow's jump leads to; null where there is no rule. */
    private final Acl[] jumps;

    FlowProgram(Collection<Flow> all) {
        flows = new Flow[all.size() + 1];
        jumps = new Acl[flows.length];
        Map<Integer, List<Integer>> groups = new TreeMap<>();
        int number = 0;
        for (Flow flow : all) {
            flows[++number] = flow;
            groups.computeIfAbsent(flow.rule().group(), _ -> new ArrayList<>()).add(number);
        }
        groups.forEach((group, numbers) -> byGroup.put(group, acl(numbers)));
        for (int i = 1; i < flows.length; i++) {
            FlowAction last = flows[i].rule().actions().getLast();
            jumps[i] = last.type() == FlowAction.Type.JUMP ? byGroup.get((int) last.value()) : null;
        }
    }

    /** What packets begin with; null when no rule is for those. */
    Acl first() {
        return byGroup.get(0);
    }

    Flow flow(int number) {
        return flows[number];
    }

    Acl jump(int number) {
        return jumps[number];
    }

    void compile() {
        byGroup.values().forEach(Acl::compile);
    }

    private Acl acl(List<Integer> numbers) {
        Map<String, Integer> places = new LinkedHashMap<>();
        List<AclField> fields = new ArrayList<>(List.of(HEADERS));
        for (int number : numbers) {
            for (FlowItem item : flows[number].rule().pattern()) {
                for (FlowItem.Match match : item.matches()) {
                    AclField field = field(match);
                    if (places.putIfAbsent(field.name(), fields.size()) == null) {
                        fields.add(field);
                    }
                }
            }
        }
        Acl acl = new Acl(fields, numbers.size());
        for (int number : numbers) {
            acl.add(rule(number, places));
        }
        acl.build();
        return acl;
    }

    private static AclField field(FlowItem.Match match) {
        boolean range = match.spec() != match.last();
        FlowField field = match.field();
        return new AclField(field + (range ? " range" : ""), range ? AclFieldType.RANGE : AclFieldType.BITMASK, field.size(),
                field.offset());
    }

    private AclRule rule(int number, Map<String, Integer> places) {
        FlowRule rule = flows[number].rule();
        AclRule made = new AclRule(0, AclRule.MAX_PRIORITY - rule.priority(), number);
        int headers = 0;
        int absent = 0;
        FlowItem.Type above = null;
        for (FlowItem item : rule.pattern()) {
            headers |= FlowKey.bit(item.type());
            if (above == FlowItem.Type.ETH && item.type().layer() == 4) {
                absent = FlowKey.bit(FlowItem.Type.VLAN);
            }
            above = item.type();
            for (FlowItem.Match match : item.matches()) {
                AclField field = field(match);
                made = made.field(places.get(field.name()), match.spec(),
                        field.type() == AclFieldType.RANGE ? match.last() : match.mask());
            }
        }
        return made.field(0, headers, headers | absent);
    }
}
