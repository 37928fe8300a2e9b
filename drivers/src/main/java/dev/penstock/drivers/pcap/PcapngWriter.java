package dev.penstock.drivers.pcap;

import dev.penstock.mbuf.Mbuf;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Writes a pcapng file, or a stream, of Ethernet frames of several interfaces, with nanosecond times and directions, in the
 * machine's byte order (draft-ietf-opsawg-pcapng).
 */
public final class PcapngWriter extends CaptureFile {
    /** Of a packet: its direction is not said. */
    public static final int UNKNOWN = 0;
    /** Of a packet: it came from the interface. */
    public static final int INBOUND = 1;
    /** Of a packet: it went to the interface. */
    public static final int OUTBOUND = 2;

    private static final int OPTION_IF_NAME = 2;
    private static final int OPTION_FLAGS = 2;
    private static final int OPTION_RECEIVED = 4;
    private static final int OPTION_DROPPED = 5;
    private static final int NANOS = 9;
    private static final int MAX_NAME = 256;
    /** Of an enhanced packet: header, flags, end of options, length. */
    private static final int PACKET_OVERHEAD = 28 + 8 + 4 + 4;
    /** Of an interface statistics block, all of it. */
    private static final int STATISTICS = 12 + 12 + 2 * 12 + 4;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private int interfaces;
    private long[] inFile = {};

    private PcapngWriter(WritableByteChannel channel, int snaplen) {
        super(channel, snaplen);
    }

    /**
     * Creates a file, or empties one that is there. Its header is written at once.
     *
     * @param file where
     * @param snaplen the most bytes of a packet to keep, 1 to {@link #MAX_SNAPLEN}
     * @return the writer
     * @throws IOException when it can't be created
     */
    public static PcapngWriter create(Path file, int snaplen) throws IOException {
        PcapngWriter writer = to(open(file, snaplen), snaplen);
        writer.begin();
        return writer;
    }

    /**
     * Begins a stream. Its header waits in the buffer.
     *
     * @param channel where to, such as a socket that waits; closed with the writer
     * @param snaplen the most bytes of a packet to keep, 1 to {@link #MAX_SNAPLEN}
     * @return the writer
     */
    public static PcapngWriter to(WritableByteChannel channel, int snaplen) {
        PcapngWriter writer = new PcapngWriter(channel, checked(snaplen));
        writer.section();
        return writer;
    }

    private void section() {
        int at = block(PcapFormat.SECTION_HEADER);
        buffer.set(INT, at, PcapFormat.BYTE_ORDER_MAGIC);
        buffer.set(SHORT, at + 4, (short) 1);
        buffer.set(SHORT, at + 6, (short) 0);
        // The section's length is not known.
        buffer.set(INT, at + 8, -1);
        buffer.set(INT, at + 12, -1);
        end(at + 16);
    }

    /**
     * Says that packets of another interface follow, in the file at once: packets that follow would be lost without it.
     *
     * @param name the interface's
     * @return its number in the file, from 0 on
     * @throws IOException when the file can't be written; the packets that wait are to be discarded then
     */
    public int addInterface(String name) throws IOException {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(text.length, MAX_NAME);
        flush();
        int at = block(PcapFormat.INTERFACE_DESCRIPTION);
        buffer.set(SHORT, at, (short) PcapFormat.ETHERNET);
        buffer.set(SHORT, at + 2, (short) 0);
        buffer.set(INT, at + 4, snaplen);
        at = option(at + 8, OPTION_IF_NAME, length);
        MemorySegment.copy(text, 0, buffer, ValueLayout.JAVA_BYTE, at, length);
        at = option(pad(at, length), PcapFormat.OPTION_TSRESOL, 1);
        buffer.set(ValueLayout.JAVA_BYTE, at, (byte) NANOS);
        at = option(pad(at, 1), PcapFormat.OPTION_END, 0);
        end(at);
        flush();
        inFile = Arrays.copyOf(inFile, interfaces + 1);
        return interfaces++;
    }

    /**
     * How many packets have reached the file, whole; in a stream those that the system has taken. Those that wait for the next
     * {@link #flush} are not among them.
     *
     * @param from the interface's number
     * @return how many
     */
    public long inFile(int from) {
        return inFile[from];
    }

