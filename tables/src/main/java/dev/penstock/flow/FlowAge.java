package dev.penstock.flow;

import dev.penstock.eal.Clock;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * When a rule, or one of those that share it, last met a packet (DPDK: rte_flow_action_age). A packet costs one store of
 * the burst's time; whether the time is over is found out when somebody asks. Any thread may ask.
 */
public final class FlowAge implements FlowArgument {
    private static final long SECOND_NS = 1_000_000_000;
    private static final int STRIDE = 16;
    private static final VarHandle NS = MethodHandles.arrayElementVarHandle(long[].class);

    /** By queue, the last packet's time; each written by the queue's thread alone. */
    private final long[] seenNs;
    private volatile long sinceNs = Clock.ns();
    private volatile long timeoutS;

    /**
     * Makes one that rules of any ports can share; its time begins now.
     *
     * @param timeoutS seconds without a packet after which it is aged, 1 to 16777215
     */
    public FlowAge(long timeoutS) {
        this(timeoutS, FlowCounter.MAX_QUEUES);
    }

    FlowAge(long timeoutS, int queues) {
        timeout(timeoutS);
        seenNs = new long[queues == 1 ? 1 : queues * STRIDE];
        java.util.Arrays.fill(seenNs, sinceNs);
    }

    /**
     * Sets another time.
     *
     * @param seconds 1 to 16777215
     * @throws FlowException when it is out of range
     */
    public void timeout(long seconds) {
        if (seconds < 1 || seconds > FlowAction.Type.AGE.max()) {
            throw new FlowException(FlowException.Cause.ACTION_CONF, "age of " + seconds + " s; give 1 to " + FlowAction.Type.AGE.max());
        }
        timeoutS = seconds;
    }

    /** Lets the time begin now, as a packet does. */
    public void touch() {
        sinceNs = Clock.ns();
    }

    void seen(int queue, long nowNs) {
        NS.setOpaque(seenNs, queue * STRIDE, nowNs);
    }

    /** @return seconds without a packet after which it is aged */
    public long timeoutS() {
        return timeoutS;
    }

    /** @return whole seconds since a packet came */
    public long silentS() {
        return silentS(Clock.ns());
    }

    long silentS(long nowNs) {
        long last = sinceNs;
        for (int i = 0; i < seenNs.length; i += STRIDE) {
            long seen = (long) NS.getOpaque(seenNs, i);
            last = seen - last > 0 ? seen : last;
        }
        return Math.max(0, nowNs - last) / SECOND_NS;
    }

    /** @return whether no packet came for as long */
    public boolean aged() {
        return aged(Clock.ns());
    }

    boolean aged(long nowNs) {
        return silentS(nowNs) >= timeoutS;
    }
}
