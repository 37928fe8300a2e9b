package dev.penstock.drivers.tap;

import dev.penstock.drivers.kernel.Home;
import dev.penstock.drivers.kernel.KernelDevice;
import dev.penstock.ethdev.DeviceInfo;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.PortDriver;
import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxOffload;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.ethdev.Xstat;
import dev.penstock.linux.NetInterface;
import dev.penstock.linux.Tun;
import dev.penstock.linux.Unfinished;
import dev.penstock.net.PacketType;
import java.util.ArrayList;
import java.util.List;

/**
 * A TAP or TUN interface. Its first descriptor is opened at once and makes the interface; further ones, one
 * a receive queue, when the port is configured. What the kernel sends out of the interface is received.
 */
final class TapDevice extends KernelDevice {
    private static final int MAX_QUEUES = 16;
    /** In DPDK's order. That it also tells the tunnel it does not say. */
    private static final int[] TYPES = {
        PacketType.L2_ETHER, PacketType.L2_ETHER_VLAN, PacketType.L2_ETHER_QINQ,
        PacketType.L3_IPV4, PacketType.L3_IPV4_EXT, PacketType.L3_IPV6_EXT, PacketType.L3_IPV6,
        PacketType.L4_FRAG, PacketType.L4_UDP, PacketType.L4_TCP, PacketType.L4_SCTP,
        PacketType.INNER_L2_ETHER, PacketType.INNER_L2_ETHER_VLAN, PacketType.INNER_L2_ETHER_QINQ,
        PacketType.INNER_L3_IPV4, PacketType.INNER_L3_IPV4_EXT, PacketType.INNER_L3_IPV6, PacketType.INNER_L3_IPV6_EXT,
        PacketType.INNER_L4_FRAG, PacketType.INNER_L4_UDP, PacketType.INNER_L4_TCP, PacketType.INNER_L4_SCTP};

    private final Home home;
    private final DeviceInfo info;
    private final int tunFlags;
    private final boolean ether;
    private final Remote remote;
    private final List<Tun> queues = new ArrayList<>();
    private final TapRxQueue[] rx = new TapRxQueue[MAX_QUEUES];
    private final TapTxQueue[] tx = new TapTxQueue[MAX_QUEUES];

    private TapDevice(Tun first, NetInterface netif, int tunFlags, boolean ether, Remote remote) {
        super(netif);
        this.tunFlags = tunFlags;
        this.ether = ether;
        this.remote = remote;
        queues.add(first);
        try (Unfinished made = new Unfinished()) {
            made.with(super::close);
            home = made.with(new Home());
            info = DeviceInfo.of(ether ? "net_tap" : "net_tun", ether ? number(netif.mac()) : 0)
                    .withQueues(MAX_QUEUES, MAX_QUEUES)
                    .withSizes(0, 65535 + ETHER_BYTES, 68, 65521)
                    .withOffloads(RxOffload.SCATTER, TxOffload.MULTI_SEGS);
            made.finished();
        }
    }

    static TapDevice open(PortDriver.Request request, String fallback, boolean ether, long mac, boolean persist,
            Remote remote) {
        String name = request.text("iface", fallback);
        int flags = (ether ? Tun.IFF_TAP : Tun.IFF_TUN) | Tun.IFF_NO_PI | Tun.IFF_MULTI_QUEUE;
        Tun first = null;
        NetInterface netif = null;
        try {
            first = Tun.open(name, flags);
            netif = new NetInterface(first.name());
            if (ether) {
                netif.mac(mac == 0 ? remote.netif().mac() : bytes(mac));
            }
            if (remote != null) {
                remote.join(netif);
            }
            if (persist) {
                first.persist(true);
            }
            return new TapDevice(first, netif, flags, ether, remote);
        } catch (RuntimeException e) {
            closeAll(remote, netif, first);
            throw first == null && e instanceof IllegalArgumentException
                    ? new IllegalArgumentException(request.name() + ": iface: " + e.getMessage(), e) : e;
        }
    }

    private static void closeAll(Remote remote, NetInterface netif, Tun first) {
        if (remote != null) {
            remote.close();
        }
        if (netif != null) {
            netif.close();
        }
        if (first != null) {
            first.close();
        }
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public int[] packetTypes() {
        return ether ? TYPES.clone() : super.packetTypes();
    }

    @Override
    public void configure(PortConfig config) {
        int wanted = Math.max(1, config.rxQueues());
        while (queues.size() > wanted) {
            queues.removeLast().close();
        }
        while (queues.size() < wanted) {
            home.within(() -> queues.add(Tun.open(netif().nameNow(), tunFlags)));
        }
    }

    @Override
    public RxQueue rxQueue(int queue, RxQueueConfig config) {
        rx[queue] = new TapRxQueue(queues.get(queue).fd(), config.pool(), port().id(), ether);
        return rx[queue];
    }

    @Override
    public TxQueue txQueue(int queue, TxQueueConfig config) {
        // any descriptor sends; the kernel takes it from several threads
        tx[queue] = new TapTxQueue(queues.get(queue % queues.size()).fd(), longestFrame(), ether ? ETHER_BYTES : 1);
        return tx[queue];
    }

    @Override
    public void start() {
        netif().flags(NetInterface.IFF_UP, true);
        super.start();
    }

    @Override
    public void stop() {
        if (!removed()) {
            netif().flags(NetInterface.IFF_UP, false);
        }
    }

    @Override
    public void mac(long mac) {
        if (!ether) {
            throw unsupported("set MAC address");
        }
        super.mac(mac);
    }

    /** The kernel hands over whatever it sends out of the interface, so that there is nothing to ask it for. */
    @Override
    public void addMac(long mac) {
        if (!ether) {
            throw unsupported("add MAC address");
        }
    }

    @Override
    public void removeMac(long mac) {}

    @Override
    public void promiscuous(boolean on) {
        flag(NetInterface.IFF_PROMISC, on);
    }

    @Override
    public void allMulticast(boolean on) {
        flag(NetInterface.IFF_ALLMULTI, on);
    }

    private void flag(int flag, boolean on) {
        netif().flags(flag, on);
        if (remote != null) {
            remote.netif().flags(flag, on);
        }
    }

    @Override
    public void mtu(int bytes) {
        if (remote != null) {
            remote.netif().mtu(bytes);
        }
        super.mtu(bytes);
    }

    @Override
    public List<Xstat> xstats() {
        long[] sums = new long[4];
        for (TapTxQueue q : tx) {
            if (q != null) {
                sums[0] += q.tooLong;
                sums[1] += q.tooShort;
                sums[2] += q.wrongFormat;
                sums[3] += q.refusals;
            }
        }
        return List.of(new Xstat("tx_too_long", sums[0]), new Xstat("tx_too_short", sums[1]),
                new Xstat("tx_wrong_format", sums[2]), new Xstat("tx_refused_bursts", sums[3]),
                linkEventOverflows());
    }

    @Override
    public void close() {
        try {
            if (remote != null) {
                remote.close();
            }
        } finally {
            queues.forEach(Tun::close);
            super.close();
            home.close();
        }
    }
}
