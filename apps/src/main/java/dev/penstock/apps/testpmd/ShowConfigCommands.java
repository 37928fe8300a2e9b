package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Console;
import java.util.Arrays;
import java.util.stream.Collectors;

/** show config, show fwd, clear fwd, show queue, show offloads. */
final class ShowConfigCommands {
    private final Testpmd app;

    ShowConfigCommands(Testpmd app) {
        this.app = app;
    }

    void addTo(Commands c) {
        c.section("display");
        c.add("show config rxtx", "how queues are set up", a -> new RxTxConfig(app).show());
        c.add("show config cores", "the lcores that forward", a -> app.console.println("List of forwarding lcores:"
                + app.settings.coreList.stream().map(id -> " " + Console.right(id, 2)).collect(Collectors.joining())));
        c.add("show config fwd", "which lcore forwards what", a -> app.forwarding.show());
        c.add("show config rxpkts", "lengths of split receive", a -> list("segments", "Segment sizes", app.settings.rxLengths));
        c.add("show config rxoffs", "offsets of split receive", a -> list("offsets", "Segment offsets", app.settings.rxOffsets));
        c.add("show config rxhdrs", "headers of split receive", a -> {
            int segments = app.settings.rxHeaders.isEmpty() ? 0 : app.settings.rxHeaders.split(",").length;
            app.console.println("Number of segments: " + segments);
            if (segments > 0) {
                app.console.println("Packet segs: " + app.settings.rxHeaders);
            }
        });
        c.add("show config txtimes", "when txonly sends", a -> app.console.println("Interburst gap: " + app.settings.txTimes[0]
                + "\nIntraburst gap: " + app.settings.txTimes[1]));
        c.add("show config txpkts", "lengths of what txonly makes", a -> {
            list("segments", "Segment sizes", app.settings.txLengths);
            app.console.println("Split packet: " + app.settings.txSplit);
        });
        c.add("show jit", "whether the lcores still run as they were compiled; watches them from the first time on",
                a -> app.jit.show());
        c.add("show metrics", "latencies and bit rates, see --latencystats and --bitrate-stats; not in DPDK", a -> app.measures.show());
        c.add("show fwd stats all", "what was forwarded", a -> app.forwarding.stats().show());
        c.add("show fwd balance", "every received packet as sent or dropped, each kind of drop by its name; not in DPDK",
                a -> app.forwarding.stats().balance());
        c.add("clear fwd stats all", "count from now on", a -> app.forwarding.stats().clear());
        c.add("show <side:rxq|txq> info <port:u16> <queue:u16>", "one queue", a -> QueueDisplay.info(app, a));
        c.add("show port <port:u16> <side:rx_offload|tx_offload> capabilities", "what a port can do for packets",
                a -> QueueDisplay.capabilities(app, a));
        c.add("show port <port:u16> <side:rx_offload|tx_offload> configuration", "what it does",
                a -> QueueDisplay.configuration(app, a));
    }

    private void list(String what, String label, int[] values) {
        app.console.println("Number of " + what + ": " + values.length);
        if (values.length > 0) {
            app.console.println(label + ": " + Arrays.stream(values).mapToObj(String::valueOf).collect(Collectors.joining(",")));
        }
    }
}
