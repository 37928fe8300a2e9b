package dev.penstock.drivers.kernel;

import dev.penstock.linux.Epoll;
import dev.penstock.linux.Errno;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.LinkEvents;
import dev.penstock.linux.LinkState;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.NetInterface;

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
         * The interface was deleted; nothing else follows.
         *
         * @param wasUp whether its link was up
         */
        void removed(boolean wasUp);
    }

    private final LinkEvents events = new LinkEvents();
    private final EventFd end = new EventFd();
    private final Epoll epoll = new Epoll(2);
    private final NetInterface netif;
    private final Listener listener;
    private final Thread thread;
    private boolean up;

    /**
     * Listens from now on; tells from {@link #start} on.
     *
     * @param netif the interface, which stays the caller's
     * @param listener who is told
     */
    public LinkMonitor(NetInterface netif, Listener listener) {
        this.netif = netif;
        this.listener = listener;
        epoll.add(events.fd(), Epoll.EPOLLIN, 0);
        epoll.add(end.fd(), Epoll.EPOLLIN, 1);
        up = netif.isRunning();
        thread = Thread.ofPlatform().daemon().name("penstock-link-" + netif.name()).unstarted(this::run);
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
            joinQuietly();
            release();
        }
    }

    private void joinQuietly() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (end.take() == 0) {
                epoll.await(-1);
                long lost = events.overflows();
                for (LinkState event = events.next(); event != null; event = events.next()) {
                    if (event.index() == netif.index() && !tell(event)) {
                        return;
                    }
                }
                if (events.overflows() != lost && !look()) {
                    return;
                }
            }
        } finally {
            release();
        }
    }

    private boolean tell(LinkState event) {
        if (event.gone()) {
            // a bridge that lets an interface go tells of that as a deletion too
            if (exists()) {
                return true;
            }
            listener.removed(up);
            return false;
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

    /** Events were lost: sees for itself how things are. */
    private boolean look() {
        try {
            listener.mtuIs(netif.mtu());
            boolean now = netif.isRunning();
            if (now != up) {
                up = now;
                listener.linkChanged();
            }
            return true;
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENODEV) {
                throw e;
            }
            listener.removed(up);
            return false;
        }
    }

    /** How often events of links were lost. */
    long overflows() {
        return events.overflows();
    }

    private boolean exists() {
        try {
            netif.flags();
            return true;
        } catch (LinuxException e) {
            return e.errno() != Errno.ENODEV;
        }
    }

    private synchronized void release() {
        epoll.close();
        end.close();
        events.close();
    }
}
