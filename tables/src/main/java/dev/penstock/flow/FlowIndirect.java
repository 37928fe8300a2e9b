package dev.penstock.flow;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * An action that rules share and that can be exchanged while packets pass (DPDK: rte_flow_action_handle). One thread
 * changes it, by {@link Flows#update}.
 */
public final class FlowIndirect implements FlowArgument {
    private volatile FlowAction action;
    /** Ports with a rule that does it, and some that had one. */
    private final Set<Flows> ports = new HashSet<>();

    /**
     * Makes one that rules of any ports can share.
     *
     * @param action what is done; what it counts or notes, it does for all rules together
     * @throws FlowException when it is one that cannot be shared
     */
    public FlowIndirect(FlowAction action) {
        if (action.type() == FlowAction.Type.JUMP || action.type() == FlowAction.Type.INDIRECT) {
            throw new FlowException(FlowException.Cause.ACTION, "action " + action.type().name().toLowerCase(Locale.ROOT)
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

    void begin(Flows port) {
        ports.add(port);
    }

    void end(Flows port) {
        ports.remove(port);
    }

    /** A port, and all others with a rule that does it. */
    Set<Flows> with(Flows port) {
        ports.removeIf(other -> !other.uses(this));
        Set<Flows> all = new HashSet<>(ports);
        all.add(port);
        return all;
    }
}
