package dev.penstock.drivers.afpacket;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** Numbers of packet(7) and of the kernel's Documentation/networking/packet_mmap.rst: TPACKET_V2. */
final class Tpacket {
    static final int SOL_PACKET = 263;
    static final int ADD_MEMBERSHIP = 1;
    static final int DROP_MEMBERSHIP = 2;
    static final int RX_RING = 5;
    static final int STATISTICS = 6;
    static final int VERSION = 10;
    static final int TX_RING = 13;
    static final int VNET_HDR = 15;
    static final int FANOUT = 18;
    static final int QDISC_BYPASS = 20;
    static final int IGNORE_OUTGOING = 23;

    static final int MR_PROMISC = 1;

    static final int V2 = 1;
    static final int ALIGNMENT = 16;

    /** Offsets in a frame's header. */
    static final int STATUS = 0;
    static final int LEN = 4;
    static final int SNAPLEN = 8;
    static final int MAC = 12;
    static final int SEC = 16;
    static final int NSEC = 20;
    static final int VLAN_TCI = 24;
    static final int VLAN_TPID = 26;
    static final int HEADER_BYTES = 32;

    /** Where the kernel puts a received frame, behind header, address and struct virtio_net_hdr; 4 bytes before for each tag in it. */
    static final int RX_DATA = 76;
    /** Where the kernel takes a frame to be sent, struct virtio_net_hdr first. */
    static final int TX_DATA = 32;

    /** A frame's status: it is the kernel's. */
    static final int KERNEL = 0;
    /** Received, it is ours. */
    static final int USER = 1;
    static final int VLAN_VALID = 1 << 4;
    static final int VLAN_TPID_VALID = 1 << 6;
    /** To be sent, it is ours until then. */
    static final int AVAILABLE = 0;
    static final int SEND_REQUEST = 1;
    static final int WRONG_FORMAT = 4;
    /** What matters of the status of a frame to be sent; the rest says how it was timestamped. */
    static final int TX_MASK = 7;

    /** For status words, with acquire and release. */
    static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;

    private Tpacket() {}
}
