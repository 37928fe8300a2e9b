package dev.penstock.drivers.tap;

import dev.penstock.drivers.LocalMac;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.PortDriver;
import dev.penstock.linux.Platform;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes {@code net_tap} ports, with DPDK's device arguments. */
public final class TapDriver implements PortDriver {
    /** DPDK's fixed addresses: a zero, then "dtap" in ASCII, then a number. */
    private static final long FIXED_MAC = 0x0064_7461_7000L;
    private static final AtomicInteger FIXED = new AtomicInteger();

    /** For the service loader. */
    public TapDriver() {}

    @Override
    public String name() {
        return "net_tap";
    }

    @Override
    public Set<String> parameters() {
        return Set.of("iface", "mac", "remote", "persist");
    }

    @Override
    public Device probe(Eal eal, Request request) {
        Platform.requireLinux("net_tap");
        boolean persist = request.flag("persist", false);
        String remote = request.text("remote", null);
        return TapDevice.open(request, "dtap%d", true, mac(request), persist,
                remote == null ? null : new Remote(request.name(), remote));
    }

    private static long mac(Request request) {
        String text = request.text("mac", null);
        if (text == null) {
            return request.text("remote", null) == null ? LocalMac.random() : 0;
        }
        if (text.equals("fixed")) {
            return FIXED_MAC | FIXED.getAndIncrement() & 0xff;
        }
        return LocalMac.parse(request, text, "fixed, or ");
    }
}
