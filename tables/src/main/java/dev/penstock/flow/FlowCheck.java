package dev.penstock.flow;

import dev.penstock.acl.AclRule;
import dev.penstock.flow.FlowException.Cause;
import dev.penstock.net.Vlan;
import java.util.List;
import java.util.Locale;

/** Says which rules can be done in software, and of the others why not. */
final class FlowCheck {
    static final int MAX_GROUP = 0xffff;

    private FlowCheck() {}

    static void check(FlowRule rule, int queues) {
        if (queues > FlowCounter.MAX_QUEUES) {
            throw new FlowException(Cause.UNSPECIFIED, "the port has " + queues + " receive queues; rules are done on ports of up to "
                    + FlowCounter.MAX_QUEUES);
        }
        attributes(rule);
        new FlowPattern(rule.pattern());
        for (int i = 0; i < rule.pattern().size(); i++) {
            FlowItem item = rule.pattern().get(i);
            for (FlowItem.Match match : item.matches()) {
                check(i, item, match);
            }
        }
        actions(rule, queues);
    }

    private static void attributes(FlowRule rule) {
        if (rule.group() < 0 || rule.group() > MAX_GROUP) {
            throw new FlowException(Cause.GROUP, "group " + Integer.toUnsignedString(rule.group()) + "; give 0 to " + MAX_GROUP);
        }
        if (rule.priority() < 0 || rule.priority() > AclRule.MAX_PRIORITY) {
            throw new FlowException(Cause.PRIORITY, "priority " + rule.priority() + "; give 0 to " + AclRule.MAX_PRIORITY);
        }
        if (rule.transfer()) {
            throw new FlowException(Cause.TRANSFER, "there is no switch below a port in software; give ingress");
        }
        if (rule.egress()) {
            throw new FlowException(Cause.EGRESS, "rules are done on what a port receives; give ingress");
        }
        if (!rule.ingress()) {
            throw new FlowException(Cause.INGRESS, "neither ingress nor egress; give ingress");
        }
    }

    private static void check(int index, FlowItem item, FlowItem.Match match) {
        FlowField field = match.field();
        String where = "item " + index + ", " + name(item.type()) + " " + field.word() + ": ";
        if (field.item() != item.type()) {
            throw new FlowException(Cause.ITEM_SPEC, where + "the field belongs to " + name(field.item()));
        }
        if (Long.compareUnsigned(match.spec(), field.max()) > 0) {
            throw new FlowException(Cause.ITEM_SPEC, where + "0x" + Long.toHexString(match.spec()) + " does not fit; give at most 0x"
                    + Long.toHexString(field.max()));
        }
        if (Long.compareUnsigned(match.mask(), field.max()) > 0) {
            throw new FlowException(Cause.ITEM_MASK, where + "a mask of 0x" + Long.toHexString(match.mask()) + " does not fit; give at most 0x"
                    + Long.toHexString(field.max()));
        }
        if (Long.compareUnsigned(match.last(), field.max()) > 0 || Long.compareUnsigned(match.spec(), match.last()) > 0) {
            throw new FlowException(Cause.ITEM_LAST, where + "from 0x" + Long.toHexString(match.spec()) + " to 0x"
                    + Long.toHexString(match.last()) + " is no range; give the lesser first, at most 0x" + Long.toHexString(field.max()));
        }
    }

    private static void actions(FlowRule rule, int queues) {
        List<FlowAction> actions = rule.actions();
        if (actions.isEmpty()) {
            throw new FlowException(Cause.ACTION, "no action; passthru is one that does nothing");
        }
        for (int i = 0; i < actions.size(); i++) {
            String where = "action " + i + ", " + name(actions.get(i).type());
            whole(where, actions.get(i), queues);
            FlowAction action = actions.get(i).direct();
            if (action.type().isFate() && actions.subList(0, i).stream().anyMatch(a -> a.direct().type().isFate())) {
                throw new FlowException(Cause.ACTION, where + ": an action before it ends the packet's way already; give one of the two");
            }
            require(where, rule, action);
            if (action.type() == FlowAction.Type.JUMP && action.value() <= rule.group()) {
                throw new FlowException(Cause.ACTION_CONF, where + " to group " + action.value() + " from " + rule.group()
                        + "; give a greater one, so that no packet goes round for ever");
            }
            actions.get(i).all().skip(1).forEach(done -> require(where + "'s " + name(done.type()), rule, done));
        }
    }

