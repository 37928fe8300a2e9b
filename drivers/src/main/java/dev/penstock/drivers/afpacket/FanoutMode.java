package dev.penstock.drivers.afpacket;

import java.util.Locale;

/** How the kernel spreads frames over the queues (packet(7), PACKET_FANOUT). */
enum FanoutMode {
    /** By a hash of the flow. */
    HASH(0),
    /** In turn. */
    LB(1),
    /** By the processor that the frame came on. */
    CPU(2),
    /** Fill one queue, then the next. */
    ROLLOVER(3),
    /** At random. */
    RND(4),
    /** By the interface's own queue. */
    QM(5);

    private static final int FLAG_ROLLOVER = 0x1000;
    private static final int FLAG_UNIQUE_ID = 0x2000;

    private final int type;

    FanoutMode(int type) {
        this.type = type;
    }

    static FanoutMode of(String port, String text) {
        for (FanoutMode mode : values()) {
            if (mode.name().toLowerCase(Locale.ROOT).equals(text)) {
                return mode;
            }
        }
        throw new IllegalArgumentException(port + ": fanout_mode=" + text
                + " is unknown; give hash, lb, cpu, rollover, rnd or qm");
    }

    /** Has the first two or more sockets share what arrives; a full one leaves it to the next. */
    void join(PacketSocket[] sockets, int count) {
        int kind = type | (this == ROLLOVER ? 0 : FLAG_ROLLOVER);
        sockets[0].set(Tpacket.FANOUT, (kind | FLAG_UNIQUE_ID) << 16);
        int id = sockets[0].get(Tpacket.FANOUT) & 0xffff;
        for (int q = 1; q < count; q++) {
            sockets[q].set(Tpacket.FANOUT, kind << 16 | id);
        }
    }
}
