package dev.penstock.bench;

import java.util.List;

/** Two processes that share memory by memif. */
final class MemifSuite extends PairSuite {
    @Override
    public String name() {
        return "memif";
    }

    @Override
    public String about() {
        return "testpmd on net_memif in both roles, ours and DPDK's in all combinations";
    }

    @Override
    List<Ring> rings() {
        return List.of(new Ring("", (socket, server) -> "net_memif0,socket=" + socket + ",socket-abstract=no,id=0,role="
                + (server ? "server" : "client")));
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
