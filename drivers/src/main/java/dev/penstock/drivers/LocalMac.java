package dev.penstock.drivers;

import java.util.concurrent.ThreadLocalRandom;

/** Addresses for ports that have none of their own. */
public final class LocalMac {
    private LocalMac() {}

    /** @return a random, locally administered, unicast address in the low 48 bits */
    public static long random() {
        return ThreadLocalRandom.current().nextLong() & 0xfcff_ffff_ffffL | 0x0200_0000_0000L;
    }
}
