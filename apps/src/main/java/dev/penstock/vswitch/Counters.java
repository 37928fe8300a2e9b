package dev.penstock.vswitch;

/** What is counted for a port by one forwarder, as plain longs that any thread reads; drops stand behind the others. */
final class Counters {
    static final int RX_PACKETS = 0;
    static final int RX_BYTES = 1;
    static final int TX_PACKETS = 2;
    static final int TX_BYTES = 3;
    /** Copies that were to be made of packets that came from this port. */
    static final int COPIES = 4;
    /** Packets that the switch made itself: ARP requests. */
    static final int ORIGINATED = 5;
    static final int LEARNED = 6;
    static final int MOVED = 7;
    static final int LEARN_REFUSED = 8;
    static final int DROPS = 9;

    private static final int PAD = 16;

    private Counters() {}

    /** Some for one forwarder, in cache lines of their own. */
    static long[] create() {
        return new long[DROPS + Drop.ALL.length + PAD];
    }

    static void drop(long[] counters, Drop reason, int packets) {
        counters[DROPS + reason.ordinal()] += packets;
    }
}
