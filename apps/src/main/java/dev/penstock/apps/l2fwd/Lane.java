package dev.penstock.apps.l2fwd;

import dev.penstock.eal.Apart;
import dev.penstock.ethdev.Port;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.net.Ethernet;

/** One port's way to another. Used by one lcore; its counters may be read by any thread. */
final class Lane {
    private static final int BURST = 32;
    private static final long LOCAL_ADMIN = 0x0200_0000_0000L;

    final Port rx;
    final Port tx;
    private final boolean macUpdating;
    private final long dstMac;
    private final long srcMac;
    private final Mbuf[] packets = Apart.array(Mbuf.class, BURST);
    long received;
    long sent;
    long dropped;

    Lane(Port rx, Port tx, boolean macUpdating) {
        this.rx = rx;
        this.tx = tx;
        this.macUpdating = macUpdating;
        dstMac = LOCAL_ADMIN | tx.id();
        srcMac = tx.filters().mac();
    }

    /** Forwards a burst. */
    void forward() {
        int n = rx.rxBurst(0, packets, BURST);
        if (n == 0) {
            return;
        }
        received += n;
        for (int i = 0; macUpdating && i < n; i++) {
            if (packets[i].dataLen() >= Ethernet.LENGTH) {
                Ethernet.addresses(packets[i], 0, dstMac, srcMac);
            }
        }
        int taken = tx.txBurst(0, packets, 0, n);
        sent += taken;
        if (taken < n) {
            Mbuf.freeBulk(packets, taken, n - taken);
            dropped += n - taken;
        }
    }
}
