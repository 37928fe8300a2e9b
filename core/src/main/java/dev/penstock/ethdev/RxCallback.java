package dev.penstock.ethdev;

import dev.penstock.mbuf.Mbuf;
import java.util.List;

/** Looks at packets between the driver and the application. Runs in the polling thread, in the order added. */
@FunctionalInterface
public interface RxCallback {
    /**
     * Handles a burst, an empty one too. What it drops it frees, counts, and closes the gap; it may add packets.
     *
     * <p>When it throws, the port frees what the first n places hold, counts it as {@code rx_callback_errors}, and passes the error on.
     * Places whose packets are the burst's no more, such as those that it freed before, have to be null then; a packet may stand at two.
     *
     * @param port the port
     * @param queue the queue's number
     * @param packets the burst, from index 0
     * @param n how many there are
     * @param max how many the array has room for
     * @return how many there are now
     */
    int received(Port port, int queue, Mbuf[] packets, int n, int max);

    /**
     * What it counts, such as packets that it dropped. A port shows the sums over its queues, so a callback that counts has one
     * queue. Any thread may ask, while packets pass too.
     *
     * @return counters that only grow, always of the same names; none when it counts nothing
     */
    default List<Xstat> xstats() {
        return List.of();
    }
}
