package dev.penstock.drivers.afpacket;

import dev.penstock.drivers.kernel.Frames;
import dev.penstock.drivers.kernel.VnetHeader;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.linux.Fd;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies frames out of the ring that the kernel fills. */
final class AfPacketRxQueue extends RxQueue {
    private static final int TPID_8021Q = 0x8100;

    private final PacketSocket socket;
    private final MemorySegment ring;
    private final int frameBytes;
    private final int ringBytes;
    private final MbufPool pool;
    private final int port;
    private final boolean vlanStrip;
    private final boolean timestamp;

    private int next;
    private long dropsAtStart;
    /** Frames longer than the ring's frames. */
    long truncated;
    /** Frames whose header makes no sense. */
    long malformed;

    AfPacketRxQueue(PacketSocket socket, MbufPool pool, int port, boolean vlanStrip, boolean timestamp) {
        this.socket = socket;
        this.ring = socket.rxRing();
        this.frameBytes = socket.shape().frameBytes();
        this.ringBytes = socket.shape().bytes();
        this.pool = pool;
        this.port = port;
        this.vlanStrip = vlanStrip;
        this.timestamp = timestamp;
    }

    @Override
    protected int receive(Mbuf[] pkts, int max) {
        int ready = ready(max);
        return ready == 0 ? 0 : take(pkts, ready);
    }

    private int ready(int max) {
        int at = next;
        int n = 0;
        int limit = Math.min(max, ringBytes / frameBytes);
        while (n < limit && ((int) Tpacket.WORD.getAcquire(ring, (long) at) & Tpacket.USER) != 0) {
            n++;
            at = after(at);
        }
        return n;
    }

    private int take(Mbuf[] pkts, int ready) {
        int n = ready;
        while (!pool.allocRawBulk(pkts, 0, n)) {
            n >>= 1;
            if (n == 0) {
                noMbuf++;
                return 0;
            }
        }
        int at = next;
        int out = 0;
        long sum = 0;
        for (int i = 0; i < n; i++) {
            Mbuf m = pkts[out];
            if (read(at, m)) {
                sum += m.pktLen();
                out++;
            }
            Tpacket.WORD.setRelease(ring, (long) at, Tpacket.KERNEL);
            at = after(at);
        }
        next = at;
        packets += out;
        bytes += sum;
        if (out < n) {
            giveBack(pkts, out, n);
        }
        return out;
    }

    private void giveBack(Mbuf[] pkts, int from, int to) {
        for (int i = from; i < to; i++) {
            pkts[i].received(0, port);
        }
        Mbuf.freeBulk(pkts, from, to - from);
    }

    private int after(int at) {
        int following = at + frameBytes;
        return following == ringBytes ? 0 : following;
    }

    private boolean read(int at, Mbuf m) {
        int mac = ring.get(Tpacket.SHORT, at + Tpacket.MAC) & 0xffff;
        int length = ring.get(Tpacket.INT, at + Tpacket.SNAPLEN);
        if (mac < Tpacket.RX_DATA || length < 0 || length > frameBytes - mac) {
            malformed++;
            errors++;
            return false;
        }
        if (length != ring.get(Tpacket.INT, at + Tpacket.LEN)) {
            truncated++;
            errors++;
            return false;
        }
        int status = ring.get(Tpacket.INT, at + Tpacket.STATUS);
        long frame = (long) at + mac;
        long header = frame - VnetHeader.BYTES;
        if ((ring.get(ValueLayout.JAVA_BYTE, header + VnetHeader.FLAGS) & VnetHeader.NEEDS_CSUM) != 0
                && !VnetHeader.complete(ring, header, frame, length)) {
            malformed++;
            errors++;
            return false;
        }
        return (status & Tpacket.VLAN_VALID) != 0 ? readTagged(at, frame, length, status, m)
                : deliver(at, frame, length, m);
    }

    private boolean readTagged(int at, long frame, int length, int status, Mbuf m) {
        int tci = ring.get(Tpacket.SHORT, at + Tpacket.VLAN_TCI) & 0xffff;
        if (vlanStrip) {
            if (!deliver(at, frame, length, m)) {
                return false;
            }
            m.olFlags(OlFlags.RX_VLAN | OlFlags.RX_VLAN_STRIPPED);
        } else {
            int tpid = (status & Tpacket.VLAN_TPID_VALID) == 0 ? TPID_8021Q
                    : ring.get(Tpacket.SHORT, at + Tpacket.VLAN_TPID) & 0xffff;
            if (!deliver(at, Frames.tag(ring, frame, tpid, tci), length + 4, m)) {
                return false;
            }
            m.olFlags(OlFlags.RX_VLAN);
        }
        m.vlanTci(tci);
        return true;
    }

    private boolean deliver(int at, long frame, int length, Mbuf m) {
        if (!Frames.in(ring, frame, length, m, pool, port)) {
            noMbuf++;
            return false;
        }
        if (timestamp) {
            m.timestamp(Integer.toUnsignedLong(ring.get(Tpacket.INT, at + Tpacket.SEC)) * 1_000_000_000L
                    + ring.get(Tpacket.INT, at + Tpacket.NSEC));
        }
        return true;
    }

    @Override
    protected Fd interruptFd() {
        return socket.socket().fd();
    }

    @Override
    protected void updateCounters() {
        missed = socket.drops() - dropsAtStart;
    }

    /** Forgets what came while the queue was stopped. */
    @Override
    protected void start() {
        for (int left = socket.shape().frames(); left > 0 && ready(1) == 1; left--) {
            Tpacket.WORD.setRelease(ring, (long) next, Tpacket.KERNEL);
            next = after(next);
        }
        dropsAtStart = socket.drops() - missed;
    }
}
