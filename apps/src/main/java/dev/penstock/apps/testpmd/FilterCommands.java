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
        c.add("vlan set <what:strip|filter|qinq_strip|extend> <on:on|off> <port:u16>", "VLAN offloads", this::vlan);
        c.add("rx_vlan <do:add|rm> all <port:u16>", "all VLANs of the filter", this::allVlans);
        c.add("rx_vlan <do:add|rm> <vlan:u16> <port:u16>", "one VLAN of the filter", this::oneVlan);
        c.add("tx_vlan set <port:u16> <vlan:u16>", "the tag that a port's packets get", this::tag);
        c.add("tx_vlan reset <port:u16>", "no tag any more", this::untag);
    }

    private void mac(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        try {
            switch (a.text("do")) {
                case "add" -> port.filters().addMac(a.mac("mac"));
                case "remove" -> port.filters().removeMac(a.mac("mac"));
                default -> port.filters().mac(a.mac("mac"));
            }
        } catch (RuntimeException e) {
            app.console.println("mac_addr_cmd error: (" + e.getMessage() + ")");
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
        if (port == null || !stopped(port)) {
            return;
        }
        long bit = switch (a.text("what")) {
            case "strip" -> RxOffload.VLAN_STRIP;
            case "filter" -> RxOffload.VLAN_FILTER;
            case "extend" -> RxOffload.VLAN_EXTEND;
            default -> RxOffload.QINQ_STRIP;
        };
        PortSettings own = app.portSettings.get(port.id());
        own.rxOffloads = a.on("on") ? own.rxOffloads | bit : own.rxOffloads & ~bit;
        reconfigure(own);
    }

    private void allVlans(Arguments a) {
        Port port = a.port();
        for (int vlan = 0; port != null && vlan < 4096; vlan++) {
            port.filters().vlan(vlan, a.is("do", "add"));
        }
    }

    private void oneVlan(Arguments a) {
        Port port = a.port();
        if (port != null && valid(a.integer("vlan"))) {
            port.filters().vlan(a.integer("vlan"), a.is("do", "add"));
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
        PortSettings own = app.portSettings.get(port.id());
        own.txOffloads = own.txOffloads & ~TxOffload.QINQ_INSERT | TxOffload.VLAN_INSERT;
        own.txVlan = a.integer("vlan");
        own.txVlanOuter = 0;
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
