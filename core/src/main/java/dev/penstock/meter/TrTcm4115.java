package dev.penstock.meter;

/**
 * The two-rate three-colour marker of RFC 4115 (DPDK: rte_meter_trtcm_rfc4115): a committed and an excess rate that do
 * not depend on each other, so that green packets are not held back by yellow ones.
 */
public final class TrTcm4115 extends Meter {
    private final Bucket committed;
    private final Bucket excess;

    /**
     * Makes a meter with full buckets.
     *
     * @param cir committed information rate, bytes a second, 0 to 2^40
     * @param eir excess information rate, bytes a second, 0 to 2^40
     * @param cbs committed burst size, bytes, to 2^40, more than 0 where cir is
     * @param ebs excess burst size, bytes, to 2^40, more than 0 where eir is
     * @param timeNs now, as {@code Clock.ns()}
     * @throws IllegalArgumentException when a number is out of range, or both rates let nothing pass
     */
    public TrTcm4115(long cir, long eir, long cbs, long ebs, long timeNs) {
        Bucket.checkRate("CIR", cir);
        Bucket.checkRate("EIR", eir);
        Bucket.checkSize("CBS", cbs);
        Bucket.checkSize("EBS", ebs);
        Bucket.require(cir > 0 && cbs > 0 || eir > 0 && ebs > 0,
                "neither CIR with CBS nor EIR with EBS lets anything pass; give one pair");
        committed = new Bucket(cir, cbs, timeNs);
        excess = new Bucket(eir, ebs, timeNs);
    }

    @Override
    public Color check(long timeNs, int lengthBytes, Color before) {
        committed.refill(timeNs);
        excess.refill(timeNs);
        if (before == Color.GREEN && committed.tokens >= lengthBytes) {
            committed.tokens -= lengthBytes;
            return Color.GREEN;
        }
        if (before != Color.RED && excess.tokens >= lengthBytes) {
            excess.tokens -= lengthBytes;
            return Color.YELLOW;
        }
        return Color.RED;
    }
}
