package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Console;
import dev.penstock.ethdev.DeviceInfo;
import dev.penstock.ethdev.Filters;
import dev.penstock.ethdev.Link;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortStats;
import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.Xstat;
import dev.penstock.net.MacAddress;

/** What show port prints. */
final class PortDisplay {
    private static final String STARS = "*".repeat(21);
    private static final String HASHES = "#".repeat(24);

    private PortDisplay() {}

    static String mac(long mac) {
        return MacAddress.format(mac).toUpperCase();
    }

    static void info(Testpmd app, Port port) {
        Console out = app.console;
        DeviceInfo info = port.info();
        Filters filters = port.filters();
        Link link = port.link();
        out.println("\n" + STARS + " Infos for port " + Console.left(port.id(), 2) + " " + STARS);
        out.println("MAC address: " + mac(filters.mac()));
        out.println("Device name: " + port.name());
        out.println("Driver name: " + info.driver());
        out.println("Firmware-version: not available");
        out.println("Devargs: " + port.devargs());
        out.println("Connect to socket: 0");
        out.println("memory allocation on the socket: 0");
        out.println("Link status: " + (link.up() ? "up" : "down"));
        out.println("Link speed: " + link.speedText());
        out.println("Link duplex: " + (link.fullDuplex() ? "full-duplex" : "half-duplex"));
        out.println("Autoneg status: " + (link.autoneg() ? "On" : "Off"));
        out.println("MTU: " + filters.mtu());
        out.println("Promiscuous mode: " + (filters.promiscuous() ? "enabled" : "disabled"));
        out.println("Allmulticast mode: " + (filters.allMulticast() ? "enabled" : "disabled"));
        out.println("Maximum number of MAC addresses: " + info.maxMacs());
        out.println("Maximum number of MAC addresses of hash filtering: 0");
        out.println("VLAN offload: ");
        long rx = app.portSettings.get(port.id()).rxOffloads;
        out.println("  strip " + on(rx, RxOffload.VLAN_STRIP) + ", filter " + on(rx, RxOffload.VLAN_FILTER) + ", extend "
                + on(rx, RxOffload.VLAN_EXTEND) + ", qinq strip " + on(rx, RxOffload.QINQ_STRIP));
        sizes(out, port, info);
    }

    static void device(Testpmd app, Port port) {
        Console out = app.console;
        out.println("\n" + STARS + " Infos for device " + port.name() + " " + STARS);
        out.println("Bus name: vdev");
        out.println("Bus information: ");
        out.println("Driver name: " + port.info().driver());
        out.println("Devargs: " + port.devargs());
        out.println("Connect to socket: 0");
        out.println("\n\tPort id: " + port.id() + " ");
        out.println("\tMAC address: " + mac(port.filters().mac()));
        out.println("\tDevice name: " + port.name());
        out.println("\tDevice speed capability: Autonegotiate (all speeds)");
    }

    private static String on(long offloads, long bit) {
        return (offloads & bit) != 0 ? "on" : "off";
    }

    private static void sizes(Console out, Port port, DeviceInfo info) {
        if (info.rssKeyBytes() > 0 && !info.driver().equals("net_null")) {
            out.println("Hash key size in bytes: " + info.rssKeyBytes());
        }
        if (info.retaSize() > 0) {
            out.println("Redirection table size: " + info.retaSize());
        }
        if (info.rssTypes() == 0) {
            out.println("No RSS offload flow type is supported.");
        } else {
            out.println("Supported RSS offload flow types:");
            out.print(RssNames.lines(info.rssTypes()));
        }
        out.println("Minimum size of RX buffer: " + info.minRxBuffer());
        out.println("Maximum configurable length of RX packet: " + info.maxRxPacket());
        out.println("Maximum configurable size of LRO aggregated packet: 0");
        out.println("Current number of RX queues: " + port.config().rxQueues());
        out.println("Max possible RX queues: " + info.maxRxQueues());
        out.println("Max possible number of RXDs per queue: 65535");
        out.println("Min possible number of RXDs per queue: 0");
        out.println("RXDs number alignment: 1");
        out.println("Current number of TX queues: " + port.config().txQueues());
        out.println("Max possible TX queues: " + info.maxTxQueues());
        out.println("Max possible number of TXDs per queue: 65535");
        out.println("Min possible number of TXDs per queue: 0");
        out.println("TXDs number alignment: 1");
        out.println("Max segment number per packet: 65535");
        out.println("Max segment number per MTU/TSO: 65535");
        out.println("Device capabilities: 0x0( )");
        out.println("Device error handling mode: none");
    }

    static void stats(Testpmd app, Port port) {
        Console out = app.console;
        PortStats s = port.stats();
        out.println("\n  " + HASHES + " NIC statistics for port " + Console.left(port.id(), 2) + " " + HASHES);
        out.println("  RX-packets: " + Console.left(s.rxPackets(), 10) + " RX-missed: " + Console.left(s.rxMissed(), 10)
                + " RX-bytes:  " + s.rxBytes());
        out.println("  RX-errors: " + s.rxErrors());
        out.println("  RX-nombuf:  " + Console.left(s.rxNoMbuf(), 10));
        out.println("  TX-packets: " + Console.left(s.txPackets(), 10) + " TX-errors: " + Console.left(s.txErrors(), 10)
                + " TX-bytes:  " + s.txBytes());
        rates(app, port, s);
        for (String name : app.settings.shownXstats) {
            for (Xstat x : port.xstats()) {
                if (x.name().equals(name)) {
                    out.println("  " + Console.left(name + ":", 32) + " " + x.value());
                }
            }
        }
        out.println("  " + HASHES + "#".repeat(28) + HASHES);
    }

    private static void rates(Testpmd app, Port port, PortStats s) {
        PortSettings own = app.portSettings.get(port.id());
        long now = System.nanoTime();
        long[] last = own.lastShow;
        long[] values = {now, s.rxPackets(), s.txPackets(), s.rxBytes(), s.txBytes()};
        own.lastShow = values;
        long[] perSecond = new long[5];
        if (last != null) {
            for (int i = 1; i < 5; i++) {
                perSecond[i] = (long) (Math.max(0.0, values[i] - last[i]) / (now - last[0]) * 1e9);
            }
        } else {
            last = values;
        }
        Console out = app.console;
        out.println("\n  Throughput (since last show)");
        out.println("  Rx-pps: " + Console.right(perSecond[1], 12) + "          Rx-bps: " + Console.right(perSecond[3] * 8, 12));
        out.println("  Tx-pps: " + Console.right(perSecond[2], 12) + "          Tx-bps: " + Console.right(perSecond[4] * 8, 12));
    }

    static void xstats(Testpmd app, Port port) {
        app.console.println("###### NIC extended statistics for port " + Console.left(port.id(), 2));
        for (Xstat x : port.xstats()) {
            if (x.value() != 0 || !app.settings.hideZeroXstats) {
                app.console.println(x.name() + ": " + x.value());
            }
        }
    }

    static void summaryHeader(Testpmd app) {
        app.console.println("Number of available ports: " + app.ports.list().size());
        app.console.println("Port MAC Address       Name         Driver         Status   Link");
    }

    static void summary(Testpmd app, Port port) {
        Link link = port.link();
        app.console.println(Console.left(port.id(), 4) + " " + mac(port.filters().mac()) + " " + Console.left(port.name(), 12)
                + " " + Console.left(port.info().driver(), 14) + " " + Console.left(link.up() ? "up" : "down", 8) + " "
                + link.speedText());
    }
}
