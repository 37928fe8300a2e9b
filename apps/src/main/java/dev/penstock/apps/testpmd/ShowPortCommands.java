package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.Port;
import dev.penstock.net.PacketType;
import dev.penstock.net.PacketTypeName;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** show port, clear port. */
final class ShowPortCommands {
    private final Testpmd app;

    ShowPortCommands(Testpmd app) {
        this.app = app;
    }

    void addTo(Commands c) {
        c.section("display");
        c.add("show port <what:info|stats|summary|xstats> <port:u16>", "one port's description, counters, or line of a table",
                this::one);
        c.add("show port <what:info|stats|summary|xstats> all", "the same of all ports", this::all);
        c.add("show port <port:u16> ptypes", "packet types that a device tells", this::types);
        c.add("show port <port:u16> tx_metadata", "what is sent along with packets", a -> {
            if (a.port() != null) {
                app.console.println("Port " + a.integer("port") + " tx_metadata: "
                        + Integer.toUnsignedString(TxMarks.of(app, app.portSettings.get(a.integer("port"))).metadata()));
            }
        });
        c.add("show device info all", "devices and their ports", a -> app.ports.list().forEach(p -> PortDisplay.device(app, p)));
        c.add("show device info <name:text>", "the same of one device", this::device);
        c.add("clear port <what:info|fdir> <port:u16>", "taken for DPDK's command lines; nothing is counted there", a -> a.portOrList());
        c.add("clear port <what:info|fdir> all", "the same", a -> { });
        c.add("clear port <what:stats|xstats> <port:u16>", "set a port's counters to zero", this::clearOne);
        c.add("clear port <what:stats|xstats> all", "set all ports' counters to zero", this::clearAll);
    }

    private void one(Arguments a) {
        if (a.is("what", "summary")) {
            PortDisplay.summaryHeader(app);
        }
        Port port = a.portOrList();
        if (port != null) {
            show(a.text("what")).accept(app, port);
        }
    }

    private void all(Arguments a) {
        if (a.is("what", "summary")) {
            PortDisplay.summaryHeader(app);
        }
        app.ports.list().forEach(port -> show(a.text("what")).accept(app, port));
    }

    private static BiConsumer<Testpmd, Port> show(String what) {
        return switch (what) {
            case "info" -> PortDisplay::info;
            case "stats" -> PortDisplay::stats;
            case "summary" -> PortDisplay::summary;
            default -> PortDisplay::xstats;
        };
    }

    private void types(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        int mask = PacketType.L2_MASK;
        for (String layer : List.of("L2", "L3", "L4", "Tunnel", "Inner L2", "Inner L3", "Inner L4")) {
            int of = mask;
            int[] types = IntStream.of(port.packetTypes()).filter(type -> (type & of) != 0).toArray();
            app.console.println(types.length == 0 ? layer + " ptypes unsupported" : "Supported " + layer + " ptypes:");
            for (int type : types) {
                app.console.println(PacketTypeName.of(type) + " ");
            }
            mask <<= PacketType.LAYER_BITS;
        }
    }

    private void device(Arguments a) {
        Port found = app.ports.list().stream().filter(p -> p.name().equals(a.text("name"))).findFirst().orElse(null);
        if (found == null) {
            app.console.error("no device named " + a.text("name") + "; there are "
                    + app.ports.list().stream().map(Port::name).collect(Collectors.joining(", ")));
        } else {
            PortDisplay.device(app, found);
        }
    }

    private void clearOne(Arguments a) {
        Port port = a.portOrList();
        if (port != null) {
            clear(port, a.text("what"));
        }
    }

    private void clearAll(Arguments a) {
        app.ports.list().forEach(port -> clear(port, a.text("what")));
    }

    private void clear(Port port, String what) {
        port.resetStats();
        app.forwarding.stats().portCleared(port);
        if (what.equals("stats")) {
            app.console.println("\n  NIC statistics for port " + port.id() + " cleared");
        }
    }
}
