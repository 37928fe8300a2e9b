package dev.penstock.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Handles for sockets, but for the two that every loop uses. */
final class SocketCalls {
    static final int MSG_WAITFORONE = 0x10000;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    static final MethodHandle SOCKET = Native.function("socket", FunctionDescriptor.of(INT, INT, INT, INT));
    static final MethodHandle SOCKETPAIR = Native.function("socketpair",
            FunctionDescriptor.of(INT, INT, INT, INT, ValueLayout.ADDRESS));
    static final MethodHandle BIND = Native.function("bind", address());
    static final MethodHandle CONNECT = Native.function("connect", address());
    static final MethodHandle LISTEN = Native.function("listen", FunctionDescriptor.of(INT, INT, INT));
    static final MethodHandle ACCEPT4 = Native.function("accept4",
            FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, INT));
    static final MethodHandle SHUTDOWN = Native.function("shutdown", FunctionDescriptor.of(INT, INT, INT));
    static final MethodHandle GETSOCKNAME = Native.function("getsockname",
            FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
    static final MethodHandle SETSOCKOPT = Native.function("setsockopt",
            FunctionDescriptor.of(INT, INT, INT, INT, ValueLayout.ADDRESS, INT));
    static final MethodHandle GETSOCKOPT = Native.function("getsockopt",
            FunctionDescriptor.of(INT, INT, INT, INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
    static final MethodHandle SENDMMSG = Native.function("sendmmsg",
            FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, INT, INT));
    static final MethodHandle RECVMMSG = Native.function("recvmmsg",
            FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, INT, INT, ValueLayout.ADDRESS));
    private static final FunctionDescriptor MESSAGE =
            FunctionDescriptor.of(ValueLayout.JAVA_LONG, INT, ValueLayout.ADDRESS, INT);
    static final MethodHandle SENDMSG = Native.function("sendmsg", MESSAGE);
    static final MethodHandle RECVMSG = Native.function("recvmsg", MESSAGE);

    private SocketCalls() {}

    private static FunctionDescriptor address() {
        return FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, INT);
    }
}
