package dev.penstock.vhost;

import dev.penstock.linux.Epoll;
import dev.penstock.linux.EventFd;
import dev.penstock.virtqueue.RingMemory;

/** What a front end has said of a queue. Used by the control thread. */
final class VringSetup {
    int size;
    int base;
    boolean hasAddresses;
    long descriptors;
    long driver;
    long device;
    long logAddress = -1;
    /** Where the ring lies of a queue that runs, or ran last. */
    RingMemory ring;
    boolean started;
    boolean enabled;
    EventFd kick;
    /** Watches the kick; the peer has it too, so it does not leave when it is closed here. */
    Epoll watcher;
    EventFd call;
    EventFd error;

    /** Forgets all, and closes what it has. */
    void clear() {
        kick(null);
        call = swap(call, null);
        error = swap(error, null);
        size = 0;
        base = 0;
        hasAddresses = false;
        logAddress = -1;
        ring = null;
        started = false;
        enabled = false;
    }

    void kick(EventFd next) {
        if (watcher != null) {
            watcher.remove(kick.fd());
            watcher = null;
        }
        kick = swap(kick, next);
    }

    static EventFd swap(EventFd old, EventFd next) {
        if (old != null) {
            old.close();
        }
        return next;
    }
}
