package dev.penstock.virtqueue;

import java.lang.foreign.MemorySegment;

/**
 * Where a queue's three parts lie (VIRTIO 1.2, section 2.6).
 *
 * @param size how many descriptors
 * @param descriptors the descriptor table, or the ring when packed
 * @param driver what the driver writes: the available ring, or its event suppression when packed
 * @param device what the device writes: the used ring, or its event suppression when packed
 */
public record RingMemory(int size, MemorySegment descriptors, MemorySegment driver, MemorySegment device) {
    /** Largest queue (section 2.6: 32768). */
    public static final int MAX_SIZE = 32768;
    private static final int DESCRIPTOR_ALIGN = 16;
    private static final int EVENT_BYTES = 4;

    /**
     * Bytes of the descriptors.
     *
     * @param size how many descriptors
     * @return bytes, in both layouts
     */
    public static int descriptorBytes(int size) {
        return Descriptor.BYTES * size;
    }

    /**
     * Bytes of the driver's part.
     *
     * @param packed the layout
     * @param size how many descriptors
     * @return bytes, the event index included
     */
    public static int driverBytes(boolean packed, int size) {
        return packed ? EVENT_BYTES : 6 + 2 * size;
    }

    /**
     * Bytes of the device's part.
     *
     * @param packed the layout
     * @param size how many descriptors
     * @return bytes, the event index included
     */
    public static int deviceBytes(boolean packed, int size) {
        return packed ? EVENT_BYTES : 6 + 8 * size;
    }

    /**
     * Checks sizes and alignments (sections 2.7 and 2.8.10).
     *
     * @param packed the layout
     * @return this
     * @throws IllegalArgumentException when they are wrong; says which
     */
    public RingMemory check(boolean packed) {
        if (size < 1 || size > MAX_SIZE || !packed && Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException("a queue of " + size + " descriptors; a packed queue has 1 to 32768, "
                    + "a split one a power of two of them");
        }
        part("descriptors", descriptors, descriptorBytes(size), DESCRIPTOR_ALIGN);
        part("driver area", driver, driverBytes(packed, size), packed ? 4 : 2);
        part("device area", device, deviceBytes(packed, size), 4);
        return this;
    }

    private static void part(String what, MemorySegment memory, int bytes, int align) {
        if (memory.byteSize() < bytes || (memory.address() & align - 1) != 0) {
            throw new IllegalArgumentException("the " + what + " of a queue of " + memory.byteSize() + " bytes at 0x"
                    + Long.toHexString(memory.address()) + "; it needs " + bytes + " bytes, aligned to " + align);
        }
    }
}
