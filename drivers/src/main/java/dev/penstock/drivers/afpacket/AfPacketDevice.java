package dev.penstock.drivers.afpacket;

import dev.penstock.drivers.kernel.KernelDevice;
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
import java.util.List;

/** A port on an interface. Its sockets are there from the start, so that what is missing shows at once. */
final class AfPacketDevice extends KernelDevice {
    private static final int FCS_BYTES = 4;
    private static final long RX_OFFLOADS = RxOffload.VLAN_STRIP | RxOffload.TIMESTAMP | RxOffload.SCATTER;
    private static final long TX_OFFLOADS = TxOffload.MULTI_SEGS | TxOffload.VLAN_INSERT;

    private final DeviceInfo info;
    private final PacketSocket[] sockets;
    private final AfPacketRxQueue[] rx;
    private final AfPacketTxQueue[] tx;
    private long rxOffloads;

    AfPacketDevice(NetInterface netif, int pairs, RingShape shape, boolean qdiscBypass, FanoutMode fanout) {
        super(netif);
        int longest = shape.frameBytes() - Tpacket.RX_DATA;
        info = DeviceInfo.of("net_af_packet", number(netif.mac()))
                .withQueues(pairs, pairs)
                .withSizes(0, longest, 68, longest - ETHER_BYTES - FCS_BYTES)
                .withOffloads(RX_OFFLOADS, TX_OFFLOADS);
        sockets = new PacketSocket[pairs];
        rx = new AfPacketRxQueue[pairs];
        tx = new AfPacketTxQueue[pairs];
        try {
            for (int q = 0; q < pairs; q++) {
                sockets[q] = new PacketSocket(netif.index(), shape, qdiscBypass);
            }
            if (pairs > 1) {
                fanout.join(sockets);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
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
    public RxQueue rxQueue(int queue, RxQueueConfig config) {
        long offloads = rxOffloads | config.offloads();
        rx[queue] = new AfPacketRxQueue(sockets[queue], config.pool(), port().id(), (offloads & RxOffload.VLAN_STRIP) != 0,
                (offloads & RxOffload.TIMESTAMP) != 0);
        return rx[queue];
    }

    @Override
    public TxQueue txQueue(int queue, TxQueueConfig config) {
        tx[queue] = new AfPacketTxQueue(sockets[queue], longestFrame());
        return tx[queue];
    }

    @Override
    public void promiscuous(boolean on) {
        membership(Tpacket.MR_PROMISC, on);
    }

    @Override
    public void allMulticast(boolean on) {
        membership(Tpacket.MR_ALLMULTI, on);
    }

    private void membership(int type, boolean on) {
        boolean now = type == Tpacket.MR_PROMISC ? port().filters().promiscuous() : port().filters().allMulticast();
        if (on != now) {
            sockets[0].membership(netif().index(), type, on);
        }
    }

    @Override
    public List<Xstat> xstats() {
        long truncated = 0;
        long malformed = 0;
        for (AfPacketRxQueue q : rx) {
            truncated += q == null ? 0 : q.truncated;
            malformed += q == null ? 0 : q.malformed;
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
        return List.of(new Xstat("rx_truncated", truncated), new Xstat("rx_malformed", malformed),
                new Xstat("tx_too_long", tooLong), new Xstat("tx_too_short", tooShort),
                new Xstat("tx_wrong_format", wrongFormat), new Xstat("tx_no_device", noDevice),
                new Xstat("tx_refused_bursts", refusals), linkEventOverflows());
    }

    @Override
    public void close() {
        for (PacketSocket socket : sockets) {
            if (socket != null) {
                socket.close();
            }
        }
        super.close();
    }
}
