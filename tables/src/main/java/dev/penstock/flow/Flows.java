package dev.penstock.flow;

import dev.penstock.acl.AclRuleException;
import dev.penstock.ethdev.Port;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The flow rules of a port (DPDK: rte_flow), done in software behind its receive queues: the headers of a packet become
 * the key of an ACL, whose answer is the rule. Of the rules that match, the one of the least priority number is done,
 * and among equals the one that was created first.
 *
 * <p>One thread calls the methods; the queues' threads go on meanwhile, and do each burst by the old rules or the new.
 * A port whose receive queues are set up again needs new ones. What a rule gives to another queue goes through a ring to
 * that queue's thread.
 */
public final class Flows implements AutoCloseable {
    private static final VarHandle PROGRAM;

    static {
        try {
            PROGRAM = MethodHandles.lookup().findVarHandle(Flows.class, "program", FlowProgram.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Port port;
    private final FlowEngine[] engines;
    private final List<Flow> all = new ArrayList<>();
    private FlowProgram program = new FlowProgram(all);
    private volatile boolean isolated;
    private volatile boolean closed;

    /**
     * Begins to look at what a port receives; lcores may poll it meanwhile.
     *
     * @param port the port, its receive queues set up
     */
    public Flows(Port port) {
        this(port, port.config().rxQueues());
        for (int queue = 0; queue < engines.length; queue++) {
            port.addRxCallback(queue, engines[queue]);
        }
    }

    /** Rules that nothing is given to but by {@link #engine}. */
    Flows(Port port, int queues) {
        this.port = port;
        engines = new FlowEngine[queues];
        for (int queue = 0; queue < queues; queue++) {
            engines[queue] = new FlowEngine(this, queue, queues);
        }
    }

    /**
     * Lets the port receive nothing but what matches a rule (rte_flow_isolate).
     *
     * @param only whether
     */
    public void isolate(boolean only) {
        isolated = only;
    }

    /** @return whether only what matches a rule is received */
    public boolean isolated() {
        return isolated;
    }

    FlowEngine engine(int queue) {
        return engines[queue];
    }

    FlowProgram program() {
        return (FlowProgram) PROGRAM.getAcquire(this);
    }

    /**
     * Tells whether a rule could be created.
     *
     * @param rule the rule
     * @throws FlowException when not, with the item or action and the reason
     */
    public void validate(FlowRule rule) {
        with(new Flow(rule, engines.length));
    }

    /** The rules in force and one more. */
    private FlowProgram with(Flow flow) {
        FlowCheck.check(flow.rule(), engines.length);
        List<Flow> more = new ArrayList<>(all);
        more.add(flow);
        try {
            return new FlowProgram(more);
        } catch (AclRuleException e) {
            throw new FlowException(FlowException.Cause.ITEM, "a rule of the same pattern and priority is there; destroy it first, or"
                    + " give another priority");
        }
    }

    /**
     * Puts a rule into force.
     *
     * @param rule the rule
     * @return what it counts, and the name for {@link #destroy}
     * @throws FlowException when it cannot be done, with the item or action and the reason; nothing is changed
     */
    public Flow create(FlowRule rule) {
        Flow flow = new Flow(rule, engines.length);
        FlowProgram next = with(flow);
        all.add(flow);
        flow.indirects().forEach(indirect -> indirect.begin(this));
        if (flow.isCopying()) {
            openInboxes();
        }
        PROGRAM.setRelease(this, next);
        return flow;
    }

    private void openInboxes() {
        for (FlowEngine engine : engines) {
            engine.openInbox();
        }
    }

    /**
     * Takes a rule out of force.
     *
     * @param flow the rule
     * @throws FlowException when it is not one of this port
     */
    public void destroy(Flow flow) {
        if (!all.remove(flow)) {
            throw new FlowException(FlowException.Cause.HANDLE, "the rule is not one of this port");
        }
        PROGRAM.setRelease(this, new FlowProgram(all));
    }

    /** Takes all rules out of force. */
    public void flush() {
        all.clear();
        PROGRAM.setRelease(this, new FlowProgram(all));
    }

    /**
     * Exchanges what an indirect action does, on all ports with rules that do it; packets see the old or the new.
     *
     * @param indirect the action
     * @param next what it does from now on, of the same type
     * @throws FlowException when it is of another type, or one of the ports cannot do it; nothing is changed
     */
    public void update(FlowIndirect indirect, FlowAction next) {
        FlowAction now = indirect.action();
        if (now.type() != next.type()) {
            throw new FlowException(FlowException.Cause.ACTION, "the indirect action is one of " + now.type().name().toLowerCase(Locale.ROOT)
                    + "; give the same type");
        }
        Set<Flows> ports = indirect.with(this);
        ports.forEach(one -> FlowCheck.whole("action " + next.type().name().toLowerCase(Locale.ROOT), next, one.engines.length));
        if (next.type() == FlowAction.Type.AGE && next.argument() == null) {
            ((FlowAge) now.argument()).timeout(next.value());
        } else if (next.argument() != null || !next.type().makesArgument()) {
            if (next.isCopying()) {
                ports.forEach(Flows::openInboxes);
            }
            indirect.action(next);
            ports.forEach(one -> PROGRAM.setRelease(one, new FlowProgram(one.all)));
        }
    }

    boolean uses(FlowIndirect indirect) {
        return all.stream().anyMatch(flow -> flow.indirects().contains(indirect));
    }

    /** @return rules in force that met no packet for the time of their {@link FlowAction.Type#AGE} */
    public List<Flow> aged() {
        return all.stream().filter(flow -> flow.age() != null && flow.age().aged()).toList();
    }

    /** Turns the rules in force into generated classes, as {@link dev.penstock.acl.Acl#compile} does. */
    public void compile() {
        program().compile();
    }

    /** @return rules in force, in the order of their creation */
    public List<Flow> list() {
        return List.copyOf(all);
    }

    /** @return packets for another queue that was full, or that it did not take before {@link #close}, and copies that could not be made */
    public long missed() {
        long missed = 0;
        for (FlowEngine engine : engines) {
            missed += engine.missed();
        }
        return missed;
    }

    /** @return packets that rules dropped, or that matched none while {@link #isolated}; a port has the sums as rx_flow_dropped and rx_flow_missed */
    public long drops() {
        long drops = 0;
        for (FlowEngine engine : engines) {
            drops += engine.drops();
        }
        return drops;
    }

    boolean closed() {
        return closed;
    }

    /** Looks at packets no more. No lcore polls the port meanwhile. */
    @Override
    public void close() {
        closed = true;
        all.forEach(flow -> flow.indirects().forEach(indirect -> indirect.end(this)));
        for (int queue = 0; queue < engines.length; queue++) {
            engines[queue].clear();
            if (port != null && port.state() != Port.State.CLOSED && queue < port.config().rxQueues()) {
                port.removeRxCallback(queue, engines[queue]);
            }
        }
    }
}
