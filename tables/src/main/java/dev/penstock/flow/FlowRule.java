package dev.penstock.flow;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A rule: what is done with which packets (DPDK: rte_flow_attr, pattern and actions).
 *
 * @param group 0 for packets that arrive; others are reached by {@link FlowAction.Type#JUMP}
 * @param priority 0 is the first to be looked at
 * @param ingress whether it is for packets that a port receives
 * @param egress whether it is for packets that a port sends
 * @param transfer whether it is for packets of a switch
 * @param pattern headers, the outermost first
 * @param actions what is done, in this order; what ends the packet's way last, wherever it stands
 */
public record FlowRule(int group, int priority, boolean ingress, boolean egress, boolean transfer, List<FlowItem> pattern,
        List<FlowAction> actions) {
    /** Copies the lists. */
    public FlowRule {
        pattern = List.copyOf(pattern);
        actions = List.copyOf(actions);
    }

    /**
     * A rule of group 0 and priority 0 for packets that a port receives.
     *
     * @param pattern headers, the outermost first
     * @param actions what is done, in this order; what ends the packet's way last, wherever it stands
     */
    public FlowRule(List<FlowItem> pattern, List<FlowAction> actions) {
        this(0, 0, true, false, false, pattern, actions);
    }

    /** As testpmd's syntax has it. */
    @Override
    public String toString() {
        return "group " + group + " priority " + priority + (ingress ? " ingress" : "") + (egress ? " egress" : "") + (transfer ? " transfer" : "")
                + pattern.stream().map(item -> item + " / ").collect(Collectors.joining("", " pattern ", "end"))
                + actions.stream().map(action -> action + " / ").collect(Collectors.joining("", " actions ", "end"));
    }
}
