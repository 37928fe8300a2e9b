package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An eBPF program that decides about each frame an interface receives, before the kernel's stack sees it. */
public final class XdpProgram implements AutoCloseable {
    /** Result: drop the frame. */
    public static final int XDP_DROP = 1;
    /** Result: the frame goes to the kernel's stack. */
    public static final int XDP_PASS = 2;
    /** Where in its argument the first byte's address is, four bytes. */
    public static final int MD_DATA = 0;
    /** Where in its argument the address behind the last byte is, four bytes. */
    public static final int MD_DATA_END = 4;
    /** Where in its argument the receive queue's number is, four bytes. */
    public static final int MD_RX_QUEUE_INDEX = 16;
    /** Helper: sends the frame out of the interface whose number is r1; r2 is 0. */
    public static final int REDIRECT = 23;
    /** Helper: sends the frame to entry r2 of map r1, or has result r3 when there is none. */
    public static final int REDIRECT_MAP = 51;
    /** Attach: in the network stack; every interface can that. */
    public static final int SKB_MODE = 2;
    /** Attach: in the interface's driver, before anything is built around the frame. */
    public static final int DRIVER_MODE = 4;

    private static final int BPF_PROG_TYPE_XDP = 6;
    private static final int BPF_XDP = 37;
    private static final int BPF_PROG_TEST_RUN = 10;
    private static final int BPF_F_XDP_HAS_FRAGS = 1 << 5;
    private static final int BPF_F_TEST_XDP_LIVE_FRAMES = 2;
    private static final int LIVE_BATCH = 64;
    private static final int LOG_BYTES = 1 << 16;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final Fd fd;

    /**
     * Has the kernel verify and translate a program.
     *
     * @param code the program
     * @param name for people, as bpftool shows it: up to 15 letters, digits and underscores
     * @param fragments whether it can stand frames in several pieces (Linux 5.18)
     * @throws LinuxException if the kernel refuses; with the verifier's last words
     */
    public XdpProgram(BpfCode code, String name, boolean fragments) {
        this(code.instructions(), "GPL", name, fragments);
    }

    /**
     * Has the kernel verify and translate a program.
     *
     * @param instructions one number an instruction
     * @param license the program's license; some helpers want GPL
     * @param name for people, as bpftool shows it
     * @param fragments whether it can stand frames in several pieces (Linux 5.18)
     * @throws LinuxException if the kernel refuses; with the verifier's last words
     */
    public XdpProgram(long[] instructions, String license, String name, boolean fragments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(72, 8);
            attributes.set(INT, 0, BPF_PROG_TYPE_XDP);
            attributes.set(INT, 4, instructions.length);
            attributes.set(LONG, 8, arena.allocateFrom(LONG, instructions).address());
            attributes.set(LONG, 16, arena.allocateFrom(license).address());
            attributes.set(INT, 44, fragments ? BPF_F_XDP_HAS_FRAGS : 0);
            BpfMap.name(attributes, 48, name);
            attributes.set(INT, 68, BPF_XDP);
            int r = Bpf.call(Bpf.BPF_PROG_LOAD, attributes);
            if (r < 0 && r != -Errno.EPERM) {
                throw refused(arena, attributes, name, r);
            }
            fd = r >= 0 ? Fd.own(r, "program " + name) : Bpf.open(Bpf.BPF_PROG_LOAD, attributes, "program " + name);
        }
    }

    /** Loads once more, to hear why not. */
    private static LinuxException refused(Arena arena, MemorySegment attributes, String name, int result) {
        MemorySegment log = arena.allocate(LOG_BYTES);
        attributes.set(INT, 24, 1);
        attributes.set(INT, 28, LOG_BYTES);
        attributes.set(LONG, 32, log.address());
        int r = Bpf.call(Bpf.BPF_PROG_LOAD, attributes);
        if (r >= 0) {
            Fd.own(r, name).close();
        }
        String words = log.getString(0).strip();
        String tail = words.substring(Math.max(0, words.length() - 400));
        return new LinuxException("bpf(program " + name + ")", -result, tail.isEmpty() ? "" : "the kernel's verifier says: " + tail);
    }

    /**
     * Attaches it to an interface, until the link is closed or the process has ended in any way.
     *
     * @param interfaceIndex the interface
     * @param mode {@link #DRIVER_MODE} or {@link #SKB_MODE}
     * @return the link, owned by the caller
     * @throws LinuxException {@link Errno#EBUSY} if another program is attached, {@link Errno#EOPNOTSUPP} if the
     *     driver has no such mode
     */
    public Fd attach(int interfaceIndex, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(16, 8);
            attributes.set(INT, 0, fd.value());
            attributes.set(INT, 4, interfaceIndex);
            attributes.set(INT, 8, BPF_XDP);
            attributes.set(INT, 12, mode);
            return Bpf.open(Bpf.BPF_LINK_CREATE, attributes, "XDP link of " + fd.name());
        }
    }

    /**
     * Runs it once on a frame that no interface has received (BPF_PROG_TEST_RUN).
     *
     * @param frame at least 14 bytes
     * @return the program's result
     * @throws LinuxException if the kernel refuses
     */
    public int test(byte[] frame) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(80, 8);
            attributes.set(INT, 0, fd.value());
            attributes.set(INT, 8, frame.length);
            attributes.set(LONG, 16, arena.allocateFrom(ValueLayout.JAVA_BYTE, frame).address());
            LinuxException.check(Bpf.call(BPF_PROG_TEST_RUN, attributes), "bpf(test of " + fd.name() + ")");
            return attributes.get(INT, 4);
        }
    }

    /**
     * Runs it many times on frames that are real, so that one which it redirects leaves (Linux 5.18). They are of the
     * calling thread's network namespace, and the calling thread's processor does all the work. A signal to the process, SIGSTOP too,
     * ends it early.
     *
     * @param frame at least 14 bytes
     * @param times how often, 1 or more
     * @throws LinuxException if the kernel refuses
     */
    public void send(byte[] frame, int times) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(80, 8);
            attributes.set(INT, 0, fd.value());
            attributes.set(INT, 8, frame.length);
            attributes.set(LONG, 16, arena.allocateFrom(ValueLayout.JAVA_BYTE, frame).address());
            attributes.set(INT, 32, times);
            attributes.set(INT, 64, BPF_F_TEST_XDP_LIVE_FRAMES);
            attributes.set(INT, 72, LIVE_BATCH);
            int r = Bpf.call(BPF_PROG_TEST_RUN, attributes);
            if (r != -Errno.EINTR) {
                LinuxException.check(r, "bpf(frames of " + fd.name() + ")");
            }
        }
    }

    /** Lets it go; it stays where it is attached until the link is closed. A second time does nothing. */
    @Override
    public void close() {
        fd.close();
    }
}
