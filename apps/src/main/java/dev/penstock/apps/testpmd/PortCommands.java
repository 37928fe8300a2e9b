package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.Port;
import java.util.function.IntConsumer;

/** port: life, queues, configuration. */
final class PortCommands {
    private static final int OVERHEAD = 18;

    private final Testpmd app;
    private final Settings s;

    PortCommands(Testpmd app) {
        this.app = app;
        this.s = app.settings;
    }

    void addTo(Commands c) {
        c.section("ports");
        c.add("port <do:start|stop|close|reset> <port:u16>", "one port's life", a -> action(a.text("do")).accept(a.integer("port")));
        c.add("port <do:start|stop|close|reset> all", "all ports' lives", a -> action(a.text("do")).accept(PortControl.ALL));
        c.section("devices");
        c.add("port attach <devargs:text>", "make a port, such as net_null2,size=128", a -> app.control.attach(a.text("devargs")));
        c.add("port detach <port:u16>", "take a port away", this::detach);
        c.section("ports");
        c.add("port <port:u16> <side:rxq|txq> <queue:u16> <do:start|stop>", "one queue's life", this::queue);
        c.add("port <port:u16> <side:rxq|txq> <queue:u16> deferred_start <on:on|off>", "let a queue wait for its own start",
                this::deferred);
        c.add("port config all <what:rxq|txq|rxd|txd> <n:u16>", "queues a port, descriptors a queue", this::queues);
        c.add("port config all max-pkt-len <n:u32>", "longest frame", this::maxPacketLength);
        c.add("port config all burst <n:u16>", "packets a burst", this::burst);
        c.add("port config all <what:txfreet|txrst|rxfreet> <n:u16>", "thresholds", this::threshold);
        c.add("port config all rss <types:text>", "what is hashed", this::rss);
        c.add("port config <port:u16> rss reta <list:text>", "which queue gets which hash: (hash,queue)[,(hash,queue)]*",
                this::reta);
        c.add("port config mtu <port:u16> <mtu:u16>", "longest payload", this::mtu);
        c.add("port config <port:u16> rx_offload <name:text> <on:on|off>", "one receive offload", a -> offload(a, true));
        c.add("port config <port:u16> tx_offload <name:text> <on:on|off>", "one transmit offload", a -> offload(a, false));
    }

    private IntConsumer action(String word) {
        return switch (word) {
            case "start" -> app.control::start;
            case "stop" -> app.control::stop;
            case "close" -> app.control::close;
            default -> app.control::reset;
        };
    }

    private void detach(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        if (port.state() == Port.State.STARTED) {
            app.console.error("Port not stopped");
            return;
        }
        app.console.error("Port was not closed");
        app.control.detach(port);
    }

