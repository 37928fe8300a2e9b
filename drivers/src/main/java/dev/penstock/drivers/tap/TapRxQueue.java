package dev.penstock.drivers.tap;

import dev.penstock.drivers.kernel.Frames;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.linux.Fd;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.net.PacketLengths;
import dev.penstock.net.PacketType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Reads what the kernel sends out of the interface, one call a packet, as the kernel has it. */
final class TapRxQueue extends RxQueue {
    private static final int LONGEST = 65536 + 64;

    private final Fd fd;
    private final MbufPool pool;
    private final int port;
    /** Null where packets begin with IP. */
    private final PacketLengths lengths;
    private final MemorySegment frame = Arena.ofAuto().allocate(LONGEST, 64);

    TapRxQueue(Fd fd, MbufPool pool, int port, boolean ether) {
        this.fd = fd;
        this.pool = pool;
        this.port = port;
        lengths = ether ? new PacketLengths() : null;
    }

    @Override
    protected int receive(Mbuf[] pkts, int max) {
        int n = 0;
        long sum = 0;
        while (n < max) {
            Mbuf m = pool.alloc();
            if (m == null) {
                // what waits stays in the kernel's queue
                noMbuf++;
                break;
            }
            int length = (int) fd.readOrNothing(frame);
            if (length <= 0) {
                m.free();
                break;
            }
            if (!Frames.in(frame, 0, length, m, pool, port)) {
                noMbuf++;
                m.free();
                break;
            }
            if (lengths != null) {
                m.packetType(PacketType.parse(m, lengths));
            }
            pkts[n++] = m;
            sum += length;
        }
        packets += n;
        bytes += sum;
        return n;
    }

    @Override
    protected Fd interruptFd() {
        return fd;
    }

    /** Forgets what the kernel sent while the queue was stopped. */
    @Override
    protected void start() {
        int left = 100_000;
        while (left > 0 && fd.readOrNothing(frame) > 0) {
            left--;
        }
    }
}
