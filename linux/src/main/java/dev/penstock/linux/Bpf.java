package dev.penstock.linux;

import java.lang.foreign.MemorySegment;

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

    private Bpf() {}

    /**
     * Carries out a command.
     *
     * @param command a {@code BPF_} command
     * @param attributes the command's part of {@code union bpf_attr}, off-heap
     * @return the result, for many a new descriptor, or a negated error number
     */
    public static int call(int command, MemorySegment attributes) {
        return CFunction.SYSCALL.call(attributes, SyscallNumber.BPF.number(), command, attributes.address(), attributes.byteSize());
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
