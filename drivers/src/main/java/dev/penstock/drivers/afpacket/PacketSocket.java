package dev.penstock.drivers.afpacket;

import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Mapping;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A packet socket with its two rings: one queue pair. */
final class PacketSocket implements AutoCloseable {
    private static final int PACKETS_AND_DROPS = 8;

    private final Socket socket;
    private final RingShape shape;
    private Mapping mapping;
    private long drops;
    /** Where the kernel goes on in each ring, for the next queue that is made of this: it does not begin anew. */
    int rxNext;
    int txNext;

    /**
     * Opens one and binds it; from then on the kernel fills its ring.
     *
     * @param receives whether it does; else the socket only sends
     */
    PacketSocket(int interfaceIndex, RingShape shape, boolean qdiscBypass, boolean receives) {
        this.shape = shape;
        socket = Socket.open(Socket.AF_PACKET, Socket.SOCK_RAW, 0);
        try {
            set(Tpacket.VERSION, Tpacket.V2);
            set(Tpacket.VNET_HDR, 1);
            set(Tpacket.IGNORE_OUTGOING, 1);
            if (qdiscBypass) {
                set(Tpacket.QDISC_BYPASS, 1);
            }
            makeRings();
            socket.bind(Sockaddr.packet(interfaceIndex, receives ? Socket.ETH_P_ALL : 0));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void makeRings() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocateFrom(Tpacket.INT, shape.blockBytes(), shape.blocks(),
                    shape.frameBytes(), shape.frames());
            socket.option(Tpacket.SOL_PACKET, Tpacket.RX_RING, request);
            socket.option(Tpacket.SOL_PACKET, Tpacket.TX_RING, request);
            mapping = Mapping.shared(socket.fd(), 0, 2L * shape.bytes());
        } catch (LinuxException e) {
            throw new LinuxException(e.call() + " of 2 rings of " + shape.bytes() + " bytes", e.errno(),
                    "give a smaller framecnt");
        }
    }

    Socket socket() {
        return socket;
    }

    /** What the kernel fills. */
    MemorySegment rxRing() {
        return mapping.segment().asSlice(0, shape.bytes());
    }

    /** What the kernel empties. */
    MemorySegment txRing() {
        return mapping.segment().asSlice(shape.bytes(), shape.bytes());
    }

    void set(int option, int value) {
        socket.option(Tpacket.SOL_PACKET, option, value);
    }

    int get(int option) {
        return socket.option(Tpacket.SOL_PACKET, option);
    }

    /** Joins or leaves what receives more than the interface's own frames; ends with the socket. */
    void membership(int interfaceIndex, int type, boolean on) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(16, 4);
            request.set(Tpacket.INT, 0, interfaceIndex);
            request.set(Tpacket.SHORT, 4, (short) type);
            socket.option(Tpacket.SOL_PACKET, on ? Tpacket.ADD_MEMBERSHIP : Tpacket.DROP_MEMBERSHIP, request);
        }
    }

    /** Frames that the kernel found no room for in the ring, since it was opened. */
    synchronized long drops() {
        if (socket.fd().value() >= 0) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment both = arena.allocate(PACKETS_AND_DROPS, 4);
                socket.readOption(Tpacket.SOL_PACKET, Tpacket.STATISTICS, both);
                // the kernel starts from 0 again at each read
                drops += Integer.toUnsignedLong(both.get(Tpacket.INT, 4));
            }
        }
        return drops;
    }

    @Override
    public synchronized void close() {
        try {
            drops();
        } finally {
            socket.close();
            if (mapping != null) {
                mapping.close();
            }
        }
    }
}
