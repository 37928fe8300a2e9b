package dev.penstock.drivers.afxdp;

import dev.penstock.drivers.kernel.ReturningDevice;
import dev.penstock.eal.Log;
import dev.penstock.ethdev.DeviceInfo;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxOffload;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.ethdev.Xstat;
import dev.penstock.linux.Errno;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.NetInterface;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.PoolMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A port on queues of an interface. The program is there from the start, the sockets while it is started. */
final class AfXdpDevice extends ReturningDevice {
    private static final int DEFAULT_DESCRIPTORS = 2048;
    private static final int MAX_DESCRIPTORS = 1 << 15;
    private static final int MAX_FRAME = 9728;
    /** Pages from this size on hold so many frames that those which cross from one to the next need not be used. */
    private static final long HUGE = 2 << 20;
    private static final int FRAME_EXTRA = ETHER_BYTES + VLAN_BYTES;

    private final AfXdpArguments arguments;
    private final Log.Type log;
    private final DeviceInfo info;
    private XdpRedirect program;
    private final AfXdpRxQueue[] rx;
    private final AfXdpTxQueue[] tx;
    private final XskSocket[] sockets;
    private int queues;
    private int bindFlags;
    /** Whether the pool's pages are too small to let a device have them. */
    private boolean scattered;
    private boolean reported;
    private boolean started;

