package dev.penstock.drivers.nulldev;

import dev.penstock.drivers.MemoryDevice;
import dev.penstock.ethdev.DeviceInfo;
import dev.penstock.ethdev.Link;
import dev.penstock.ethdev.RssType;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxOffload;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;

/** A null port. */
final class NullDevice extends MemoryDevice {
    private static final int MAX_QUEUES = 1024;
    /** IPv6 with extension headers, port, VXLAN, Geneve, NVGRE, MPLS: it claims them as DPDK's does, and hashes nothing. */
    private static final long MORE_RSS_TYPES = 0x7fL << 15 | 1L << 33;

    private final DeviceInfo info;
    private final int size;
    private final boolean copy;
    private final boolean noRx;
    private final int rate;
    private boolean up;

    NullDevice(long mac, int size, boolean copy, boolean noRx, int rate) {
        this.info = DeviceInfo.of("net_null", mac)
                .withQueues(MAX_QUEUES, MAX_QUEUES)
                .withOffloads(0, TxOffload.MULTI_SEGS | TxOffload.MT_LOCKFREE)
                .withRss(RssType.IP | RssType.UDP | RssType.TCP | RssType.SCTP | RssType.L2_PAYLOAD
                        | MORE_RSS_TYPES, 128, 40);
        this.size = size;
        this.copy = copy;
        this.noRx = noRx;
        this.rate = rate;
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public RxQueue rxQueue(int queue, RxQueueConfig config) {
        int room = config.pool().dataRoom() - Mbuf.HEADROOM;
        if (size > room) {
            throw new IllegalArgumentException(port().name() + ": size=" + size + " does not fit in the pool's data rooms of "
                    + room + " bytes; use a smaller size or --mbuf-size");
        }
        return rate > 0 ? new PacedRxQueue(config.pool(), size, port().id(), rate) : noRx ? new SilentRxQueue()
                : copy ? new CopyRxQueue(config.pool(), size, port().id())
                : new NullRxQueue(config.pool(), size, port().id());
    }

    @Override
    public TxQueue txQueue(int queue, TxQueueConfig config) {
        return copy ? new CopyTxQueue() : new NullTxQueue();
    }

    @Override
    public void start() {
        up = true;
    }

    @Override
    public void stop() {
        up = false;
    }

    @Override
    public Link link() {
        return Link.VIRTUAL.up(up);
    }
}
