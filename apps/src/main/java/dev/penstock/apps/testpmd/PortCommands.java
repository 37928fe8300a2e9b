package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.Port;
import java.util.Arrays;
import java.util.function.Consumer;
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
        c.add("device detach <device:text>", "take the port of a device away, such as net_null0", a -> app.control.detach(a.text("device")));
        c.section("ports");
        c.add("port config all <what:rxq|txq|rxd|txd> <n:u16>", "queues a port, descriptors a queue", this::queues);
        c.add("port config all max-pkt-len <n:u32>", "longest frame", this::maxPacketLength);
        c.add("port config all burst <n:u16>", "packets a burst", this::burst);
        c.add("port config all <what:txfreet|txrst|rxfreet|txpt|txht|txwt|rxpt|rxht|rxwt> <n:u16>", "thresholds", this::threshold);
        String speeds = "<speed:10|100|1000|10000|25000|40000|50000|100000|200000|auto> duplex <duplex:half|full|auto>";
        c.add("port config all speed " + speeds, "has no effect: ports here have no speed to choose", this::speed);
        c.add("port config <port:u16> speed " + speeds, "the same", this::speed);
        c.add("port config all loopback <mode:u32>", "has no effect: ports here have no loopback", this::stoppedNote);
        c.add("port config <port:u16> loopback <mode:u32>", "the same", this::stoppedNote);
        c.add("port config all max-lro-pkt-size <n:u32>", "has no effect: ports here limit it themselves", this::stoppedNote);
        c.add("port config all drop-en <on:on|off>", "has no effect: a full queue drops, and counts, always", this::stoppedNote);
        c.add("port config mtu <port:u16> <mtu:u16>", "longest payload", this::mtu);
        c.add("port config <port:u16> rx_offload <name:" + OffloadNames.words(true) + "> <on:on|off>", "one receive offload",
                a -> offload(a, true));
        c.add("port config <port:u16> tx_offload <name:" + OffloadNames.words(false) + "> <on:on|off>", "one transmit offload",
                a -> offload(a, false));
        c.add("port config <port:u16> tx_metadata <value:u32>", "metadata of all packets that are sent; 0 for none", this::metadata);
        c.add("port config <port:u16> dynf <name:text> <do:set|clear>", "a dynamic flag of all packets that are sent", this::dynamicFlag);
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
            app.portSettings.values().forEach(p -> Arrays.fill(rx ? p.rxDescriptors : p.txDescriptors, n));
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
                case "rxfreet" -> s.rxFreeThreshold = n;
                default -> {
                    int[] registers = a.text("what").startsWith("rx") ? s.rxThresholds : s.txThresholds;
                    registers["phw".indexOf(a.text("what").charAt(2))] = n;
                }
            }
            reconfigure();
        }
    }

    private void speed(Arguments a) {
        if (!stopped() || a.has("port") && a.port() == null) {
            return;
        }
        if (a.is("duplex", "half") && !a.text("speed").matches("100?|auto")) {
            app.console.error("Invalid speed/duplex parameters");
            return;
        }
        stoppedNote(a);
    }

    /** Takes what DPDK takes and says once that nothing comes of it. */
    private void stoppedNote(Arguments a) {
        if (stopped() && (!a.has("port") || a.port() != null)) {
            app.noEffect("port config " + (a.has("speed") ? "speed" : a.has("mode") ? "loopback" : a.has("on") ? "drop-en"
                    : "max-lro-pkt-size"));
        }
    }

    private void mtu(Arguments a) {
        Port port = a.port();
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

    private void metadata(Arguments a) {
        if (a.port() != null) {
            mark(a, marks -> marks.metadata(a.integer("value")));
        }
    }

    private void dynamicFlag(Arguments a) {
        if (a.port() == null) {
            return;
        }
        try {
            long flag = app.dynamicFields.registerFlag(a.text("name"));
            app.dynamicFlags.put(flag, a.text("name"));
            mark(a, marks -> marks.flag(flag, a.is("do", "set")));
        } catch (IllegalArgumentException e) {
            app.console.error("Flag name too long");
        } catch (IllegalStateException e) {
            app.console.error("Can't register flag");
        }
    }

    private void mark(Arguments a, Consumer<TxMarks> change) {
        PortSettings own = app.portSettings.get(a.integer("port"));
        app.forwarding.pause(() -> {
            change.accept(TxMarks.of(app, own));
            TxMarks.attach(a.port(), own);
            Verbose.attach(app, a.port(), own);
        });
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
        PortSettings own = app.portSettings.get(port.id());
        long bits = rx ? own.rxOffloads : own.txOffloads;
        bits = a.on("on") ? bits | bit : bits & ~bit;
        own.rxOffloads = rx ? bits : own.rxOffloads;
        own.txOffloads = rx ? own.txOffloads : bits;
        own.reconfigure = true;
        own.requeue = true;
    }
}
