package dev.penstock.drivers.afxdp;

import dev.penstock.drivers.kernel.KernelDevice;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.PortDriver;
import dev.penstock.linux.Platform;
import java.util.Set;

/** Makes {@code net_af_xdp} ports, with DPDK's device arguments, and {@code steer=} beside them. */
public final class AfXdpDriver implements PortDriver {
    /** For the service loader. */
    public AfXdpDriver() {}

    @Override
    public String name() {
        return "net_af_xdp";
    }

    @Override
    public Set<String> parameters() {
        return Set.of("iface", "start_queue", "queue_count", "shared_umem", "busy_budget", "force_copy", "mode", "steer", "xdp_prog");
    }

    @Override
    public Device probe(Eal eal, Request request) {
        Platform.requireLinux("net_af_xdp");
        AfXdpArguments arguments = AfXdpArguments.of(request);
        return new AfXdpDevice(KernelDevice.find(request.name(), arguments.iface()), arguments, eal.log("pmd.net.af_xdp", "AF_XDP"));
    }
}
