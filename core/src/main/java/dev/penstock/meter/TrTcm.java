package dev.penstock.meter;

/**
 * The two-rate three-colour marker of RFC 2698 (DPDK: rte_meter_trtcm): a packet beyond the peak rate is red, else one
 * beyond the committed rate yellow.
 */
public final class TrTcm extends Meter {
    private final Bucket committed;
    private final Bucket peak;

    /**
     * Makes a meter with full buckets.
     *
     * @param cir committed information rate, bytes a second, 1 to pir
     * @param pir peak information rate, bytes a second, to 2^40
     * @param cbs committed burst size, bytes, 1 to 2^40
     * @param pbs peak burst size, bytes, 1 to 2^40; both should be at least the largest packet
     * @param timeNs now, as {@code Clock.ns()}
     * @throws IllegalArgumentException when a number is out of range
     */
    public TrTcm(long cir, long pir, long cbs, long pbs, long timeNs) {
        Bucket.checkRate("CIR", cir);
        Bucket.checkRate("PIR", pir);
        Bucket.checkSize("CBS", cbs);
        Bucket.checkSize("PBS", pbs);
        Bucket.require(cir > 0 && cir <= pir, "CIR of " + cir + " and PIR of " + pir + " bytes/s; give 1 <= CIR <= PIR");
        Bucket.require(cbs > 0 && pbs > 0, "CBS of " + cbs + " and PBS of " + pbs + " bytes; give 1 or more");
        committed = new Bucket(cir, cbs, timeNs);
        peak = new Bucket(pir, pbs, timeNs);
    }

    @Override
    public Color check(long timeNs, int lengthBytes, Color before) {
        committed.refill(timeNs);
        peak.refill(timeNs);
        if (before == Color.RED || peak.tokens < lengthBytes) {
            return Color.RED;
        }
        peak.tokens -= lengthBytes;
        if (before == Color.YELLOW || committed.tokens < lengthBytes) {
            return Color.YELLOW;
        }
        committed.tokens -= lengthBytes;
        return Color.GREEN;
    }
}
