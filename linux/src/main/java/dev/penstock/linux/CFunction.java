package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * A function of the C library whose arguments are whole numbers and addresses.
 *
 * <p>All of them are called through one handle of one type, because the JVM takes some milliseconds for the first call of each
 * other type, and a program's start calls thirty. So each gets seven numbers, in the registers and on the stack where it looks
 * for its own, and leaves the rest alone: what x86-64 and aarch64 allow, also for functions that take any number of arguments. Behind
 * them come up to three segments that no function looks at: the memory that the addresses point into. They are there so that the
 * call checks that memory, as any downcall does (off-heap, alive, this thread's), and keeps it alive until it returns.
 *
 * <p>A call returns the function's result, or the negated error number in place of -1. Away from Linux, and where the C
 * library lacks the function, a call throws {@link UnsupportedOperationException} and loading the class does not.
 */
final class CFunction {
    /** A system call by its number, for those that the C library has no function for. */
    static final CFunction SYSCALL = new CFunction("syscall");

    private static final MemorySegment NONE = MemorySegment.NULL;
    private static final MemoryLayout STATE_LAYOUT = Linker.Option.captureStateLayout();
    private static final long ERRNO = Platform.isLinux()
            ? STATE_LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement("errno")) : 0;
    /** A thread's place for errno: made once, because a fresh one costs more than the call. */
    private static final ThreadLocal<MemorySegment> STATE = ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE_LAYOUT));
    private static final MethodHandle CALL = Platform.isLinux() ? link() : null;

    private final String name;
    private final MemorySegment symbol;

    CFunction(String name) {
        this.name = name;
        symbol = Platform.isLinux() ? Linker.nativeLinker().defaultLookup().find(name).orElse(null) : null;
    }

    int call(long a) {
        return call(NONE, NONE, NONE, a, 0, 0, 0, 0, 0, 0);
    }

    int call(long a, long b) {
        return call(NONE, NONE, NONE, a, b, 0, 0, 0, 0, 0);
    }

    int call(long a, long b, long c) {
        return call(NONE, NONE, NONE, a, b, c, 0, 0, 0, 0);
    }

    int call(long a, long b, long c, long d) {
        return call(NONE, NONE, NONE, a, b, c, d, 0, 0, 0);
    }

    int call(MemorySegment held, long a, long b) {
        return call(held, NONE, NONE, a, b, 0, 0, 0, 0, 0);
    }

    int call(MemorySegment held, long a, long b, long c) {
        return call(held, NONE, NONE, a, b, c, 0, 0, 0, 0);
    }

    int call(MemorySegment held, long a, long b, long c, long d) {
        return call(held, NONE, NONE, a, b, c, d, 0, 0, 0);
    }

    int call(MemorySegment held, long a, long b, long c, long d, long e) {
        return call(held, NONE, NONE, a, b, c, d, e, 0, 0);
    }

    int call(MemorySegment held, MemorySegment too, MemorySegment third, long a, long b, long c, long d, long e, long f, long g) {
        if (symbol == null) {
            throw missing();
        }
        MemorySegment state = STATE.get();
        try {
            // A function that returns an int says nothing of the upper half.
            int r = (int) (long) CALL.invokeExact(symbol, state, a, b, c, d, e, f, g, held, too, third);
            return r == -1 ? -state.get(ValueLayout.JAVA_INT, ERRNO) : r;
        } catch (Throwable t) {
            throw Native.thrown(t);
        }
    }

    /** As {@link #call}, for what returns an address; it has its top bit set on no architecture of ours, so negative is an error. */
    long address(long a, long b, long c, long d, long e, long f) {
        if (symbol == null) {
            throw missing();
        }
        MemorySegment state = STATE.get();
        try {
            long r = (long) CALL.invokeExact(symbol, state, a, b, c, d, e, f, 0L, NONE, NONE, NONE);
            return r == -1 ? -state.get(ValueLayout.JAVA_INT, ERRNO) : r;
        } catch (Throwable t) {
            throw Native.thrown(t);
        }
    }

    private RuntimeException missing() {
        return Platform.isLinux() ? new UnsupportedOperationException("the C library has no " + name + " (glibc 2.30 or later is needed)")
                : new NotLinuxException(name);
    }

    private static MethodHandle link() {
        ValueLayout.OfLong number = ValueLayout.JAVA_LONG;
        return Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(number, number, number, number, number, number, number, number,
                ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS), Linker.Option.captureCallState("errno"));
    }
}
