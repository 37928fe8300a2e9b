package dev.penstock.drivers.ringdev;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.ring.Ring;
import java.util.ArrayList;
import java.util.List;

/** The rings of a device and of those attached to them; what is left in them is freed with the last user. */
final class RingSet {
    private static final int SIZE = 1024;

    private final List<Ring<Mbuf>> rings = new ArrayList<>();
    private final Runnable whenUnused;
    private int users;

    RingSet(String name, Ring.Sync sync, Runnable whenUnused) {
        for (int q = 0; q < RingDriver.MAX_QUEUES; q++) {
            rings.add(new Ring<>("ETH_RXTX" + q + "_" + name, Mbuf.class, SIZE, sync, sync));
        }
        this.whenUnused = whenUnused;
    }

    List<Ring<Mbuf>> rings() {
        return rings;
    }

    RingSet use() {
        users++;
        return this;
    }

    void release() {
        if (--users > 0) {
            return;
        }
        for (Ring<Mbuf> ring : rings) {
            for (Mbuf m = ring.dequeue(); m != null; m = ring.dequeue()) {
                m.free();
            }
        }
        whenUnused.run();
    }
}
