package dev.penstock.drivers.pcap;

import java.time.Instant;

/** Nanoseconds since 1970 that never go back, for the cost of {@link System#nanoTime}. */
final class WallClock {
    private final long offset;

    WallClock() {
        Instant now = Instant.now();
        offset = now.getEpochSecond() * 1_000_000_000L + now.getNano() - System.nanoTime();
    }

    long nowNs() {
        return System.nanoTime() + offset;
    }
}
