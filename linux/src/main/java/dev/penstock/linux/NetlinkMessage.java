package dev.penstock.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Writes a netlink request, and finds attributes in answers (netlink(7), rtnetlink(7)). */
final class NetlinkMessage {
    static final int HEADER_BYTES = 16;
    static final int ATTRIBUTE_BYTES = 4;
    static final int F_REQUEST = 1;
    static final int F_ACK = 4;
    static final int F_DUMP = 0x300;
    static final int F_EXCL = 0x200;
    static final int F_REPLACE = 0x100;
    static final int F_CREATE = 0x400;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    private final MemorySegment buffer;
    private int length;

    NetlinkMessage(MemorySegment buffer) {
        this.buffer = buffer;
    }

    /** Begins a request with its fixed part zeroed; returns where that begins. */
    int begin(int type, int flags, int fixedBytes) {
        buffer.asSlice(0, HEADER_BYTES + fixedBytes).fill((byte) 0);
        buffer.set(SHORT, 4, (short) type);
        buffer.set(SHORT, 6, (short) (flags | F_REQUEST));
        length = HEADER_BYTES + fixedBytes;
        return HEADER_BYTES;
    }

    /** Leaves room for a structure within an attribute, zeroed. */
    void room(int bytes) {
        buffer.asSlice(length, bytes).fill((byte) 0);
        length += bytes;
    }

    void putByte(int offset, int value) {
        buffer.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    void putShort(int offset, int value) {
        buffer.set(SHORT, offset, (short) value);
    }

    void putInt(int offset, int value) {
        buffer.set(INT, offset, value);
    }

    void attribute(int type, byte[] value) {
        int start = nest(type);
        MemorySegment.copy(value, 0, buffer, ValueLayout.JAVA_BYTE, length, value.length);
        length += value.length;
        end(start);
    }

    void attribute(int type, int value) {
        int start = nest(type);
        buffer.set(INT, length, value);
        length += 4;
        end(start);
    }

    void attribute(int type, String value) {
        attribute(type, (value + "\0").getBytes(StandardCharsets.UTF_8));
    }

    /** Begins an attribute that holds others. */
    int nest(int type) {
        int start = length;
        buffer.set(SHORT, start + 2, (short) type);
        length += ATTRIBUTE_BYTES;
        return start;
    }

    /** Ends what {@link #nest} began. */
    void end(int start) {
        buffer.set(SHORT, start, (short) (length - start));
        while (length % 4 != 0) {
            buffer.set(ValueLayout.JAVA_BYTE, length++, (byte) 0);
        }
    }

    /** The whole request, numbered. */
    MemorySegment finish(int sequence) {
        buffer.set(INT, 0, length);
        buffer.set(INT, 8, sequence);
        buffer.set(INT, 12, 0);
        return buffer.asSlice(0, length);
    }

    /** The value of an answer's attribute, or null; {@code from} is where the attributes begin. */
    static MemorySegment find(MemorySegment message, long from, int type) {
        for (long at = from; at + ATTRIBUTE_BYTES <= message.byteSize();) {
            int bytes = message.get(SHORT, at) & 0xffff;
            if (bytes < ATTRIBUTE_BYTES || bytes > message.byteSize() - at) {
                return null;
            }
            if ((message.get(SHORT, at + 2) & 0x3fff) == type) {
                return message.asSlice(at + ATTRIBUTE_BYTES, bytes - ATTRIBUTE_BYTES);
            }
            at += (bytes + 3) & ~3;
        }
        return null;
    }

    static byte[] bytes(MemorySegment message, long from, int type) {
        MemorySegment value = find(message, from, type);
        return value == null ? new byte[0] : value.toArray(ValueLayout.JAVA_BYTE);
    }

    static String string(MemorySegment message, long from, int type) {
        byte[] bytes = bytes(message, from, type);
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    /** The value of an attribute that is a number of 1 or 4 bytes. */
    static int number(MemorySegment message, long from, int type, int absent) {
        MemorySegment value = find(message, from, type);
        if (value == null || value.byteSize() == 0) {
            return absent;
        }
        return value.byteSize() >= 4 ? value.get(INT, 0) : value.get(ValueLayout.JAVA_BYTE, 0) & 0xff;
    }
}
