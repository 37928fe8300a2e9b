package dev.penstock.vswitch;

/**
 * Lets units pass at a rate, and bursts up to a size: bytes for policers, packets for flood limits. Used by one thread at a
 * time; {@link SharedBucket} is for several.
 */
sealed class TokenBucket permits SharedBucket {
    private static final long NANOS = 1_000_000_000L;

    private final long rate;
    private final long full;
    private final long fullNs;
    /** Billionths of a unit. */
    private long credit;
    private long lastNs;
    private boolean begun;

    /**
     * A full bucket.
     *
     * @param rate units a second, 0 to 2^36
     * @param burst the most units at once, 0 to 2^30
     */
    TokenBucket(long rate, long burst) {
        this.rate = rate;
        full = burst * NANOS;
        fullNs = rate == 0 ? 0 : full / rate + 1;
        credit = full;
    }

    /** Takes units if they are there; of more than it can hold, as many as that. */
    final boolean takeAtMost(int units, long nowNs) {
        return take((int) Math.min(units, Math.max(1, full / NANOS)), nowNs);
    }

    /** Takes units if they are there. */
    boolean take(int units, long nowNs) {
        long elapsed = begun ? nowNs - lastNs : 0;
        begun = true;
        if (elapsed > 0) {
            credit = elapsed >= fullNs && rate != 0 ? full : Math.min(full, credit + elapsed * rate);
            lastNs = nowNs;
        } else if (elapsed == 0) {
            lastNs = nowNs;
        }
        long wanted = units * NANOS;
        if (wanted > credit) {
            return false;
        }
        credit -= wanted;
        return true;
    }
}
