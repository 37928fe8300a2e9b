package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.Port;
import java.util.function.BiConsumer;

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
