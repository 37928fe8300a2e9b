package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Messages that {@link Socket} sends or receives with one call: a row of {@code struct mmsghdr}, each of one
 * buffer (sendmmsg(2), recvmmsg(2)). Made once and used again. One thread at a time.
 */
public final class MessageBatch {
    private static final int HEADER_BYTES = 64;
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int IOV = 16;
    private static final int IOV_LENGTH = 24;
    private static final int LENGTH = 56;
    private static final int IOV_BYTES = 16;

    private final int capacity;
    private final MemorySegment headers;
    private final MemorySegment vectors;
    private final MemorySegment[] buffers;
    private final MemorySegment[] addresses;

    /**
     * A batch of empty messages.
     *
     * @param capacity how many, 1 to 1,024
     */
    public MessageBatch(int capacity) {
        if (capacity < 1 || capacity > 1024) {
            throw new IllegalArgumentException("a batch has 1 to 1024 messages, not " + capacity);
        }
        this.capacity = capacity;
        Arena arena = Arena.ofAuto();
        headers = arena.allocate((long) capacity * HEADER_BYTES, 8);
        vectors = arena.allocate((long) capacity * IOV_BYTES, 8);
        buffers = new MemorySegment[capacity];
        addresses = new MemorySegment[capacity];
        for (int i = 0; i < capacity; i++) {
            headers.set(ValueLayout.JAVA_LONG, (long) i * HEADER_BYTES + IOV, vectors.address() + (long) i * IOV_BYTES);
            headers.set(ValueLayout.JAVA_LONG, (long) i * HEADER_BYTES + IOV_LENGTH, 1);
        }
    }

    /**
     * Sets a message's buffer, which is kept until replaced.
     *
     * @param index the message
     * @param buffer what to send, or where to receive; off-heap
     */
    public void buffer(int index, MemorySegment buffer) {
        if (!buffer.isNative()) {
            throw new IllegalArgumentException("the buffer of message " + index + " must be off-heap");
        }
        buffers[index] = buffer;
        vectors.set(ValueLayout.JAVA_LONG, (long) index * IOV_BYTES, buffer.address());
        vectors.set(ValueLayout.JAVA_LONG, (long) index * IOV_BYTES + 8, buffer.byteSize());
    }

    /**
     * Sets where a message goes, or where its sender's address is put, which is kept until replaced.
     *
     * @param index the message
     * @param address from {@link Sockaddr}, or {@link Sockaddr#STORAGE_BYTES} to receive
     */
    public void address(int index, MemorySegment address) {
        if (!address.isNative()) {
            throw new IllegalArgumentException("the address of message " + index + " must be off-heap");
        }
        addresses[index] = address;
        long at = (long) index * HEADER_BYTES;
        headers.set(ValueLayout.JAVA_LONG, at + NAME, address.address());
        headers.set(ValueLayout.JAVA_INT, at + NAME_LENGTH, (int) address.byteSize());
    }

    /**
     * How much of a message was sent or received.
     *
     * @param index the message
     * @return its length in bytes
     */
    public int length(int index) {
        Objects.checkIndex(index, capacity);
        return headers.get(ValueLayout.JAVA_INT, (long) index * HEADER_BYTES + LENGTH);
    }

    MemorySegment headers(int count) {
        if (count < 1 || count > capacity) {
            throw new IllegalArgumentException("a batch of " + capacity + " has no " + count + " messages");
        }
        return headers;
    }
}
