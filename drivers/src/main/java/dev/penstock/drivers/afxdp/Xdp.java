package dev.penstock.drivers.afxdp;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** Numbers of the kernel's {@code linux/if_xdp.h} and Documentation/networking/af_xdp.rst. */
final class Xdp {
    static final int SOL_XDP = 283;
    static final int MMAP_OFFSETS = 1;
    static final int RX_RING = 2;
    static final int TX_RING = 3;
    static final int UMEM_REG = 4;
    static final int UMEM_FILL_RING = 5;
    static final int UMEM_COMPLETION_RING = 6;
    static final int STATISTICS = 7;
    static final int OPTIONS = 8;
    static final int MAX_TX_SKB_BUDGET = 9;

    /** Socket option: packets that one busy poll takes at most, and how to have it (Linux 5.11). */
    static final int SO_BUSY_POLL = 46;
    static final int SO_INCOMING_NAPI_ID = 56;
    static final int SO_PREFER_BUSY_POLL = 69;
    static final int SO_BUSY_POLL_BUDGET = 70;
    static final int BUSY_POLL_US = 20;

    /** Where mmap finds each ring. */
    static final long PGOFF_RX = 0;
    static final long PGOFF_TX = 0x80000000L;
    static final long PGOFF_FILL = 0x100000000L;
    static final long PGOFF_COMPLETION = 0x180000000L;

    /** How to bind. */
    static final int SHARED_UMEM = 1;
    static final int COPY = 2;
    static final int USE_NEED_WAKEUP = 8;
    /** Frames in several pieces (Linux 6.6). */
    static final int USE_SG = 16;
    /** Most pieces that the kernel takes for one frame. */
    static final int MAX_PIECES = 17;

    static final int UMEM_UNALIGNED = 1;
    /** In a descriptor's address: above it, where in the chunk the data begins. */
    static final int OFFSET_SHIFT = 48;
    static final long ADDRESS_MASK = (1L << OFFSET_SHIFT) - 1;

    /** In the answer to OPTIONS. */
    static final int IS_ZEROCOPY = 1;

    /** In a ring's flags: the kernel sleeps and wants to be called. */
    static final int NEED_WAKEUP = 1;
    /** In a descriptor's options: the frame goes on in the next one. */
    static final int PKT_CONTD = 1;

    static final int DESC_BYTES = 16;
    static final int DESC_LEN = 8;
    static final int DESC_OPTIONS = 12;
    /** Room that the kernel keeps before each received frame. */
    static final int HEADROOM = 256;
    static final int MIN_CHUNK = 2048;
    static final int MAX_CHUNK = 4096;

    static final VarHandle INDEX = ValueLayout.JAVA_INT.varHandle();
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private Xdp() {}
}
