package dev.penstock.apps.testpmd;

import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.Port;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** set. */
final class SetCommands {
    private final Testpmd app;
    private final Settings s;

    SetCommands(Testpmd app) {
        this.app = app;
        this.s = app.settings;
    }

    void addTo(Commands c) {
        c.section("config");
        c.add("set fwd <mode:" + Mode.words() + ">", "what is done with packets", a -> mode(a, false));
        c.add("set fwd <mode:" + Mode.words() + "> retry", "the same, sending again what a port refuses", a -> mode(a, true));
        c.add("set burst tx delay <us:u32> retry <n:u32>", "how often and how soon it is sent again", this::retry);
        c.add("set burst <n:u16>", "packets a burst", this::burst);
        c.add("set txpkts <list:text>", "lengths of the segments that txonly makes", a -> lengths(a, "txpkts"));
        c.add("set rxpkts <list:text>", "lengths of the segments that receive is split into", a -> lengths(a, "rxpkts"));
        c.add("set rxoffs <list:text>", "where those segments start", a -> lengths(a, "rxoffs"));
        c.add("set rxhdrs <list:text>", "the headers that receive is split behind", this::headers);
        c.add("set txtimes <list:text>", "when txonly sends, in ns: between bursts, between packets", this::times);
        c.add("set txsplit <how:text>", "how many segments packets have: off, on, rand", this::split);
        c.add("set default", "the lcores, ports and streams as at the start", a -> defaults());
        c.add("set nbcore <n:u16>", "how many lcores forward", this::cores);
        c.add("set nbport <n:u16>", "how many ports forward", this::ports);
        c.add("set corelist <list:text>", "the lcores that forward", a -> list(a, true));
        c.add("set portlist <list:text>", "the ports that forward", a -> list(a, false));
        c.add("set coremask <mask:u64>", "the same as a mask", a -> mask(a, true));
        c.add("set portmask <mask:u64>", "the same as a mask", a -> mask(a, false));
        c.add("set verbose <level:u16>", "print packets: 1 received, 2 sent, 3 and more both", this::verbose);
        c.add("set <what:promisc|allmulti> all <on:on|off>", "frames for every address", a ->
                app.ports.list().forEach(p -> app.control.receiveMode(p, a.text("what"), a.on("on"))));
        c.add("set <what:promisc|allmulti> <port:u16> <on:on|off>", "the same on one port", a -> {
            if (a.port() != null) {
                app.control.receiveMode(app.port(a.integer("port")), a.text("what"), a.on("on"));
            }
        });
        c.add("set eth-peer <port:u16> <mac:text>", "what mac writes as destination", this::peer);
        c.add("set <how:link-up|link-down> port <port:u16>", "the link administratively", this::link);
        c.add("set flush_rx <on:on|off>", "empty receive queues first", a -> s.flushRx = a.on("on"));
        c.add("set link_check <on:on|off>", "look at links when ports start and stop", a -> s.linkCheck = a.on("on"));
        c.add("set port setup on <how:iterator|event>", "how attached ports are found; there is one way here, the word is taken", a -> { });
        c.add("set xstats-hide-zero <on:on|off>", "leave out what is 0", a -> s.hideZeroXstats = a.on("on"));
        c.add("set record-core-cycles <on:on|off>", "count cycles", a -> s.recordCycles = a.on("on"));
        c.add("set record-burst-stats <on:on|off>", "count the sizes of bursts", a -> s.recordBursts = a.on("on"));
        c.add("set log <type:text> <level:u32>", "how much is said", this::log);
    }

    private boolean idle() {
        if (app.forwarding.running()) {
            app.console.error("Please stop forwarding first");
        }
        return !app.forwarding.running();
    }

    private void mode(Arguments a, boolean retry) {
        if (retry && a.is("mode", "rxonly")) {
            app.console.println(Arguments.BAD);
            return;
        }
        new Selection(app).mode(a.text("mode"), retry);
    }

    private void retry(Arguments a) {
        s.retryDelayUs = a.integer("us");
        s.retries = a.integer("n");
    }

    private void headers(Arguments a) {
        String unknown = RxHeaders.unknown(a.text("list"));
        if (unknown != null) {
            app.console.error("Unsupported protocol: " + unknown);
            return;
        }
        s.rxHeaders = a.text("list");
        app.noEffect("set rxhdrs");
    }

    private void times(Arguments a) {
        int[] list = Numbers.list(a.text("list"));
        if (list == null || list.length != 2) {
            app.console.error("txtimes needs two numbers: set txtimes between-bursts,between-packets");
            return;
        }
        s.txTimes = list;
        if (list[0] + list[1] != 0) {
            app.noEffect("set txtimes");
        }
    }