    AfXdpDevice(NetInterface netif, AfXdpArguments arguments, Log.Type log) {
        super(netif, log);
        this.arguments = arguments;
        this.log = log;
        int count = arguments.queueCount();
        rx = new AfXdpRxQueue[count];
        tx = new AfXdpTxQueue[count];
        sockets = new XskSocket[count];
        int longest = MAX_FRAME;
        try {
            info = DeviceInfo.of("net_af_xdp", number(netif.mac()))
                    .withQueues(count, count)
                    .withSizes(Xdp.MIN_CHUNK - Mbuf.HEADROOM, longest, 68, longest - FRAME_EXTRA)
                    .withMacs(MAX_MACS)
                    .withOffloads(RxOffload.SCATTER, TxOffload.MULTI_SEGS);
            program = XdpRedirect.of(netif, arguments, this);
            if (!program.pieces()) {
                log.warning(netif.name() + ": frames longer than a buffer are dropped, the kernel takes no XDP program for frames"
                        + " in pieces, which needs Linux 5.18");
            }
            report(program.fallback());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void report(LinuxException reason) {
        if (reason != null) {
            log.warning(netif().name() + ": the XDP program runs in the network stack (generic mode, slower), because its"
                    + " driver refused it: " + reason.errnoName() + (reason.remedy().isEmpty() ? "" : "; " + reason.remedy()));
        }
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public void configure(PortConfig config) {
        if (config.rxQueues() != config.txQueues()) {
            throw new IllegalArgumentException("net_af_xdp needs as many transmit as receive queues, a socket has one of each;"
                    + " not " + config.rxQueues() + " and " + config.txQueues());
        }
        for (int q = 0; q < rx.length; q++) {
            drop(q);
        }
        queues = config.rxQueues();
        scattered = false;
        bindFlags = Xdp.USE_NEED_WAKEUP | (arguments.forceCopy() ? Xdp.COPY : 0)
                | ((config.rxOffloads() & RxOffload.SCATTER) != 0 ? Xdp.USE_SG : 0);
    }

    @Override
    public RxQueue rxQueue(int queue, RxQueueConfig config) {
        int wanted = config.descriptors() == 0 ? DEFAULT_DESCRIPTORS : Math.min(config.descriptors(), MAX_DESCRIPTORS);
        int lent = Math.min(wanted, Math.max(1, config.pool().size() / 4 / queues));
        drop(queue);
        rx[queue] = new AfXdpRxQueue(new PoolMemory(config.pool()), port().id(), lent);
        return rx[queue];
    }

    @Override
    public TxQueue txQueue(int queue, TxQueueConfig config) {
        int wanted = config.descriptors() == 0 ? DEFAULT_DESCRIPTORS : Math.min(config.descriptors(), MAX_DESCRIPTORS);
        tx[queue] = new AfXdpTxQueue(longestFrame(), Integer.highestOneBit(2 * wanted - 1));
        return tx[queue];
    }

    private void drop(int queue) {
        if (rx[queue] != null) {
            rx[queue].close();
        }
    }

    @Override
    public void start() {
        super.start();
        within(this::openAll);
    }

    private synchronized void openAll() {
        try {
            open(true);
        } catch (RuntimeException e) {
            stop();
            if (!(e instanceof LinuxException refusal) || refusal.errno() != Errno.ENODEV) {
                throw e;
            }
            // it has gone, or is another one of its name by now, as the thread that watches it finds out
        }
        started = true;
    }

    /** @param whole whether the pool must have all that is to be lent */
    private void open(boolean whole) {
        for (int q = 0; q < queues; q++) {
            open(q, whole);
        }
        for (int q = 0; q < queues; q++) {
            program.put(arguments.startQueue() + q, sockets[q]);
        }
    }

    private void open(int q, boolean whole) {
        PoolMemory memory = rx[q].memory();
        XskSocket socket = socket(q, memory);
        try {
            if (socket.isZeroCopy() && memory.pageBytes() < HUGE) {
                close(socket);
                bindFlags |= Xdp.COPY;
                scattered = true;
                socket = socket(q, memory);
            }
            boolean poll = arguments.busyBudget() > 0 && socket.preferBusyPoll(arguments.busyBudget());
            socket.sendAllAtOnce();
            if (!reported) {
                reported = true;
                describe(socket, poll);
            }
            if (socket.hasJoined()) {
                log.info(netif().name() + ": queue " + (arguments.startQueue() + q) + " shares the umem of its pool");
            }
            boolean busyTx = poll && socket.isZeroCopy();
            tx[q].open(socket, memory, (bindFlags & Xdp.USE_SG) != 0, busyTx);
            rx[q].open(socket, poll, whole);
            sockets[q] = socket;
        } catch (RuntimeException e) {
            tx[q].shut(false);
            close(socket);
            throw e;
        }
    }

    private XskSocket socket(int q, PoolMemory memory) {
        Function<XskSocket, XskSocket> opener = base -> new XskSocket(netif().index(), arguments.startQueue() + q, memory,
                rx[q].ringSize(), tx[q].ringSize(), bindFlags, base);
        return arguments.sharedUmem() ? SharedUmems.open(memory.pool(), bindFlags, opener) : opener.apply(null);
    }

    private static void close(XskSocket socket) {
        SharedUmems.leave(socket);
        socket.close();
    }

    private void describe(XskSocket socket, boolean poll) {
        String copies = socket.isZeroCopy() ? "zero-copy" : arguments.forceCopy() ? "copies, as asked"
                : scattered ? "copies, its driver has zero-copy but the pool's pages are not huge: sysctl vm.nr_hugepages=512"
                : "copies, its driver has no zero-copy";
        String polling = arguments.busyBudget() == 0 ? "" : !poll ? ", no busy polling, which needs Linux 5.11"
                : socket.hasBusyPoll() ? ", busy polling" : ", no busy polling unless its driver names a poller with the first frame";
        log.info(netif().name() + ": " + copies + polling);
        int all = netif().rxQueues();
        if (all > queues) {
            log.info(netif().name() + " has " + all + " receive queues, the port uses " + queues + ": frames of the others go to the kernel;"
                    + " to have all, give queue_count=" + all + " and as many queues to the port, or leave the interface fewer:"
                    + " ethtool -L, see ethtool -l " + netif().name());
        }
    }

    @Override
    public synchronized void stop() {
        started = false;
        shut(false);
    }

    private void shut(boolean removed) {
        for (int q = 0; q < sockets.length; q++) {
            if (sockets[q] != null) {
                XskFrames received = rx[q].shut(removed);
                XskFrames sent = tx[q].shut(removed);
                close(sockets[q]);
                sockets[q] = null;
                received.freeAll();
                sent.freeAll();
            }
        }
    }

    @Override
    protected void leave(boolean deleted) {
        shut(deleted);
        program.leave(this);
    }

    @Override
    protected void enter() {
        program = program.again(netif(), arguments, this);
        report(program.fallback());
        if (started) {
            open(false);
        }
    }

    @Override
    public List<Xstat> xstats() {
        List<Xstat> all = new ArrayList<>();
        long[] kernel = new long[XskCounter.values().length];
        long malformed = 0;
        long poolEmpty = 0;
        long unread = 0;
        int polled = 0;
        for (AfXdpRxQueue q : rx) {
            if (q != null) {
                long[] one = q.statistics();
                for (XskCounter c : XskCounter.values()) {
                    kernel[c.ordinal()] += one[c.ordinal()];
                }
                malformed += q.malformed;
                poolEmpty += q.poolEmpty;
                unread += q.unread;
                polled += q.busyPolls() ? 1 : 0;
            }
        }
        for (XskCounter c : XskCounter.values()) {
            all.add(new Xstat(c.xstat(), kernel[c.ordinal()]));
        }
        all.add(new Xstat("rx_malformed", malformed));
        all.add(new Xstat("rx_pool_empty", poolEmpty));
        all.add(new Xstat("rx_unread", unread));
        all.add(new Xstat("rx_busy_poll_queues", polled));
        addTransmit(all);
        all.add(linkEventOverflows());
        return all;
    }

    private void addTransmit(List<Xstat> all) {
        long[] sums = new long[8];
        for (AfXdpTxQueue q : tx) {
            if (q != null) {
                sums[0] += q.tooLong;
                sums[1] += q.tooShort;
                sums[2] += q.malformed;
                sums[3] += q.copied;
                sums[4] += q.refusals;
                sums[5] += q.failedWakeups;
                sums[6] += q.unreturned;
                sums[7] += q.unsent;
            }
        }
        String[] names = {"tx_too_long", "tx_too_short", "tx_malformed", "tx_copied", "tx_refused_bursts", "tx_failed_wakeups",
            "tx_unreturned", "tx_unsent"};
        for (int i = 0; i < names.length; i++) {
            all.add(new Xstat(names[i], sums[i]));
        }
    }

    @Override
    protected void release() {
        for (int q = 0; q < rx.length; q++) {
            drop(q);
        }
        if (program != null) {
            program.close(this);
        }
    }
}
