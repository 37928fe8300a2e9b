package dev.penstock.virtqueue;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Layout of descriptors and rings (VIRTIO 1.2, sections 2.7.5 and 2.8.13). All is little-endian. */
final class Descriptor {
    /** Length of a descriptor in both layouts. */
    static final int BYTES = 16;
    /**
     * How many lie in a line of the cache. A line moves to the other side as a whole, so a burst's first line, on which the
     * other side looks, is written at once, when all other lines are.
     */
    static final int PER_LINE = 4;
    /** Where its second half is: length and, split, flags and next; packed, id and flags. */
    static final int SECOND = 8;
    /** Flag: the chain goes on. */
    static final int NEXT = 1;
    /** Flag: the device writes. */
    static final int WRITE = 2;
    /** Flag: it stands for a table. */
    static final int INDIRECT = 4;
    /** Flag of packed rings: made available in this lap. */
    static final int AVAIL = 1 << 7;
    /** Flag of packed rings: used in this lap. */
    static final int USED = 1 << 15;

    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfShort SHORT_ANY = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT_ANY = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG_ANY = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** For what is published: read with acquire, written with release. */
    static final VarHandle SHORTS = SHORT.varHandle();
    static final VarHandle LONGS = LONG.varHandle();

    private Descriptor() {}

    /** How many descriptors there are from a position on to the end of its line. */
    static int leftInLine(int position) {
        return PER_LINE - (position & PER_LINE - 1);
    }

}
