package dev.penstock.drivers.afpacket;

import dev.penstock.ethdev.Xstat;
import java.util.ArrayList;
import java.util.List;

/** The named counters of queues on packet sockets. */
final class PacketXstats {
    private PacketXstats() {}

    /** Sums over queues, of which some may be null. */
    static List<Xstat> of(List<AfPacketRxQueue> receiving, List<AfPacketTxQueue> sending) {
        long truncated = 0;
        long malformed = 0;
        long unread = 0;
        for (AfPacketRxQueue q : receiving) {
            truncated += q == null ? 0 : q.truncated;
            malformed += q == null ? 0 : q.malformed;
            unread += q == null ? 0 : q.unread;
        }
        long tooLong = 0;
        long tooShort = 0;
        long wrongFormat = 0;
        long noDevice = 0;
        long refusals = 0;
        long unsent = 0;
        for (AfPacketTxQueue q : sending) {
            if (q != null) {
                tooLong += q.tooLong;
                tooShort += q.tooShort;
                wrongFormat += q.wrongFormat;
                noDevice += q.noDevice;
                refusals += q.refusals;
                unsent += q.unsent;
            }
        }
        return new ArrayList<>(List.of(new Xstat("rx_truncated", truncated), new Xstat("rx_malformed", malformed), new Xstat("rx_unread", unread),
                new Xstat("tx_too_long", tooLong), new Xstat("tx_too_short", tooShort), new Xstat("tx_wrong_format", wrongFormat),
                new Xstat("tx_no_device", noDevice), new Xstat("tx_refused_bursts", refusals),
                new Xstat("tx_unsent", unsent)));
    }
}
