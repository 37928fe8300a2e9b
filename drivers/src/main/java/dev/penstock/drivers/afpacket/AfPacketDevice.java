package dev.penstock.drivers.afpacket;

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
import dev.penstock.linux.NetInterface;
import java.util.Arrays;
import java.util.List;

/** A port on an interface. Its sockets are there from the start, so that what is missing shows at once. */
final class AfPacketDevice extends ReturningDevice {
    private static final int FCS_BYTES = 4;
    private static final long RX_OFFLOADS = RxOffload.VLAN_STRIP | RxOffload.TIMESTAMP | RxOffload.SCATTER;
    private static final long TX_OFFLOADS = TxOffload.MULTI_SEGS | TxOffload.VLAN_INSERT;

    private final DeviceInfo info;
    private final RingShape shape;
    private final boolean qdiscBypass;
    private final FanoutMode fanout;
    private final PacketSocket[] sockets;
    private final AfPacketRxQueue[] rx;
    private final AfPacketTxQueue[] tx;
    private long rxOffloads;
    /** How many of the sockets receive: frames that the kernel gave to one that nobody polls would be lost. */
    private int receiving;

    AfPacketDevice(NetInterface netif, int pairs, RingShape shape, boolean qdiscBypass, FanoutMode fanout, Log.Type log) {
        super(netif, log);
        sockets = new PacketSocket[pairs];
        rx = new AfPacketRxQueue[pairs];
        tx = new AfPacketTxQueue[pairs];
        receiving = pairs;
        this.shape = shape;
        this.qdiscBypass = qdiscBypass;
        this.fanout = fanout;
        int longest = shape.frameBytes() - Tpacket.RX_DATA;
        try {
            info = DeviceInfo.of("net_af_packet", number(netif.mac()))
                    .withQueues(pairs, pairs)
                    .withSizes(0, longest, 68, longest - ETHER_BYTES - FCS_BYTES)
                    .withMacs(MAX_MACS)
                    .withOffloads(RX_OFFLOADS, TX_OFFLOADS);
            open();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void open() {
        for (int q = 0; q < sockets.length; q++) {
            sockets[q] = new PacketSocket(netif().index(), shape, qdiscBypass, q < receiving);
        }
        if (receiving > 1) {
            fanout.join(sockets, receiving);
        }
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public synchronized void configure(PortConfig config) {
        rxOffloads = config.rxOffloads();
        int wanted = Math.min(config.rxQueues(), sockets.length);
        // where none is open though the interface is there, they could not be opened before
        boolean open = sockets[0] != null;
        if (receiving != wanted || !open) {
            receiving = wanted;
            if (open || !removed()) {
                leave(false);
                within(this::reopen);
            }
        }
    }

    private void reopen() {
        try {
            open();
        } catch (RuntimeException e) {
            leave(false);
            throw e;
        }
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
        followLink();
        return tx[queue];
    }

    @Override
    protected void linkIs(boolean up) {
        for (AfPacketTxQueue q : tx) {
            if (q != null) {
                q.linkIs(up);
            }
        }
    }

    @Override
    protected void leave(boolean deleted) {
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
    protected void enter() {
        open();
        for (int q = 0; q < sockets.length; q++) {
            use(q);
        }
    }

    @Override
    public List<Xstat> xstats() {
        List<Xstat> all = PacketXstats.of(Arrays.asList(rx), Arrays.asList(tx));
        all.add(linkEventOverflows());
        return all;
    }

    @Override
    protected void release() {
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
