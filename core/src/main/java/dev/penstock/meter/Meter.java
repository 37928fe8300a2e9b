package dev.penstock.meter;

/** Colours packets by their rate (DPDK: librte_meter). For one thread; one meter a flow. */
public abstract sealed class Meter permits SrTcm, TrTcm, TrTcm4115 {
    Meter() {}

    /**
     * Colours a packet that has no colour yet (colour-blind mode).
     *
     * @param timeNs now, as {@code Clock.ns()}; a time before the last one counts as the last one
     * @param lengthBytes the packet's length, from the IP header on as the RFC has it, or as the policy wants
     * @return its colour
     */
    public final Color check(long timeNs, int lengthBytes) {
        return check(timeNs, lengthBytes, Color.GREEN);
    }

    /**
     * Colours a packet that an earlier meter has coloured (colour-aware mode); it never gets a better colour.
     *
     * @param timeNs now, as {@code Clock.ns()}; a time before the last one counts as the last one
     * @param lengthBytes the packet's length
     * @param before its colour so far
     * @return its colour
     */
    public abstract Color check(long timeNs, int lengthBytes, Color before);
}
