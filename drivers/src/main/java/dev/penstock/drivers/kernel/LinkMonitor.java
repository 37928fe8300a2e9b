package dev.penstock.drivers.kernel;

import dev.penstock.linux.Epoll;
import dev.penstock.linux.Errno;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.LinkEvents;
import dev.penstock.linux.LinkState;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.NetInterface;
import dev.penstock.linux.Unfinished;
import dev.penstock.threads.Uninterrupted;

/** A thread that sleeps until the kernel tells of a change of one interface. */
public final class LinkMonitor implements AutoCloseable {
    /** Who is told, in the monitor's thread. */
    public interface Listener {
        /** The link went up or down. */
        void linkChanged();

        /**
         * Somebody may have changed the MTU.
         *
         * @param bytes how it is now
         */
        void mtuIs(int bytes);

        /**
         * The interface was deleted.
         *
         * @param wasUp whether its link was up
         * @return whether to wait for another one of its name; if not, nothing else follows
         */
        boolean removed(boolean wasUp);

        /**
         * Another one of its name may be there. Called when the kernel tells of any interface, and ten times a second,
         * until it is so.
         *
         * @return whether the listener stands on it now; {@link #linkChanged} follows if its link is up
         */
        default boolean found() {
            return false;
        }
    }

    private static final int LOOK_AGAIN_MS = 100;

    private final LinkEvents events;
    private final EventFd end;
    private final Epoll epoll;
    private final NetInterface netif;
    private final Listener listener;
    private final Thread thread;
    private volatile boolean up;
    /** Whether the interface was deleted and another one is waited for. */
    private boolean lost;

    /**
     * Listens from now on; tells from {@link #start} on.
     *
     * @param netif the interface, which stays the caller's
     * @param listener who is told
     */
    public LinkMonitor(NetInterface netif, Listener listener) {
        this.netif = netif;
        this.listener = listener;
        try (Unfinished made = new Unfinished()) {
            events = made.with(new LinkEvents());
            end = made.with(new EventFd());
            epoll = made.with(new Epoll(2));
            epoll.add(events.fd(), Epoll.EPOLLIN, 0);
            epoll.add(end.fd(), Epoll.EPOLLIN, 1);
            up = netif.isRunning();
            made.finished();
        }
        thread = Thread.ofPlatform().daemon().name("penstock-link-" + netif.name()).unstarted(this::run);
    }

    /** @return whether the interface's link is up, as far as the listener was told, or as it was at first */
    public boolean isUp() {
        return up;
    }

    /** Starts the thread; a second time does nothing. */
    public void start() {
        if (thread.getState() == Thread.State.NEW) {
            thread.start();
        }
    }

    /** Ends the thread and waits for that, unless it is the thread itself that calls, from a listener. */
    @Override
    public void close() {
        if (end.fd().value() < 0) {
            return;
        }
        end.signal();
        if (thread != Thread.currentThread()) {
            Uninterrupted.join(thread);
            release();
        }
    }

    private void run() {
        try {
            while (end.take() == 0) {
                epoll.await(lost ? LOOK_AGAIN_MS : -1);
                if (end.take() != 0 || !listen()) {
                    return;
                }
            }
        } finally {
            release();
        }
    }

    /** Whether to go on. */
    private boolean listen() {
        long missed = events.overflows();
        for (LinkState event = events.next(); event != null; event = events.next()) {
            if (!lost && event.index() == netif.index() && !tell(event)) {
                return false;
            }
        }
        if (!lost && events.overflows() != missed && !look()) {
            return false;
        }
        if (lost && listener.found()) {
            lost = false;
            up = false;
            return look();
        }
        return true;
    }

    private boolean tell(LinkState event) {
        if (event.gone()) {
            // a bridge that lets an interface go tells of that as a deletion too
            return netif.isThere() || gone();
        }
        if (event.mtu() > 0) {
            listener.mtuIs(event.mtu());
        }
        if (event.isRunning() != up) {
            up = event.isRunning();
            listener.linkChanged();
        }
        return true;
    }

    private boolean gone() {
        lost = true;
        return listener.removed(up);
    }

    /** Sees for itself how things are: events were lost, or this is another interface. */
    private boolean look() {
        try {
            if (!netif.isThere()) {
                return gone();
            }
            listener.mtuIs(netif.mtu());
            boolean now = netif.isRunning();
            if (now != up) {
                up = now;
                listener.linkChanged();
            }
            return true;
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENODEV && e.errno() != Errno.EBADF) {
                throw e;
            }
            // a bad descriptor: the listener has closed what it was told of
            return e.errno() == Errno.ENODEV && gone();
        }
    }

    /** How often events of links were lost. */
    long overflows() {
        return events.overflows();
    }

    private synchronized void release() {
        epoll.close();
        end.close();
        events.close();
    }
}
