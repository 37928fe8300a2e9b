package dev.penstock.flow;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.meter.Color;
import dev.penstock.meter.Meter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * A meter that rules send packets to: it colours each, counts it, and does what its policy says with the colour (DPDK:
 * rte_mtr). Queues' threads take turns by a lock that each holds for one packet. One thread changes it meanwhile.
 */
public final class FlowMeter implements FlowArgument {
    private static final Color[] COLORS = Color.values();
    /** Packets of the three colours and those dropped, then their bytes. */
    private static final int DROPPED = COLORS.length;
    private static final int BYTES = DROPPED + 1;
    private static final VarHandle LOCK;

    static {
        try {
            LOCK = MethodHandles.lookup().findVarHandle(FlowMeter.class, "lock", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused")
    private int lock;
    private final FlowPolicy policy;
    private final FlowAction[][] actions = new FlowAction[COLORS.length][];
    private final boolean[] drops = new boolean[COLORS.length];
    private final long[] counts = new long[2 * BYTES];
    private FlowProfile profile;
    private Meter meter;
    private volatile boolean enabled = true;
    private volatile FlowMeterInput input = FlowMeterInput.GREEN;

    /**
     * Makes one with full buckets.
     *
     * @param profile rates and bursts
     * @param policy what is done with each colour
     */
    public FlowMeter(FlowProfile profile, FlowPolicy policy) {
        this.policy = policy;
        for (Color color : COLORS) {
            actions[color.ordinal()] = policy.actions(color).stream().map(a -> a.bound(FlowCounter.MAX_QUEUES)).toArray(FlowAction[]::new);
            drops[color.ordinal()] = Arrays.stream(actions[color.ordinal()]).anyMatch(a -> a.type() == FlowAction.Type.DROP);
        }
        profile(profile);
    }

    /**
     * Sets other rates; the buckets are full then.
     *
     * @param next rates and bursts
     */
    public void profile(FlowProfile next) {
        lock();
        profile = next;
        meter = next.start();
        unlock();
    }

    /**
     * Sets whether it does anything; packets pass a meter that is not enabled as if it were not there.
     *
     * @param on whether
     */
    public void enabled(boolean on) {
        enabled = on;
    }

    /** @return whether it does anything */
    public boolean enabled() {
        return enabled;
    }

    /**
     * Sets what colour packets have before.
     *
     * @param next where it comes from
     */
    public void input(FlowMeterInput next) {
        input = next;
    }

    /** @return what colour packets have before */
    public FlowMeterInput input() {
        return input;
    }

    /** @return rates and bursts */
    public FlowProfile profile() {
        return profile;
    }

    /** @return what is done with each colour */
    public FlowPolicy policy() {
        return policy;
    }

    /**
     * What it has counted.
     *
     * @param reset whether it begins anew
     * @return packets of green, yellow, red and those dropped, then bytes in the same order
     */
    public long[] stats(boolean reset) {
        lock();
        long[] now = counts.clone();
        if (reset) {
            Arrays.fill(counts, 0);
        }
        unlock();
        return now;
    }

    /** The packet's colour, counted. */
    Color color(Mbuf m, byte[] keys, int key, Color before, long nowNs) {
        Color in = input.color(m, keys, key, before);
        int length = m.pktLen();
        lock();
        Color color = meter.check(nowNs, profile.packets() ? 1 : length, in);
        count(color.ordinal(), length);
        if (drops[color.ordinal()]) {
            count(DROPPED, length);
        }
        unlock();
        return color;
    }

    FlowAction[] actions(Color color) {
        return actions[color.ordinal()];
    }

    private void count(int which, int length) {
        counts[which]++;
        counts[BYTES + which] += length;
    }

    private void lock() {
        for (int i = 1; !LOCK.weakCompareAndSetAcquire(this, 0, 1); i++) {
            if ((i & 0xff) == 0) {
                Thread.yield();
            } else {
                Thread.onSpinWait();
            }
        }
    }

    private void unlock() {
        LOCK.setRelease(this, 0);
    }
}
