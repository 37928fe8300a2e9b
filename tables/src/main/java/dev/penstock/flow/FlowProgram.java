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
    private final Map<Integer, Acl> byGroup = new TreeMap<>();
    /** By number, which begins at 1. */
    private final Flow[] flows;
    /** By number, what a flow's jump leads to; null where there is no rule. */
    private final Acl[] jumps;
    private final int keyLength;
    private final int wanted;
    private final boolean timed;

    FlowProgram(Collection<Flow> all) {
        flows = new Flow[all.size() + 1];
        jumps = new Acl[flows.length];
        Map<Integer, List<Integer>> groups = new TreeMap<>();
        int number = 0;
        for (Flow flow : all) {
            flows[++number] = flow;
            groups.computeIfAbsent(flow.rule().group(), _ -> new ArrayList<>()).add(number);
        }
        keyLength = FlowKey.LENGTH * all.stream().mapToInt(Flow::levels).max().orElse(1);
        wanted = all.stream().mapToInt(flow -> flow.pattern().wanted()).reduce(0, (a, b) -> a | b);
        timed = all.stream().anyMatch(Flow::isTimed);
        groups.forEach((group, numbers) -> byGroup.put(group, acl(numbers)));
        for (int i = 1; i < flows.length; i++) {
            FlowAction last = flows[i].actions()[flows[i].actions().length - 1];
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

    /** Bytes of a packet's key: as many levels as a rule asks for. */
    int keyLength() {
        return keyLength;
    }

    /** Headers of which a rule looks at a field. */
    int wanted() {
        return wanted;
    }

    /** Whether a rule asks what time it is. */
    boolean timed() {
        return timed;
    }

    void compile() {
        byGroup.values().forEach(Acl::compile);
    }

    private Acl acl(List<Integer> numbers) {
        Map<AclField, Integer> places = new LinkedHashMap<>();
        int levels = numbers.stream().mapToInt(number -> flows[number].pattern().levels()).max().orElseThrow();
        for (int level = 0; level < levels; level++) {
            places.put(headers(level), level);
        }
        for (int number : numbers) {
            for (FlowPattern.Place place : flows[number].pattern().places()) {
                place.fields().forEach(match -> places.putIfAbsent(field(place, match), places.size()));
            }
        }
        if (places.size() > Acl.MAX_FIELDS) {
            throw new FlowException(FlowException.Cause.ITEM, "with it the rules of group " + flows[numbers.getFirst()].rule().group() + " look at "
                    + places.size() + " fields; a group has " + Acl.MAX_FIELDS + ", so put some rules into another one and jump to that");
        }
        Acl acl = new Acl(List.copyOf(places.keySet()), numbers.size());
        numbers.forEach(number -> acl.add(rule(number, places)));
        acl.build();
        return acl;
    }

    private static AclField headers(int level) {
        return new AclField("headers " + level, AclFieldType.BITMASK, 4, level * FlowKey.LENGTH + FlowKey.HEADERS);
    }

    private static AclField field(FlowPattern.Place place, FlowItem.Match match) {
        boolean range = match.spec() != match.last();
        FlowField field = match.field();
        return new AclField(field + " " + place.level() + place.second() + (range ? " range" : ""),
                range ? AclFieldType.RANGE : AclFieldType.BITMASK, field.size(), place.offset(field));
    }

    private AclRule rule(int number, Map<AclField, Integer> places) {
        FlowPattern pattern = flows[number].pattern();
        AclRule made = new AclRule(0, AclRule.MAX_PRIORITY - flows[number].rule().priority(), number);
        for (FlowPattern.Place place : pattern.places()) {
            for (FlowItem.Match match : place.fields()) {
                AclField field = field(place, match);
                made = made.field(places.get(field), match.spec(), field.type() == AclFieldType.RANGE ? match.last() : match.mask());
            }
        }
        for (int level = 0; level < pattern.levels(); level++) {
            int headers = pattern.headers(level);
            made = made.field(level, headers & 0xffff_ffffL, (headers | pattern.absent(level)) & 0xffff_ffffL);
        }
        return made;
    }
}
