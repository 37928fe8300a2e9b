package dev.penstock.flow;

import dev.penstock.flow.FlowException.Cause;
import java.util.List;
import java.util.Locale;

/**
 * Copies of one packet of some, and what is done with each copy (DPDK: rte_flow_action_sample). The copy comes to a queue
 * behind the packets of its burst; that of a packet whose pool is empty, or whose queue is full, is counted in
 * {@link Flows#missed}. Rules can share it: each queue's packets are counted apart.
 */
public final class FlowSample implements FlowArgument {
    private static final int STRIDE = 16;

    private final int ratio;
    private final List<FlowAction> all;
    private final FlowAction[] actions;
    /** By queue, packets since the last copy. */
    private final int[] since = new int[FlowCounter.MAX_QUEUES * STRIDE];

    /**
     * Makes one.
     *
     * @param ratio of how many packets one is copied, 1 or more
     * @param actions what is done with the copy; without one that says where it goes, it stays with the queue
     * @throws FlowException when the ratio is out of range, or an action cannot be done with a copy
     */
    public FlowSample(int ratio, List<FlowAction> actions) {
        if (ratio < 1) {
            throw new FlowException(Cause.ACTION_CONF, "sample ratio " + ratio + "; give 1 or more");
        }
        for (FlowAction action : actions) {
            switch (action.type()) {
                case JUMP, METER, METER_COLOR, INDIRECT, SAMPLE -> throw new FlowException(Cause.ACTION, "action "
                        + action.type().name().toLowerCase(Locale.ROOT) + " is not done with a copy; give it in the rule");
                default -> { }
            }
        }
        this.ratio = ratio;
        all = List.copyOf(actions);
        this.actions = actions.stream().map(action -> action.bound(FlowCounter.MAX_QUEUES)).toArray(FlowAction[]::new);
    }

    /** Whether this packet is one that is copied. */
    boolean due(int queue) {
        int n = ++since[queue * STRIDE];
        if (n < ratio) {
            return false;
        }
        since[queue * STRIDE] = 0;
        return true;
    }

    /** The actions as they were given. */
    List<FlowAction> all() {
        return all;
    }

    FlowAction[] actions() {
        return actions;
    }
}
