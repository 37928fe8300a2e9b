package dev.penstock.linux;

/** The C library's functions for sockets. */
final class SocketCalls {
    static final int MSG_WAITFORONE = 0x10000;

    static final CFunction SOCKET = new CFunction("socket");
    static final CFunction SOCKETPAIR = new CFunction("socketpair");
    static final CFunction BIND = new CFunction("bind");
    static final CFunction CONNECT = new CFunction("connect");
    static final CFunction LISTEN = new CFunction("listen");
    static final CFunction ACCEPT4 = new CFunction("accept4");
    static final CFunction SHUTDOWN = new CFunction("shutdown");
    static final CFunction GETSOCKNAME = new CFunction("getsockname");
    static final CFunction SETSOCKOPT = new CFunction("setsockopt");
    static final CFunction GETSOCKOPT = new CFunction("getsockopt");
    static final CFunction SENDMMSG = new CFunction("sendmmsg");
    static final CFunction RECVMMSG = new CFunction("recvmmsg");
    static final CFunction SENDTO = new CFunction("sendto");
    static final CFunction RECVFROM = new CFunction("recvfrom");
    static final CFunction SENDMSG = new CFunction("sendmsg");
    static final CFunction RECVMSG = new CFunction("recvmsg");

    private SocketCalls() {}
}
