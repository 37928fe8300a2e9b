package dev.penstock.drivers.tap;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.PortDriver;
import dev.penstock.linux.Platform;
import java.util.Set;

/** Makes {@code net_tun} ports, whose packets begin with the IP header. */
public final class TunDriver implements PortDriver {
    /** For the service loader. */
    public TunDriver() {}

    @Override
    public String name() {
        return "net_tun";
    }

    @Override
    public Set<String> parameters() {
        return Set.of("iface");
    }

    @Override
    public Device probe(Eal eal, Request request) {
        Platform.requireLinux("net_tun");
        return TapDevice.open(request, "dtun%d", false, 0, false, null);
    }
}
