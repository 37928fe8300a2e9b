package dev.penstock.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The bpf(2) system call: maps, programs and links, by commands and their attributes. */
public final class Bpf {
    /** Command: make a map. */
    public static final int BPF_MAP_CREATE = 0;
    /** Command: read an element. */
    public static final int BPF_MAP_LOOKUP_ELEM = 1;
    /** Command: write an element. */
    public static final int BPF_MAP_UPDATE_ELEM = 2;
    /** Command: delete an element. */
    public static final int BPF_MAP_DELETE_ELEM = 3;
    /** Command: load a program. */
    public static final int BPF_PROG_LOAD = 5;
    /** Command: attach a program, for as long as the link's descriptor is open. */
    public static final int BPF_LINK_CREATE = 28;

    private static final MethodHandle BPF = Native.syscall(SyscallNumber.BPF, FunctionDescriptor.of(
            ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

    private Bpf() {}

    /**
     * Carries out a command.
     *
     * @param command a {@code BPF_} command
     * @param attributes the command's part of {@code union bpf_attr}, off-heap
     * @return the result, for many a new descriptor, or a negated error number
     */
    public static int call(int command, MemorySegment attributes) {
        MemorySegment state = Native.state();
        try {
            return (int) Native.result((long) BPF.invokeExact(state, command, attributes,
                    (int) attributes.byteSize()), state);
        } catch (Throwable e) {
            throw Native.thrown(e);
        }
    }

    /**
     * Carries out a command that makes a descriptor.
     *
     * @param command a {@code BPF_} command
     * @param attributes the command's part of {@code union bpf_attr}, off-heap
     * @param name what it makes, for messages
     * @return the new descriptor
     * @throws LinuxException if the kernel refuses
     */
    public static Fd open(int command, MemorySegment attributes, String name) {
        int r = call(command, attributes);
        return Fd.own((int) LinuxException.check(r, "bpf(" + name + ")", r == -Errno.EPERM
                ? "run as root, or give java the capabilities CAP_BPF and CAP_NET_ADMIN" : ""), name);
    }
}
