package dev.penstock.flow;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A rule in force, and what it has counted (DPDK: struct rte_flow). */
public final class Flow {
    private final FlowRule rule;
    private final FlowPattern pattern;
    private final FlowAction[] actions;

    /** @throws FlowException when an item cannot stand where it is */
    Flow(FlowRule rule, int queues) {
        this.rule = rule;
        pattern = new FlowPattern(rule.pattern());
        // what ends the packet's way may stand before others, which are done as well
        actions = rule.actions().stream().map(action -> action.bound(queues)).sorted(Comparator.comparing(a -> a.direct().type().isFate()))
                .toArray(FlowAction[]::new);
    }

    /** @return the rule */
    public FlowRule rule() {
        return rule;
    }

    /** @return what its first {@link FlowAction.Type#COUNT} counts in, also an indirect one; null when it has none */
    public FlowCounter counter() {
        return (FlowCounter) argument(FlowAction.Type.COUNT);
    }

    /** @return what its first {@link FlowAction.Type#AGE} notes, also an indirect one; null when it has none */
    public FlowAge age() {
        return (FlowAge) argument(FlowAction.Type.AGE);
    }

    /** @return packets that met its {@link FlowAction.Type#COUNT} */
    public long hits() {
        return counter() == null ? 0 : counter().hits();
    }

    /** @return bytes of those packets */
    public long bytes() {
        return counter() == null ? 0 : counter().bytes();
    }

    /**
     * Tells whether an action of the rule shares something, or an indirect one does now.
     *
     * @param argument what
     * @return whether
     */
    public boolean uses(FlowArgument argument) {
        return Arrays.stream(actions).anyMatch(action -> action.argument() == argument || action.direct().argument() == argument);
    }

    /** The indirect actions that it does. */
    List<FlowIndirect> indirects() {
        return Arrays.stream(actions).filter(action -> action.argument() instanceof FlowIndirect).map(action -> (FlowIndirect) action.argument()).toList();
    }

    /** In the order in which they are done. */
    FlowAction[] actions() {
        return actions;
    }

    FlowPattern pattern() {
        return pattern;
    }

    /** Levels of the key that it needs. */
    int levels() {
        boolean inner = within().anyMatch(a -> a.type() == FlowAction.Type.RSS && (a.value() & FlowAction.RSS_INNER) != 0);
        return Math.max(pattern.levels(), inner ? 2 : 1);
    }

    /** Whether an action makes packets that a queue of its own port gets. */
    boolean isCopying() {
        return Arrays.stream(actions).anyMatch(FlowAction::isCopying);
    }

    /** Whether an action asks what time it is. */
    boolean isTimed() {
        return within().anyMatch(a -> a.type() == FlowAction.Type.AGE || a.type() == FlowAction.Type.METER);
    }

    /** Its actions, and what those do with a colour or a copy. */
    private Stream<FlowAction> within() {
        return Arrays.stream(actions).flatMap(FlowAction::all);
    }

    private FlowArgument argument(FlowAction.Type type) {
        return Arrays.stream(actions).map(FlowAction::direct).filter(action -> action.type() == type).map(FlowAction::argument).findFirst().orElse(null);
    }
}
