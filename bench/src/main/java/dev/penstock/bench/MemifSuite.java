package dev.penstock.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;

/** Two processes that share memory by memif. */
final class MemifSuite extends PairSuite {
    @Override
    public String name() {
        return "memif";
    }

    @Override
    public String about() {
        return "testpmd on net_memif in both roles, ours and DPDK's in all combinations, with and without zero-copy";
    }

    @Override
    List<Ring> rings() {
        return List.of(new Ring("", device("")), new Ring("zero-copy, ", device(",zero-copy=yes")));
    }

    private static BiFunction<Path, Boolean, String> device(String ofClient) {
        return (socket, server) -> "net_memif0,socket=" + socket + ",socket-abstract=no,id=0,role="
                + (server ? "server" : "client" + ofClient);
    }

    @Override
    String client() {
        return "client";
    }

    @Override
    String server() {
        return "server";
    }
}
