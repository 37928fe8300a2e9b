package dev.penstock.drivers.afxdp;

import dev.penstock.ethdev.PortDriver;

/**
 * What a port's device arguments say.
 *
 * @param iface the interface's name
 * @param startQueue its first queue that is used
 * @param queueCount how many of its queues
 * @param sharedUmem whether queues with the same pool share one umem
 * @param busyBudget packets that one busy poll takes at most, 0 for none
 * @param forceCopy whether zero-copy is not even tried
 * @param mode where the program runs
 * @param steering which frames it takes
 */
record AfXdpArguments(String iface, int startQueue, int queueCount, boolean sharedUmem, int busyBudget, boolean forceCopy,
        XdpMode mode, Steering steering) {
    private static final int MAX_QUEUES = 1024;
    private static final int DEFAULT_BUSY_BUDGET = 64;

    static AfXdpArguments of(PortDriver.Request request) {
        String iface = request.text("iface", "");
        if (iface.isEmpty()) {
            throw new IllegalArgumentException(request.name() + ": iface= is missing; name an interface of the kernel, such as "
                    + request.name() + ",iface=eth0");
        }
        return new AfXdpArguments(iface, request.number("start_queue", 0, 0, MAX_QUEUES - 1),
                request.number("queue_count", 1, 1, MAX_QUEUES), request.flag("shared_umem", false),
                request.number("busy_budget", DEFAULT_BUSY_BUDGET, 0, 65535), request.flag("force_copy", false),
                XdpMode.of(request.name(), request.text("mode", "")),
                Steering.parse(request.name(), request.text("steer", "")));
    }
}
