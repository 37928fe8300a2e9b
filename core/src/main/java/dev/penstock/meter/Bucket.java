package dev.penstock.meter;

/** A token bucket, one token a byte; time that does not make a whole byte is kept for the next refill. */
final class Bucket {
    private static final long SECOND_NS = 1_000_000_000;
    /** More than any bucket holds, and little enough that what is in one may be added. */
    private static final long MOST_BYTES = 1L << 62;

    private final long rate;
    private final long size;
    /** The longest time that can be multiplied by the rate. */
    private final long mostNs;
    private long lastNs;
    private long remainder;
    long tokens;

    Bucket(long bytesPerS, long size, long timeNs) {
        rate = bytesPerS;
        this.size = size;
        mostNs = rate == 0 ? 0 : (Long.MAX_VALUE - SECOND_NS) / rate;
        lastNs = timeNs;
        tokens = size;
    }

    /** Adds what has come since the last time; what does not fit is the answer. */
    long refill(long timeNs) {
        long elapsedNs = timeNs - lastNs;
        if (elapsedNs <= 0) {
            return 0;
        }
        lastNs = timeNs;
        long bytes;
        if (elapsedNs <= mostNs) {
            long credit = elapsedNs * rate + remainder;
            bytes = credit / SECOND_NS;
            remainder = credit - bytes * SECOND_NS;
        } else {
            // so many that parts of a byte do not matter
            bytes = Math.min(MOST_BYTES, (long) ((double) elapsedNs * rate / SECOND_NS));
            remainder = 0;
        }
        long room = size - tokens;
        if (bytes <= room) {
            tokens += bytes;
            return 0;
        }
        tokens = size;
        return bytes - room;
    }

    static void require(boolean right, String what) {
        if (!right) {
            throw new IllegalArgumentException(what);
        }
    }

    /** Up to 2^40 bytes a second, so that a burst's time does not overflow. */
    static void checkRate(String name, long bytesPerS) {
        require(bytesPerS >= 0 && bytesPerS <= 1L << 40, name + " of " + bytesPerS + " bytes/s; give 0 to 2^40");
    }

    static void checkSize(String name, long bytes) {
        require(bytes >= 0 && bytes <= 1L << 40, name + " of " + bytes + " bytes; give 0 to 2^40");
    }
}
