package dev.penstock.drivers.pcap;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file, or a stream, that packets are written to. They are gathered in a buffer of 1 MiB; {@link #flush} and {@link #close} bring them
 * into the file. Allocates nothing for a packet. Used by one thread at a time.
 */
public abstract sealed class CaptureFile implements AutoCloseable permits PcapWriter, PcapngWriter {
    /** The most bytes of a packet that a file may hold. */
    public static final int MAX_SNAPLEN = PcapFormat.MAX_CAPTURED;

    static final int BUFFER = 1 << 20;
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    final int snaplen;
    private final WritableByteChannel channel;
    private final Arena arena = Arena.ofShared();
    final MemorySegment buffer = arena.allocate(BUFFER, 64);
    private final ByteBuffer view = buffer.asByteBuffer();
    int position;
    private int pendingPackets;
    private long pendingBytes;
    /** A part of what waits is in a stream, from which it can't be taken back. */
    private boolean torn;
    private boolean closed;

    CaptureFile(WritableByteChannel channel, int snaplen) {
        this.channel = channel;
        this.snaplen = snaplen;
    }

    /** Creates a file, or empties one that is there. */
    static FileChannel open(Path file, int snaplen) throws IOException {
        checked(snaplen);
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
    }

    static int checked(int snaplen) {
        if (snaplen < 1 || snaplen > MAX_SNAPLEN) {
            throw new IllegalArgumentException("snaplen " + snaplen + " is out of range; give one from 1 to " + MAX_SNAPLEN);
        }
        return snaplen;
    }

    /** Brings the header into the file, and closes it when that can't be. */
    final void begin() throws IOException {
        try {
            flush();
        } catch (IOException e) {
            abandon();
            throw e;
        }
    }

    final void makeRoom(int bytes) throws IOException {
        if (BUFFER - position < bytes) {
            flush();
        }
    }

    /** A packet of so many bytes on the wire is in the buffer up to here. */
    final void done(int end, int length) {
        position = end;
        pendingPackets++;
        pendingBytes += length;
    }

    /**
     * Brings all packets so far into the file.
     *
     * @throws IOException when it can't be written: the file ends with the last whole packet before the last flush, and
     *     those since then wait for another attempt or for {@link #discard}
     */
    public final void flush() throws IOException {
        if (position == 0) {
            return;
        }
        long before = size();
        view.position(0).limit(position);
        try {
            while (view.hasRemaining()) {
                channel.write(view);
            }
        } catch (IOException e) {
            torn = !restore(before);
            if (torn) {
                brought(view.position());
            }
            throw e;
        }
        brought(position);
        discard();
    }

    /** So many of the buffer's bytes, from its beginning on, are in the file to stay. */
    void brought(int bytes) {}

    private long size() {
        try {
            return channel instanceof FileChannel file ? file.position() : -1;
        } catch (IOException e) {
            // A pipe has no position.
            return -1;
        }
    }

    private boolean restore(long before) {
        try {
            if (before >= 0) {
                ((FileChannel) channel).truncate(before).position(before);
                return true;
            }
        } catch (IOException e) {
            // The first error is the one that tells why.
        }
        return false;
    }

    /** @return packets that wait for the next flush */
    public final int pendingPackets() {
        return pendingPackets;
    }

    /** @return bytes on the wire of the packets that wait for the next flush */
    public final long pendingBytes() {
        return pendingBytes;
    }

    /** Forgets the packets that wait for the next flush. */
    public final void discard() {
        position = 0;
        pendingPackets = 0;
        pendingBytes = 0;
        torn = false;
    }

    private void abandon() throws IOException {
        closed = true;
        channel.close();
        arena.close();
    }

    /**
     * Brings all packets into the file and closes it.
     *
     * @throws IOException when the last ones can't be written; the file is closed nevertheless
     */
    @Override
    public final void close() throws IOException {
        if (closed) {
            return;
        }
        try {
            if (channel.isOpen() && !torn) {
                flush();
            }
        } finally {
            abandon();
        }
    }
}
