package dev.penstock.drivers.afpacket;

import dev.penstock.drivers.kernel.Home;
import dev.penstock.drivers.kernel.KernelDevice;
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
import java.util.List;

/** A port on an interface. Its sockets are there from the start, so that what is missing shows at once. */
final class AfPacketDevice extends KernelDevice {
    private static final int FCS_BYTES = 4;
    private static final long RX_OFFLOADS = RxOffload.VLAN_STRIP | RxOffload.TIMESTAMP | RxOffload.SCATTER;
    private static final long TX_OFFLOADS = TxOffload.MULTI_SEGS | TxOffload.VLAN_INSERT;

    private final DeviceInfo info;
    private final RingShape shape;
    private final boolean qdiscBypass;
    private final FanoutMode fanout;
    private final Log.Type log;
    private final Home home = new Home();
    private final PacketSocket[] sockets;
    private final AfPacketRxQueue[] rx;
    private final AfPacketTxQueue[] tx;
    private long rxOffloads;
    private boolean closed;
    /** Why there is no going on yet with an interface of that name, as it was said. */
    private String obstacle = "";

    AfPacketDevice(NetInterface netif, int pairs, RingShape shape, boolean qdiscBypass, FanoutMode fanout, Log.Type log) {
        super(netif);
        this.shape = shape;
        this.qdiscBypass = qdiscBypass;
        this.fanout = fanout;
        this.log = log;
        int longest = shape.frameBytes() - Tpacket.RX_DATA;
        info = DeviceInfo.of("net_af_packet", number(netif.mac()))
                .withQueues(pairs, pairs)
                .withSizes(0, longest, 68, longest - ETHER_BYTES - FCS_BYTES)
                .withOffloads(RX_OFFLOADS, TX_OFFLOADS);
        sockets = new PacketSocket[pairs];
        rx = new AfPacketRxQueue[pairs];
        tx = new AfPacketTxQueue[pairs];
        try {
            open();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void open() {
        for (int q = 0; q < sockets.length; q++) {
            sockets[q] = new PacketSocket(netif().index(), shape, qdiscBypass);
        }
        if (sockets.length > 1) {
            fanout.join(sockets);
        }
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public void configure(PortConfig config) {
        rxOffloads = config.rxOffloads();
    }

    @Override
    public synchronized RxQueue rxQueue(int queue, RxQueueConfig config) {
        if (rx[queue] != null) {
            rx[queue].close();
        }
        long offloads = rxOffloads | config.offloads();
        rx[queue] = new AfPacketRxQueue(sockets[queue], shape, config.pool(), port().id(), (offloads & RxOffload.VLAN_STRIP) != 0,
                (offloads & RxOffload.TIMESTAMP) != 0);
        return rx[queue];
    }

    @Override
    public synchronized TxQueue txQueue(int queue, TxQueueConfig config) {
        tx[queue] = new AfPacketTxQueue(sockets[queue], shape, longestFrame());
        return tx[queue];
    }

    @Override
    public void start() {
        // a thread stays in the namespace where it is started
        home.within(super::start);
    }

    @Override
    protected synchronized boolean lost() {
        log.warning(netif().name() + " was deleted; the port goes on when there is an interface of that name again");
        shut();
        return true;
    }

    private void shut() {
        for (int q = 0; q < sockets.length; q++) {
            PacketSocket old = sockets[q];
            sockets[q] = null;
            use(q);
            if (old != null) {
                old.close();
            }
        }
    }

    private void use(int q) {
        if (rx[q] != null) {
            rx[q].use(sockets[q]);
        }
        if (tx[q] != null) {
            tx[q].use(sockets[q]);
        }
    }

    @Override
    protected boolean again() {
        boolean[] done = new boolean[1];
        home.within(() -> done[0] = reopen());
        return done[0];
    }

    private synchronized boolean reopen() {
        if (closed || !netif().find()) {
            return false;
        }
        try {
            open();
            restore(Tpacket.MR_PROMISC, port().filters().promiscuous());
            restore(Tpacket.MR_ALLMULTI, port().filters().allMulticast());
        } catch (LinuxException e) {
            shut();
            if (e.errno() != Errno.ENODEV && !obstacle.equals(e.getMessage())) {
                obstacle = e.getMessage();
                log.warning(netif().name() + " is there again, the port tries to go on: " + obstacle);
            }
            return false;
        }
        for (int q = 0; q < sockets.length; q++) {
            use(q);
        }
        log.info(netif().name() + " is there again, the port goes on");
        obstacle = "";
        return true;
    }

    private void restore(int type, boolean on) {
        if (on) {
            sockets[0].membership(netif().index(), type, true);
        }
    }

    @Override
    public void promiscuous(boolean on) {
        membership(Tpacket.MR_PROMISC, on);
    }

    @Override
    public void allMulticast(boolean on) {
        membership(Tpacket.MR_ALLMULTI, on);
    }

    private synchronized void membership(int type, boolean on) {
        boolean now = type == Tpacket.MR_PROMISC ? port().filters().promiscuous() : port().filters().allMulticast();
        if (on != now && sockets[0] != null) {
            sockets[0].membership(netif().index(), type, on);
        }
    }

    @Override
    public List<Xstat> xstats() {
        long truncated = 0;
        long malformed = 0;
        long unread = 0;
        for (AfPacketRxQueue q : rx) {
            truncated += q == null ? 0 : q.truncated;
            malformed += q == null ? 0 : q.malformed;
            unread += q == null ? 0 : q.unread;
        }
        long tooLong = 0;
        long tooShort = 0;
        long wrongFormat = 0;
        long noDevice = 0;
        long refusals = 0;
        for (AfPacketTxQueue q : tx) {
            if (q != null) {
                tooLong += q.tooLong;
                tooShort += q.tooShort;
                wrongFormat += q.wrongFormat;
                noDevice += q.noDevice;
                refusals += q.refusals;
            }
        }
        return List.of(new Xstat("rx_truncated", truncated), new Xstat("rx_malformed", malformed), new Xstat("rx_unread", unread),
                new Xstat("tx_too_long", tooLong), new Xstat("tx_too_short", tooShort),
                new Xstat("tx_wrong_format", wrongFormat), new Xstat("tx_no_device", noDevice),
                new Xstat("tx_refused_bursts", refusals), linkEventOverflows());
    }

    @Override
    public void close() {
        release();
        // it waits for the thread that may want to go on just now
        super.close();
        home.close();
    }

    private synchronized void release() {
        closed = true;
        for (int q = 0; q < sockets.length; q++) {
            if (sockets[q] != null) {
                sockets[q].close();
            }
            if (rx[q] != null) {
                rx[q].close();
            }
        }
    }
}
