package dev.penstock.meter;

/**
 * The single-rate three-colour marker of RFC 2697 (DPDK: rte_meter_srtcm): one rate fills the committed bucket, and
 * what that has no room for the excess bucket.
 */
public final class SrTcm extends Meter {
    private final Bucket committed;
    private final long ebs;
    private long excess;

    /**
     * Makes a meter with full buckets.
     *
     * @param cir committed information rate, bytes a second, 1 to 2^40
     * @param cbs committed burst size, bytes, to 2^40
     * @param ebs excess burst size, bytes, to 2^40; one of the two sizes is more than 0, and should be at least the
     *     largest packet
     * @param timeNs now, as {@code Clock.ns()}
     * @throws IllegalArgumentException when a number is out of range
     */
    public SrTcm(long cir, long cbs, long ebs, long timeNs) {
        Bucket.checkRate("CIR", cir);
        Bucket.checkSize("CBS", cbs);
        Bucket.checkSize("EBS", ebs);
        Bucket.require(cir > 0, "CIR of 0; give 1 byte/s or more");
        Bucket.require(cbs > 0 || ebs > 0, "CBS and EBS of 0 let nothing pass; give one of them");
        committed = new Bucket(cir, cbs, timeNs);
        this.ebs = ebs;
        excess = ebs;
    }

    @Override
    public Color check(long timeNs, int lengthBytes, Color before) {
        long spilled = committed.refill(timeNs);
        excess = Math.min(ebs, excess + spilled);
        if (before == Color.GREEN && committed.tokens >= lengthBytes) {
            committed.tokens -= lengthBytes;
            return Color.GREEN;
        }
        if (before != Color.RED && excess >= lengthBytes) {
            excess -= lengthBytes;
            return Color.YELLOW;
        }
        return Color.RED;
    }
}
