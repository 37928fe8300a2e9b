package dev.penstock.drivers.kernel;

import dev.penstock.eal.Log;
import dev.penstock.linux.Errno;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.NetInterface;
import dev.penstock.linux.Unfinished;

/**
 * A device that goes on by itself when its interface was deleted and one of that name is made anew. What stands on the
 * interface is changed under this object's lock, by the callers of its methods and by the thread that watches links.
 */
public abstract class ReturningDevice extends KernelDevice {
    /** How many addresses such a port may have; the kernel knows no bound. */
    protected static final int MAX_MACS = 128;

    private final Log.Type log;
    private final Home home;
    private final Membership membership;
    private boolean closed;
    /** Why there is no going on yet with an interface of that name, as it was said. */
    private String obstacle = "";

    /**
     * Takes over an interface.
     *
     * @param netif the interface; closed with the device, and when this fails
     * @param log where it says that the interface went and came
     */
    protected ReturningDevice(NetInterface netif, Log.Type log) {
        super(netif);
        this.log = log;
        try (Unfinished made = new Unfinished()) {
            made.with(super::close);
            home = made.with(new Home());
            membership = new Membership(netif.index());
            made.finished();
        }
    }

    /**
     * Gives up what stands on the interface. Called with the lock held.
     *
     * @param deleted whether the interface is gone, and not only that {@link #enter} failed half-way
     */
    protected abstract void leave(boolean deleted);

    /**
     * Stands on the interface, which is another one of the same name. Called with the lock held.
     *
     * @throws LinuxException when that can't be yet; {@link #leave} follows, and it is tried again
     */
    protected abstract void enter();

    /** Gives up everything. Called once, with the lock held, also when a constructor failed. */
    protected abstract void release();

    /** Starts, in the namespace of the interface; its number means another one in another namespace. */
    @Override
    public void start() {
        // a thread stays in the namespace where it is started
        home.within(super::start);
    }

    /**
     * Does something in the namespace of the interface.
     *
     * @param task what to do
     */
    protected final void within(Runnable task) {
        home.within(task);
    }

    @Override
    public final synchronized void promiscuous(boolean on) {
        membership.promiscuous(on);
    }

    @Override
    public final synchronized void allMulticast(boolean on) {
        membership.allMulticast(on);
    }

    @Override
    public final synchronized void addMac(long mac) {
        membership.address(mac, true);
    }

    @Override
    public final synchronized void removeMac(long mac) {
        membership.address(mac, false);
    }

    @Override
    protected final synchronized boolean lost() {
        log.warning(netif().name() + " was deleted; the port goes on when there is an interface of that name again");
        leave(true);
        return true;
    }

    @Override
    protected final boolean again() {
        boolean[] done = new boolean[1];
        home.within(() -> done[0] = reopen());
        return done[0];
    }

    private synchronized boolean reopen() {
        if (closed || !netif().find()) {
            return false;
        }
        try {
            enter();
            membership.renew(netif().index());
        } catch (LinuxException e) {
            leave(false);
            if (e.errno() != Errno.ENODEV && !obstacle.equals(e.getMessage())) {
                obstacle = e.getMessage();
                log.warning(netif().name() + " is there again, the port tries to go on: " + obstacle);
            }
            return false;
        }
        log.info(netif().name() + " is there again, the port goes on");
        obstacle = "";
        return true;
    }

    @Override
    public final void close() {
        try {
            synchronized (this) {
                closed = true;
                membership.close();
                release();
            }
        } finally {
            // it waits for the thread that may want to go on just now
            super.close();
            home.close();
        }
    }
}
