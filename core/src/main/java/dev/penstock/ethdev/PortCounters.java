package dev.penstock.ethdev;

import java.util.ArrayList;
import java.util.List;

/**
 * Sums the queues' counters. The counters only grow, since the polling threads own them; a reset keeps
 * the values of that moment and subtracts them from then on.
 */
final class PortCounters {
    private final Port port;
    private PortStats base = PortStats.ZERO;
    private PortStats[] queueBase = {};
    private List<Xstat> deviceBase = List.of();

    PortCounters(Port port) {
        this.port = port;
    }

    PortStats stats() {
        return raw().minus(base);
    }

    PortStats queue(int queue) {
        PortStats now = rawQueue(queue);
        return queue < queueBase.length ? now.minus(queueBase[queue]) : now;
    }

    void reset(Device device) {
        base = raw();
        int queues = Math.max(port.rxQueues().size(), port.txQueues().size());
        queueBase = new PortStats[queues];
        for (int q = 0; q < queues; q++) {
            queueBase[q] = rawQueue(q);
        }
        deviceBase = device.xstats();
    }

    List<Xstat> xstats(Device device) {
        List<Xstat> all = new ArrayList<>();
        PortStats s = stats();
        all.add(new Xstat("rx_good_packets", s.rxPackets()));
        all.add(new Xstat("tx_good_packets", s.txPackets()));
        all.add(new Xstat("rx_good_bytes", s.rxBytes()));
        all.add(new Xstat("tx_good_bytes", s.txBytes()));
        all.add(new Xstat("rx_missed_errors", s.rxMissed()));
        all.add(new Xstat("rx_errors", s.rxErrors()));
        all.add(new Xstat("tx_errors", s.txErrors()));
        all.add(new Xstat("rx_mbuf_allocation_errors", s.rxNoMbuf()));
        for (int q = 0; q < port.rxQueues().size(); q++) {
            PortStats one = queue(q);
            all.add(new Xstat("rx_q" + q + "_packets", one.rxPackets()));
            all.add(new Xstat("rx_q" + q + "_bytes", one.rxBytes()));
            all.add(new Xstat("rx_q" + q + "_errors", one.rxErrors()));
        }
        for (int q = 0; q < port.txQueues().size(); q++) {
            PortStats one = queue(q);
            all.add(new Xstat("tx_q" + q + "_packets", one.txPackets()));
            all.add(new Xstat("tx_q" + q + "_bytes", one.txBytes()));
        }
        filtered(all);
        List<Xstat> own = device.xstats();
        for (int i = 0; i < own.size(); i++) {
            Xstat x = own.get(i);
            long before = i < deviceBase.size() ? deviceBase.get(i).value() : 0;
            all.add(new Xstat(x.name(), x.value() - before));
        }
        return all;
    }

    /** Packets that a software filter dropped; there only while such a filter is. */
    private void filtered(List<Xstat> all) {
        long sum = -1;
        for (RxQueue rx : port.rxQueues()) {
            if (rx.callbacks != null && rx.callbacks[0] instanceof SoftwareRx software && software.filters()) {
                sum = Math.max(sum, 0) + software.filtered();
            }
        }
        if (sum >= 0) {
            all.add(new Xstat("rx_vlan_filtered", sum));
        }
    }

    private PortStats raw() {
        PortStats sum = PortStats.ZERO;
        int queues = Math.max(port.rxQueues().size(), port.txQueues().size());
        for (int q = 0; q < queues; q++) {
            PortStats one = rawQueue(q);
            sum = new PortStats(sum.rxPackets() + one.rxPackets(), sum.txPackets() + one.txPackets(),
                    sum.rxBytes() + one.rxBytes(), sum.txBytes() + one.txBytes(), sum.rxMissed() + one.rxMissed(),
                    sum.rxErrors() + one.rxErrors(), sum.txErrors() + one.txErrors(), sum.rxNoMbuf() + one.rxNoMbuf());
        }
        return sum;
    }

    private PortStats rawQueue(int queue) {
        List<RxQueue> rxs = port.rxQueues();
        List<TxQueue> txs = port.txQueues();
        RxQueue rx = queue < rxs.size() ? rxs.get(queue) : StoppedQueues.RX;
        TxQueue tx = queue < txs.size() ? txs.get(queue) : StoppedQueues.TX;
        rx.updateCounters();
        return new PortStats(rx.packets, tx.packets, rx.bytes, tx.bytes, rx.missed, rx.errors, tx.errors, rx.noMbuf);
    }
}
