package dev.penstock.flow;

/** Packets and bytes of one rule, or of all rules that share it. Any thread may ask. */
public final class FlowCounter implements FlowArgument {
    /** Most queues of a port. */
    static final int MAX_QUEUES = 64;
    /** Numbers between one queue's and the next one's, so that no two are in a cache line that moves between cores. */
    private static final int STRIDE = 16;

    /** By queue, packets and bytes; each written by the queue's thread alone. */
    private final long[] counts;
    /** Whose queues count here; null until one does. */
    private Flows port;
    /** Where those of another port count, which have the same numbers. */
    private volatile FlowCounter more;

    /** Makes one that rules of any ports can share. */
    public FlowCounter() {
        this(MAX_QUEUES);
    }

    FlowCounter(int queues) {
        counts = new long[queues == 1 ? 2 : queues * STRIDE];
    }

    void count(Flows counting, int queue, int length) {
        long[] own = (port == counting ? this : part(counting)).counts;
        own[queue * STRIDE]++;
        own[queue * STRIDE + 1] += length;
    }

    private FlowCounter part(Flows counting) {
        FlowCounter part = this;
        while (part != null && part.port != counting) {
            part = part.more;
        }
        return part == null ? claim(counting) : part;
    }

    /** Takes a part that no port has any more, or another one. */
    private synchronized FlowCounter claim(Flows counting) {
        for (FlowCounter part = this; part != null; part = part.more) {
            if (part.port == counting) {
                return part;
            }
        }
        FlowCounter part = this;
        while (part.port != null && !part.port.closed()) {
            if (part.more == null) {
                part.more = new FlowCounter();
            }
            part = part.more;
        }
        part.port = counting;
        return part;
    }

    /** @return packets */
    public long hits() {
        return sum(0);
    }

    /** @return bytes */
    public long bytes() {
        return sum(1);
    }

    private long sum(int first) {
        long sum = 0;
        for (FlowCounter part = this; part != null; part = part.more) {
            for (int i = first; i < part.counts.length; i += STRIDE) {
                sum += part.counts[i];
            }
        }
        return sum;
    }
}
