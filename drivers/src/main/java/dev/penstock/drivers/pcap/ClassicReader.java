package dev.penstock.drivers.pcap;

import java.io.IOException;

/** The pcap format: a file header, then a header of fixed size before each packet. */
final class ClassicReader extends PcapReader {
    private static final long SECOND_NS = 1_000_000_000L;

    private int headerBytes;
    private int unitNs;

    ClassicReader(ByteSource in, boolean bigEndian) {
        super(in);
        in.bigEndian(bigEndian);
    }

    @Override
    void start() throws IOException {
        if (!in.fill(PcapFormat.FILE_HEADER)) {
            throw cut("the file header");
        }
        int magic = in.getInt(0);
        int major = in.getShort(4);
        int minor = in.getShort(6);
        if (major != 2 || minor != 4) {
            throw in.damage("pcap version " + major + "." + minor + " is not known, only 2.4; convert the file with editcap");
        }
        unitNs = magic == PcapFormat.MAGIC_NANOS ? 1 : 1000;
        headerBytes = magic == PcapFormat.MAGIC_MODIFIED ? PcapFormat.RECORD_HEADER_MODIFIED : PcapFormat.RECORD_HEADER;
        // The upper bits say whether frames end with an FCS.
        linkType = in.getInt(20) & 0xffff;
        in.skip(PcapFormat.FILE_HEADER);
    }

    @Override
    boolean advance() throws IOException {
        if (!in.fill(headerBytes)) {
            if (in.left() == 0) {
                return false;
            }
            throw cut("a packet's header");
        }
        int captured = in.getInt(8);
        checkLength(captured);
        if (!in.fill(headerBytes + captured)) {
            throw cut("a packet of " + captured + " bytes");
        }
        timestampNs = Integer.toUnsignedLong(in.getInt(0)) * SECOND_NS + Integer.toUnsignedLong(in.getInt(4)) * unitNs;
        capturedLength = captured;
        originalLength = in.getInt(12);
        dataOffset = in.position() + headerBytes;
        in.skip(headerBytes + captured);
        return true;
    }
}
