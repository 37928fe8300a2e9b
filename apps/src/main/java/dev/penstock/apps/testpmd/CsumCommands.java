package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.TxOffload;

/** csum. */
final class CsumCommands {
    private static final long[] BITS = {TxOffload.IPV4_CKSUM, TxOffload.UDP_CKSUM, TxOffload.TCP_CKSUM, TxOffload.SCTP_CKSUM,
        TxOffload.OUTER_IPV4_CKSUM, TxOffload.OUTER_UDP_CKSUM};
    private static final String[] WORDS = {"ip", "udp", "tcp", "sctp", "outer-ip", "outer-udp"};
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
        long bit = BITS[java.util.List.of(WORDS).indexOf(a.text("what"))];
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
