package dev.penstock.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/**
 * A network interface as the kernel described it at one moment.
 *
 * @param name its name
 * @param index its index
 * @param flags {@code IFF_} flags of {@link NetInterface}
 * @param mtu the largest payload of a frame in bytes
 * @param mac its link address, empty if it has none
 * @param master the index of the bridge or bond that it is under, 0 for none
 * @param carrier whether the wire is plugged in
 * @param gone whether this tells of its deletion
 * @param stats its counters
 */
public record LinkState(String name, int index, int flags, int mtu, byte[] mac, int master, boolean carrier,
        boolean gone, Stats stats) {
    private static final int RTM_DELLINK = 17;
    private static final int FIXED = NetlinkMessage.HEADER_BYTES;
    private static final int ATTRIBUTES = FIXED + 16;
    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_STATS64 = 23;
    private static final int IFLA_CARRIER = 33;

    /**
     * An interface's counters since it was made.
     *
     * @param rxPackets packets received
     * @param txPackets packets sent
     * @param rxBytes bytes received
     * @param txBytes bytes sent
     * @param rxErrors packets received badly
     * @param txErrors packets that could not be sent
     * @param rxDropped packets received and not processed
     * @param txDropped packets dropped on the way out
     */
    public record Stats(long rxPackets, long txPackets, long rxBytes, long txBytes, long rxErrors, long txErrors,
            long rxDropped, long txDropped) {
        private static final int BYTES = 64;

        private static Stats parse(MemorySegment value) {
            if (value == null || value.byteSize() < BYTES) {
                return new Stats(0, 0, 0, 0, 0, 0, 0, 0);
            }
            return new Stats(at(value, 0), at(value, 1), at(value, 2), at(value, 3), at(value, 4), at(value, 5),
                    at(value, 6), at(value, 7));
        }

        private static long at(MemorySegment value, int index) {
            return value.get(ValueLayout.JAVA_LONG_UNALIGNED, index * 8L);
        }
    }

    /** @return whether it is up and has a carrier */
    public boolean isRunning() {
        int both = NetInterface.IFF_UP | NetInterface.IFF_RUNNING;
        return (flags & both) == both;
    }

    /** @return its link address as {@code 02:00:00:00:00:01} */
    public String macText() {
        return HexFormat.ofDelimiter(":").formatHex(mac);
    }

    static LinkState parse(MemorySegment message) {
        return new LinkState(NetlinkMessage.string(message, ATTRIBUTES, IFLA_IFNAME),
                message.get(ValueLayout.JAVA_INT, FIXED + 4), message.get(ValueLayout.JAVA_INT, FIXED + 8),
                NetlinkMessage.number(message, ATTRIBUTES, IFLA_MTU, 0),
                NetlinkMessage.bytes(message, ATTRIBUTES, IFLA_ADDRESS),
                NetlinkMessage.number(message, ATTRIBUTES, IFLA_MASTER, 0),
                NetlinkMessage.number(message, ATTRIBUTES, IFLA_CARRIER, 0) != 0,
                message.get(ValueLayout.JAVA_SHORT, 4) == RTM_DELLINK,
                Stats.parse(NetlinkMessage.find(message, ATTRIBUTES, IFLA_STATS64)));
    }
}
