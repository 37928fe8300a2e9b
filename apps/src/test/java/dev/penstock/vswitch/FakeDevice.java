package dev.penstock.vswitch;

import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.DeviceInfo;
import dev.penstock.ethdev.Link;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;

/** A device without a wire, whose link is up; nothing comes and nothing is taken unless a test says otherwise. */
public class FakeDevice extends Device {
    private final int queues;

    /** @param queues pairs of queues, at most */
    public FakeDevice(int queues) {
        this.queues = queues;
    }

    /** As {@link RxQueue}'s. */
    protected int receive(Mbuf[] pkts, int max) {
        return 0;
    }

    /** As {@link TxQueue}'s, of one of the queues. */
    protected int transmit(int queue, Mbuf[] pkts, int from, int n) {
        return 0;
    }

    /** Packets taken and lost by each transmit queue. */
    protected int lost() {
        return 0;
    }

    /** As {@link TxQueue}'s. */
    protected boolean isUsed(int queue) {
        return true;
    }

    @Override
    public DeviceInfo info() {
        return DeviceInfo.of("fake", 0x0200_0000_00ffL).withQueues(queues, queues);
    }

    @Override
    public Link link() {
        return Link.VIRTUAL.up(true);
    }

    @Override
    public RxQueue rxQueue(int queue, RxQueueConfig config) {
        return new RxQueue() {
            @Override
            protected int receive(Mbuf[] pkts, int max) {
                return FakeDevice.this.receive(pkts, max);
            }
        };
    }

    @Override
    public TxQueue txQueue(int queue, TxQueueConfig config) {
        return new TxQueue() {
            {
                errors = lost();
            }

            @Override
            protected boolean isUsed() {
                return FakeDevice.this.isUsed(queue);
            }

            @Override
            protected int transmit(Mbuf[] pkts, int from, int n) {
                return FakeDevice.this.transmit(queue, pkts, from, n);
            }
        };
    }
}
