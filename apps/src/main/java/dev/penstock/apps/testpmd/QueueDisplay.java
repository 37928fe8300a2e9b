package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Console;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxOffload;
import dev.penstock.ethdev.TxQueueConfig;

/** What show rxq, show txq and show port N rx_offload print. */
final class QueueDisplay {
    private static final String STARS = "*".repeat(21);

    private QueueDisplay() {}

    static void info(Testpmd app, Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        int queue = a.integer("queue");
        boolean rx = a.is("side", "rxq");
        int queues = rx ? port.config().rxQueues() : port.config().txQueues();
        if (queue >= queues) {
            app.console.error("Invalid " + (rx ? "Rx" : "Tx") + " queue_id=" + queue);
            app.console.error("Failed to retrieve information for port: " + port.id() + ", " + (rx ? "RX" : "TX") + " queue: "
                    + queue + "\nerror desc: Invalid argument(-22)");
        } else if (rx) {
            rx(app, port, queue);
        } else {
            tx(app, port, queue);
        }
    }

    private static void rx(Testpmd app, Port port, int queue) {
        RxQueueConfig config = port.rxQueueConfig(queue);
        if (config == null) {
            return;
        }
        Console out = app.console;
        Settings s = app.settings;
        out.println("\n" + STARS + " Infos for port " + Console.left(port.id(), 2) + ", RX queue " + Console.left(queue, 2) + " "
                + STARS);
        out.println("Mempool: " + config.pool().name());
        out.println("RX prefetch threshold: " + Math.max(0, s.rxThresholds[0]));
        out.println("RX host threshold: " + Math.max(0, s.rxThresholds[1]));
        out.println("RX writeback threshold: " + Math.max(0, s.rxThresholds[2]));
        out.println("RX free threshold: " + config.freeThreshold());
        out.println("RX drop packets: off");
        out.println("RX deferred start: " + (config.deferredStart() ? "on" : "off"));
        out.println("RX scattered packets: " + ((app.portSettings.get(port.id()).rxOffloads & RxOffload.SCATTER) != 0 ? "on"
                : "off"));
        out.println("Rx queue state: " + (port.rxQueueStarted(queue) ? "started" : "stopped"));
        out.println("Number of RXDs: " + config.descriptors());
    }

    private static void tx(Testpmd app, Port port, int queue) {
        TxQueueConfig config = port.txQueueConfig(queue);
        if (config == null) {
            return;
        }
        Console out = app.console;
        Settings s = app.settings;
        out.println("\n" + STARS + " Infos for port " + Console.left(port.id(), 2) + ", TX queue " + Console.left(queue, 2) + " "
                + STARS);
        out.println("TX prefetch threshold: " + Math.max(0, s.txThresholds[0]));
        out.println("TX host threshold: " + Math.max(0, s.txThresholds[1]));
        out.println("TX writeback threshold: " + Math.max(0, s.txThresholds[2]));
        out.println("TX RS threshold: " + Math.max(0, s.txRsThreshold));
        out.println("TX free threshold: " + config.freeThreshold());
        out.println("TX deferred start: " + (config.deferredStart() ? "on" : "off"));
        out.println("Number of TXDs: " + config.descriptors());
        out.println("Tx queue state: " + (port.txQueueStarted(queue) ? "started" : "stopped"));
    }

    static void capabilities(Testpmd app, Arguments a) {
        Port port = a.port();
        if (port != null) {
            boolean rx = a.is("side", "rx_offload");
            app.console.println((rx ? "Rx" : "Tx") + " Offloading Capabilities of port " + port.id() + " :");
            app.console.println("  Per Queue :");
            app.console.println("  Per Port  :" + (rx ? RxOffload.names(port.info().rxOffloads())
                    : TxOffload.names(port.info().txOffloads())) + "\n");
        }
    }

    static void configuration(Testpmd app, Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        boolean rx = a.is("side", "rx_offload");
        PortSettings own = app.portSettings.get(port.id());
        app.console.println((rx ? "Rx" : "Tx") + " Offloading Configuration of port " + port.id() + " :");
        app.console.println("  Port :" + (rx ? RxOffload.names(own.rxOffloads) : TxOffload.names(own.txOffloads)));
        long[] queues = rx ? own.rxQueueOffloads : own.txQueueOffloads;
        for (int q = 0; q < queues.length; q++) {
            app.console.println("  Queue[" + Console.right(q, 2) + "] :" + (rx ? RxOffload.names(own.rxOffloads | queues[q])
                    : TxOffload.names(own.txOffloads | queues[q])));
        }
        app.console.println("");
    }
}
