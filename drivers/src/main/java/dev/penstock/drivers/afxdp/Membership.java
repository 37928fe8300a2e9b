package dev.penstock.drivers.afxdp;

import dev.penstock.linux.Socket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Keeps an interface in promiscuous or all-multicast mode by a packet socket that receives nothing (packet(7)):
 * the mode ends with the process.
 */
final class Membership implements AutoCloseable {
    private static final int SOL_PACKET = 263;
    private static final int ADD_MEMBERSHIP = 1;
    private static final int DROP_MEMBERSHIP = 2;
    private static final short MR_PROMISC = 1;
    private static final short MR_ALLMULTI = 2;

    private int interfaceIndex;
    private final Socket socket = Socket.open(Socket.AF_PACKET, Socket.SOCK_RAW, 0);
    private boolean promiscuous;
    private boolean allMulticast;

    Membership(int interfaceIndex) {
        this.interfaceIndex = interfaceIndex;
    }

    void promiscuous(boolean on) {
        if (on != promiscuous) {
            set(MR_PROMISC, on);
            promiscuous = on;
        }
    }

    void allMulticast(boolean on) {
        if (on != allMulticast) {
            set(MR_ALLMULTI, on);
            allMulticast = on;
        }
    }

    /** Goes on with another interface; with one that was deleted, its modes have gone. */
    void renew(int index) {
        interfaceIndex = index;
        if (promiscuous) {
            set(MR_PROMISC, true);
        }
        if (allMulticast) {
            set(MR_ALLMULTI, true);
        }
    }

    private void set(short type, boolean on) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(16, 4);
            request.set(ValueLayout.JAVA_INT, 0, interfaceIndex);
            request.set(ValueLayout.JAVA_SHORT, 4, type);
            socket.option(SOL_PACKET, on ? ADD_MEMBERSHIP : DROP_MEMBERSHIP, request);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