    private void split(Arguments a) {
        if (!List.of("off", "on", "rand").contains(a.text("how"))) {
            app.console.error("unknown value: \"" + a.text("how") + "\"");
            return;
        }
        s.txSplit = a.text("how");
    }

    private void defaults() {
        if (!idle()) {
            return;
        }
        app.console.println("Reset to default forwarding configuration...");
        s.coreList = app.eal.workers().stream().map(Lcore::id)
                .collect(Collectors.toCollection(ArrayList::new));
        s.cores = Math.min(1, s.coreList.size());
        s.portList = app.ports.list().stream().map(Port::id)
                .collect(Collectors.toCollection(ArrayList::new));
        s.ports = s.portList.size();
        app.forwarding.set();
    }

    private void burst(Arguments a) {
        int n = a.integer("n");
        if (n > Stream.MAX_BURST || n == 0) {
            app.console.error("nb pkt per burst: " + n + (n == 0 ? " < 1" : " > " + Stream.MAX_BURST)
                    + " (maximum packet per burst)  ignored");
            return;
        }
        s.burst = n;
        app.console.println("Number of packets per burst set to " + n);
    }

    private void lengths(Arguments a, String what) {
        int[] list = Numbers.list(a.text("list"));
        if (list == null) {
            app.console.error("character in " + a.text("list") + " is not a decimal digit or a comma");
            return;
        }
        switch (what) {
            case "txpkts" -> new Selection(app).txLengths(list);
            case "rxpkts" -> s.rxLengths = list;
            default -> s.rxOffsets = list;
        }
        if (!what.equals("txpkts")) {
            app.noEffect("set " + what);
        }
    }

    private void cores(Arguments a) {
        if (!idle()) {
            return;
        }
        int n = a.integer("n");
        if (n > s.coreList.size() || n == 0) {
            app.console.error("nb fwd cores " + n + " > " + s.coreList.size() + " (max. number of configured lcores) - ignored");
            return;
        }
        s.cores = n;
        app.console.println("Number of forwarding cores set to " + n);
        app.forwarding.set();
    }

    private void ports(Arguments a) {
        int n = a.integer("n");
        if (n > s.portList.size() || n == 0) {
            app.console.error("nb fwd ports " + n + " > " + s.portList.size() + " (number of configured ports) - ignored");
            return;
        }
        if (idle()) {
            s.ports = n;
            app.console.println("Number of forwarding ports set to " + n);
            app.forwarding.set();
        }
    }

    private void list(Arguments a, boolean cores) {
        if (!idle()) {
            return;
        }
        int[] ids = Numbers.list(a.text("list"));
        if (ids == null) {
            app.console.error("character in " + a.text("list") + " is not a decimal digit or a comma");
            return;
        }
        choose(Arrays.stream(ids).boxed().toList(), cores);
    }

    private void mask(Arguments a, boolean cores) {
        if (idle()) {
            List<Integer> bits = Numbers.bits(a.number("mask"));
            // as DPDK has it: a bit for a port that is not there counts for nothing
            choose(cores ? bits : bits.stream().filter(id -> app.ports.list().stream().anyMatch(p -> p.id() == id)).toList(), cores);
        }
    }

    private void choose(List<Integer> ids, boolean cores) {
        if (cores) {
            new Selection(app).lcores(ids);
        } else {
            new Selection(app).ports(ids);
        }
        app.forwarding.set();
    }

    private void verbose(Arguments a) {
        app.console.println("Change verbose level from " + s.verbose + " to " + a.integer("level"));
        s.verbose = a.integer("level");
        app.forwarding.pause(() -> app.ports.list().forEach(p -> Verbose.attach(app, p, app.portSettings.get(p.id()))));
    }

    private void peer(Arguments a) {
        int port = a.integer("port");
        if (app.ports.list().stream().noneMatch(p -> p.id() == port)) {
            app.console.error("Error: Invalid port number " + port);
            return;
        }
        try {
            s.peers[port] = a.mac("mac");
        } catch (IllegalArgumentException e) {
            app.console.error("Error: Invalid ethernet address: " + a.text("mac"));
        }
    }

    private void link(Arguments a) {
        if (a.port() == null) {
            return;
        }
        boolean up = a.is("how", "link-up");
        try {
            app.port(a.integer("port")).linkUp(up);
        } catch (RuntimeException e) {
            app.console.error("Set link " + (up ? "up" : "down") + " fail.");
            app.console.error(e.getMessage());
        }
    }

    private void log(Arguments a) {
        String type = a.text("type");
        long level = Math.max(1, a.number("level"));
        try {
            app.eal.log().level(type.equals("global") ? String.valueOf(level) : type + ":" + level);
        } catch (IllegalArgumentException e) {
            app.console.error("failed to set log " + type + " level: " + e.getMessage());
        }
    }
}
