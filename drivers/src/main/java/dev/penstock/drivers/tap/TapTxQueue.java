package dev.penstock.drivers.tap;

import dev.penstock.drivers.kernel.Frames;
import dev.penstock.drivers.kernel.KernelDevice;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.linux.Errno;
import dev.penstock.linux.Fd;
import dev.penstock.mbuf.Mbuf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Writes packets to the interface, which the kernel then receives, one call a packet, as the kernel has it. */
final class TapTxQueue extends TxQueue {
    private final Fd fd;
    private final KernelDevice.LongestFrame longest;
    private final int shortest;
    private final MemorySegment frame = Arena.ofAuto().allocate(65536 + 64, 64);

    /** Packets longer than the MTU allows. */
    long tooLong;
    /** Packets shorter than a header. */
    long tooShort;
    /** Packets that the kernel called malformed. */
    long wrongFormat;
    /** Bursts of which the kernel left a part, such as those while the interface is down. */
    long refusals;

    TapTxQueue(Fd fd, KernelDevice.LongestFrame longest, int shortest) {
        this.fd = fd;
        this.longest = longest;
        this.shortest = shortest;
    }

    @Override
    protected int transmit(Mbuf[] pkts, int from, int n) {
        int end = from + n;
        int i = from;
        long sent = 0;
        long sum = 0;
        for (; i < end; i++) {
            Mbuf m = pkts[i];
            int length = Frames.length(m);
            if (length < shortest || length > longest.bytes()) {
                misfit(length);
                continue;
            }
            Frames.out(m, frame, 0);
            long r = fd.write(frame, length);
            if (r >= 0) {
                sent++;
                sum += length;
            } else if (r == -Errno.EINVAL) {
                wrongFormat++;
                errors++;
            } else {
                refusals++;
                break;
            }
        }
        Mbuf.freeBulk(pkts, from, i - from);
        packets += sent;
        bytes += sum;
        return i - from;
    }

    private void misfit(int length) {
        if (length < shortest) {
            tooShort++;
        } else {
            tooLong++;
        }
        errors++;
    }
}
