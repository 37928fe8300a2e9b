package dev.penstock.drivers.memif;

import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Socket;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** One connection, from its first message to its end; used by one control thread. */
abstract class MemifSession implements AutoCloseable {
    private static final int NAME_BYTES = MemifMessage.NAME_BYTES;

    final Socket socket;
    final MemifMessage message = new MemifMessage();
    final List<MemifRegion> regions = new ArrayList<>();
    final List<EventFd> wakes = new ArrayList<>();
    /** The port behind this end; a server's is known from the peer's second message on. */
    MemifDevice device;
    private boolean attached;
    /** Queues may have been attached, so they have to be detached. */
    private boolean touched;

    MemifSession(Socket socket, MemifDevice device) {
        this.socket = socket;
        this.device = device;
    }

    /** Answers the message that came. */
    abstract void handle();

    /**
     * Takes a message.
     *
     * @return false when the connection is at its end
     */
    final boolean receive() {
        try {
            if (!message.receive(socket)) {
                return false;
            }
            if (message.type() == MemifMessage.DISCONNECT) {
                String why = "the peer disconnects: " + message.text(MemifMessage.REASON, MemifMessage.REASON_BYTES);
                if (device != null && device.isNew(why)) {
                    device.peers().info(why);
                }
                return false;
            }
            handle();
            return true;
        } catch (MemifException e) {
            if (device != null) {
                device.breaches++;
                if (device.isNew(e.getMessage())) {
                    device.peers().warning(e.getMessage());
                }
            } else {
                stranger(e.getMessage());
            }
            goodbye(e.reason());
            return false;
        } catch (InternalError e) {
            // the file was cut while the rings in it were looked at
            if (device != null) {
                device.memoryLost++;
            }
            goodbye("Shared memory lost");
            return false;
        } catch (RuntimeException e) {
            if (device != null) {
                device.peers().warning(e.getMessage());
            }
            goodbye("Device error");
            return false;
        }
    }

    /** A client that has no port yet has done something wrong. */
    void stranger(String what) {}

    final void send(Fd fd) {
        message.send(socket, fd);
    }

    final void goodbye(String reason) {
        try {
            message.begin(MemifMessage.DISCONNECT).text(MemifMessage.REASON, MemifMessage.REASON_BYTES, reason);
            send(null);
        } catch (LinuxException e) {
            // it has gone already
        }
    }

    final MemifException unexpected() {
        return new MemifException("Unexpected message", "message " + message.type() + " at this point");
    }

    final void sendName(int type) {
        message.begin(type).text(MemifMessage.TEXT, NAME_BYTES, device.arguments().name());
        send(null);
    }

    /**
     * The ring at a place of a region.
     *
     * @throws MemifException when it does not lie in the region
     */
    final MemifRing ring(int region, long offset, int log2Size) {
        if (region >= regions.size() || log2Size < 1 || log2Size > MemifRing.MAX_LOG2_SIZE || (offset & 3) != 0
                || offset + MemifRing.bytes(log2Size) > regions.get(region).memory().byteSize()) {
            throw new MemifException("Invalid ring", "2^" + log2Size + " descriptors at " + offset + " of region " + region);
        }
        return new MemifRing(regions.get(region).memory().asSlice(offset, MemifRing.bytes(log2Size)), log2Size);
    }

    final MemorySegment[] memories() {
        return regions.stream().map(MemifRegion::memory).toArray(MemorySegment[]::new);
    }

    /** From here on queues are attached. */
    final void touch() {
        touched = true;
    }

    /** The queues are attached: the link is up. */
    final void up() {
        attached = true;
        device.peers().info("connected to " + message.text(MemifMessage.TEXT, NAME_BYTES));
        device.connected(true);
    }

    final boolean isUp() {
        return attached;
    }

    @Override
    public void close() {
        if (device != null && touched) {
            for (MemifRxQueue q : device.rx()) {
                q.queue.detach();
            }
            for (MemifTxQueue q : device.tx()) {
                q.queue.detach();
            }
            device.connected(false);
        }
        wakes.forEach(EventFd::close);
        regions.forEach(MemifRegion::close);
        message.close();
        socket.close();
    }
}
