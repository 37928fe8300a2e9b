package dev.penstock.drivers.pcap;

import java.time.Instant;

/** Nanoseconds since 1970 that never go back, for the cost of {@link System#nanoTime}. */
public final class WallClock {
    private final long offset;

    /** Begins with the system's time of now. */
    public WallClock() {
        Instant now = Instant.now();
        offset = now.getEpochSecond() * 1_000_000_000L + now.getNano() - System.nanoTime();
    }

    /** @return nanoseconds since 1970 */
    public long nowNs() {
        return System.nanoTime() + offset;
    }
}
