package dev.penstock.apps.dumpcap;

import dev.penstock.drivers.pcap.PcapFormat;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** Passes a pcapng stream on, block by block, as pcapng or as pcap, and counts what passes. */
final class CaptureStream implements Closeable {
    private static final int BUFFER = 1 << 20;
    private static final long SECOND = 1_000_000_000;
    /** Bytes of a section's header before its options. */
    private static final int SECTION = 24;
    private static final short COMMENT = 1;

    private final ReadableByteChannel from;
    private final WritableByteChannel to;
    private final boolean pcap;
    private final byte[] comment;
    private final ByteBuffer in = buffer();
    private final ByteBuffer out = buffer();
    private volatile long packets;
    private volatile long bytes;
    private final long[] received;
    private final long[] dropped;

    /**
     * Begins.
     *
     * @param from a stream as an instance writes it
     * @param to a file
     * @param pcap whether the file shall be pcap instead of pcapng
     * @param interfaces how many there are
     * @param snaplen for pcap's header
     * @param comment for pcapng's header, empty for none, 65,535 bytes at most
     */
    CaptureStream(ReadableByteChannel from, WritableByteChannel to, boolean pcap, int interfaces, int snaplen, byte[] comment) {
        this.comment = comment.clone();
        this.from = from;
        this.to = to;
        this.pcap = pcap;
        received = new long[interfaces];
        dropped = new long[interfaces];
        in.flip();
        if (pcap) {
            PcapFormat.writeHeader(MemorySegment.ofBuffer(out), snaplen);
            out.position(PcapFormat.FILE_HEADER);
            bytes = out.position();
        }
    }

    private static ByteBuffer buffer() {
        return ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.nativeOrder());
    }

    /**
     * Passes one block.
     *
     * @param wanted whether packets go to the file; statistics are read in any case
     * @return false at the end of the stream
     */
    boolean pass(boolean wanted) throws IOException {
        if (!fill(8)) {
            return false;
        }
        int type = in.getInt(in.position());
        int length = in.getInt(in.position() + 4);
        int least = type == PcapFormat.ENHANCED_PACKET ? 32 : type == PcapFormat.INTERFACE_STATISTICS ? 48 : 12;
        if (length < least || (length & 3) != 0 || length > BUFFER - 16) {
            throw new IOException("a block of type " + type + " and " + length + " bytes is no part of a capture");
        }
        if (!fill(length)) {
            throw new EOFException("the capture ends within a block");
        }
        ByteBuffer block = in.slice(in.position(), length).order(ByteOrder.nativeOrder());
        in.position(in.position() + length);
        if (type == PcapFormat.INTERFACE_STATISTICS) {
            statistics(block);
        }
        if (wanted || type != PcapFormat.ENHANCED_PACKET) {
            put(type, block);
        }
        return true;
    }

    private void put(int type, ByteBuffer block) throws IOException {
        int before = out.position();
        if (out.remaining() < block.limit() + 16 + comment.length) {
            flush();
            before = 0;
        }
        if (!pcap && type == PcapFormat.SECTION_HEADER && comment.length > 0) {
            section(block);
        } else if (!pcap) {
            out.put(block);
        } else if (type == PcapFormat.ENHANCED_PACKET) {
            long time = (long) block.getInt(12) << 32 | block.getInt(16) & 0xffff_ffffL;
            int captured = block.getInt(20);
            if (captured < 0 || captured > block.limit() - 32) {
                throw new IOException("a packet of " + captured + " bytes is longer than its block");
            }
            out.putInt((int) (time / SECOND)).putInt((int) (time % SECOND)).putInt(captured).putInt(block.getInt(24));
            out.put(block.slice(28, captured));
        }
        bytes += out.position() - before;
        packets += type == PcapFormat.ENHANCED_PACKET ? 1 : 0;
    }

    /** The comment comes before other options; behind the last of them stands an end of options, and where there are none its own. */
    private void section(ByteBuffer block) throws IOException {
        if (block.limit() < SECTION + 4 || block.limit() > BUFFER / 2) {
            throw new IOException("a section's header of " + block.limit() + " bytes is no part of a capture");
        }
        int at = out.position();
        boolean none = block.limit() == SECTION + 4;
        out.put(block.slice(0, SECTION)).putShort(COMMENT).putShort((short) comment.length).put(comment).put(new byte[-comment.length & 3]);
        out.put(none ? ByteBuffer.allocate(4) : block.slice(SECTION, block.limit() - SECTION - 4));
        int length = out.position() + 4 - at;
        out.putInt(length).putInt(at + 4, length);
    }

    /** Of an interface: packets received is its first option, dropped the second. */
    private void statistics(ByteBuffer block) {
        int index = block.getInt(8);
        if (index >= 0 && index < received.length) {
            received[index] = block.getLong(24);
            dropped[index] = block.getLong(36);
        }
    }

    /** Makes sure of so many bytes; false when there is none at all. */
    private boolean fill(int wanted) throws IOException {
        while (in.remaining() < wanted) {
            if (in.capacity() - in.position() < wanted) {
                in.compact().flip();
            }
            // What follows is waited for, so what has come before it should be seen.
            flush();
            int at = in.position();
            int limit = in.limit();
            in.limit(in.capacity()).position(limit);
            int n = from.read(in);
            in.limit(in.position()).position(at);
            if (n < 0) {
                if (in.hasRemaining()) {
                    throw new EOFException("the capture ends within a block");
                }
                return false;
            }
        }
        return true;
    }

    private void flush() throws IOException {
        out.flip();
        try {
            while (out.hasRemaining()) {
                to.write(out);
            }
        } catch (IOException e) {
            throw new IOException("the capture can't be written: " + e.getMessage() + "; make room, or name another file with -w", e);
        } finally {
            out.clear();
        }
    }

    /** Packets in the file. */
    long packets() {
        return packets;
    }

    /** Bytes of the file. */
    long bytes() {
        return bytes;
    }

    /** Packets that came to an interface and passed the filter. */
    long received(int index) {
        return received[index];
    }

    /** Packets of those that the program had no room for. */
    long dropped(int index) {
        return dropped[index];
    }

    @Override
    public void close() throws IOException {
        try {
            flush();
        } finally {
            to.close();
        }
    }
}
