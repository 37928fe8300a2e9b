package dev.penstock.drivers.afpacket;

import dev.penstock.drivers.kernel.Frames;
import dev.penstock.drivers.kernel.KernelDevice;
import dev.penstock.drivers.kernel.VnetHeader;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.linux.Errno;
import dev.penstock.linux.Socket;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.virtqueue.BurstLock;
import java.lang.foreign.MemorySegment;

/**
 * Copies packets into the ring that the kernel empties, and has it do so with one call a burst. The call
 * works through the ring before it returns, so after each burst no frame waits: what the kernel did not
 * take is taken back out of the ring and stays with the caller.
 */
final class AfPacketTxQueue extends TxQueue {
    private static final int TPID_8021Q = 0x8100;

    /** Keeps the poller out while its socket becomes another one. */
    private final BurstLock lock = new BurstLock();
    private final int frameBytes;
    private final int ringBytes;
    private final int room;
    private final KernelDevice.LongestFrame longest;

    /** Null while there is no interface, and the rest with it. */
    private PacketSocket pair;
    private Socket socket;
    private MemorySegment ring;
    private int next;
    /** Whether the last call did nothing. */
    private boolean failed;
    private boolean gone;
    private boolean down;
    /** Packets longer than the interface or the ring's frames allow. */
    long tooLong;
    /** Packets shorter than an Ethernet header. */
    long tooShort;
    /** Packets that the kernel called malformed. */
    long wrongFormat;
    /** Packets in the burst during which the interface was deleted. */
    long noDevice;
    /** Packets that the kernel took while there was no carrier, and threw away. */
    long unsent;
    /** Bursts of which the kernel left a part. */
    long refusals;

    /** @param pair null while there is no interface */
    AfPacketTxQueue(PacketSocket pair, RingShape shape, KernelDevice.LongestFrame longest) {
        this.frameBytes = shape.frameBytes();
        this.ringBytes = shape.bytes();
        this.room = frameBytes - Tpacket.TX_DATA - VnetHeader.BYTES;
        this.longest = longest;
        use(pair);
    }

    /** Goes on with another socket, or null for none, which may then be closed; lcores may poll meanwhile. */
    void use(PacketSocket with) {
        lock.enter();
        pair = with;
        socket = with == null ? null : with.socket();
        ring = with == null ? null : with.txRing();
        next = with == null ? 0 : with.txNext;
        failed = false;
        gone = false;
        lock.exit();
    }

    /** Whether the interface's link is up; the kernel does not say of what it takes that it throws it away. */
    void linkIs(boolean up) {
        down = !up;
    }

    @Override
    protected int transmit(Mbuf[] pkts, int from, int n) {
        if (!lock.tryEnter()) {
            return 0;
        }
        try {
            long before = packets;
            int done = send(pkts, from, n);
            if (down) {
                unsent += packets - before;
            }
            return done;
        } finally {
            lock.exit();
        }
    }

    @Override
    protected void stop() {
        lock.enter();
        if (pair != null) {
            pair.txNext = next;
        }
        lock.exit();
    }

    private int send(Mbuf[] pkts, int from, int n) {
        if (gone || ring == null || n == 0) {
            return 0;
        }
        int bound = Math.min(room, longest.bytes());
        int end = from + n;
        int i = from;
        int kept = from;
        int at = next;
        long sum = 0;
        for (; i < end; i++) {
            Mbuf m = pkts[i];
            int length = length(m);
            if (length > bound || length < KernelDevice.ETHER_BYTES) {
                misfit(m, length);
                continue;
            }
            if (((int) Tpacket.WORD.getAcquire(ring, (long) at) & Tpacket.TX_MASK) != Tpacket.AVAILABLE) {
                break;
            }
            post(m, length, at);
            sum += length;
            pkts[kept++] = m;
            at = after(at);
        }
        next = at;
        long r = kick();
        packets += kept - from;
        bytes += sum;
        if (r < 0 || i < end || lastIsLeft()) {
            return unfinished(pkts, from, kept, i, end, (int) r);
        }
        Mbuf.freeBulk(pkts, from, kept - from);
        return n;
    }

    /** One call a burst: when it fails, the next one's tells why. */
    private long kick() {
        if (!failed) {
            failed = !socket.tryKick();
            return failed ? -Errno.EAGAIN : 0;
        }
        long r = socket.sendTo(MemorySegment.NULL, Socket.MSG_DONTWAIT, MemorySegment.NULL);
        failed = r < 0;
        return r;
    }

    private static int length(Mbuf m) {
        return Frames.length(m) + ((m.olFlags() & OlFlags.TX_VLAN) != 0 ? KernelDevice.VLAN_BYTES : 0);
    }

    private void misfit(Mbuf m, int length) {
        if (length < KernelDevice.ETHER_BYTES) {
            tooShort++;
        } else {
            tooLong++;
        }
        errors++;
        m.free();
    }

    private void post(Mbuf m, int length, int at) {
        int header = at + Tpacket.TX_DATA;
        ring.set(Tpacket.SHORT, header + VnetHeader.HDR_LEN, (short) length);
        if ((m.olFlags() & OlFlags.TX_VLAN) == 0) {
            Frames.out(m, ring, header + VnetHeader.BYTES);
        } else {
            Frames.outTagged(m, TPID_8021Q, m.vlanTci(), ring, header + VnetHeader.BYTES);
        }
        ring.set(Tpacket.INT, at + Tpacket.LEN, length + VnetHeader.BYTES);
        Tpacket.WORD.setRelease(ring, (long) at, Tpacket.SEND_REQUEST);
    }

    private int after(int at) {
        int following = at + frameBytes;
        return following == ringBytes ? 0 : following;
    }

    private int before(int at) {
        return (at == 0 ? ringBytes : at) - frameBytes;
    }

    private int status(int at) {
        return (int) Tpacket.WORD.getAcquire(ring, (long) at) & Tpacket.TX_MASK;
    }

    private boolean lastIsLeft() {
        return status(before(next)) == Tpacket.SEND_REQUEST;
    }

    /**
     * Takes back what the kernel left. Packets from..kept-1 were posted, those to i-1 freed as misfits;
     * what is refused must end up just before i.
     */
    private int unfinished(Mbuf[] pkts, int from, int kept, int i, int end, int result) {
        int left = 0;
        boolean wrong = false;
        while (left < kept - from && !wrong) {
            int last = before(next);
            int status = status(last);
            if (status != Tpacket.SEND_REQUEST && status != Tpacket.WRONG_FORMAT) {
                break;
            }
            wrong = status == Tpacket.WRONG_FORMAT;
            Tpacket.WORD.setRelease(ring, (long) last, Tpacket.AVAILABLE);
            next = last;
            left++;
        }
        for (int k = kept - left; k < kept; k++) {
            packets--;
            bytes -= length(pkts[k]);
        }
        if (wrong) {
            wrongFormat++;
            errors++;
            left--;
        }
        if (result == -Errno.ENXIO || result == -Errno.ENODEV) {
            gone = true;
            noDevice += left;
            errors += left;
            left = 0;
        }
        if (left > 0 || i < end) {
            refusals++;
        }
        Mbuf.freeBulk(pkts, from, kept - left - from);
        System.arraycopy(pkts, kept - left, pkts, i - left, left);
        return i - left - from;
    }
}
