package dev.penstock.linux;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Assembles an eBPF program (kernel documentation: bpf/standardization/instruction-set). Registers are
 * numbers: 0 result, 1 to 5 arguments, 6 to 9 kept over calls, 10 the frame's end. Jumps go to labels.
 * What stands behind a jump or an exit and no jump before it leads to is left out, because the kernel refuses
 * programs that have it.
 *
 * <p>{@code new BpfCode().set(0, 2).exit()} is the XDP program that passes all.
 */
public final class BpfCode {
    /** Jump if equal. */
    public static final int EQ = 0x10;
    /** Jump if greater, unsigned. */
    public static final int GT = 0x20;
    /** Jump if greater or equal, unsigned. */
    public static final int GE = 0x30;
    /** Jump if not equal. */
    public static final int NE = 0x50;
    /** Jump if less, unsigned. */
    public static final int LT = 0xa0;
    /** Jump if less or equal, unsigned. */
    public static final int LE = 0xb0;
    /** Arithmetic: add. */
    public static final int ADD = 0x00;
    /** Arithmetic: and. */
    public static final int AND = 0x50;
    /** Arithmetic: shift left. */
    public static final int LSH = 0x60;
    /** Arithmetic: shift right, keeping the sign. */
    public static final int ASR = 0xc0;
    /** The register that points behind the program's 512 bytes of stack. */
    public static final int FRAME = 10;
    /** Most instructions that the kernel takes from any program of ours. */
    public static final int MAX_INSTRUCTIONS = 4096;

    private static final int LD_IMM64 = 0x18;
    private static final int PSEUDO_MAP_FD = 1;
    private static final int ALU64 = 0x07;
    private static final int JMP = 0x05;
    private static final int REGISTER = 0x08;
    private static final int MOV = 0xb0;
    private static final int TO_BE = 0xdc;
    private static final int CALL = 0x85;
    private static final int EXIT = 0x95;
    private static final int JA = 0x05;
    private static final int[] SIZES = {0, 0x10, 0x08, 0, 0x00, 0, 0, 0, 0x18};

    /** A place to jump to. */
    public static final class Label {
        private int at = -1;
        private boolean used;

        /** A place that is not yet known. */
        public Label() {}
    }

    private record Jump(int from, Label to) {}

    private long[] code = new long[64];
    private int length;
    private boolean reachable = true;
    private final List<Jump> jumps = new ArrayList<>();

    /** An empty program. */
    public BpfCode() {}

    private BpfCode emit(int op, int dst, int src, int offset, int immediate) {
        if ((dst | src) < 0 || dst > 10 || src > 10 || offset != (short) offset) {
            throw new IllegalArgumentException("eBPF instruction 0x" + Integer.toHexString(op) + " with registers " + dst
                    + ", " + src + " and offset " + offset);
        }
        if (!reachable) {
            return this;
        }
        if (length == MAX_INSTRUCTIONS) {
            throw new IllegalArgumentException("the eBPF program has more than " + MAX_INSTRUCTIONS + " instructions");
        }
        if (length == code.length) {
            code = Arrays.copyOf(code, 2 * length);
        }
        code[length++] = op | dst << 8 | src << 12 | (offset & 0xffffL) << 16 | (long) immediate << 32;
        return this;
    }

    private static int size(int bytes) {
        if (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8) {
            throw new IllegalArgumentException("eBPF loads and stores 1, 2, 4 or 8 bytes, not " + bytes);
        }
        return SIZES[bytes];
    }

    /** dst = value, sign-extended. */
    public BpfCode set(int dst, int value) {
        return emit(ALU64 | MOV, dst, 0, 0, value);
    }

    /** dst = src. */
    public BpfCode move(int dst, int src) {
        return emit(ALU64 | MOV | REGISTER, dst, src, 0, 0);
    }

    /** dst = dst operation value. */
    public BpfCode alu(int operation, int dst, int value) {
        return emit(ALU64 | operation, dst, 0, 0, value);
    }

    /** dst = dst operation src. */
    public BpfCode aluRegister(int operation, int dst, int src) {
        return emit(ALU64 | operation | REGISTER, dst, src, 0, 0);
    }

    /** Turns the low 16, 32 or 64 bits of dst from network order into the processor's; clears the others. */
    public BpfCode fromNetwork(int dst, int bits) {
        return emit(TO_BE, dst, 0, 0, bits);
    }

    /** dst = bytes at src + offset, zero-extended. */
    public BpfCode load(int bytes, int dst, int src, int offset) {
        return emit(0x61 | size(bytes), dst, src, offset, 0);
    }

    /** bytes at dst + offset = src. */
    public BpfCode store(int bytes, int dst, int offset, int src) {
        return emit(0x63 | size(bytes), dst, src, offset, 0);
    }

    /** bytes at dst + offset = value. */
    public BpfCode storeValue(int bytes, int dst, int offset, int value) {
        return emit(0x62 | size(bytes), dst, 0, offset, value);
    }

    /** dst = the map. */
    public BpfCode map(int dst, BpfMap map) {
        return emit(LD_IMM64, dst, PSEUDO_MAP_FD, 0, map.fd().value()).emit(0, 0, 0, 0, 0);
    }

    /** Calls one of the kernel's helpers. */
    public BpfCode call(int helper) {
        return emit(CALL, 0, 0, 0, helper);
    }

    /** Ends the program with register 0 as its result. */
    public BpfCode exit() {
        emit(EXIT, 0, 0, 0, 0);
        reachable = false;
        return this;
    }

    /** Jumps. */
    public BpfCode jump(Label to) {
        target(to);
        emit(JA, 0, 0, 0, 0);
        reachable = false;
        return this;
    }

    private void target(Label to) {
        if (reachable) {
            if (to.at >= 0 && !to.used) {
                throw new IllegalStateException("a jump back to instruction " + to.at + ", which was left out as unreachable");
            }
            to.used = true;
            jumps.add(new Jump(length, to));
        }
    }

    /** Jumps if dst stands so to value, which is sign-extended to 64 bits. */
    public BpfCode jumpIf(int condition, int dst, int value, Label to) {
        target(to);
        return emit(JMP | condition, dst, 0, 0, value);
    }

    /** Jumps if dst stands so to src. */
    public BpfCode jumpIfRegister(int condition, int dst, int src, Label to) {
        target(to);
        return emit(JMP | condition | REGISTER, dst, src, 0, 0);
    }

    /** A label stands for the next instruction from now on. */
    public BpfCode label(Label label) {
        if (label.at >= 0) {
            throw new IllegalStateException("the label stands for instruction " + label.at + " already");
        }
        label.at = length;
        reachable |= label.used;
        label.used |= reachable;
        return this;
    }

    /**
     * The program as the kernel takes it.
     *
     * @return one number an instruction, all jumps resolved
     * @throws IllegalStateException when a label was never placed
     */
    public long[] instructions() {
        long[] done = Arrays.copyOf(code, length);
        for (Jump jump : jumps) {
            if (jump.to.at < 0) {
                throw new IllegalStateException("instruction " + jump.from + " jumps to a label that was never placed");
            }
            int distance = jump.to.at - jump.from - 1;
            if (distance != (short) distance) {
                throw new IllegalStateException("instruction " + jump.from + " jumps too far: " + distance);
            }
            done[jump.from] |= (distance & 0xffffL) << 16;
        }
        return done;
    }
}
