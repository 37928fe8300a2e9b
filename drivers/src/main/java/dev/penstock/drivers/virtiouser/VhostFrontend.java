package dev.penstock.drivers.virtiouser;

import static dev.penstock.vhost.VhostRequest.GET_FEATURES;
import static dev.penstock.vhost.VhostRequest.GET_INFLIGHT_FD;
import static dev.penstock.vhost.VhostRequest.GET_PROTOCOL_FEATURES;
import static dev.penstock.vhost.VhostRequest.GET_QUEUE_NUM;
import static dev.penstock.vhost.VhostRequest.GET_VRING_BASE;
import static dev.penstock.vhost.VhostRequest.PROTOCOL_INFLIGHT_SHMFD;
import static dev.penstock.vhost.VhostRequest.PROTOCOL_MQ;
import static dev.penstock.vhost.VhostRequest.PROTOCOL_REPLY_ACK;
import static dev.penstock.vhost.VhostRequest.PROTOCOL_STATUS;
import static dev.penstock.vhost.VhostRequest.SET_FEATURES;
import static dev.penstock.vhost.VhostRequest.SET_INFLIGHT_FD;
import static dev.penstock.vhost.VhostRequest.SET_MEM_TABLE;
import static dev.penstock.vhost.VhostRequest.SET_OWNER;
import static dev.penstock.vhost.VhostRequest.SET_PROTOCOL_FEATURES;
import static dev.penstock.vhost.VhostRequest.SET_STATUS;
import static dev.penstock.vhost.VhostRequest.SET_VRING_ADDR;
import static dev.penstock.vhost.VhostRequest.SET_VRING_BASE;
import static dev.penstock.vhost.VhostRequest.SET_VRING_CALL;
import static dev.penstock.vhost.VhostRequest.SET_VRING_ENABLE;
import static dev.penstock.vhost.VhostRequest.SET_VRING_KICK;
import static dev.penstock.vhost.VhostRequest.SET_VRING_NUM;

import dev.penstock.eal.SharedMemory;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.linux.Socket;
import dev.penstock.vhost.VhostException;
import dev.penstock.vhost.VhostMessage;
import dev.penstock.virtqueue.DeviceQueue;
import dev.penstock.virtqueue.Feature;
import dev.penstock.virtqueue.RingMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** The front end of a vhost-user connection: what it asks and tells the back end. One thread at a time. */
final class VhostFrontend implements AutoCloseable {
    /** Regions that every back end takes. */
    static final int MAX_REGIONS = 8;

    private static final long ANSWER_MS = 5000;
    private static final int NOTES_BYTES = 20;
    private static final int INDEX_MASK = 0xff;
    /** ACKNOWLEDGE, DRIVER, FEATURES_OK and DRIVER_OK (VIRTIO 1.2, section 2.1). */
    private static final int STATUS_READY = 1 | 2 | 8 | 4;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final Socket socket;
    private final VhostMessage message = new VhostMessage();
    private final MemorySegment payload = message.payload();
    private final long offered;
    private long protocol;
    private final int maxPairs;

    VhostFrontend(Socket socket) {
        this.socket = socket;
        socket.timeoutMs(ANSWER_MS);
        try {
            tell(SET_OWNER, 0, List.of());
            offered = ask(GET_FEATURES, 0);
            maxPairs = (offered & Feature.PROTOCOL_FEATURES) == 0 ? 1 : extend();
        } catch (RuntimeException e) {
            // with the descriptors that came with an answer nobody understands; the socket is still the caller's
            message.close();
            throw e;
        }
    }

    /** Agrees on what goes beyond the first version; how many queue pairs there are. */
    private int extend() {
        long known = ask(GET_PROTOCOL_FEATURES, 0) & (PROTOCOL_MQ | PROTOCOL_REPLY_ACK | PROTOCOL_STATUS | PROTOCOL_INFLIGHT_SHMFD);
        payload.set(LONG, 0, known);
        tell(SET_PROTOCOL_FEATURES, 8, List.of());
        protocol = known;
        return (known & PROTOCOL_MQ) == 0 ? 1 : Math.clamp(ask(GET_QUEUE_NUM, 0), 1, INDEX_MASK / 2);
    }

    Socket socket() {
        return socket;
    }

    /** The features that the back end offers. */
    long offered() {
        return offered;
    }

    int maxPairs() {
        return maxPairs;
    }

    void features(long features) {
        payload.set(LONG, 0, features | offered & Feature.PROTOCOL_FEATURES);
        tell(SET_FEATURES, 8, List.of());
    }

    void memory(List<SharedMemory> regions) {
        payload.set(INT, 0, regions.size());
        payload.set(INT, 4, 0);
        List<Fd> files = new ArrayList<>();
        long at = 8;
        for (SharedMemory region : regions) {
            payload.set(LONG, at, region.segment().address());
            payload.set(LONG, at + 8, region.segment().byteSize());
            payload.set(LONG, at + 16, region.segment().address());
            payload.set(LONG, at + 24, 0);
            files.add(region.file());
            at += 32;
        }
        tell(SET_MEM_TABLE, (int) at, files);
    }

