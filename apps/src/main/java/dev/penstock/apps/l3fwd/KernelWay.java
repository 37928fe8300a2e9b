package dev.penstock.apps.l3fwd;

import dev.penstock.ethdev.ExceptionPath;
import dev.penstock.ethdev.TxBuffer;
import dev.penstock.mbuf.Mbuf;

/** One lcore's use of a port's way to the kernel. */
final class KernelWay {
    private static final int POLL_MASK = 63;

    private final ExceptionPath path;
    private final LocalAddresses locals;
    private final Mbuf[] down = new Mbuf[Router.BURST];
    private final Mbuf[] up = new Mbuf[Router.BURST];
    private int waiting;
    private int polls;
    long given;
    long taken;

    KernelWay(ExceptionPath path, LocalAddresses locals) {
        this.path = path;
        this.locals = locals;
    }

    /** Whether an IPv4 destination is the router's own, or a group's. */
    boolean takes(int dst) {
        return locals.has(dst);
    }

    /** Whether an IPv6 destination is the router's own, a group's, or on this link alone. */
    boolean takes(long high, long low) {
        return locals.has(high, low);
    }

    /** Takes a packet for the kernel. */
    void give(Mbuf m) {
        down[waiting++] = m;
    }

    /** Hands over what was taken; at most a burst. */
    void flush() {
        if (waiting > 0) {
            given += waiting;
            path.toKernel(down, 0, waiting);
            waiting = 0;
        }
    }

    /** Sends what the kernel has sent, as it is. */
    void poll(TxBuffer out) {
        if ((++polls & POLL_MASK) == 0) {
            int n = path.fromKernel(up, up.length);
            taken += n;
            for (int i = 0; i < n; i++) {
                out.add(up[i]);
            }
        }
    }
}
