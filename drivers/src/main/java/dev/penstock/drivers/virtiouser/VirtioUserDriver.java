package dev.penstock.drivers.virtiouser;

import dev.penstock.drivers.LocalMac;
import dev.penstock.eal.Eal;
import dev.penstock.eal.Log;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.PortDriver;
import dev.penstock.linux.Platform;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import dev.penstock.virtqueue.Feature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Makes {@code net_virtio_user} ports, with DPDK's device arguments. */
public final class VirtioUserDriver implements PortDriver {
    private static final int MAX_QUEUES = 128;

    /** For the service loader. */
    public VirtioUserDriver() {}

    @Override
    public String name() {
        return "net_virtio_user";
    }

    @Override
    public List<String> aliases() {
        return List.of("virtio_user");
    }

    @Override
    public Set<String> parameters() {
        return Set.of("path", "queues", "queue_size", "mac", "server", "packed_vq", "mrg_rxbuf", "in_order", "cq", "speed", "vectorized");
    }

    @Override
    public Device probe(Eal eal, Request request) {
        Platform.requireLinux("net_virtio_user");
        String path = request.text("path", null);
        if (path == null) {
            throw new IllegalArgumentException(request.name() + ": path is missing; give the back end's socket, such as "
                    + "path=/tmp/vhost.sock");
        }
        // now, and not with each try to connect
        Sockaddr.unix(path);
        if (Files.exists(Path.of(path)) && !Socket.isAt(path)) {
            throw new IllegalArgumentException(request.name() + ": path=" + path + " is no socket; give that of a vhost-user back end."
                    + " The kernel's vhost is not used here: net_tap and net_af_xdp lead to the kernel");
        }
        Log.Type log = eal.log("pmd.net.virtio.driver", "VIRTIO");
        if (request.number("speed", 0, 0, Integer.MAX_VALUE) != 0) {
            log.warning(request.name() + ": speed has no effect: a link in memory has none");
        }
        if (request.flag("vectorized", false)) {
            log.warning(request.name() + ": vectorized has no effect: there is one way to receive and send");
        }
        boolean packed = request.flag("packed_vq", false);
        int size = request.number("queue_size", 256, 2, 32768);
        if (!packed && Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException(request.name() + ": queue_size=" + size
                    + " is not a power of two, which split queues need; give one, or packed_vq=1");
        }
        long features = Feature.VERSION_1 | Feature.INDIRECT_DESC | (packed ? Feature.RING_PACKED : 0)
                | (request.flag("mrg_rxbuf", true) ? Feature.MRG_RXBUF : 0)
                | (request.flag("in_order", true) ? Feature.IN_ORDER : 0);
        int pairs = request.number("queues", 1, 1, MAX_QUEUES);
        return new VirtioUserDevice(eal, path, request.flag("server", false), features, pairs, size,
                LocalMac.asked(request), request.flag("cq", false));
    }
}
