package dev.penstock.bench;

import java.nio.file.Path;
import java.util.List;

/** A vhost-user back end and a virtio-user front end. */
final class VhostSuite extends PairSuite {
    @Override
    public String name() {
        return "vhost";
    }

    @Override
    public String about() {
        return "testpmd on net_vhost with testpmd on net_virtio_user, ours and DPDK's in all combinations, split and packed rings";
    }

    @Override
    List<Ring> rings() {
        return List.of(new Ring("split, ", (socket, server) -> device(socket, server, 0)),
                new Ring("packed, ", (socket, server) -> device(socket, server, 1)));
    }

    private static String device(Path socket, boolean server, int packed) {
        return server ? "net_vhost0,iface=" + socket : "net_virtio_user0,path=" + socket + ",packed_vq=" + packed;
    }

    @Override
    String client() {
        return "driver";
    }

    @Override
    String server() {
        return "device";
    }
}
