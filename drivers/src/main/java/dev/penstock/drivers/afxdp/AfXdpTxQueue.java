package dev.penstock.drivers.afxdp;

import dev.penstock.drivers.kernel.Frames;
import dev.penstock.drivers.kernel.KernelDevice;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.linux.Errno;
import dev.penstock.linux.Socket;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.PoolMemory;
import dev.penstock.virtqueue.BurstLock;
import java.lang.foreign.MemorySegment;

/**
 * Lends the kernel packets to send and frees them when it has. Packets that lie elsewhere, in pieces or in
 * another pool, are copied first. One call of the system a burst.
 */
final class AfXdpTxQueue extends TxQueue {
    private static final int REAP = 64;

    private final KernelDevice.LongestFrame longest;
    private final int size;
    private final Mbuf[] done = new Mbuf[REAP];

    /** Keeps the poller out while its socket becomes another one. */
    private final BurstLock lock = new BurstLock();
    /** Null while there is no interface, and with it what belongs to it. */
    private XskSocket socket;
    private XskFrames frames;
    private MbufPool pool;
    /** The most bytes that the kernel takes in one place, and those of a copy. */
    private int chunkBytes;
    private int room;
    private boolean pieces;
    private XskRing tx;
    private XskRing completion;
    /** Whether the last call did nothing. */
    private boolean failed;
    /** Calls that failed of which it is not known why: 0, or 1 for the last one. */
    private int unexplained;
    private boolean gone;
    /** Whether calls have the driver work in this thread, which not each driver does for what it sends. */
    private boolean busyPoll;
    /** Whether the driver sends when it is woken up, and not when it is polled. */
    private boolean wakesUp;
    /** What the driver had taken before the last call. */
    private int taken;
    /** Packets longer than the interface or a buffer allow. */
    long tooLong;
    /** Packets shorter than an Ethernet header. */
    long tooShort;
    /** Addresses of packets said to be sent that make no sense. */
    long malformed;
    /** Packets copied because they did not lie in the umem. */
    long copied;
    /** Bursts of which a part was left to the caller. */
    long refusals;
    /** Calls that the kernel refused; what they were for is sent later. */
    long failedWakeups;
    /** Packets that the kernel threw away since there was no carrier, or had not taken when the port was stopped. */
    long unsent;
    /** Packets that were given to an interface which was deleted before it told of having sent them. */
    long unreturned;

    AfXdpTxQueue(KernelDevice.LongestFrame longest, int size) {
        this.longest = longest;
        this.size = size;
    }

    int ringSize() {
        return size;
    }

    /**
     * Begins with a socket; lcores may poll meanwhile.
     *
     * @param polls whether a call may have the driver work in this thread
     */
    void open(XskSocket with, PoolMemory memory, boolean inPieces, boolean polls) {
        XskFrames lending = new XskFrames(memory, with.isZeroCopy());
        lock.enter();
        pieces = inPieces;
        pool = memory.pool();
        chunkBytes = XskSocket.chunkBytes(memory);
        room = chunkBytes - Mbuf.HEADROOM;
        socket = with;
        frames = lending;
        tx = with.tx();
        completion = with.completion();
        failed = false;
        unexplained = 0;
        gone = false;
        busyPoll = polls;
        wakesUp = false;
        taken = -1;
        lock.exit();
    }

    /**
     * Ends with its socket, whose memory and interface may go then; lcores may poll meanwhile.
     *
     * @param removed whether the interface was deleted
     * @return what was lent to it, to be freed when the socket is closed; null for nothing
     */
    XskFrames shut(boolean removed) {
        lock.enter();
        XskFrames all = frames;
        if (removed && all != null) {
            reap();
            unreturned += all.count();
        } else if (tx != null) {
            unsent += tx.untaken();
        }
        socket = null;
        frames = null;
        tx = null;
        completion = null;
        lock.exit();
        return all;
    }

    @Override
    protected int transmit(Mbuf[] pkts, int from, int n) {
        if (!lock.tryEnter()) {
            return 0;
        }
        try {
            return tx == null ? 0 : send(pkts, from, n);
        } finally {
            lock.exit();
        }
    }

