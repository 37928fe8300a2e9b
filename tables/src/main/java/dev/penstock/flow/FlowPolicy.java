package dev.penstock.flow;

import dev.penstock.flow.FlowException.Cause;
import dev.penstock.meter.Color;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a meter does with packets of each colour (DPDK: rte_mtr_meter_policy_params). Without an action of a colour the rule
 * goes on.
 *
 * @param green for packets within the committed rate
 * @param yellow for packets within the excess
 * @param red for others
 */
public record FlowPolicy(List<FlowAction> green, List<FlowAction> yellow, List<FlowAction> red) {
    /**
     * Copies the lists.
     *
     * @throws FlowException when an action cannot be in a policy
     */
    public FlowPolicy {
        green = List.copyOf(green);
        yellow = List.copyOf(yellow);
        red = List.copyOf(red);
        Stream.of(green, yellow, red).flatMap(List::stream).forEach(action -> {
            if (action.type() == FlowAction.Type.JUMP || action.argument() instanceof FlowMeter || action.argument() instanceof FlowIndirect) {
                throw new FlowException(Cause.ACTION, "action " + action.type().name().toLowerCase(Locale.ROOT)
                        + " is not done by a meter's policy; give it in the rule");
            }
        });
    }

    /**
     * The actions of a colour.
     *
     * @param color it
     * @return what is done
     */
    public List<FlowAction> actions(Color color) {
        return switch (color) {
            case GREEN -> green;
            case YELLOW -> yellow;
            case RED -> red;
        };
    }

    /** All actions. */
    List<FlowAction> all() {
        return Stream.of(green, yellow, red).flatMap(List::stream).toList();
    }
}
