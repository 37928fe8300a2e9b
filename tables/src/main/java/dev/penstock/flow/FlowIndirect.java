package dev.penstock.flow;

/**
 * An action that rules share and that can be exchanged while packets pass (DPDK: rte_flow_action_handle). One thread
 * changes it, by {@link Flows#update}.
 */
public final class FlowIndirect implements FlowArgument {
    private volatile FlowAction action;

    /**
     * Makes one that rules of any ports can share.
     *
     * @param action what is done; what it counts or notes, it does for all rules together
     * @throws FlowException when it is one that cannot be shared
     */
    public FlowIndirect(FlowAction action) {
        if (action.type() == FlowAction.Type.JUMP || action.type() == FlowAction.Type.INDIRECT) {
            throw new FlowException(FlowException.Cause.ACTION, "action " + action.type().name().toLowerCase(java.util.Locale.ROOT)
                    + " is not shared; give it in the rule");
        }
        FlowCheck.action("indirect action", action, FlowCounter.MAX_QUEUES);
        this.action = action.bound(FlowCounter.MAX_QUEUES);
    }

    /** @return what is done now */
    public FlowAction action() {
        return action;
    }

    void action(FlowAction next) {
        action = next;
    }
}
