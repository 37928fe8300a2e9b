package dev.penstock.drivers.pcap;

/**
 * Constants of the two capture formats.
 *
 * <p>Sources: draft-ietf-opsawg-pcap (pcap) and draft-ietf-opsawg-pcapng (pcapng).
 */
final class PcapFormat {
    /** Link type of Ethernet frames. */
    static final int ETHERNET = 1;
    /** The most bytes of a packet that a file may hold; libpcap's limit, so that a damaged length is noticed. */
    static final int MAX_CAPTURED = 262144;

    static final int MAGIC_MICROS = 0xa1b2c3d4;
    static final int MAGIC_NANOS = 0xa1b23c4d;
    /** Alexey Kuznetzov's variant: each record has eight bytes more. */
    static final int MAGIC_MODIFIED = 0xa1b2cd34;
    static final int FILE_HEADER = 24;
    static final int RECORD_HEADER = 16;
    static final int RECORD_HEADER_MODIFIED = 24;

    static final int SECTION_HEADER = 0x0a0d0d0a;
    static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    static final int INTERFACE_DESCRIPTION = 1;
    static final int PACKET_OBSOLETE = 2;
    static final int SIMPLE_PACKET = 3;
    static final int INTERFACE_STATISTICS = 5;
    static final int ENHANCED_PACKET = 6;
    static final int OPTION_END = 0;
    static final int OPTION_TSRESOL = 9;
    static final int OPTION_TSOFFSET = 14;
    /** The longest block that is believed; libpcap's limit. */
    static final int MAX_BLOCK = 16 << 20;

    private PcapFormat() {}
}
