package dev.penstock.drivers.pcap;

import dev.penstock.mbuf.Mbuf;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes a pcap file of Ethernet frames with nanosecond times, in the machine's byte order, as libpcap
 * does. Packets are gathered in a buffer of 1 MiB; {@link #flush} and {@link #close} bring them into the
 * file. Allocates nothing for a packet. Used by one thread at a time.
 */
public final class PcapWriter implements AutoCloseable {
    /** The usual most bytes of a packet to keep. */
    public static final int DEFAULT_SNAPLEN = 65535;
    /** The most bytes of a packet that a file may hold. */
    public static final int MAX_SNAPLEN = PcapFormat.MAX_CAPTURED;

    private static final int BUFFER = 1 << 20;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    private final FileChannel channel;
    private final int snaplen;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(BUFFER, 64);
    private final ByteBuffer view = buffer.asByteBuffer();
    private int position;
    private int pendingPackets;
    private long pendingBytes;

    private PcapWriter(FileChannel channel, int snaplen) {
        this.channel = channel;
        this.snaplen = snaplen;
    }

    /**
     * Creates a file, or empties one that is there. Its header is written at once.
     *
     * @param file where
     * @param snaplen the most bytes of a packet to keep, 1 to {@link #MAX_SNAPLEN}
     * @return the writer
     * @throws IOException when it can't be created
     */
    public static PcapWriter create(Path file, int snaplen) throws IOException {
        if (snaplen < 1 || snaplen > MAX_SNAPLEN) {
            throw new IllegalArgumentException("snaplen " + snaplen + " is out of range; give one from 1 to " + MAX_SNAPLEN);
        }
        PcapWriter writer = new PcapWriter(FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING), snaplen);
        try {
            writer.header();
            writer.flush();
        } catch (IOException e) {
            writer.abandon();
            throw e;
        }
        return writer;
    }

    /**
     * Creates a file that keeps whole packets.
     *
     * @param file where
     * @return the writer
     * @throws IOException when it can't be created
     */
    public static PcapWriter create(Path file) throws IOException {
        return create(file, MAX_SNAPLEN);
    }

    private void header() {
        buffer.set(INT, 0, PcapFormat.MAGIC_NANOS);
        buffer.set(SHORT, 4, (short) 2);
        buffer.set(SHORT, 6, (short) 4);
        buffer.set(INT, 8, 0);
        buffer.set(INT, 12, 0);
        buffer.set(INT, 16, snaplen);
        buffer.set(INT, 20, PcapFormat.ETHERNET);
        position = PcapFormat.FILE_HEADER;
    }

    /**
     * Adds a packet, all its segments, as far as the snap length allows. The packet stays the caller's.
     *
     * @param packet the packet
     * @param timestampNs nanoseconds since 1970
     * @throws IOException when the file can't be written
     */
    public void write(Mbuf packet, long timestampNs) throws IOException {
        int captured = Math.min(packet.pktLen(), snaplen);
        makeRoom(captured);
        done(put(buffer, position, packet, captured, timestampNs), packet.pktLen());
    }

    /** Puts a packet's record into a buffer that has room; returns where the next one goes. */
    static int put(MemorySegment to, int position, Mbuf packet, int captured, long timestampNs) {
        int at = header(to, position, captured, packet.pktLen(), timestampNs);
        int left = captured;
        for (Mbuf segment = packet; left > 0; segment = segment.next()) {
            int part = Math.min(left, segment.dataLen());
            segment.read(0, to, at, part);
            at += part;
            left -= part;
        }
        return at;
    }

    /** Writes whole records that were put elsewhere, behind those that wait. */
    void append(MemorySegment records, int length) throws IOException {
        flush();
        for (int at = 0; at < length;) {
            int part = Math.min(BUFFER, length - at);
            MemorySegment.copy(records, at, buffer, 0, part);
            position = part;
            flush();
            at += part;
        }
    }

    /**
     * Adds a packet, as far as the snap length allows.
     *
     * @param data memory that holds it
     * @param offset where it starts
     * @param length its length in bytes
     * @param timestampNs nanoseconds since 1970
     * @throws IOException when the file can't be written
     */
    public void write(MemorySegment data, long offset, int length, long timestampNs) throws IOException {
        int captured = Math.min(length, snaplen);
        makeRoom(captured);
        int at = header(buffer, position, captured, length, timestampNs);
        MemorySegment.copy(data, offset, buffer, at, captured);
        done(at + captured, length);
    }

    private void makeRoom(int captured) throws IOException {
        if (BUFFER - position < PcapFormat.RECORD_HEADER + captured) {
            flush();
        }
    }

    private static int header(MemorySegment to, int at, int captured, int length, long timestampNs) {
        to.set(INT, at, (int) (timestampNs / 1_000_000_000));
        to.set(INT, at + 4, (int) (timestampNs % 1_000_000_000));
        to.set(INT, at + 8, captured);
        to.set(INT, at + 12, length);
        return at + PcapFormat.RECORD_HEADER;
    }

    private void done(int end, int length) {
        position = end;
        pendingPackets++;
        pendingBytes += length;
    }

    /**
     * Brings all packets so far into the file.
     *
     * @throws IOException when it can't be written; the packets since the last flush are then lost, and
     *     the file ends with the last whole packet before them
     */
    public void flush() throws IOException {
        if (position == 0) {
            return;
        }
        long before = channel.isOpen() ? size() : 0;
        view.position(0).limit(position);
        try {
            while (view.hasRemaining()) {
                channel.write(view);
            }
        } catch (IOException e) {
            restore(before);
            throw e;
        }
        discard();
    }

    private long size() {
        try {
            return channel.position();
        } catch (IOException e) {
            // A pipe has no position.
            return -1;
        }
    }

    private void restore(long before) {
        try {
            if (before >= 0) {
                channel.truncate(before);
                channel.position(before);
            }
        } catch (IOException e) {
            // The first error is the one that tells why.
        }
    }

    /** @return packets that wait for the next flush */
    public int pendingPackets() {
        return pendingPackets;
    }

    /** @return bytes on the wire of the packets that wait for the next flush */
    public long pendingBytes() {
        return pendingBytes;
    }

    /** Forgets the packets that wait for the next flush. */
    public void discard() {
        position = 0;
        pendingPackets = 0;
        pendingBytes = 0;
    }

    private void abandon() throws IOException {
        channel.close();
        arena.close();
    }

    /**
     * Brings all packets into the file and closes it.
     *
     * @throws IOException when the last ones can't be written; the file is closed nevertheless
     */
    @Override
    public void close() throws IOException {
        if (!channel.isOpen()) {
            return;
        }
        try {
            flush();
        } finally {
            abandon();
        }
    }
}
