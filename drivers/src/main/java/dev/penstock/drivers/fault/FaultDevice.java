package dev.penstock.drivers.fault;

import dev.penstock.drivers.StackedDevice;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.ethdev.Xstat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A port that harms what passes. */
final class FaultDevice extends StackedDevice {
    private static final FaultSettings HARMLESS = new FaultSettings(0, 0, 0, 0, 0, false, 1);

    private final FaultSettings rx;
    private final FaultSettings tx;
    private final Map<Integer, FaultStage> rxStages = new TreeMap<>();
    private final Map<Integer, FaultStage> txStages = new TreeMap<>();

    FaultDevice(Below below, FaultSettings settings, boolean rx, boolean tx) {
        super(below);
        this.rx = rx ? settings : HARMLESS;
        this.tx = tx ? settings : HARMLESS;
    }

    @Override
    protected String driver() {
        return "net_fault";
    }

    @Override
    protected RxQueue above(int queue, RxQueueConfig config) {
        FaultStage stage = new FaultStage(rx, queue);
        rxStages.put(queue, stage);
        return new FaultRxQueue(lower(), queue, port().id(), stage);
    }

    @Override
    protected TxQueue above(int queue, TxQueueConfig config) {
        // Not the same random numbers as the receive queue of that number.
        FaultStage stage = new FaultStage(tx, ~queue);
        txStages.put(queue, stage);
        return new FaultTxQueue(lower(), queue, stage);
    }

    @Override
    public List<Xstat> xstats() {
        List<Xstat> all = new ArrayList<>();
        rxStages.forEach((queue, stage) -> stage.addTo(all, "rx_q" + queue + "_"));
        txStages.forEach((queue, stage) -> stage.addTo(all, "tx_q" + queue + "_"));
        all.addAll(lowerXstats());
        return all;
    }
}
