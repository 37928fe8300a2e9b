package dev.penstock.drivers.pcap;

import dev.penstock.mbuf.Mbuf;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Writes a pcap file of Ethernet frames with nanosecond times, in the machine's byte order, as libpcap does. */
public final class PcapWriter extends CaptureFile {
    /** The usual most bytes of a packet to keep. */
    public static final int DEFAULT_SNAPLEN = 65535;

    private PcapWriter(FileChannel channel, int snaplen) {
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
    public static PcapWriter create(Path file, int snaplen) throws IOException {
        PcapWriter writer = new PcapWriter(open(file, snaplen), snaplen);
        writer.header();
        writer.begin();
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
        PcapFormat.writeHeader(buffer, snaplen);
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
        makeRoom(PcapFormat.RECORD_HEADER + captured);
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

    /**
     * Writes whole records that were put elsewhere, behind those that wait.
     *
     * @return how many are in the file, the first ones; the others are lost, since it can't be written
     */
    int append(MemorySegment records, int length) {
        int packets = 0;
        try {
            for (int at = 0; at < length; packets++) {
                int bytes = PcapFormat.RECORD_HEADER + records.get(INT, at + 8);
                makeRoom(bytes);
                MemorySegment.copy(records, at, buffer, position, bytes);
                done(position + bytes, records.get(INT, at + 12));
                at += bytes;
            }
            flush();
        } catch (IOException e) {
            packets -= pendingPackets();
            discard();
        }
        return packets;
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
        makeRoom(PcapFormat.RECORD_HEADER + captured);
        int at = header(buffer, position, captured, length, timestampNs);
        MemorySegment.copy(data, offset, buffer, at, captured);
        done(at + captured, length);
    }

    private static int header(MemorySegment to, int at, int captured, int length, long timestampNs) {
        to.set(INT, at, (int) (timestampNs / 1_000_000_000));
        to.set(INT, at + 4, (int) (timestampNs % 1_000_000_000));
        to.set(INT, at + 8, captured);
        to.set(INT, at + 12, length);
        return at + PcapFormat.RECORD_HEADER;
    }
}
