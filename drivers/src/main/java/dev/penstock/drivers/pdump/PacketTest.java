package dev.penstock.drivers.pdump;

/** Whether a packet is wanted: a filter, or a part of one. */
@FunctionalInterface
interface PacketTest {
    /** How many bytes of a packet are looked at: enough for two VLAN tags, IPv4 with all its options and the ports. */
    int HEAD = 128;

    /**
     * Looks at a packet's beginning.
     *
     * @param head its first bytes
     * @param there how many there are, at most {@link #HEAD}
     * @param length bytes of the whole packet
     * @return true when it is wanted; a field that is not there is never as asked for
     */
    boolean test(byte[] head, int there, int length);
}
