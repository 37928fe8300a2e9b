package dev.penstock.drivers.afxdp;

import dev.penstock.linux.LinuxException;
import dev.penstock.mbuf.MbufPool;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The sockets of this process whose umem others may join that have the same pool, in whichever port: the pool's memory is
 * then locked and mapped once. Any thread may use it.
 */
final class SharedUmems {
    private record Member(MbufPool pool, int flags, XskSocket socket) {}

    private static final List<Member> MEMBERS = new ArrayList<>();

    private SharedUmems() {}

    /**
     * Opens a socket in the umem of its pool, or with one of its own when there is none yet or the kernel has it not shared.
     *
     * @param flags how it binds; only those that do likewise share
     * @param opener opens it, with the socket whose umem it joins or null
     */
    static synchronized XskSocket open(MbufPool pool, int flags, Function<XskSocket, XskSocket> opener) {
        XskSocket socket = null;
        for (Member m : MEMBERS) {
            if (m.pool == pool && m.flags == flags) {
                try {
                    socket = opener.apply(m.socket);
                } catch (LinuxException e) {
                    // its driver can't what the other's can, or the kernel is older than 5.10: one of its own
                }
                break;
            }
        }
        if (socket == null) {
            socket = opener.apply(null);
        }
        MEMBERS.add(new Member(pool, flags, socket));
        return socket;
    }

    /** To be called before a socket is closed. */
    static synchronized void leave(XskSocket socket) {
        MEMBERS.removeIf(m -> m.socket == socket);
    }
}