    private void queue(Arguments a) {
        if (app.forwarding.running()) {
            app.console.error("Please stop forwarding first");
            return;
        }
        Port port = a.port();
        if (port == null) {
            return;
        }
        if (port.state() != Port.State.STARTED) {
            app.console.error("Please start port " + port.id() + " first");
            return;
        }
        int q = a.integer("queue");
        boolean rx = a.is("side", "rxq");
        int queues = rx ? port.config().rxQueues() : port.config().txQueues();
        if (q >= queues) {
            app.console.error("Invalid " + (rx ? "RX" : "TX") + " queue " + q + " (must be < nb_" + (rx ? "rx" : "tx") + "q="
                    + queues + ")");
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
        PortSettings own = app.portSettings.get(port.id());
        boolean[] queues = a.is("side", "rxq") ? own.rxDeferred : own.txDeferred;
        int q = a.integer("queue");
        if (q >= queues.length) {
            app.console.error("Invalid queue " + q + " (must be < " + queues.length + ")");
            return;
        }
        queues[q] = a.on("on");
        own.requeue = true;
    }

    private boolean stopped() {
        boolean stopped = app.ports.list().stream().noneMatch(p -> p.state() == Port.State.STARTED);
        if (!stopped) {
            app.console.error("Please stop all ports first");
        }
        return stopped;
    }

    private void reconfigure() {
        app.portSettings.values().forEach(p -> {
            p.reconfigure = true;
            p.requeue = true;
        });
        app.forwarding.set();
    }

    private void queues(Arguments a) {
        if (!stopped()) {
            return;
        }
        int n = a.integer("n");
        boolean rx = a.text("what").startsWith("rx");
        if (a.text("what").endsWith("d")) {
            s.rxDescriptors = rx ? n : s.rxDescriptors;
            s.txDescriptors = rx ? s.txDescriptors : n;
            app.portSettings.values().forEach(p -> java.util.Arrays.fill(rx ? p.rxDescriptors : p.txDescriptors, n));
        } else {
            if (n == 0 && (rx ? s.txQueues : s.rxQueues) == 0) {
                app.console.error("Warning: Either rx or tx queues should be non zero");
                return;
            }
            int max = app.ports.list().stream().mapToInt(p -> rx ? Math.max(64, p.info().maxRxQueues()) : p.info().maxTxQueues())
                    .min().orElse(0);
            if (n > max) {
                app.console.error("Fail: input " + (rx ? "rxq" : "txq") + " (" + n + ") can't be greater than max_"
                        + (rx ? "rx" : "tx") + "_queues (" + max + ") of port 0");
                return;
            }
            s.rxQueues = rx ? n : s.rxQueues;
            s.txQueues = rx ? s.txQueues : n;
        }
        reconfigure();
    }

    private void maxPacketLength(Arguments a) {
        if (stopped()) {
            int n = a.integer("n");
            if (n < 64) {
                app.console.error("max-pkt-len can not be less than 64");
                return;
            }
            s.maxPacketLength = n;
            app.portSettings.values().forEach(p -> p.mtu = n - OVERHEAD);
            reconfigure();
        }
    }

    private void burst(Arguments a) {
        if (!stopped()) {
            return;
        }
        int n = a.integer("n");
        if (n == 0) {
            app.console.println("PMD does not recommend a burst size.\nUser provided value must be between 1 and "
                    + Stream.MAX_BURST);
        } else if (n > Stream.MAX_BURST) {
            app.console.error("burst must be >= 1 && <= " + Stream.MAX_BURST);
        } else {
            s.burst = n;
            reconfigure();
        }
    }

    private void threshold(Arguments a) {
        if (stopped()) {
            int n = a.integer("n");
            switch (a.text("what")) {
                case "txfreet" -> s.txFreeThreshold = n;
                case "txrst" -> s.txRsThreshold = n;
                default -> s.rxFreeThreshold = n;
            }
            reconfigure();
        }
    }

    private void rss(Arguments a) {
        String word = a.text("types");
        long bits = word.equals("default") ? -1 : RssNames.bits(word);
        if (bits == -1 && !word.equals("default")) {
            app.console.error("Unknown parameter");
            return;
        }
        for (Port port : app.ports.list()) {
            long can = port.info().rssTypes();
            if (bits != -1 && (bits & can) != bits) {
                app.console.println("Port " + port.id() + " modified RSS hash function based on hardware support,requested:0x"
                        + Long.toHexString(bits) + " configured:0x" + Long.toHexString(bits & can));
            }
        }
        if (bits != -1) {
            s.rssTypes = bits;
            app.console.println("rss_hf " + (bits == 0 ? "0" : "0x" + Long.toHexString(bits)));
        }
        app.portSettings.values().forEach(p -> p.reconfigure = true);
    }

    private void reta(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        int size = port.info().retaSize();
        if (size == 0) {
            app.console.error("Redirection table size is 0 which is invalid for RSS");
            return;
        }
        app.console.println("The reta size of port " + port.id() + " is " + size);
        String text = a.text("list");
        if (!text.matches("\\(\\d{1,9},\\d{1,9}\\)(,\\(\\d{1,9},\\d{1,9}\\))*")) {
            app.console.error("Invalid RSS Redirection Table config entered");
            return;
        }
        for (String pair : text.substring(1, text.length() - 1).split("\\),\\(")) {
            int comma = pair.indexOf(',');
            port.rss().reta(Integer.parseInt(pair.substring(0, comma)), Integer.parseInt(pair.substring(comma + 1)));
        }
    }

    private void mtu(Arguments a) {
        Port port = a.portOrList();
        if (port == null) {
            return;
        }
        try {
            port.filters().mtu(a.integer("mtu"));
            app.portSettings.get(port.id()).mtu = a.integer("mtu");
        } catch (RuntimeException e) {
            app.console.error("Set MTU failed. " + e.getMessage());
        }
    }

    private void offload(Arguments a, boolean rx) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        if (port.state() == Port.State.STARTED) {
            app.console.error("Error: Can't config offload when Port " + port.id() + " is not stopped");
            return;
        }
        long bit = OffloadNames.bit(a.text("name"), rx);
        if (bit == 0) {
            app.console.error("Unknown offload name: " + a.text("name"));
            return;
        }
        PortSettings own = app.portSettings.get(port.id());
        long bits = rx ? own.rxOffloads : own.txOffloads;
        bits = a.on("on") ? bits | bit : bits & ~bit;
        own.rxOffloads = rx ? bits : own.rxOffloads;
        own.txOffloads = rx ? own.txOffloads : bits;
        own.reconfigure = true;
        own.requeue = true;
    }
}
