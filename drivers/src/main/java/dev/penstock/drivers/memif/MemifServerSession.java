package dev.penstock.drivers.memif;

import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.linux.Socket;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** A server's side: it greets, finds the port that the client means, maps what it offers and checks all of it. */
final class MemifServerSession extends MemifSession {
    private static final int MAX_REGIONS = 256;

    /** A ring that the client offered. */
    private record Offer(int region, long offset, int log2Size, EventFd wake) {}

    /** Tells it from every other one of its listener. */
    final long number;
    private final IntFunction<MemifDevice> ports;
    private final Consumer<String> refused;
    private Offer[] c2s = {};
    private Offer[] s2c = {};

    /**
     * Greets a client.
     *
     * @param number tells it from every other one of its listener
     * @param ports finds the port of an id, if it has no peer yet
     * @param refused told of a client that got no port
     */
    MemifServerSession(Socket socket, long number, IntFunction<MemifDevice> ports, Consumer<String> refused) {
        super(socket, null);
        this.number = number;
        this.refused = refused;
        this.ports = ports;
        message.begin(MemifMessage.HELLO).text(MemifMessage.TEXT, MemifMessage.NAME_BYTES, "Penstock")
                .u16(MemifMessage.HELLO_MIN_VERSION, MemifMessage.VERSION)
                .u16(MemifMessage.HELLO_MAX_VERSION, MemifMessage.VERSION)
                .u16(MemifMessage.HELLO_MAX_REGION, MAX_REGIONS - 1)
                .u16(MemifMessage.HELLO_MAX_S2C, 254).u16(MemifMessage.HELLO_MAX_C2S, 254)
                .u8(MemifMessage.HELLO_MAX_LOG2, MemifRing.MAX_LOG2_SIZE);
        try {
            send(null);
        } catch (RuntimeException e) {
            message.close();
            throw e;
        }
    }

    @Override
    void stranger(String what) {
        refused.accept(what);
    }

    @Override
    void handle() {
        if (device == null ? message.type() != MemifMessage.INIT : message.type() == MemifMessage.INIT || isUp()) {
            throw unexpected();
        }
        switch (message.type()) {
            case MemifMessage.INIT -> init();
            case MemifMessage.ADD_REGION -> addRegion();
            case MemifMessage.ADD_RING -> addRing();
            case MemifMessage.CONNECT -> {
                connect();
                up();
                sendName(MemifMessage.CONNECTED);
                return;
            }
            default -> throw unexpected();
        }
        message.begin(MemifMessage.ACK);
        send(null);
    }

    private void init() {
        if (message.u16(MemifMessage.INIT_VERSION) != MemifMessage.VERSION) {
            throw new MemifException("Incompatible memif version", Integer.toHexString(message.u16(MemifMessage.INIT_VERSION)));
        }
        MemifDevice found = ports.apply(message.u32(MemifMessage.INIT_ID));
        if (found == null) {
            throw new MemifException("ID not found", Integer.toUnsignedString(message.u32(MemifMessage.INIT_ID))
                    + " is no port's, or has a peer already");
        }
        if (message.u8(MemifMessage.INIT_MODE) != 0) {
            throw new MemifException("Only ethernet mode supported", "mode " + message.u8(MemifMessage.INIT_MODE));
        }
        String secret = found.arguments().secret();
        if (!secret.isEmpty() && !message.holds(MemifMessage.INIT_SECRET, MemifMessage.SECRET_BYTES, secret)) {
            throw new MemifException("Incorrect secret", "from " + message.text(MemifMessage.INIT_NAME, MemifMessage.NAME_BYTES));
        }
        device = found;
        c2s = new Offer[device.rx().length];
        s2c = new Offer[device.tx().length];
    }

    private void addRegion() {
        Fd fd = message.takeFd("Missing region fd");
        try {
            if (message.u16(MemifMessage.REGION_INDEX) != regions.size() || regions.size() == MAX_REGIONS) {
                throw new MemifException("Invalid region index", message.u16(MemifMessage.REGION_INDEX) + " after " + regions.size());
            }
            regions.add(MemifRegion.map(fd, message.u64(MemifMessage.REGION_SIZE)));
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    private void addRing() {
        Fd fd = message.takeFd("Missing interrupt fd");
        if (!EventFd.is(fd)) {
            // a write to anything else might make the one who sends wait
            fd.close();
            throw new MemifException("Invalid interrupt fd", "a descriptor that is no eventfd");
        }
        EventFd wake = new EventFd(fd);
        wakes.add(wake);
        Offer[] offers = (message.u16(MemifMessage.RING_FLAGS) & MemifMessage.RING_C2S) != 0 ? c2s : s2c;
        int index = message.u16(MemifMessage.RING_INDEX);
        if (index >= offers.length || offers[index] != null) {
            throw new MemifException("Invalid ring index", index + " of " + offers.length + " queues, or a second time");
        }
        if (message.u16(MemifMessage.RING_PRIVATE) != 0) {
            throw new MemifException("Private headers not supported", "a ring with headers of " + message.u16(MemifMessage.RING_PRIVATE) + " bytes");
        }
        offers[index] = new Offer(message.u16(MemifMessage.RING_REGION), message.u32(MemifMessage.RING_OFFSET) & 0xffff_ffffL,
                message.u8(MemifMessage.RING_LOG2), wake);
    }

    private void connect() {
        touch();
        MemifRing[] in = Arrays.stream(c2s).map(this::ring).toArray(MemifRing[]::new);
        MemifRing[] out = Arrays.stream(s2c).map(this::ring).toArray(MemifRing[]::new);
        for (int i = 0; i < in.length; i++) {
            if (in[i] != null) {
                in[i].polled(true);
                attach(device.rx()[i].queue, in[i], c2s[i]);
                device.rx()[i].queue.rouse();
            }
        }
        for (int i = 0; i < out.length; i++) {
            if (out[i] != null) {
                attach(device.tx()[i].queue, out[i], s2c[i]);
            }
        }
    }

    private MemifRing ring(Offer offer) {
        if (offer == null) {
            return null;
        }
        MemifRing ring = ring(offer.region, offer.offset, offer.log2Size);
        if (!ring.hasCookie()) {
            throw new MemifException("Wrong cookie", "a ring at " + offer.offset + " of region " + offer.region);
        }
        return ring;
    }

    private void attach(MemifQueue queue, MemifRing ring, Offer offer) {
        ring.head(0);
        ring.tail(0);
        queue.attach(ring, memories(), regions.stream().anyMatch(r -> !r.sealed()), offer.wake);
    }
}
