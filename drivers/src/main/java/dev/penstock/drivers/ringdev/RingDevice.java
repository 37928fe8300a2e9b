package dev.penstock.drivers.ringdev;

import dev.penstock.drivers.MemoryDevice;
import dev.penstock.ethdev.DeviceInfo;
import dev.penstock.ethdev.Link;
import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxOffload;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.ring.Ring;
import java.util.List;

/** A port whose queues are rings. */
final class RingDevice extends MemoryDevice {
    private static final int MAX_MACS = 16;

    private final DeviceInfo info;
    private final List<Ring<Mbuf>> rx;
    private final List<Ring<Mbuf>> tx;
    private final Runnable atClose;
    private boolean up;

    RingDevice(long mac, List<Ring<Mbuf>> rx, List<Ring<Mbuf>> tx, Runnable atClose) {
        this.info = DeviceInfo.of("net_ring", mac)
                .withQueues(rx.size(), tx.size())
                .withMacs(MAX_MACS)
                .withOffloads(RxOffload.SCATTER, TxOffload.MULTI_SEGS);
        this.rx = List.copyOf(rx);
        this.tx = List.copyOf(tx);
        this.atClose = atClose;
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public RxQueue rxQueue(int queue, RxQueueConfig config) {
        return new RingRxQueue(rx.get(queue), port().id());
    }

    @Override
    public TxQueue txQueue(int queue, TxQueueConfig config) {
        return new RingTxQueue(tx.get(queue));
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
    public void close() {
        atClose.run();
    }

    @Override
    public Link link() {
        return Link.VIRTUAL.up(up);
    }

    @Override
    public void linkUp(boolean on) {
        up = on;
    }
}
