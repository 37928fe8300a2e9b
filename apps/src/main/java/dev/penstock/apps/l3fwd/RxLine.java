package dev.penstock.apps.l3fwd;

import dev.penstock.ethdev.Port;

/** A receive queue that an lcore polls, and what became of its packets. */
final class RxLine {
    final Port port;
    final int queue;
    /** The port's way to the kernel; null when there is none. */
    final KernelWay kernel;
    long received;
    final long[] drops = new long[Drop.COUNT];

    RxLine(Port port, int queue, KernelWay kernel) {
        this.port = port;
        this.queue = queue;
        this.kernel = kernel;
    }
}
