package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.TxOffload;
import java.util.List;

/** csum. */
final class CsumCommands {
    private static final long[] BITS = {TxOffload.IPV4_CKSUM, TxOffload.UDP_CKSUM, TxOffload.TCP_CKSUM, TxOffload.SCTP_CKSUM,
        TxOffload.OUTER_IPV4_CKSUM, TxOffload.OUTER_UDP_CKSUM};
    private static final String[] WORDS = {"ip", "udp", "tcp", "sctp", "outer-ip", "outer-udp"};
    private static final String[] MESSAGE = {"IP", "UDP", "TCP", "SCTP", "Outer IP", "Outer UDP"};
    private static final String[] LABELS = {"IP", "UDP", "TCP", "SCTP", "Outer-Ip", "Outer-Udp"};

    private final Testpmd app;

    CsumCommands(Testpmd app) {
        this.app = app;
    }

    void addTo(Commands c) {
        c.section("config");
        c.add("csum set <what:" + String.join("|", WORDS) + "> <who:hw|sw> <port:u16>", "who computes a checksum in mode csum",
                this::set);
        c.add("csum show <port:u16>", "who computes which", this::show);
        c.add("csum parse-tunnel <on:on|off> <port:u16>", "look into tunnels in mode csum", this::tunnel);
        c.add("tso set <size:u16> <port:u16>", "let the port cut TCP packets with more payload in mode csum; 0 for no cutting",
                a -> segments(a, a.integer("size")));
        c.add("tso show <port:u16>", "whether it does", a -> segments(a, -1));
        c.add("set port <port:u16> <what:gro|gso> <on:on|off>",
                "merge TCP segments that the port receives, or cut long TCP packets that it sends, in software, in mode csum", this::software);
        c.add("show port <port:u16> gro", "whether TCP segments are merged", this::merging);
        c.add("show port <port:u16> gso", "whether long packets are cut", this::cutting);
        c.add("set gro flush <cycles:u8>", "has no effect: what a burst has is merged, nothing waits", a -> app.noEffect("set gro flush"));
        c.add("set gso segsz <bytes:u16>", "the longest frame that is not cut, and that is made by cutting", this::cutSize);
        c.add("csum mac-swap <on:on|off> <port:u16>", "write addresses in mode csum", a -> {
            if (a.port() != null) {
                app.portSettings.get(a.integer("port")).csumAddresses = a.on("on");
            }
        });
    }

    private void set(Arguments a) {
        Port port = a.port();
        if (port == null) {
            app.console.error("invalid port " + a.integer("port"));
            return;
        }
        if (port.state() == Port.State.STARTED) {
            app.console.error("Please stop port " + port.id() + " first");
            return;
        }
        PortSettings own = app.portSettings.get(port.id());
        int what = List.of(WORDS).indexOf(a.text("what"));
        long bit = BITS[what];
        if (a.is("who", "hw") && (port.txCapabilities() & bit) == 0) {
            app.console.error(MESSAGE[what] + " checksum offload is not supported by port " + port.id());
            print(port);
            return;
        }
        own.txOffloads = a.is("who", "hw") ? own.txOffloads | bit : own.txOffloads & ~bit;
        own.reconfigure = true;
        own.requeue = true;
        print(port);
    }

    private void show(Arguments a) {
        Port port = a.port();
        if (port == null) {
            app.console.error("invalid port " + a.integer("port"));
            return;
        }
        print(port);
    }

    private void software(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        if (app.forwarding.running()) {
            app.console.error((a.is("what", "gro") ? "Before enable/disable GRO" : "before enabling GSO")
                    + ", please stop forwarding first");
            return;
        }
        PortSettings own = app.portSettings.get(port.id());
        if (a.is("what", "gso")) {
            own.cuts = a.on("on");
        } else if (own.merges == a.on("on")) {
            app.console.error("Port " + port.id() + (own.merges ? " has enabled GRO. Please disable GRO first" : " has disabled GRO"));
        } else {
            own.merges = a.on("on");
        }
    }

    private void merging(Arguments a) {
        Port port = a.port();
        if (port != null) {
            app.console.println(app.portSettings.get(port.id()).merges
                    ? "GRO type: TCP/IPv4\nMax number of packets to perform GRO: 128\nFlushing cycles: 1"
                    : "Port " + port.id() + " doesn't enable GRO.");
        }
    }

    private void cutting(Arguments a) {
        Port port = a.port();
        if (port != null) {
            app.console.println(app.portSettings.get(port.id()).cuts
                    ? "Max GSO'd packet size: " + app.settings.cutSize + "B\nSupported GSO types: TCP/IPv4, TCP/IPv6"
                    : "GSO is not enabled on Port " + port.id());
        }
    }

    private void cutSize(Arguments a) {
        int bytes = a.integer("bytes");
        if (app.forwarding.running()) {
            app.console.error("Before setting GSO segsz, please first stop forwarding");
        } else if (bytes < 55) {
            app.console.error("gso_size should be larger than 54. Please input a legal value");
        } else {
            app.settings.cutSize = bytes;
        }
    }

    private void segments(Arguments a, int size) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        if (port.state() == Port.State.STARTED) {
            app.console.error("Please stop port " + port.id() + " first");
            return;
        }
        PortSettings own = app.portSettings.get(port.id());
        if (size >= 0) {
            own.segmentSize = size;
            own.txOffloads &= ~TxOffload.TCP_TSO;
            if (size > 0 && (port.txCapabilities() & TxOffload.TCP_TSO) != 0) {
                own.txOffloads |= TxOffload.TCP_TSO;
            }
            own.reconfigure = true;
            own.requeue = true;
        }
        if (own.segmentSize == 0) {
            app.console.println("TSO for non-tunneled packets is disabled");
        } else if ((own.txOffloads & TxOffload.TCP_TSO) == 0) {
            app.console.error("Error: TSO is not supported by port " + port.id());
        } else {
            app.console.println("TSO segment size for non-tunneled packets is " + own.segmentSize);
        }
    }

    private void tunnel(Arguments a) {
        Port port = a.port();
        if (port != null) {
            app.portSettings.get(port.id()).csumTunnels = a.on("on");
            print(port);
        }
    }

    private void print(Port port) {
        PortSettings own = app.portSettings.get(port.id());
        app.console.println("Parse tunnel is " + (own.csumTunnels ? "on" : "off"));
        for (int i = 0; i < BITS.length; i++) {
            app.console.println(LABELS[i] + " checksum offload is " + ((own.txOffloads & BITS[i]) != 0 ? "hw" : "sw"));
        }
    }
}
