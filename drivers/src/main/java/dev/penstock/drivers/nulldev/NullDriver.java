package dev.penstock.drivers.nulldev;

import dev.penstock.drivers.LocalMac;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.PortDriver;
import java.util.List;
import java.util.Set;

/**
 * Makes {@code net_null} ports: {@code size=N} bytes a packet, {@code copy=1} touches the data, {@code no-rx=1},
 * {@code rate=N} packets a second.
 */
public final class NullDriver implements PortDriver {
    /** For the service loader. */
    public NullDriver() {}

    @Override
    public String name() {
        return "net_null";
    }

    @Override
    public List<String> aliases() {
        return List.of("eth_null");
    }

    @Override
    public Set<String> parameters() {
        return Set.of("size", "copy", "no-rx", "rate");
    }

    @Override
    public Device probe(Eal eal, Request request) {
        int size = request.number("size", 64, 1, 65535);
        boolean copy = request.number("copy", 0, 0, 1) == 1;
        boolean noRx = request.number("no-rx", 0, 0, 1) == 1;
        if (copy && noRx) {
            throw new IllegalArgumentException(request.name() + ": copy=1 and no-rx=1 exclude each other; give one of them");
        }
        int rate = request.number("rate", 0, 0, 100_000_000);
        if (rate > 0 && (copy || noRx)) {
            throw new IllegalArgumentException(request.name() + ": rate=" + rate + " goes with neither copy=1 nor no-rx=1; leave them out");
        }
        return new NullDevice(LocalMac.random(), size, copy, noRx, rate);
    }
}
