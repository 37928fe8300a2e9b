package dev.penstock.linux;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Tells of interfaces that appear, change, lose their carrier or go, in the network namespace of the thread that
 * makes this. Watch {@link #fd} with an {@link Epoll}, or poll {@link #next}; one thread at a time.
 */
public final class LinkEvents implements AutoCloseable {
    private static final int RTMGRP_LINK = 1;

    private final NetlinkSocket socket = new NetlinkSocket(RTMGRP_LINK);
    private final Queue<LinkState> waiting = new ArrayDeque<>();

    /** Begins to listen. */
    public LinkEvents() {}

    /** @return the next event, or null if none waits; never blocks */
    public LinkState next() {
        while (waiting.isEmpty() && socket.drain("link events", message -> waiting.add(LinkState.parse(message)))) {
            continue;
        }
        return waiting.poll();
    }

    /**
     * How often events were lost because they came quicker than they were taken. Who sees it rise looks at the
     * interfaces themselves.
     *
     * @return the count since the start; any thread may ask
     */
    public long overflows() {
        return socket.overflows();
    }

    /** @return the descriptor, readable when an event has come */
    public Fd fd() {
        return socket.fd();
    }

    @Override
    public void close() {
        socket.close();
    }
}
