package dev.penstock.drivers.afpacket;

import dev.penstock.drivers.kernel.Frames;
import dev.penstock.drivers.kernel.VnetHeader;
import dev.penstock.drivers.kernel.Watch;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.linux.Fd;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.virtqueue.BurstLock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies frames out of the ring that the kernel fills. */
final class AfPacketRxQueue extends RxQueue {
    private static final int TPID_8021Q = 0x8100;

    /** Keeps the poller out while its socket becomes another one. */
    private final BurstLock lock = new BurstLock();
    private final Watch watch = new Watch();
    private final int frameBytes;
    private final int ringBytes;
    private final MbufPool pool;
    private final int port;
    private final boolean vlanStrip;
    private final boolean timestamp;

    /** Null while there is no interface, and the ring with it. */
    private PacketSocket socket;
    private MemorySegment ring;
    private int next;
    private boolean started;
    private volatile Counted counted = new Counted(0, null, 0);
    /** Frames longer than the ring's frames. */
    long truncated;
    /** Frames whose header makes no sense. */
    long malformed;
    /** Frames that had come and were not yet taken when their interface was deleted. */
    long unread;

    /** @param socket null while there is no interface */
    AfPacketRxQueue(PacketSocket socket, RingShape shape, MbufPool pool, int port, boolean vlanStrip, boolean timestamp) {
        this.frameBytes = shape.frameBytes();
        this.ringBytes = shape.bytes();
        this.pool = pool;
        this.port = port;
        this.vlanStrip = vlanStrip;
        this.timestamp = timestamp;
        use(socket);
    }

    /** Goes on with another socket, or null for none, which may then be closed; lcores may poll meanwhile. */
    void use(PacketSocket with) {
        if (with != null) {
            watch.on(with.socket().fd());
        }
        lock.enter();
        counted = new Counted(counted.sum(), started ? with : null, 0);
        unread += ready(Integer.MAX_VALUE);
        socket = with;
        ring = with == null ? null : with.rxRing();
        next = with == null ? 0 : with.rxNext;
        lock.exit();
    }

    @Override
    protected int receive(Mbuf[] pkts, int max) {
        if (!lock.tryEnter()) {
            return 0;
        }
        try {
            int ready = ready(max);
            return ready == 0 ? 0 : take(pkts, ready);
        } finally {
            lock.exit();
        }
    }

    private int ready(int max) {
        if (ring == null) {
            return 0;
        }
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
        if (mac < Tpacket.HEADER_BYTES + VnetHeader.BYTES || length < 0 || length > frameBytes - mac) {
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
                : read(at, frame, length, m);
    }

    private boolean readTagged(int at, long frame, int length, int status, Mbuf m) {
        int tci = ring.get(Tpacket.SHORT, at + Tpacket.VLAN_TCI) & 0xffff;
        if (vlanStrip) {
            if (!read(at, frame, length, m)) {
                return false;
            }
            m.olFlags(OlFlags.RX_VLAN | OlFlags.RX_VLAN_STRIPPED);
        } else {
            int tpid = (status & Tpacket.VLAN_TPID_VALID) == 0 ? TPID_8021Q
                    : ring.get(Tpacket.SHORT, at + Tpacket.VLAN_TPID) & 0xffff;
            if (!read(at, Frames.tag(ring, frame, tpid, tci), length + 4, m)) {
                return false;
            }
            m.olFlags(OlFlags.RX_VLAN);
        }
        m.vlanTci(tci);
        return true;
    }

    private boolean read(int at, long frame, int length, Mbuf m) {
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
        return watch.fd();
    }

    /** A socket whose interface went down has an error until that is read, and wakes who sleeps at once for ever. */
    @Override
    protected void disableInterrupt() {
        if (lock.tryEnter()) {
            try {
                if (socket != null && ready(1) == 0) {
                    socket.socket().takeError();
                }
            } finally {
                lock.exit();
            }
        }
    }

    /** Gives back what sleepers wait for. */
    void close() {
        watch.close();
    }

    @Override
    protected void updateCounters() {
        missed = counted.sum();
    }

    /** Forgets what came while the queue was stopped. */
    @Override
    protected void start() {
        lock.enter();
        for (int left = ringBytes / frameBytes; left > 0 && ready(1) == 1; left--) {
            Tpacket.WORD.setRelease(ring, (long) next, Tpacket.KERNEL);
            next = after(next);
        }
        started = true;
        counted = new Counted(counted.sum(), socket, socket == null ? 0 : socket.drops());
        lock.exit();
    }

    /** What there is no room for from now on is not missed. */
    @Override
    protected void stop() {
        lock.enter();
        started = false;
        counted = new Counted(counted.sum(), null, 0);
        if (socket != null) {
            socket.rxNext = next;
        }
        lock.exit();
    }

    /** What was missed before, and the socket that counts now, with its count when that began; null for none. */
    private record Counted(long before, PacketSocket now, long atStart) {
        long sum() {
            return now == null ? before : before + now.drops() - atStart;
        }
    }
}
