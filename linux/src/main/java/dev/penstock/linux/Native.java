package dev.penstock.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;

/** What the package needs to call C, but for {@link CFunction}, by which nearly all is called. */
final class Native {
    private Native() {}

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

    /**
     * A function of the C library for poll loops, as a handle of its own, which loses errno. Capturing it makes an object of 40 bytes
     * in each call unless the compiler inlines all of it, which it does not in a large method. To link one takes some milliseconds
     * of a program's start, so keep it in a class of its own. Away from Linux it throws when it is called.
     */
    static MethodHandle plain(String name, FunctionDescriptor descriptor) {
        if (!Platform.isLinux()) {
            return thrower(descriptor.toMethodType(), name);
        }
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }

    /** A copy of a string as C has it. */
    static MemorySegment string(Arena arena, String value) {
        return arena.allocateFrom(value, StandardCharsets.UTF_8);
    }

    private static MethodHandle thrower(MethodType type, String name) {
        try {
            MethodHandle make = MethodHandles.publicLookup().findConstructor(NotLinuxException.class,
                    MethodType.methodType(void.class, String.class)).bindTo(name);
            MethodHandle thrower = MethodHandles.foldArguments(MethodHandles.throwException(type.returnType(), NotLinuxException.class), make);
            return MethodHandles.dropArguments(thrower, 0, type.parameterList());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
