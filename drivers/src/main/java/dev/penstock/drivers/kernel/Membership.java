package dev.penstock.drivers.kernel;

import dev.penstock.linux.Errno;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Socket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * What an interface receives beside frames for its own address, asked for by a packet socket that receives nothing
 * itself (packet(7)): all of it ends with the process. While there is no interface it is remembered.
 */
final class Membership implements AutoCloseable {
    private static final int SOL_PACKET = 263;
    private static final int ADD_MEMBERSHIP = 1;
    private static final int DROP_MEMBERSHIP = 2;
    private static final short MR_MULTICAST = 0;
    private static final short MR_PROMISC = 1;
    private static final short MR_ALLMULTI = 2;
    private static final short MR_UNICAST = 3;
    private static final short ADDRESS_BYTES = 6;

    private int interfaceIndex;
    private final Socket socket = Socket.open(Socket.AF_PACKET, Socket.SOCK_RAW, 0);
    private final List<Long> addresses = new ArrayList<>();
    private boolean promiscuous;
    private boolean allMulticast;

    Membership(int interfaceIndex) {
        this.interfaceIndex = interfaceIndex;
    }

    void promiscuous(boolean on) {
        if (on != promiscuous) {
            set(MR_PROMISC, 0, on);
            promiscuous = on;
        }
    }

    void allMulticast(boolean on) {
        if (on != allMulticast) {
            set(MR_ALLMULTI, 0, on);
            allMulticast = on;
        }
    }

    /** Receives frames for one more address, or no longer. */
    void address(long mac, boolean on) {
        receive(mac, on);
        if (on) {
            addresses.add(mac);
        } else {
            addresses.remove(mac);
        }
    }

    private void receive(long mac, boolean on) {
        set((mac >>> 40 & 1) != 0 ? MR_MULTICAST : MR_UNICAST, mac, on);
    }

    /** Goes on with another interface; with one that was deleted, what it received has gone. */
    void renew(int index) {
        interfaceIndex = index;
        if (promiscuous) {
            set(MR_PROMISC, 0, true);
        }
        if (allMulticast) {
            set(MR_ALLMULTI, 0, true);
        }
        addresses.forEach(mac -> receive(mac, true));
    }

    private void set(short type, long mac, boolean on) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(16, 4);
            request.set(ValueLayout.JAVA_INT, 0, interfaceIndex);
            request.set(ValueLayout.JAVA_SHORT, 4, type);
            request.set(ValueLayout.JAVA_SHORT, 6, ADDRESS_BYTES);
            MemorySegment.copy(KernelDevice.bytes(mac), 0, request, ValueLayout.JAVA_BYTE, 8, ADDRESS_BYTES);
            socket.option(SOL_PACKET, on ? ADD_MEMBERSHIP : DROP_MEMBERSHIP, request);
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENODEV) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