    /** Where a back end notes how far it is, which outlives it. */
    record Notes(long bytes, long offset, int queues, int size, Fd file) implements AutoCloseable {
        @Override
        public void close() {
            file.close();
        }
    }

    /** Has the back end make memory for its notes on so many queues; null when it keeps none. */
    Notes makeNotes(int queues, int size) {
        if (!keepsNotes()) {
            return null;
        }
        notes(0, 0, queues, size);
        message.send(socket, GET_INFLIGHT_FD, 0, NOTES_BYTES, List.of());
        receive(GET_INFLIGHT_FD, NOTES_BYTES);
        List<Fd> files = message.takeFds();
        if (files.size() != 1) {
            files.forEach(Fd::close);
            throw new VhostException("the back end's inflight memory comes with " + files.size() + " descriptors");
        }
        return new Notes(payload.get(LONG, 0), payload.get(LONG, 8), queues, size, files.getFirst());
    }

    boolean keepsNotes() {
        return (protocol & PROTOCOL_INFLIGHT_SHMFD) != 0;
    }

    /** Gives the back end the notes of one before it. */
    void takeUp(Notes notes) {
        notes(notes.bytes, notes.offset, notes.queues, notes.size);
        tell(SET_INFLIGHT_FD, NOTES_BYTES, List.of(notes.file));
    }

    private void notes(long bytes, long offset, int queues, int size) {
        payload.set(LONG, 0, bytes);
        payload.set(LONG, 8, offset);
        payload.set(ValueLayout.JAVA_SHORT, 16, (short) queues);
        payload.set(ValueLayout.JAVA_SHORT, 18, (short) size);
    }

    void startQueue(int index, RingMemory ring, boolean packed, EventFd kick, EventFd call) {
        payload.set(LONG, 0, index);
        tell(SET_VRING_CALL, 8, List.of(call.fd()));
        state(SET_VRING_NUM, index, ring.size());
        state(SET_VRING_BASE, index, packed ? DeviceQueue.PACKED_BASE : DeviceQueue.SPLIT_BASE);
        payload.set(INT, 0, index);
        payload.set(INT, 4, 0);
        payload.set(LONG, 8, ring.descriptors().address());
        payload.set(LONG, 16, ring.device().address());
        payload.set(LONG, 24, ring.driver().address());
        payload.set(LONG, 32, 0);
        tell(SET_VRING_ADDR, 40, List.of());
        payload.set(LONG, 0, index);
        tell(SET_VRING_KICK, 8, List.of(kick.fd()));
    }

    void enableQueue(int index, boolean on) {
        if ((offered & Feature.PROTOCOL_FEATURES) != 0) {
            state(SET_VRING_ENABLE, index, on ? 1 : 0);
        }
    }

    /** Tells the back end that the driver is ready. */
    void ready() {
        status(STATUS_READY);
    }

    /** Tells the back end that the driver is no more. */
    void reset() {
        status(0);
    }

    private void status(int status) {
        if ((protocol & PROTOCOL_STATUS) != 0) {
            payload.set(LONG, 0, status);
            tell(SET_STATUS, 8, List.of());
        }
    }

    /** Stops a queue; when this returns, the back end touches it no more. */
    void stopQueue(int index) {
        payload.set(INT, 0, index);
        payload.set(INT, 4, 0);
        ask(GET_VRING_BASE, 8);
    }

    private void state(int request, int index, int value) {
        payload.set(INT, 0, index);
        payload.set(INT, 4, value);
        tell(request, 8, List.of());
    }

    private void tell(int request, int size, List<Fd> fds) {
        boolean acknowledged = (protocol & PROTOCOL_REPLY_ACK) != 0;
        message.send(socket, request, acknowledged ? VhostMessage.NEED_REPLY : 0, size, fds);
        if (acknowledged && reply(request) != 0) {
            throw new VhostException("the back end refused request " + request + " with " + payload.get(LONG, 0)
                    + "; its log says why");
        }
    }

    private long ask(int request, int size) {
        message.send(socket, request, 0, size, List.of());
        return reply(request);
    }

    private long reply(int request) {
        receive(request, Long.BYTES);
        return payload.get(LONG, 0);
    }

    private void receive(int request, int bytes) {
        if (!message.receive(socket)) {
            throw new VhostException("the back end ended the connection at request " + request);
        }
        if (message.request() != request || (message.flags() & VhostMessage.REPLY) == 0 || message.size() != bytes) {
            throw new VhostException("the back end answered request " + request + " with " + message.request() + ", "
                    + message.size() + " bytes");
        }
    }

    @Override
    public void close() {
        message.close();
        socket.close();
    }
}
