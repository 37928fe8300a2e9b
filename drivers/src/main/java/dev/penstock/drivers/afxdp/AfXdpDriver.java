package dev.penstock.drivers.afxdp;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.PortDriver;
import dev.penstock.linux.Errno;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.NetInterface;
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
        return new AfXdpDevice(find(request.name(), arguments.iface()), arguments, eal.log("pmd.net.af_xdp", "AF_XDP"));
    }

    private static NetInterface find(String port, String iface) {
        try {
            return new NetInterface(iface);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENODEV) {
                throw new IllegalArgumentException(port + ": there is no interface " + iface
                        + " in this network namespace; see those that are with: ip link", e);
            }
            throw e;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(port + ": " + e.getMessage(), e);
        }
    }
}
