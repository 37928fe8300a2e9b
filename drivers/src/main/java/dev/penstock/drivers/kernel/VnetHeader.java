package dev.penstock.drivers.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The header that the kernel puts before a frame to say what is left to be done with it (struct
 * virtio_net_hdr, virtio 1.2 section 5.1.6, in the processor's byte order).
 */
public final class VnetHeader {
    /** Its length. */
    public static final int BYTES = 10;
    /** Where its flags are, a byte. */
    public static final int FLAGS = 0;
    /** Where the number of bytes is that the kernel shall hold in one piece, 16 bits. */
    public static final int HDR_LEN = 2;
    /** Flag: the checksum from csum_start on is missing, and stands in for it the pseudo header's sum. */
    public static final int NEEDS_CSUM = 1;

    private static final int CSUM_START = 6;
    private static final int CSUM_OFFSET = 8;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    private VnetHeader() {}

    /**
     * Does the checksum that the kernel has left undone. A hostile or torn header changes nothing but the
     * frame's own bytes.
     *
     * @param memory holds header and frame
     * @param header where the header is
     * @param frame where the frame is
     * @param length bytes of the frame
     * @return false when the header points outside the frame
     */
    public static boolean complete(MemorySegment memory, long header, long frame, int length) {
        int start = memory.get(SHORT, header + CSUM_START) & 0xffff;
        int at = start + (memory.get(SHORT, header + CSUM_OFFSET) & 0xffff);
        if (at + 2 > length) {
            return false;
        }
        int sum = ~sum(memory, frame + start, length - start) & 0xffff;
        // a sum of 0 says "none" in UDP, and its twin is as good in all others
        short value = (short) (sum == 0 ? 0xffff : sum);
        memory.set(SHORT, frame + at, value);
        return true;
    }

    /** The one's complement sum, in the processor's order, as RFC 1071 section 2 allows. */
    private static int sum(MemorySegment memory, long from, int length) {
        long sum = 0;
        long end = from + length;
        long at = from;
        for (; at + 4 <= end; at += 4) {
            sum += Integer.toUnsignedLong(memory.get(INT, at));
        }
        if (at + 2 <= end) {
            sum += memory.get(SHORT, at) & 0xffff;
            at += 2;
        }
        if (at < end) {
            int last = memory.get(ValueLayout.JAVA_BYTE, at) & 0xff;
            sum += ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? last : last << 8;
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) sum;
    }
}
