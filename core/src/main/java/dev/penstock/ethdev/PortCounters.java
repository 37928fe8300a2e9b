package dev.penstock.ethdev;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sums the queues' counters. Those only grow, since the polling threads own them; a reset keeps the values of that
 * moment and subtracts them from then on. Queues made anew begin at zero, yet the port's counters go on.
 *
 * <p>Any thread may ask; the device is asked by one at a time, and no more once it is closed.
 */
final class PortCounters {
    private final Port port;
    private PortStats base = PortStats.ZERO;
    private final List<PortStats> queueBase = new ArrayList<>();
    private final Map<String, Long> namedBase = new HashMap<>();
    private boolean closed;

    PortCounters(Port port) {
        this.port = port;
    }

    synchronized PortStats stats() {
        return sum(raw()).minus(base);
    }

    synchronized PortStats queue(int queue) {
        return rawQueue(queue).minus(base(queue));
    }

    private PortStats base(int queue) {
        return queue < queueBase.size() ? queueBase.get(queue) : PortStats.ZERO;
    }

    synchronized void reset(Device device) {
        List<PortStats> now = raw();
        base = sum(now);
        for (int q = 0; q < Math.max(now.size(), queueBase.size()); q++) {
            base(q, rawQueue(q));
        }
        namedBase.clear();
        named(device).forEach(x -> namedBase.put(x.name(), x.value()));
    }

    private void base(int queue, PortStats value) {
        while (queueBase.size() <= queue) {
            queueBase.add(PortStats.ZERO);
        }
        queueBase.set(queue, value);
    }

    /** Makes queues anew, and leaves what was counted as it was. Other threads may ask meanwhile. */
    void keep(Device device, Runnable change) {
        List<PortStats> before;
        List<Xstat> namedBefore;
        synchronized (this) {
            before = raw();
            namedBefore = named(device);
        }
        try {
            change.run();
        } finally {
            synchronized (this) {
                shift(before, raw());
                namedBefore.forEach(x -> namedBase.merge(x.name(), -x.value(), Long::sum));
                named(device).forEach(x -> namedBase.merge(x.name(), x.value(), Long::sum));
            }
        }
    }

    private void shift(List<PortStats> before, List<PortStats> after) {
        base = base.minus(sum(before)).plus(sum(after));
        for (int q = 0; q < Math.max(before.size(), after.size()); q++) {
            PortStats was = q < before.size() ? before.get(q) : PortStats.ZERO;
            base(q, base(q).minus(was).plus(q < after.size() ? after.get(q) : PortStats.ZERO));
        }
    }

    /** Waits while another thread asks the device; afterwards none does. */
    void close(Device device) {
        synchronized (this) {
            closed = true;
        }
        device.close();
    }

    synchronized List<Xstat> xstats(Device device) {
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
        for (Xstat x : named(device)) {
            all.add(new Xstat(x.name(), x.value() - namedBase.getOrDefault(x.name(), 0L)));
        }
        return all;
    }

    /** Lets a queue have a callback, or no longer; what it counted until then is not counted again, nor forgotten. */
    synchronized void change(RxCallback callback, boolean comes, Runnable change) {
        change.run();
        callback.xstats().forEach(x -> namedBase.merge(x.name(), comes ? x.value() : -x.value(), Long::sum));
    }

    /** What callbacks of receive queues count, such as packets that they dropped, what was lost because one threw, and the device's own counters. */
    private List<Xstat> named(Device device) {
        Map<String, Long> sums = new LinkedHashMap<>();
        for (RxQueue rx : port.rxQueues()) {
            if (rx.callbackErrors != 0) {
                sums.merge("rx_callback_errors", rx.callbackErrors, Long::sum);
            }
            RxCallback[] callbacks = rx.callbacks;
            for (int i = 0; callbacks != null && i < callbacks.length; i++) {
                callbacks[i].xstats().forEach(x -> sums.merge(x.name(), x.value(), Long::sum));
            }
        }
        List<Xstat> all = new ArrayList<>();
        sums.forEach((name, sum) -> all.add(new Xstat(name, sum)));
        if (!closed) {
            all.addAll(device.xstats());
        }
        return all;
    }

    private static PortStats sum(List<PortStats> queues) {
        PortStats sum = PortStats.ZERO;
        for (PortStats one : queues) {
            sum = sum.plus(one);
        }
        return sum;
    }

    private List<PortStats> raw() {
        int queues = Math.max(port.rxQueues().size(), port.txQueues().size());
        List<PortStats> all = new ArrayList<>(queues);
        for (int q = 0; q < queues; q++) {
            all.add(rawQueue(q));
        }
        return all;
    }

    private PortStats rawQueue(int queue) {
        List<RxQueue> rxs = port.rxQueues();
        List<TxQueue> txs = port.txQueues();
        RxQueue rx = queue < rxs.size() ? rxs.get(queue) : StoppedQueues.RX;
        TxQueue tx = queue < txs.size() ? txs.get(queue) : StoppedQueues.TX;
        if (!closed) {
            rx.updateCounters();
        }
        return new PortStats(rx.packets, tx.packets, rx.bytes, tx.bytes, rx.missed, rx.errors, tx.errors, rx.noMbuf);
    }
}
