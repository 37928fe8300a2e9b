package dev.penstock.apps.l2fwd;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.ExitException;
import dev.penstock.apps.forward.ForwardReport;
import dev.penstock.apps.forward.LcoreRun;
import dev.penstock.apps.forward.PortSetup;
import dev.penstock.eal.Eal;
import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.Ports;
import dev.penstock.mbuf.MbufPool;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lays pairs of ports over lcores and forwards until it is told to end. */
final class L2fwd {
    private static final String CLEAR_SCREEN = "\033[2J\033[1;1H";

    private final Eal eal;
    private final Ports ports;
    private final Console console;
    private final List<Lane> lanes = new ArrayList<>();

    L2fwd(Eal eal, Ports ports, Console console) {
        this.eal = eal;
        this.ports = ports;
        this.console = console;
    }

    void run(List<String> args) {
        Options options = new Options(console, args);
        console.println("MAC updating " + (options.macUpdating ? "enabled" : "disabled"));
        Map<Port, Port> peers = peers(PortSetup.chosen(ports, options.portMask), options.pairs);
        // as with DPDK a port that is in no pair stays as it is: nobody would take what it receives
        List<Port> chosen = peers.keySet().stream().sorted(Comparator.comparingInt(Port::id)).toList();
        List<Lcore> lcores = eal.lcores().stream().filter(l -> l.role() != Lcore.Role.SERVICE).toList();
        if (lcores.size() * options.portsPerLcore < peers.size()) {
            throw new ExitException("Not enough cores: " + lcores.size() + " for " + peers.size() + " ports, " + options.portsPerLcore
                    + " each; give more with -l, or -q " + (peers.size() + lcores.size() - 1) / lcores.size());
        }
        PortSetup setup = new PortSetup(eal, console);
        setup.promiscuous = options.promiscuous;
        MbufPool pool = setup.pool("mbuf_pool", chosen.size(), 1, lcores.size());
        chosen.forEach(port -> setup.start(port, 1, 1, 0, pool));
        setup.awaitLinks(chosen);
        try (LcoreRun run = new LcoreRun(eal)) {
            int used = 0;
            List<Lane> mine = new ArrayList<>();
            for (Map.Entry<Port, Port> pair : peers.entrySet()) {
                mine.add(new Lane(pair.getKey(), pair.getValue(), options.macUpdating));
                if (mine.size() == options.portsPerLcore || lanes.size() + mine.size() == peers.size()) {
                    launch(run, lcores.get(used++), List.copyOf(mine));
                    lanes.addAll(mine);
                    mine.clear();
                }
            }
            console.flush();
            run.until(options.periodS, () -> {
                console.print(CLEAR_SCREEN + report().text());
                console.flush();
            }, () -> { });
            console.print(report().text());
            setup.close(chosen);
        }
    }

    private void launch(LcoreRun run, Lcore lcore, List<Lane> lanes) {
        lanes.forEach(l -> console.println("Lcore " + lcore.id() + ": RX port " + l.rx.id() + " TX port " + l.tx.id()));
        Lane[] all = lanes.toArray(Lane[]::new);
        run.launch(lcore, self -> {
            while (!self.stopRequested()) {
                for (Lane lane : all) {
                    lane.forward();
                }
            }
            return 0;
        });
    }

    /** Where each port sends: as the pairs say, else to its neighbour; the last of an odd number to itself. */
    private Map<Port, Port> peers(List<Port> chosen, List<int[]> pairs) {
        Map<Port, Port> peers = new LinkedHashMap<>();
        for (int[] pair : pairs) {
            join(peers, enabled(chosen, pair[0]), enabled(chosen, pair[1]));
        }
        if (pairs.isEmpty()) {
            for (int i = 0; i < chosen.size(); i += 2) {
                join(peers, chosen.get(i), chosen.get(Math.min(i + 1, chosen.size() - 1)));
            }
            if (chosen.size() % 2 == 1) {
                console.println("Notice: odd number of ports in portmask.");
            }
        }
        return peers;
    }

    private static void join(Map<Port, Port> peers, Port a, Port b) {
        if (peers.containsKey(a) || peers.containsKey(b)) {
            throw new ExitException("port " + (peers.containsKey(a) ? a : b).id() + " is used in other port pairs");
        }
        peers.put(a, b);
        peers.put(b, a);
    }

    private static Port enabled(List<Port> chosen, int id) {
        return chosen.stream().filter(p -> p.id() == id).findFirst()
                .orElseThrow(() -> new ExitException("port " + id + " is not enabled in port mask, or not there"));
    }

    private ForwardReport report() {
        ForwardReport report = new ForwardReport();
        for (Lane lane : lanes) {
            report.traffic(lane.rx.id(), lane.received, 0);
            report.traffic(lane.tx.id(), 0, lane.sent);
            report.drop(lane.tx.id(), "tx_full", lane.dropped);
        }
        return report;
    }
}
