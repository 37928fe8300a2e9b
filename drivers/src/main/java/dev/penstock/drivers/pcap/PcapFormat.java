package dev.penstock.drivers.pcap;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Constants of the two capture formats.
 *
 * <p>Sources: draft-ietf-opsawg-pcap (pcap) and draft-ietf-opsawg-pcapng (pcapng).
 */
public final class PcapFormat {
    /** Link type of Ethernet frames. */
    static final int ETHERNET = 1;
    /** The most bytes of a packet that a file may hold; libpcap's limit, so that a damaged length is noticed. */
    static final int MAX_CAPTURED = 262144;

    static final int MAGIC_MICROS = 0xa1b2c3d4;
    static final int MAGIC_NANOS = 0xa1b23c4d;
    /** Alexey Kuznetzov's variant: each record has eight bytes more. */
    static final int MAGIC_MODIFIED = 0xa1b2cd34;
    /** Bytes of a pcap file's header. */
    public static final int FILE_HEADER = 24;
    static final int RECORD_HEADER = 16;
    static final int RECORD_HEADER_MODIFIED = 24;

    /** Block of pcapng: a section begins. */
    public static final int SECTION_HEADER = 0x0a0d0d0a;
    static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    static final int INTERFACE_DESCRIPTION = 1;
    static final int PACKET_OBSOLETE = 2;
    static final int SIMPLE_PACKET = 3;
    /** Block of pcapng: what became of an interface's packets. */
    public static final int INTERFACE_STATISTICS = 5;
    /** Block of pcapng: a packet of an interface, with its time. */
    public static final int ENHANCED_PACKET = 6;
    static final int OPTION_END = 0;
    static final int OPTION_TSRESOL = 9;
    static final int OPTION_TSOFFSET = 14;
    /** The longest block that is believed; libpcap's limit. */
    static final int MAX_BLOCK = 16 << 20;

    private PcapFormat() {}

    /**
     * Writes the header of a pcap file of Ethernet frames with times in nanoseconds, version 2.4, in the machine's byte order.
     *
     * @param to where, {@link #FILE_HEADER} bytes
     * @param snaplen the most bytes of a packet
     */
    public static void writeHeader(MemorySegment to, int snaplen) {
        to.set(ValueLayout.JAVA_INT_UNALIGNED, 0, MAGIC_NANOS);
        to.set(ValueLayout.JAVA_SHORT_UNALIGNED, 4, (short) 2);
        to.set(ValueLayout.JAVA_SHORT_UNALIGNED, 6, (short) 4);
        to.set(ValueLayout.JAVA_INT_UNALIGNED, 8, 0);
        to.set(ValueLayout.JAVA_INT_UNALIGNED, 12, 0);
        to.set(ValueLayout.JAVA_INT_UNALIGNED, 16, snaplen);
        to.set(ValueLayout.JAVA_INT_UNALIGNED, 20, ETHERNET);
    }
}
