package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.RxOffload;

/** port N rxq|txq Q: one queue's life, offloads and descriptors. */
final class QueueCommands {
    private final Testpmd app;
    private final Settings s;

    QueueCommands(Testpmd app) {
        this.app = app;
        this.s = app.settings;
    }

    void addTo(Commands c) {
        c.section("ports");
        c.add("port <port:u16> <side:rxq|txq> <queue:u16> <do:start|stop>", "one queue's life", this::life);
        c.add("port <port:u16> <side:rxq|txq> <queue:u16> deferred_start <on:on|off>", "let a queue wait for its own start",
                this::deferred);
        c.add("port <port:u16> <side:rxq|txq> <queue:u16> setup", "make a queue anew, with the descriptors set for it", this::setup);
        c.add("port config <port:u16> <side:rxq|txq> <queue:u16> ring_size <n:u16>",
                "descriptors of a queue, from its next setup or the port's next start on", this::size);
        c.add("port <port:u16> rxq <queue:u16> rx_offload <name:" + OffloadNames.words(true) + "> <on:on|off>",
                "one receive offload of one queue", a -> offload(a, true));
        c.add("port <port:u16> txq <queue:u16> tx_offload <name:" + OffloadNames.words(false) + "> <on:on|off>",
                "one transmit offload of one queue", a -> offload(a, false));
        c.section("config");
        c.add("vlan set stripq <on:on|off> <where:text>", "strip VLAN tags of one queue: port,queue", this::strip);
    }

    private boolean idle() {
        if (app.forwarding.running()) {
            app.console.error("Please stop forwarding first");
        }
        return !app.forwarding.running();
    }

    /** The queue's number, or -1 after saying that there is none. */
    private int queue(Arguments a, boolean rx) {
        int q = a.integer("queue");
        int queues = rx ? s.rxQueues : s.txQueues;
        if (q < queues) {
            return q;
        }
        app.console.error("Invalid " + (rx ? "RX" : "TX") + " queue " + q + " (must be < nb_" + (rx ? "rx" : "tx") + "q=" + queues
                + ")");
        return -1;
    }

    private void life(Arguments a) {
        Port port = idle() ? a.port() : null;
        if (port == null) {
            return;
        }
        if (port.state() != Port.State.STARTED) {
            app.console.error("Please start port " + port.id() + " first");
            return;
        }
        boolean rx = a.is("side", "rxq");
        int q = queue(a, rx);
        if (q < 0) {
            return;
        }
        boolean start = a.is("do", "start");
        if (rx && start) {
            port.startRxQueue(q);
        } else if (rx) {
            port.stopRxQueue(q);
        } else if (start) {
            port.startTxQueue(q);
        } else {
            port.stopTxQueue(q);
        }
    }

    private void deferred(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        if (port.state() == Port.State.STARTED) {
            app.console.error("Please stop port " + port.id() + " first");
            return;
        }
        boolean rx = a.is("side", "rxq");
        int q = queue(a, rx);
        if (q >= 0) {
            PortSettings own = fitted(port);
            (rx ? own.rxDeferred : own.txDeferred)[q] = a.on("on");
            own.requeue = true;
        }
    }

    private PortSettings fitted(Port port) {
        PortSettings own = app.portSettings.get(port.id());
        own.queues(s);
        return own;
    }

    private void setup(Arguments a) {
        Port port = a.port();
        boolean rx = a.is("side", "rxq");
        int q = port == null ? -1 : queue(a, rx);
        if (q < 0) {
            return;
        }
        if (port.state() == Port.State.STARTED) {
            app.console.error("Please stop port " + port.id() + " first");
        } else if (q >= (rx ? port.config().rxQueues() : port.config().txQueues())) {
            app.console.error("Please start port " + port.id() + " once first, so that it has " + (q + 1) + " such queues");
        } else {
            app.control.setupQueue(port, q, rx);
        }
    }

    private void size(Arguments a) {
        Port port = a.port();
        boolean rx = a.is("side", "rxq");
        int q = port == null ? -1 : queue(a, rx);
        if (q >= 0) {
            PortSettings own = fitted(port);
            (rx ? own.rxDescriptors : own.txDescriptors)[q] = a.integer("n");
            own.requeue = true;
        }
    }

    private void offload(Arguments a, boolean rx) {
        Port port = a.port();
        int q = port == null ? -1 : queue(a, rx);
        if (q < 0) {
            return;
        }
        if (port.state() == Port.State.STARTED) {
            app.console.error("Error: Can't config offload when Port " + port.id() + " is not stopped");
            return;
        }
        PortSettings own = fitted(port);
        set(rx ? own.rxQueueOffloads : own.txQueueOffloads, q, OffloadNames.bit(a.text("name"), rx), a.on("on"));
        own.requeue = true;
    }

    private static void set(long[] offloads, int queue, long bit, boolean on) {
        offloads[queue] = on ? offloads[queue] | bit : offloads[queue] & ~bit;
    }

    private void strip(Arguments a) {
        int[] where = Numbers.list(a.text("where"));
        if (where == null || where.length != 2) {
            app.console.error("Invalid parameter: give port,queue");
            return;
        }
        Port port = app.port(where[0]);
        if (port == null) {
            return;
        }
        if (where[1] >= s.rxQueues) {
            app.console.error("Invalid RX queue " + where[1] + " (must be < nb_rxq=" + s.rxQueues + ")");
        } else if (port.state() == Port.State.STARTED) {
            app.console.error("Please stop port " + port.id() + " first");
        } else {
            PortSettings own = fitted(port);
            set(own.rxQueueOffloads, where[1], RxOffload.VLAN_STRIP, a.on("on"));
            own.requeue = true;
        }
    }
}
