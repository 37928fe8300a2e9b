package dev.penstock.vswitch;

import java.util.EnumMap;
import java.util.Map;

/**
 * A switch port's counters at one moment. Over all ports that are no tunnels, received + copies + originated = sent + drops
 * of all ports, to the packet, when traffic rests.
 *
 * @param rxPackets received from the port
 * @param rxBytes received from the port
 * @param txPackets sent to the port
 * @param txBytes sent to the port
 * @param copies made of its packets in order to flood them
 * @param originated by the switch itself (ARP requests)
 * @param learned addresses
 * @param moved addresses that were behind another port before
 * @param learnRefused packets whose source was not learned, as the port or the table had no room; they are forwarded
 * @param drops packets dropped, by reason; only those that happened
 */
public record PortStatistics(long rxPackets, long rxBytes, long txPackets, long txBytes, long copies, long originated, long learned,
        long moved, long learnRefused, Map<Drop, Long> drops) {
    static PortStatistics of(long[][] perForwarder) {
        long[] sum = new long[Counters.DROPS + Drop.ALL.length];
        for (long[] counters : perForwarder) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += counters[i];
            }
        }
        Map<Drop, Long> drops = new EnumMap<>(Drop.class);
        for (Drop drop : Drop.ALL) {
            if (sum[Counters.DROPS + drop.ordinal()] != 0) {
                drops.put(drop, sum[Counters.DROPS + drop.ordinal()]);
            }
        }
        return new PortStatistics(sum[Counters.RX_PACKETS], sum[Counters.RX_BYTES], sum[Counters.TX_PACKETS], sum[Counters.TX_BYTES],
                sum[Counters.COPIES], sum[Counters.ORIGINATED], sum[Counters.LEARNED], sum[Counters.MOVED],
                sum[Counters.LEARN_REFUSED], drops);
    }

    /** @return packets dropped for any reason */
    public long dropped() {
        return drops.values().stream().mapToLong(Long::longValue).sum();
    }
}
