package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.Port;
import dev.penstock.flow.Flow;
import dev.penstock.flow.FlowAge;
import dev.penstock.flow.FlowArgument;
import dev.penstock.flow.FlowCounter;
import dev.penstock.flow.FlowIndirect;
import dev.penstock.flow.FlowRule;
import dev.penstock.flow.Flows;
import java.util.TreeMap;

/** A port's rules and indirect actions by number. */
final class PortFlows {
    final TreeMap<Integer, Flow> flows = new TreeMap<>();
    final TreeMap<Integer, FlowIndirect> indirects = new TreeMap<>();
    Flows engine;
    private final int port;

    PortFlows(Port port) {
        this.port = port.id();
        engine = new Flows(port);
    }

    /** The indirect action of a number. */
    FlowIndirect indirect(int number) {
        FlowIndirect indirect = indirects.get(number);
        if (indirect == null) {
            throw new IllegalArgumentException("Failed to find indirect action #" + Integer.toUnsignedString(number) + " on port " + port);
        }
        return indirect;
    }

    /** Whether a rule or an indirect action names something. */
    boolean uses(FlowArgument argument) {
        return flows.values().stream().anyMatch(flow -> flow.uses(argument))
                || indirects.values().stream().anyMatch(indirect -> indirect.action().argument() == argument);
    }

    static String text(FlowCounter counter) {
        return " hits_set: 1\n bytes_set: 1\n hits: " + counter.hits() + "\n bytes: " + counter.bytes();
    }

    static String text(FlowAge age) {
        return " aged: " + (age.aged() ? 1 : 0) + "\n sec_since_last_hit_valid: 1\n sec_since_last_hit: " + age.silentS();
    }

    static String attributes(FlowRule rule) {
        return rule.group() + "\t" + rule.priority() + "\t" + (rule.ingress() ? 'i' : '-') + (rule.egress() ? 'e' : '-')
                + (rule.transfer() ? 't' : '-');
    }
}
