package dev.penstock.apps.testpmd;

import dev.penstock.mbuf.Mbuf;

/** Packets that noisy holds back, first in, first out. Used by one thread. */
final class NoisyFifo {
    private final Mbuf[] slots;
    private int first;
    private int count;
    /** When it was last emptied, in ns; 0 for never. */
    long emptiedNs;

    NoisyFifo(int size) {
        slots = new Mbuf[size];
    }

    int free() {
        return slots.length - count;
    }

    int count() {
        return count;
    }

    /** Takes n packets in; there must be room. */
    void put(Mbuf[] packets, int n) {
        for (int i = 0; i < n; i++) {
            int at = first + count;
            slots[at < slots.length ? at : at - slots.length] = packets[i];
            count++;
        }
    }

    /** Gives up to n packets out; returns how many. */
    int take(Mbuf[] packets, int n) {
        int taken = Math.min(n, count);
        for (int i = 0; i < taken; i++) {
            packets[i] = slots[first];
            slots[first] = null;
            first = first + 1 == slots.length ? 0 : first + 1;
        }
        count -= taken;
        return taken;
    }
}
