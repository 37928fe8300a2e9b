package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How the package calls C: handles to functions of the C library and to system calls it has no wrapper for.
 *
 * <p>A handle's first argument is the calling thread's {@link #state}, into which errno is captured; each
 * thread makes one and keeps it, because a fresh one costs more than the call. Away from Linux, and where
 * the C library lacks the symbol, the handle is made all the same and throws when it is called, so that
 * classes load anywhere.
 */
final class Native {
    private static final ThreadLocal<MemorySegment> STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Linker.Option.captureStateLayout()));
    private static final long ERRNO = Platform.isLinux()
            ? Linker.Option.captureStateLayout().byteOffset(MemoryLayout.PathElement.groupElement("errno")) : 0;

    private Native() {}

    /** The calling thread's place for errno. */
    static MemorySegment state() {
        return Platform.isLinux() ? STATE.get() : MemorySegment.NULL;
    }

    /** The result of a call, or the negated error number in place of -1. */
    static int result(int result, MemorySegment state) {
        return result == -1 ? -state.get(ValueLayout.JAVA_INT, ERRNO) : result;
    }

    /** The result of a call, or the negated error number in place of -1. */
    static long result(long result, MemorySegment state) {
        return result == -1 ? -state.get(ValueLayout.JAVA_INT, ERRNO) : result;
    }

    /** What to throw when a handle threw. */
    static RuntimeException thrown(Throwable e) {
        if (e instanceof RuntimeException runtime) {
            return runtime;
        }
        if (e instanceof Error error) {
            throw error;
        }
        throw new AssertionError("a handle to a C function threw " + e, e);
    }

    /** A function of the C library. */
    static MethodHandle function(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        MethodType type = descriptor.toMethodType().insertParameterTypes(0, MemorySegment.class);
        if (!Platform.isLinux()) {
            return thrower(type, name, NotLinuxException.class);
        }
        Linker linker = Linker.nativeLinker();
        List<Linker.Option> all = new ArrayList<>(Arrays.asList(options));
        all.add(Linker.Option.captureCallState("errno"));
        return linker.defaultLookup().find(name)
                .map(symbol -> linker.downcallHandle(symbol, descriptor, all.toArray(Linker.Option[]::new)))
                .orElseGet(() -> thrower(type, "the C library has no " + name + " (glibc 2.30 or later is needed)",
                        UnsupportedOperationException.class));
    }

    /**
     * A function without {@link #state}, which loses errno. Capturing it makes an object of 40 bytes in each call
     * unless the compiler inlines all of it, which it does not in a large method.
     */
    static MethodHandle plain(String name, FunctionDescriptor descriptor) {
        MethodType type = descriptor.toMethodType();
        if (!Platform.isLinux()) {
            return thrower(type, name, NotLinuxException.class);
        }
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }

    /** A function that takes a fixed number of arguments and then any. */
    static MethodHandle variadic(String name, int fixed, FunctionDescriptor descriptor) {
        return function(name, descriptor, Linker.Option.firstVariadicArg(fixed));
    }

    /** A function that returns at once and never blocks: it is called without leaving the Java state. */
    static MethodHandle quick(String name, FunctionDescriptor descriptor) {
        return function(name, descriptor, Linker.Option.critical(false));
    }

    /** A system call by its number; the descriptor returns a long and holds the arguments without the number. */
    static MethodHandle syscall(SyscallNumber call, FunctionDescriptor descriptor) {
        MethodHandle handle = variadic("syscall", 1, descriptor.insertArgumentLayouts(0, ValueLayout.JAVA_LONG));
        return MethodHandles.insertArguments(handle, 1, call.number());
    }

    /** A copy of a string as C has it. */
    static MemorySegment string(Arena arena, String value) {
        return arena.allocateFrom(value, StandardCharsets.UTF_8);
    }

    private static MethodHandle thrower(MethodType type, String message, Class<? extends RuntimeException> kind) {
        try {
            MethodHandle make = MethodHandles.publicLookup()
                    .findConstructor(kind, MethodType.methodType(void.class, String.class)).bindTo(message);
            MethodHandle thrower = MethodHandles.foldArguments(
                    MethodHandles.throwException(type.returnType(), kind), make);
            return MethodHandles.dropArguments(thrower, 0, type.parameterList());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