    /** Checks an action and what it does with a colour or a copy, apart from the rule it is in. */
    static void whole(String where, FlowAction action, int queues) {
        action(where, action, queues);
        action.all().skip(1).forEach(done -> action(where + "'s " + name(done.type()), done, queues));
    }

    /** Checks what an action says. */
    static void action(String where, FlowAction action, int queues) {
        long value = action.value();
        if (Long.compareUnsigned(value, action.type().max()) > 0) {
            throw new FlowException(Cause.ACTION_CONF, where + " " + value + "; give 0 to " + action.type().max());
        }
        argument(where, action);
        if (action.type() == FlowAction.Type.QUEUE && value >= queues
                || action.type() == FlowAction.Type.RSS && queues < Long.SIZE && (value & FlowAction.RSS_QUEUES) >>> queues != 0) {
            throw new FlowException(Cause.ACTION_CONF, where + (action.type() == FlowAction.Type.QUEUE ? " " + value : "")
                    + ": the port has queues 0 to " + (queues - 1) + "; give one of them, or set up more");
        }
        if (action.type() == FlowAction.Type.OF_PUSH_VLAN && !Vlan.isTag((int) value)) {
            throw new FlowException(Cause.ACTION_CONF, where + " 0x" + Long.toHexString(value) + " is no EtherType of a tag; give 0x8100 or 0x88a8");
        }
        if (action.type() == FlowAction.Type.AGE && value == 0 && action.argument() == null) {
            throw new FlowException(Cause.ACTION_CONF, where + " of 0 s; give 1 or more");
        }
        if (action.argument() instanceof FlowIndirect indirect) {
            action(where + " " + name(indirect.action().type()), indirect.action(), queues);
        }
    }

    private static void require(String where, FlowRule rule, FlowAction action) {
        List<FlowItem.Type> wanted = action.type().needs();
        boolean pushed = wanted.contains(FlowItem.Type.VLAN) && action.type() != FlowAction.Type.OF_POP_VLAN
                && rule.actions().stream().anyMatch(a -> a.type() == FlowAction.Type.OF_PUSH_VLAN);
        if (!wanted.isEmpty() && !pushed && rule.pattern().stream().noneMatch(item -> wanted.contains(item.type()))) {
            throw new FlowException(Cause.ACTION, where + ": the pattern does not say that the packet has the header; add "
                    + name(wanted.getFirst()) + " to the pattern");
        }
    }

    private static void argument(String where, FlowAction action) {
        FlowAction.Type type = action.type();
        FlowArgument argument = action.argument();
        if (argument == null ? type.argument() != null && !type.makesArgument() : argument.getClass() != type.argument()) {
            throw new FlowException(Cause.ACTION_CONF, where + (type.argument() == null ? ": it takes nothing" : ": give it a "
                    + type.argument().getSimpleName()) + (argument == null ? "" : ", not a " + argument.getClass().getSimpleName()));
        }
        if (type == FlowAction.Type.VXLAN_ENCAP && !((FlowHeader) argument).hasUdp()
                || type == FlowAction.Type.NVGRE_ENCAP && !((FlowHeader) argument).hasIp()) {
            throw new FlowException(Cause.ACTION_CONF, where + ": the headers are no tunnel's; give Ethernet, IP"
                    + (type == FlowAction.Type.VXLAN_ENCAP ? ", UDP and VXLAN" : " and GRE"));
        }
    }

    private static String name(FlowAction.Type type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    private static String name(FlowItem.Type type) {
        return FlowPattern.name(type);
    }
}
