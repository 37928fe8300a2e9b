package dev.penstock.drivers.fault;

import dev.penstock.ethdev.Xstat;
import dev.penstock.mbuf.Mbuf;
import java.util.List;

/**
 * Harms the packets of one queue. Packets go in one by one; what is left of them waits in order in a
 * short queue. Random numbers are a sequence of xorshift64*, which allocates nothing.
 */
final class FaultStage {
    static final int CHUNK = 256;

    private static final int CAPACITY = 4 * CHUNK;
    private static final double BURST_SECONDS = 0.01;
    private static final double MIN_BURST_PACKETS = 32;
    private static final int LARGE_FRAME_BITS = 12_144;

    private final FaultSettings settings;
    private final Mbuf[] queue = new Mbuf[CAPACITY];
    private int head;
    private int count;
    private Mbuf held;
    private long state;
    private final double burst;
    private double tokens;
    private long refilledNs = System.nanoTime();

    private long dropped;
    private long rateDropped;
    private long corrupted;
    private long reordered;
    private long duplicated;
    private long discarded;

    FaultStage(FaultSettings settings, int number) {
        this.settings = settings;
        // Spreads small seeds over all bits; never 0.
        this.state = (settings.seed() * 0x9e3779b97f4a7c15L + number * 0xbf58476d1ce4e5b9L) | 1;
        this.burst = Math.max(settings.rate() * BURST_SECONDS, MIN_BURST_PACKETS * (settings.bits() ? LARGE_FRAME_BITS : 1));
        this.tokens = burst;
    }

    /** How many packets may be put in now, so that all of them and their duplicates find room. */
    int room() {
        return (CAPACITY - count) / 2 - 1;
    }

    /** Packets that wait to go on. */
    int count() {
        return count;
    }

    /** Says that time has passed: once before each burst. */
    void refill() {
        if (settings.rate() > 0) {
            long now = System.nanoTime();
            tokens = Math.min(burst, tokens + (now - refilledNs) * 1e-9 * settings.rate());
            refilledNs = now;
        }
    }

    /** Takes a packet; returns false when it was lost. */
    boolean put(Mbuf m) {
        if (hit(settings.drop())) {
            dropped++;
            m.free();
            return false;
        }
        if (settings.rate() > 0) {
            double cost = settings.bits() ? 8.0 * m.pktLen() : 1;
            if (tokens < cost) {
                rateDropped++;
                m.free();
                return false;
            }
            tokens -= cost;
        }
        if (hit(settings.corrupt())) {
            corrupt(m);
        }
        if (hit(settings.duplicate())) {
            duplicate(m);
        }
        pass(m);
        return true;
    }

    private void pass(Mbuf m) {
        if (held != null) {
            append(m);
            release();
        } else if (hit(settings.reorder())) {
            held = m;
        } else {
            append(m);
        }
    }

    private void corrupt(Mbuf m) {
        // Data that another packet shows too is not ours to change.
        if (m.dataLen() > 0 && m.isDirect() && m.refCnt() == 1) {
            int at = (int) Math.floorMod(random(), (long) m.dataLen());
            m.putByte(at, (byte) (m.getByte(at) ^ 1 << (random() & 7)));
            corrupted++;
        }
    }

    private void duplicate(Mbuf m) {
        Mbuf twin = m.copy(m.pool(), 0, m.pktLen());
        if (twin != null) {
            twin.port(m.port());
            append(twin);
            duplicated++;
        }
    }

    /** Lets a packet go that waits to change places, as when no other comes. */
    void release() {
        if (held != null) {
            reordered++;
            append(held);
            held = null;
        }
    }

    private void append(Mbuf m) {
        queue[(head + count) & CAPACITY - 1] = m;
        count++;
    }

    /** Copies what waits, oldest first, without taking it. */
    int peek(Mbuf[] to, int max) {
        int n = Math.min(max, count);
        for (int i = 0; i < n; i++) {
            to[i] = queue[(head + i) & CAPACITY - 1];
        }
        return n;
    }

    /** Takes the oldest n away. */
    void take(int n) {
        for (int i = 0; i < n; i++) {
            queue[(head + i) & CAPACITY - 1] = null;
        }
        head = head + n & CAPACITY - 1;
        count -= n;
    }

    /** Frees all that waits. */
    void discard() {
        if (held != null) {
            append(held);
            held = null;
        }
        discarded += count;
        while (count > 0) {
            queue[head].free();
            take(1);
        }
    }

    private boolean hit(double probability) {
        return probability > 0 && (random() >>> 11) * 0x1.0p-53 < probability;
    }

    private long random() {
        state ^= state >>> 12;
        state ^= state << 25;
        state ^= state >>> 27;
        return state * 0x2545f4914f6cdd1dL;
    }

    void addTo(List<Xstat> all, String prefix) {
        all.add(new Xstat(prefix + "fault_dropped", dropped));
        all.add(new Xstat(prefix + "fault_rate_dropped", rateDropped));
        all.add(new Xstat(prefix + "fault_corrupted", corrupted));
        all.add(new Xstat(prefix + "fault_reordered", reordered));
        all.add(new Xstat(prefix + "fault_duplicated", duplicated));
        all.add(new Xstat(prefix + "fault_discarded", discarded));
    }
}
