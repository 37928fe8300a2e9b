package dev.penstock.flow;

/** Packets and bytes of one rule, or of all rules that share it. Any thread may ask. */
public final class FlowCounter implements FlowArgument {
    /** Most queues of a port. */
    static final int MAX_QUEUES = 64;
    /** Numbers between one queue's and the next one's, so that no two are in a cache line that moves between cores. */
    private static final int STRIDE = 16;

    /** By queue, packets and bytes; each written by the queue's thread alone. */
    private final long[] counts;

    /** Makes one that rules of any ports can share. */
    public FlowCounter() {
        this(MAX_QUEUES);
    }

    FlowCounter(int queues) {
        counts = new long[queues == 1 ? 2 : queues * STRIDE];
    }

    void count(int queue, int length) {
        counts[queue * STRIDE]++;
        counts[queue * STRIDE + 1] += length;
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
        for (int i = first; i < counts.length; i += STRIDE) {
            sum += counts[i];
        }
        return sum;
    }
}
