package dev.penstock.drivers.afpacket;

import dev.penstock.drivers.kernel.KernelDevice;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.PortDriver;
import dev.penstock.linux.Platform;
import java.util.List;
import java.util.Set;

/** Makes {@code net_af_packet} ports, with DPDK's device arguments. */
public final class AfPacketDriver implements PortDriver {
    private static final int MAX_QUEUES = 256;

    /** For the service loader. */
    public AfPacketDriver() {}

    @Override
    public String name() {
        return "net_af_packet";
    }

    @Override
    public List<String> aliases() {
        return List.of("eth_af_packet");
    }

    @Override
    public Set<String> parameters() {
        return Set.of("iface", "qpairs", "blocksz", "framesz", "framecnt", "qdisc_bypass", "fanout_mode");
    }

    @Override
    public Device probe(Eal eal, Request request) {
        Platform.requireLinux("net_af_packet");
        String iface = request.text("iface", "");
        if (iface.isEmpty()) {
            throw new IllegalArgumentException(request.name() + ": iface= is missing; name an interface of the kernel, such as "
                    + request.name() + ",iface=eth0");
        }
        int pairs = request.number("qpairs", 1, 1, MAX_QUEUES);
        RingShape shape = RingShape.of(request);
        boolean bypass = request.number("qdisc_bypass", 1, 0, 1) == 1;
        FanoutMode fanout = FanoutMode.of(request.name(), request.text("fanout_mode", "hash"));
        return new AfPacketDevice(KernelDevice.find(request.name(), iface), pairs, shape, bypass, fanout, eal.log("pmd.net.af_packet", "PMD"));
    }
}