    @Override
    void brought(int bytes) {
        int length;
        for (int at = 0; at < bytes; at += length) {
            length = buffer.get(INT, at + 4);
            if (at + length <= bytes && buffer.get(INT, at) == PcapFormat.ENHANCED_PACKET) {
                inFile[buffer.get(INT, at + 8)]++;
            }
        }
    }

    /**
     * Adds a packet, all its segments, as far as the snap length allows. The packet stays the caller's.
     *
     * @param from the interface's number
     * @param packet the packet
     * @param timestampNs nanoseconds since 1970
     * @param direction {@link #UNKNOWN}, {@link #INBOUND} or {@link #OUTBOUND}
     * @throws IOException when the file can't be written
     */
    public void write(int from, Mbuf packet, long timestampNs, int direction) throws IOException {
        write(from, packet, packet.pktLen(), timestampNs, direction);
    }

    /**
     * Adds a packet of which only the beginning is there.
     *
     * @param from the interface's number
     * @param packet its beginning
     * @param originalBytes how long it was
     * @param timestampNs nanoseconds since 1970
     * @param direction {@link #UNKNOWN}, {@link #INBOUND} or {@link #OUTBOUND}
     * @throws IOException when the file can't be written
     */
    public void write(int from, Mbuf packet, int originalBytes, long timestampNs, int direction) throws IOException {
        if (from < 0 || from >= interfaces) {
            throw new IllegalArgumentException("no interface " + from + "; add it first");
        }
        int captured = Math.min(packet.pktLen(), snaplen);
        makeRoom(PACKET_OVERHEAD + captured + 3);
        int at = block(PcapFormat.ENHANCED_PACKET);
        buffer.set(INT, at, from);
        buffer.set(INT, at + 4, (int) (timestampNs >>> 32));
        buffer.set(INT, at + 8, (int) timestampNs);
        buffer.set(INT, at + 12, captured);
        buffer.set(INT, at + 16, originalBytes);
        at += 20;
        int left = captured;
        for (Mbuf segment = packet; left > 0; segment = segment.next()) {
            int part = Math.min(left, segment.dataLen());
            segment.read(0, buffer, at + captured - left, part);
            left -= part;
        }
        at = pad(at, captured);
        at = option(at, OPTION_FLAGS, 4);
        buffer.set(INT, at, direction);
        end(option(at + 4, PcapFormat.OPTION_END, 0));
        done(position, originalBytes);
    }

    /**
     * Says what became of an interface's packets up to now (interface statistics block).
     *
     * @param from the interface's number
     * @param timestampNs nanoseconds since 1970
     * @param received packets that came, in the file or not
     * @param dropped packets of those that are not in the file for want of room
     * @throws IOException when the file can't be written
     */
    public void statistics(int from, long timestampNs, long received, long dropped) throws IOException {
        makeRoom(STATISTICS);
        int at = block(PcapFormat.INTERFACE_STATISTICS);
        buffer.set(INT, at, from);
        buffer.set(INT, at + 4, (int) (timestampNs >>> 32));
        buffer.set(INT, at + 8, (int) timestampNs);
        at = option(at + 12, OPTION_RECEIVED, Long.BYTES);
        buffer.set(LONG, at, received);
        at = option(at + Long.BYTES, OPTION_DROPPED, Long.BYTES);
        buffer.set(LONG, at, dropped);
        end(option(at + Long.BYTES, PcapFormat.OPTION_END, 0));
    }

    private int block(int type) {
        buffer.set(INT, position, type);
        return position + 8;
    }

    private void end(int at) {
        int length = at + 4 - position;
        buffer.set(INT, position + 4, length);
        buffer.set(INT, at, length);
        position = at + 4;
    }

    private int option(int at, int code, int length) {
        buffer.set(SHORT, at, (short) code);
        buffer.set(SHORT, at + 2, (short) length);
        return at + 4;
    }

    /** Zeros up to a multiple of four bytes behind some; blocks begin at such. */
    private int pad(int at, int length) {
        int padded = at + (length + 3 & ~3);
        for (int i = at + length; i < padded; i++) {
            buffer.set(ValueLayout.JAVA_BYTE, i, (byte) 0);
        }
        return padded;
    }
}
