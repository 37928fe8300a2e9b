package dev.penstock.drivers.fault;

import dev.penstock.drivers.StackedDevice;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.PortDriver;
import java.util.Set;

/**
 * Makes {@code net_fault} ports: {@code on=PORT}, {@code drop=P}, {@code corrupt=P}, {@code reorder=P},
 * {@code duplicate=P} with probabilities, {@code rate=Npps} or {@code rate=Nbps}, {@code seed=N},
 * {@code dir=rx|tx|both}. The same seed and the same packets give the same faults, but for the rate.
 */
public final class FaultDriver implements PortDriver {
    /** For the service loader. */
    public FaultDriver() {}

    @Override
    public String name() {
        return "net_fault";
    }

    @Override
    public Set<String> parameters() {
        return Set.of(StackedDevice.ON, StackedDevice.DIR, "drop", "corrupt", "reorder", "duplicate", "rate", "seed");
    }

    @Override
    public Device probe(Eal eal, Request request) {
        FaultSettings settings = FaultSettings.of(request);
        boolean rx = StackedDevice.covers(request, "rx");
        boolean tx = StackedDevice.covers(request, "tx");
        return new FaultDevice(StackedDevice.Below.take(request), settings, rx, tx);
    }
}
