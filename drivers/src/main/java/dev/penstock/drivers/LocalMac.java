package dev.penstock.drivers;

import java.util.concurrent.ThreadLocalRandom;

/** Addresses for ports that have none of their own. */
public final class LocalMac {
    private LocalMac() {}

    /**
     * A random, locally administered, unicast address.
     *
     * @return the address in the low 48 bits
     */
    public static long random() {
        return ThreadLocalRandom.current().nextLong() & 0xfcff_ffff_ffffL | 0x0200_0000_0000L;
    }
}
