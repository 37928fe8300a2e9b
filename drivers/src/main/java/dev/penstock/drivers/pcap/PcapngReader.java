package dev.penstock.drivers.pcap;

import java.io.IOException;
import java.util.Arrays;

/**
 * The pcapng format: sections of blocks, each with its length before and behind. Blocks without packets
 * are passed over, but for interface descriptions.
 */
final class PcapngReader extends PcapReader {
    private static final int MIN_BLOCK = 12;
    private static final int MIN_SECTION_HEADER = 28;

    private PcapngInterface[] interfaces = new PcapngInterface[4];
    private int count;

    PcapngReader(ByteSource in) {
        super(in);
    }

    @Override
    void start() throws IOException {
        linkType = -1;
        section();
    }

    @Override
    boolean advance() throws IOException {
        while (in.fill(8)) {
            if (in.getInt(0) == PcapFormat.SECTION_HEADER) {
                section();
                continue;
            }
            int type = in.getInt(0);
            int length = block(MIN_BLOCK);
            boolean packet = switch (type) {
                case PcapFormat.ENHANCED_PACKET -> enhanced(length);
                case PcapFormat.SIMPLE_PACKET -> simple(length);
                case PcapFormat.PACKET_OBSOLETE -> obsolete(length);
                default -> false;
            };
            if (type == PcapFormat.INTERFACE_DESCRIPTION) {
                add(PcapngInterface.parse(in, length));
            }
            in.skip(length);
            if (packet) {
                return true;
            }
        }
        if (in.left() != 0) {
            throw cut("a block's header");
        }
        return false;
    }

    private void section() throws IOException {
        if (!in.fill(MIN_BLOCK)) {
            throw cut("a section header");
        }
        in.bigEndian(false);
        if (in.getInt(8) != PcapFormat.BYTE_ORDER_MAGIC) {
            in.bigEndian(true);
            if (in.getInt(8) != PcapFormat.BYTE_ORDER_MAGIC) {
                throw in.damage("the section header has no byte-order magic; the file is damaged from here on");
            }
        }
        int length = block(MIN_SECTION_HEADER);
        if (in.getShort(12) != 1) {
            throw in.damage("pcapng version " + in.getShort(12) + " is not known, only 1; convert the file with editcap");
        }
        Arrays.fill(interfaces, 0, count, null);
        count = 0;
        in.skip(length);
    }

    /** Brings a whole block into the window and checks both its lengths. */
    private int block(int min) throws IOException {
        int length = in.getInt(4);
        if (length < min || length > PcapFormat.MAX_BLOCK || (length & 3) != 0) {
            throw in.damage("a block's length is " + Integer.toUnsignedString(length) + ", not a multiple of 4 from " + min + " to "
                    + PcapFormat.MAX_BLOCK + "; the file is damaged from here on");
        }
        if (!in.fill(length)) {
            throw cut("a block of " + length + " bytes");
        }
        if (in.getInt(length - 4) != length) {
            throw in.damage("a block's two lengths differ, " + length + " and " + Integer.toUnsignedString(in.getInt(length - 4))
                    + "; the file is damaged from here on");
        }
        return length;
    }

    private boolean enhanced(int length) throws IOException {
        return timed(length, length < 32 ? 0 : in.getInt(8));
    }

    private boolean obsolete(int length) throws IOException {
        return timed(length, length < 32 ? 0 : in.getShort(8));
    }

    /** Both have time, lengths and data at the same places. */
    private boolean timed(int length, int number) throws IOException {
        if (length < 32) {
            throw in.damage("a packet block of " + length + " bytes is too short; the file is damaged from here on");
        }
        PcapngInterface from = from(number);
        long units = (long) in.getInt(12) << 32 | Integer.toUnsignedLong(in.getInt(16));
        packet(from, in.getInt(20), in.getInt(24), 28, length - 32);
        timestampNs = from.toNs(units);
        return true;
    }

    private boolean simple(int length) throws IOException {
        if (length < 16) {
            throw in.damage("a simple packet block of " + length + " bytes is too short; the file is damaged from here on");
        }
        PcapngInterface from = from(0);
        int original = in.getInt(8);
        int snaplen = from.snaplen() == 0 ? original : from.snaplen();
        int captured = Integer.compareUnsigned(original, snaplen) < 0 ? original : snaplen;
        packet(from, captured, original, 12, length - 16);
        timestampNs = 0;
        return true;
    }

    private void packet(PcapngInterface from, int captured, int original, int header, int room) throws PcapException {
        checkLength(captured);
        if (captured > room) {
            throw in.damage("a packet of " + captured + " bytes stands in a block with room for " + room
                    + "; the file is damaged from here on");
        }
        linkType = from.linkType();
        capturedLength = captured;
        originalLength = original;
        dataOffset = in.position() + header;
    }

    private PcapngInterface from(int number) throws PcapException {
        if (number < 0 || number >= count) {
            throw in.damage("a packet names interface " + Integer.toUnsignedString(number) + " of " + count
                    + "; the file is damaged from here on");
        }
        return interfaces[number];
    }

    private void add(PcapngInterface one) {
        if (count == interfaces.length) {
            interfaces = Arrays.copyOf(interfaces, 2 * count);
        }
        interfaces[count++] = one;
    }
}
