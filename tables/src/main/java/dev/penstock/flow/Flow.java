package dev.penstock.flow;

/** A rule in force, and what it has counted (DPDK: struct rte_flow). */
public final class Flow {
    private final FlowRule rule;
    private final FlowAction[] actions;
    /** By queue; each written by the queue's thread alone. */
    private final long[] hits;
    private final long[] bytes;

    Flow(FlowRule rule, int queues) {
        this.rule = rule;
        actions = rule.actions().toArray(new FlowAction[0]);
        hits = new long[queues];
        bytes = new long[queues];
    }

    /** @return the rule */
    public FlowRule rule() {
        return rule;
    }

    /** @return packets that met its {@link FlowAction.Type#COUNT} */
    public long hits() {
        return sum(hits);
    }

    /** @return bytes of those packets */
    public long bytes() {
        return sum(bytes);
    }

    FlowAction[] actions() {
        return actions;
    }

    void count(int queue, int length) {
        hits[queue]++;
        bytes[queue] += length;
    }

    private static long sum(long[] values) {
        long sum = 0;
        for (long value : values) {
            sum += value;
        }
        return sum;
    }
}
