package dev.penstock.drivers.memif;

import dev.penstock.eal.SharedMemory;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.linux.Socket;
import java.lang.foreign.MemorySegment;

/** A client's side: it waits for the greeting, makes the memory and offers it piece by piece, each acknowledged. */
final class MemifClientSession extends MemifSession {
    private int c2s;
    private int s2c;
    private int log2Size;
    /** What is lent instead of copied into buffers; of no memory when all is copied. */
    private MemifShare share;
    /** Messages sent since the greeting; the next acknowledgement is for the last of them. */
    private int step = -1;

    MemifClientSession(Socket socket, MemifDevice device) {
        super(socket, device);
    }

    @Override
    void handle() {
        switch (message.type()) {
            case MemifMessage.HELLO -> {
                if (step >= 0) {
                    throw unexpected();
                }
                hello();
            }
            case MemifMessage.ACK -> {
                if (step < 0 || step > files() + rings()) {
                    throw unexpected();
                }
                offer(step++);
            }
            case MemifMessage.CONNECTED -> {
                if (step != files() + rings() + 1 || isUp()) {
                    throw unexpected();
                }
                attach();
                up();
            }
            default -> throw unexpected();
        }
    }

    private int rings() {
        return c2s + s2c;
    }

    /** How many regions there are: one with rings and buffers, and those that packets lie in. */
    private int files() {
        return share == null ? 1 : 1 + share.memory().size();
    }

    private void hello() {
        if (message.u16(MemifMessage.HELLO_MIN_VERSION) > MemifMessage.VERSION
                || message.u16(MemifMessage.HELLO_MAX_VERSION) < MemifMessage.VERSION) {
            throw new MemifException("Incompatible memif version", "the server speaks "
                    + Integer.toHexString(message.u16(MemifMessage.HELLO_MIN_VERSION)) + " to "
                    + Integer.toHexString(message.u16(MemifMessage.HELLO_MAX_VERSION)) + ", not 200");
        }
        c2s = Math.min(message.u16(MemifMessage.HELLO_MAX_C2S) + 1, device.tx().length);
        s2c = Math.min(message.u16(MemifMessage.HELLO_MAX_S2C) + 1, device.rx().length);
        log2Size = Math.max(1, Math.min(message.u8(MemifMessage.HELLO_MAX_LOG2), device.arguments().log2Ring()));
        makeMemory();
        if (device.arguments().zeroCopy()) {
            share = new MemifShare(device.eal().sharedMemory(), message.u16(MemifMessage.HELLO_MAX_REGION));
            if (share.memory().isEmpty()) {
                device.log().warning(device.arguments().name() + ": zero-copy=yes, and no packets in memory that can be shared: they "
                        + "are copied; use huge pages");
            }
        }
        MemifArguments a = device.arguments();
        message.begin(MemifMessage.INIT).u16(MemifMessage.INIT_VERSION, MemifMessage.VERSION)
                .u32(MemifMessage.INIT_ID, a.id())
                .text(MemifMessage.INIT_SECRET, MemifMessage.SECRET_BYTES, a.secret())
                .text(MemifMessage.INIT_NAME, MemifMessage.NAME_BYTES, "Penstock");
        send(null);
        step = 0;
    }

    private void makeMemory() {
        long buffers = (long) device.arguments().bufferBytes() << log2Size;
        MemifRegion region = MemifRegion.create("memif_region_0", rings() * (MemifRing.bytes(log2Size) + buffers));
        regions.add(region);
        for (int i = 0; i < rings(); i++) {
            wakes.add(new EventFd());
            MemifRing ring = ring(0, i * MemifRing.bytes(log2Size), log2Size);
            ring.initialise();
            for (int slot = 0; slot < ring.size(); slot++) {
                ring.flagsAndRegion(slot, 0);
                ring.length(slot, device.arguments().bufferBytes());
                ring.offset(slot, (int) (firstBuffer(i) + (long) slot * device.arguments().bufferBytes()));
            }
        }
    }

    private long firstBuffer(int ring) {
        return rings() * MemifRing.bytes(log2Size) + ring * ((long) device.arguments().bufferBytes() << log2Size);
    }

    /** The message after the acknowledgement of number {@code after}: the region, each ring, the end. */
    private void offer(int after) {
        if (after == 0) {
            offer(0, regions.getFirst().memory(), regions.getFirst().fd());
        } else if (after < files()) {
            SharedMemory lent = share.memory().get(after - 1);
            offer(after, lent.segment(), lent.file());
        } else if (after < files() + rings()) {
            int i = after - files();
            boolean toServer = i < c2s;
            message.begin(MemifMessage.ADD_RING).u16(MemifMessage.RING_FLAGS, toServer ? MemifMessage.RING_C2S : 0)
                    .u16(MemifMessage.RING_INDEX, toServer ? i : i - c2s)
                    .u32(MemifMessage.RING_OFFSET, (int) (i * MemifRing.bytes(log2Size)))
                    .u8(MemifMessage.RING_LOG2, log2Size);
            send(wakes.get(i).fd());
        } else {
            sendName(MemifMessage.CONNECT);
        }
    }

    private void offer(int region, MemorySegment memory, Fd file) {
        message.begin(MemifMessage.ADD_REGION).u16(MemifMessage.REGION_INDEX, region)
                .u64(MemifMessage.REGION_SIZE, memory.byteSize());
        send(file);
    }

    private void attach() {
        touch();
        for (int i = 0; i < rings(); i++) {
            MemifRing ring = ring(0, i * MemifRing.bytes(log2Size), log2Size);
            MemifQueue queue = i < c2s ? device.tx()[i].queue : device.rx()[i - c2s].queue;
            if (i >= c2s) {
                ring.polled(true);
                ring.head(ring.size());
            }
            queue.attach(ring, regions.getFirst().memory(), wakes.get(i), firstBuffer(i), device.arguments().bufferBytes(),
                    files() > 1 ? new MemifLoans(share, ring.size()) : null);
            if (i >= c2s) {
                queue.rouse();
            }
        }
    }
}
