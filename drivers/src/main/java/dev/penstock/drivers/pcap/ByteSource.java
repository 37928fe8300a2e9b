package dev.penstock.drivers.pcap;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file seen through a window that moves forward: {@link #fill} brings the next bytes together, the
 * {@code get} methods read within them, {@link #skip} goes on. Streams, so that pipes can be read and a
 * file that shrinks meanwhile does no harm.
 */
final class ByteSource implements AutoCloseable {
    private static final int WINDOW = 256 << 10;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String name;
    private final FileChannel channel;
    private final boolean canRewind;
    private Arena arena;
    private MemorySegment window;
    private ByteBuffer view;
    private int position;
    private int limit;
    private long start;
    private boolean bigEndian;

    private ByteSource(String name, FileChannel channel, Arena arena, MemorySegment window) {
        this.name = name;
        this.channel = channel;
        canRewind = channel == null || seeks(channel);
        this.arena = arena;
        this.window = window;
        this.view = window.asByteBuffer();
    }

    static ByteSource open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        Arena arena = Arena.ofShared();
        return new ByteSource(file.toString(), channel, arena, arena.allocate(WINDOW, 64));
    }

    static ByteSource of(byte[] bytes) {
        ByteSource source = new ByteSource("memory", null, null, MemorySegment.ofArray(bytes));
        source.limit = bytes.length;
        return source;
    }

    private static boolean seeks(FileChannel channel) {
        try {
            channel.position(0);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether it has a start to go back to, as a pipe has not. */
    boolean canRewind() {
        return canRewind;
    }

    String name() {
        return name;
    }

    boolean isOpen() {
        return channel != null && channel.isOpen();
    }

    /** Whether the next n bytes are there; brings them into the window. */
    boolean fill(int n) throws IOException {
        return limit - position >= n || channel != null && read(n);
    }

    private boolean read(int n) throws IOException {
        if (n > window.byteSize()) {
            grow(n);
        } else if (position + (long) n > window.byteSize()) {
            MemorySegment.copy(window, position, window, 0, limit - position);
            moved();
        }
        view.limit((int) window.byteSize());
        while (limit - position < n) {
            view.position(limit);
            int got = channel.read(view);
            if (got < 0) {
                return false;
            }
            limit += got;
        }
        return true;
    }

    private void grow(int n) {
        Arena larger = Arena.ofShared();
        MemorySegment to = larger.allocate(Math.max(n, 2 * window.byteSize()), 64);
        MemorySegment.copy(window, position, to, 0, limit - position);
        arena.close();
        arena = larger;
        window = to;
        view = to.asByteBuffer();
        moved();
    }

    private void moved() {
        start += position;
        limit -= position;
        position = 0;
    }

    /** Bytes in the window that are not read yet. */
    int left() {
        return limit - position;
    }

    void skip(int n) {
        position += n;
    }

    /** Where the next byte stands in the file. */
    long offset() {
        return start + position;
    }

    /** Where the next byte stands in the window. */
    int position() {
        return position;
    }

    MemorySegment window() {
        return window;
    }

    void bigEndian(boolean on) {
        bigEndian = on;
    }

    int getShort(int at) {
        short value = window.get(SHORT, position + (long) at);
        return (bigEndian ? Short.reverseBytes(value) : value) & 0xffff;
    }

    int getInt(int at) {
        int value = window.get(INT, position + (long) at);
        return bigEndian ? Integer.reverseBytes(value) : value;
    }

    long getLong(int at) {
        long value = window.get(LONG, position + (long) at);
        return bigEndian ? Long.reverseBytes(value) : value;
    }

    int getByte(int at) {
        return window.get(ValueLayout.JAVA_BYTE, position + (long) at) & 0xff;
    }

    PcapException damage(String what) {
        return new PcapException(name, offset(), what);
    }

    /** Goes back to the first byte. */
    void rewind() throws IOException {
        if (channel == null) {
            position = 0;
            return;
        }
        channel.position(0);
        start = 0;
        position = 0;
        limit = 0;
    }

    @Override
    public void close() throws IOException {
        if (channel != null && channel.isOpen()) {
            channel.close();
            arena.close();
        }
    }
}
