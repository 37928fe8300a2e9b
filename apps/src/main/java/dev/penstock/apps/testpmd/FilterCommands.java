package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.TxOffload;
import dev.penstock.net.MacAddress;

/** mac_addr, mcast_addr, vlan, rx_vlan, tx_vlan. */
final class FilterCommands {
    private final Testpmd app;

    FilterCommands(Testpmd app) {
        this.app = app;
    }

    void addTo(Commands c) {
        c.section("filters");
        c.add("mac_addr <do:add|remove|set> <port:u16> <mac:mac>", "addresses that a port receives", this::mac);
        c.add("mcast_addr <do:add|remove> <port:u16> <mac:mac>", "groups that a port receives", this::group);
        c.add("show port <port:u16> macs", "a port's addresses", a -> macs(a, false));
        c.add("show port <port:u16> mcast_macs", "a port's groups", a -> macs(a, true));
        c.section("config");
        c.add("vlan set <what:strip|filter|qinq_strip|extend> <on:on|off> <port:u16>", "VLAN offloads, also of a started port",
                this::vlan);
        c.add("rx_vlan <do:add|rm> all <port:u16>", "all VLANs of the filter", this::allVlans);
        c.add("rx_vlan <do:add|rm> <vlan:u16> <port:u16>", "one VLAN of the filter", this::oneVlan);
        c.add("tx_vlan set <port:u16> <vlan:u16>", "the tag that a port's packets get", this::tag);
        c.add("tx_vlan set <port:u16> <vlan:u16> <outer:u16>", "the two tags that a port's packets get", this::tag);
        c.add("tx_vlan reset <port:u16>", "no tag any more", this::untag);
    }

    private void mac(Arguments a) {
        Port port = a.port();
        if (port == null) {
            app.console.error("mac_addr_cmd error: (No such device)");
            return;
        }
        try {
            switch (a.text("do")) {
                case "add" -> port.filters().addMac(a.mac("mac"));
                case "remove" -> port.filters().removeMac(a.mac("mac"));
                default -> port.filters().mac(a.mac("mac"));
            }
        } catch (RuntimeException e) {
            app.console.error("mac_addr_cmd error: (" + e.getMessage() + ")");
        }
    }

    private void group(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        long mac = a.mac("mac");
        if (!MacAddress.isMulticast(mac)) {
            app.console.error("Invalid multicast addr " + PortDisplay.mac(mac));
            return;
        }
        boolean known = port.filters().macs().contains(mac);
        if (a.is("do", "add")) {
            if (known) {
                app.console.error("multicast address already filtered by port");
            } else {
                port.filters().addMac(mac);
            }
        } else if (known) {
            port.filters().removeMac(mac);
        } else {
            app.console.error("multicast address not filtered by port " + port.id());
        }
    }

    private void macs(Arguments a, boolean groups) {
        Port port = a.port();
        if (port != null) {
            var list = port.filters().macs().stream().filter(m -> MacAddress.isMulticast(m) == groups).toList();
            app.console.println("Number of " + (groups ? "Multicast " : "") + "MAC address added: " + list.size());
            list.forEach(m -> app.console.println("  " + PortDisplay.mac(m)));
        }
    }

    private boolean stopped(Port port) {
        if (port.state() == Port.State.STARTED) {
            app.console.error("Please stop port " + port.id() + " first");
            return false;
        }
        return true;
    }

    private void reconfigure(PortSettings own) {
        own.reconfigure = true;
        own.requeue = true;
    }

    private void vlan(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        long bit = switch (a.text("what")) {
            case "strip" -> RxOffload.VLAN_STRIP;
            case "filter" -> RxOffload.VLAN_FILTER;
            case "extend" -> RxOffload.VLAN_EXTEND;
            default -> RxOffload.QINQ_STRIP;
        };
        PortSettings own = app.portSettings.get(port.id());
        if (a.on("on") && (port.rxCapabilities() & bit) == 0) {
            app.console.error("Port " + port.id() + " can't do" + RxOffload.names(bit) + "; of VLAN offloads it can do"
                    + RxOffload.names(port.rxCapabilities() & RxOffload.VLAN));
            app.console.error("rx_vlan_" + a.text("what") + "_set(port_pi=" + port.id() + ", on=1) failed diag=-22");
            return;
        }
        own.rxOffloads = a.on("on") ? own.rxOffloads | bit : own.rxOffloads & ~bit;
        if (port.state() == Port.State.STARTED) {
            app.forwarding.pause(() -> port.vlanOffloads(own.rxOffloads & RxOffload.VLAN));
        } else {
            reconfigure(own);
        }
    }

    private void allVlans(Arguments a) {
        Port port = a.port();
        for (int vlan = 0; port != null && vlan < 4096 && vlan(port, vlan, a.is("do", "add")); vlan++) {
        }
    }

    /** One VLAN; false after saying that the filter is off. */
    private boolean vlan(Port port, int vlan, boolean on) {
        if ((app.portSettings.get(port.id()).rxOffloads & RxOffload.VLAN_FILTER) == 0) {
            app.console.error("Port " + port.id() + ": VLAN-filtering disabled");
            app.console.error("rte_eth_dev_vlan_filter(port_pi=" + port.id() + ", vlan_id=" + vlan + ", on=" + (on ? 1 : 0)
                    + ") failed diag=-38");
            return false;
        }
        port.filters().vlan(vlan, on);
        return true;
    }

    private void oneVlan(Arguments a) {
        Port port = a.port();
        if (port != null && valid(a.integer("vlan"))) {
            vlan(port, a.integer("vlan"), a.is("do", "add"));
        }
    }

    private boolean valid(int vlan) {
        if (vlan >= 4096) {
            app.console.error("Invalid vlan_id " + vlan + " (must be < 4096)");
        }
        return vlan < 4096;
    }

    private void tag(Arguments a) {
        Port port = a.port();
        if (port == null || !stopped(port) || !valid(a.integer("vlan"))) {
            return;
        }
        boolean two = a.has("outer");
        if (two && !valid(a.integer("outer"))) {
            return;
        }
        if ((port.txCapabilities() & (two ? TxOffload.QINQ_INSERT : TxOffload.VLAN_INSERT)) == 0) {
            app.console.error("Error: " + (two ? "qinq insert not" : "vlan insert is not") + " supported by port " + port.id());
            return;
        }
        PortSettings own = app.portSettings.get(port.id());
        own.txOffloads &= ~(TxOffload.QINQ_INSERT | TxOffload.VLAN_INSERT);
        own.txOffloads |= two ? TxOffload.QINQ_INSERT : TxOffload.VLAN_INSERT;
        own.txVlan = a.integer("vlan");
        own.txVlanOuter = two ? a.integer("outer") : 0;
        reconfigure(own);
    }

    private void untag(Arguments a) {
        Port port = a.port();
        if (port == null || !stopped(port)) {
            return;
        }
        PortSettings own = app.portSettings.get(port.id());
        own.txOffloads &= ~(TxOffload.VLAN_INSERT | TxOffload.QINQ_INSERT);
        own.txVlan = 0;
        own.txVlanOuter = 0;
        reconfigure(own);
    }
}