    private int send(Mbuf[] pkts, int from, int n) {
        reap();
        if (gone) {
            return 0;
        }
        int end = from + n;
        int free = size - frames.count();
        int posted = 0;
        long sum = 0;
        int i = from;
        for (; i < end; i++) {
            Mbuf m = pkts[i];
            int length = Frames.length(m);
            if (length > longest.bytes() || length < KernelDevice.ETHER_BYTES) {
                misfit(m, length);
                continue;
            }
            if (posted == free) {
                break;
            }
            int index = m.next() == null && length <= chunkBytes ? frames.fit(m) : -1;
            if (index < 0) {
                if (length > room) {
                    int count = pieces(m);
                    if (count == 0) {
                        misfit(m, length);
                        continue;
                    }
                    if (count > free - posted) {
                        break;
                    }
                    post(m, posted);
                    posted += count;
                    packets -= count - 1;
                    sum += length;
                    continue;
                }
                m = copy(m, length);
                if (m == null) {
                    break;
                }
                index = frames.fit(m);
            }
            tx.writeDescriptor(posted++, frames.lend(m, index) | (long) m.dataOff() << Xdp.OFFSET_SHIFT, length, 0);
            sum += length;
        }
        finish(posted, sum);
        if (i < end) {
            refusals++;
        }
        return i - from;
    }

    /** How many descriptors a packet takes that is sent where it lies; 0 when it can't be. */
    private int pieces(Mbuf packet) {
        int n = 0;
        for (Mbuf m = packet; m != null; m = m.next()) {
            if (!pieces || ++n > Xdp.MAX_PIECES || m.dataLen() == 0 || m.dataLen() > chunkBytes || frames.fit(m) < 0) {
                return 0;
            }
        }
        return n;
    }

    /** Lends each piece by itself: each is given back by itself. */
    private void post(Mbuf packet, int at) {
        int slot = at;
        for (Mbuf m = packet; m != null;) {
            Mbuf behind = m.next();
            m.next(null);
            m.nbSegs(1);
            long address = frames.lend(m, frames.fit(m)) | (long) m.dataOff() << Xdp.OFFSET_SHIFT;
            tx.writeDescriptor(slot++, address, m.dataLen(), behind == null ? 0 : Xdp.PKT_CONTD);
            m = behind;
        }
    }

    private void finish(int posted, long sum) {
        if (posted > 0) {
            tx.produce(posted);
            packets += posted;
            bytes += sum;
        }
        // The flag may be read before the driver sees the index above, so that it falls asleep and is not woken. A fence here would not help:
        // drivers have none between their flag and their look at the index. So it is read again with each burst while something waits, as
        // the kernel's and libxdp's samples do; where the kernel copies the flag is always set.
        if ((posted > 0 || !tx.drained()) && tx.needsWakeup()) {
            wake();
        }
    }

    private void wake() {
        if (busyPoll) {
            int now = tx.taken();
            if (wakesUp || now == taken) {
                // the last call moved nothing
                wakesUp = true;
                socket.socket().kickByPoll();
                return;
            }
            taken = now;
        }
        if (!failed) {
            // one call a burst: the next one's will tell what was wrong
            failed = !socket.socket().tryKick();
            unexplained = failed ? 1 : 0;
            return;
        }
        long r = socket.socket().sendTo(MemorySegment.NULL, Socket.MSG_DONTWAIT, MemorySegment.NULL);
        failed = r < 0;
        if (r == -Errno.EBUSY) {
            // a call ends so at each packet that is thrown away; that of the call before was why it failed
            unsent += 1 + unexplained;
        } else if (failed && r != -Errno.EAGAIN) {
            failedWakeups++;
            gone = r == -Errno.ENXIO;
        }
        unexplained = 0;
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

    private Mbuf copy(Mbuf m, int length) {
        Mbuf own = pool.alloc();
        int unfit = 0;
        while (own != null && frames.fit(own) < 0) {
            done[unfit++] = own;
            own = unfit < REAP ? pool.alloc() : null;
        }
        Mbuf.freeBulk(done, 0, unfit);
        if (own != null) {
            own.append(length);
            int at = 0;
            for (Mbuf s = m; s != null; s = s.next()) {
                int part = Math.min(s.dataLen(), length - at);
                own.write(at, s, 0, part);
                at += part;
            }
            copied++;
            m.free();
        }
        return own;
    }

    /** Frees what the kernel has sent. */
    private void reap() {
        int n = completion.available(REAP);
        while (n > 0) {
            int out = 0;
            for (int i = 0; i < n; i++) {
                Mbuf m = frames.back(completion.readAddress(i));
                if (m == null) {
                    malformed++;
                } else {
                    done[out++] = m;
                }
            }
            completion.consume(n);
            Mbuf.freeBulk(done, 0, out);
            n = completion.available(REAP);
        }
    }
}
