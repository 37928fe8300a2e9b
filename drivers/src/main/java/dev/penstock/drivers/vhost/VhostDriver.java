package dev.penstock.drivers.vhost;

import dev.penstock.eal.Eal;
import dev.penstock.eal.Log;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.PortDriver;
import dev.penstock.linux.Platform;
import dev.penstock.linux.Sockaddr;
import dev.penstock.vhost.VhostConfig;
import dev.penstock.virtqueue.Feature;
import java.util.List;
import java.util.Set;

/** Makes {@code net_vhost} ports, with DPDK's device arguments. */
public final class VhostDriver implements PortDriver {
    static final int MAX_QUEUES = 8;
    /** DPDK's addresses: "VHOST" in ASCII, then a number. */
    private static final long FIXED_MAC = 0x5648_4f53_5400L;

    /** For the service loader. */
    public VhostDriver() {}

    @Override
    public String name() {
        return "net_vhost";
    }

    @Override
    public List<String> aliases() {
        return List.of("eth_vhost");
    }

    @Override
    public Set<String> parameters() {
        return Set.of("iface", "queues", "client", "dequeue-zero-copy", "iommu-support", "tso", "postcopy-support",
                "linear-buffer", "ext-buffer", "legacy-ol-flags", "state");
    }

    @Override
    public Device probe(Eal eal, Request request) {
        Platform.requireLinux("net_vhost");
        String path = request.text("iface", "");
        if (path.isEmpty()) {
            throw new IllegalArgumentException(request.name() + ": iface is missing; give the path of a local socket, as in "
                    + request.name() + ",iface=/tmp/vm0.sock");
        }
        // now, and not with each try to connect
        Sockaddr.unix(path);
        int queues = request.number("queues", 1, 1, MAX_QUEUES);
        Log.Type log = eal.log("pmd.net.vhost", "VHOST");
        long features = VhostConfig.FEATURES;
        if (request.flag("tso", false)) {
            features |= VhostConfig.TSO;
        }
        if (request.flag("iommu-support", false)) {
            features |= Feature.ACCESS_PLATFORM;
        }
        for (String key : List.of("dequeue-zero-copy", "postcopy-support", "linear-buffer", "ext-buffer", "legacy-ol-flags")) {
            if (request.flag(key, false)) {
                log.warning(request.name() + ": " + key + " has no effect: " + why(key));
            }
        }
        String digits = request.name().replaceAll("\\D", "");
        long number = digits.isEmpty() || digits.length() > 9 ? 0 : Integer.parseInt(digits) & 0xff;
        return new VhostPort(new VhostConfig(path, request.flag("client", false), queues, features,
                request.text("state", null)), FIXED_MAC | number,
                request.name(), log);
    }

    private static String why(String key) {
        return switch (key) {
            case "postcopy-support" -> "migration copies before the guest moves";
            case "linear-buffer", "ext-buffer" -> "a long frame goes into chained packets, where the pool's are too short";
            case "legacy-ol-flags" -> "flags are those of received packets";
            default -> "packets are copied once each way";
        };
    }
}
