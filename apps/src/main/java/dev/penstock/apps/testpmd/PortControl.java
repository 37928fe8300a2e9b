package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.Link;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.PortEvent;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.net.MacAddress;
import java.util.List;
import java.util.Set;

/** Starts, stops, closes, resets, attaches and detaches ports. */
final class PortControl {
    /** Every port. */
    static final int ALL = 0xffff;

    /** Drivers that know no other state. */
    private static final Set<String> ALL_MULTICAST = Set.of("net_null", "net_ring", "net_pcap");
    private static final int LINK_WAIT_MS = 9000;

    private final Testpmd app;

    PortControl(Testpmd app) {
        this.app = app;
    }

    /** Takes a port into testpmd's care. */
    void adopt(Port port) {
        app.portSettings.put(port.id(), new PortSettings(app.settings));
        if (ALL_MULTICAST.contains(port.info().driver())) {
            receiveMode(port, "allmulti", true);
        }
        port.addListener((p, event) -> {
            if (event == PortEvent.DESTROYED) {
                app.console.println("Port " + p.id() + " is closed");
            }
        });
    }

    /** Starts one port or all; false when one cannot be configured. */
    boolean start(int which) {
        if (which != ALL && app.port(which) == null) {
            return true;
        }
        boolean any = false;
        boolean allStartedBefore = true;
        boolean started = false;
        for (Port port : chosen(which)) {
            any = true;
            if (port.state() == Port.State.STARTED) {
                app.console.error("Port " + port.id() + " is now not stopped");
                continue;
            }
            allStartedBefore = false;
            if (!configure(port)) {
                return false;
            }
            try {
                port.start();
            } catch (RuntimeException e) {
                app.console.error("Fail to start port " + port.id() + ": " + e.getMessage());
                continue;
            }
            app.console.println("Port " + port.id() + ": " + MacAddress.format(port.filters().mac()).toUpperCase());
            started = true;
        }
        if (started && app.settings.linkCheck) {
            checkLinks();
        } else if (any && allStartedBefore) {
            app.console.error("Please stop the ports first");
        }
        app.console.println("Done");
        return true;
    }

    private boolean configure(Port port) {
        PortSettings own = app.portSettings.get(port.id());
        Settings all = app.settings;
        if (own.reconfigure) {
            own.reconfigure = false;
            app.console.println("Configuring Port " + port.id() + " (socket 0)");
            try {
                long rss = all.rxQueues > 1 ? all.rssTypes & port.rss().capabilities() : 0;
                port.configure(PortConfig.of(all.rxQueues, all.txQueues).withOffloads(own.rxOffloads, own.txOffloads)
                        .withRss(rss).withMtu(own.mtu));
            } catch (RuntimeException e) {
                own.reconfigure = true;
                app.console.error(e.getMessage());
                app.console.error("Fail to configure port " + port.id());
                return false;
            }
            own.requeue = true;
        }
        if (own.requeue) {
            own.requeue = false;
            own.queues(all);
            try {
                for (int q = 0; q < all.txQueues; q++) {
                    tx(port, own, q);
                }
            } catch (RuntimeException e) {
                return refused(port, own, "tx", e);
            }
            try {
                for (int q = 0; q < all.rxQueues; q++) {
                    rx(port, own, q);
                }
            } catch (RuntimeException e) {
                return refused(port, own, "rx", e);
            }
            app.measures.watch(port);
            TxMarks.attach(port, own);
            app.flows.requeued(port);
            Verbose.attach(app, port, own);
        }
        return true;
    }

    private void tx(Port port, PortSettings own, int q) {
        port.setupTxQueue(q, new TxQueueConfig(own.txDescriptors[q], own.txQueueOffloads[q], own.txDeferred[q],
                Math.max(0, app.settings.txFreeThreshold)));
    }

    private void rx(Port port, PortSettings own, int q) {
        port.setupRxQueue(q, new RxQueueConfig(app.pools.get(0), own.rxDescriptors[q], own.rxQueueOffloads[q],
                own.rxDeferred[q], Math.max(0, app.settings.rxFreeThreshold)));
    }

    /** Makes one queue of a stopped port anew. */
    void setupQueue(Port port, int queue, boolean rx) {
        PortSettings own = app.portSettings.get(port.id());
        own.queues(app.settings);
        if (rx) {
            rx(port, own, queue);
            app.flows.requeued(port);
        } else {
            tx(port, own, queue);
        }
        app.measures.watch(port, queue, rx);
        TxMarks.attach(port, own);
        Verbose.attach(app, port, own);
    }

    private boolean refused(Port port, PortSettings own, String side, RuntimeException e) {
        own.requeue = true;
        app.console.error(e.getMessage());
        app.console.error("Fail to configure port " + port.id() + " " + side + " queues");
        return false;
    }

    private void checkLinks() {
        app.console.println("Checking link statuses...");
        app.console.flush();
        if (app.settings.linkInterrupt) {
            return;
        }
        long end = System.nanoTime() + LINK_WAIT_MS * 1_000_000L;
        while (app.ports.list().stream().anyMatch(p -> !p.link().up()) && System.nanoTime() < end) {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        for (Port port : app.ports.list()) {
            app.console.println("Port " + port.id() + " " + text(port.link()));
        }
    }

    /** A link in one line, as DPDK writes it. */
    static String text(Link link) {
        return link.up() ? "Link up at " + link.speedText() + (link.fullDuplex() ? " FDX" : " HDX")
                + (link.autoneg() ? " Autoneg" : " Fixed") : "Link down";
    }

    void stop(int which) {
        if (which != ALL && app.port(which) == null) {
            return;
        }
        app.console.println("Stopping ports...");
        boolean stopped = false;
        for (Port port : chosen(which)) {
            if (busy(port) || port.state() != Port.State.STARTED) {
                continue;
            }
            port.stop();
            stopped = true;
        }
        if (stopped && app.settings.linkCheck) {
            checkLinks();
        }
        app.console.println("Done");
    }

    void close(int which) {
        if (which != ALL && app.port(which) == null) {
            return;
        }
        app.console.println("Closing ports...");
        for (Port port : chosen(which)) {
            if (busy(port)) {
                continue;
            }
            if (port.state() == Port.State.STARTED) {
                app.console.error("Cannot close started device (port " + port.id() + ")");
                continue;
            }
            port.close();
            forget(port.id());
        }
        app.console.println("Done");
    }

    private void forget(int id) {
        app.flows.forget(id);
        app.meters.forget(id);
        app.portSettings.remove(id);
        Settings s = app.settings;
        int at = s.portList.indexOf(id);
        if (at >= 0) {
            s.portList.remove(at);
            if (at < s.ports) {
                s.ports--;
            }
        }
    }

    void reset(int which) {
        if (which != ALL && app.port(which) == null) {
            return;
        }
        for (Port port : chosen(which)) {
            if (port.state() == Port.State.STARTED) {
                app.console.error("Can not reset port(s), please stop port(s) first.");
                return;
            }
        }
        app.console.println("Resetting ports...");
        for (Port port : chosen(which)) {
            if (!busy(port)) {
                reset(port);
            }
        }
        app.console.println("Done");
    }

    private void reset(Port port) {
        PortSettings own = app.portSettings.get(port.id());
        try {
            port.reset();
            own.reconfigure = true;
            own.requeue = true;
            app.forwarding.set();
        } catch (RuntimeException e) {
            app.console.error("Failed to reset port " + port.id() + ": " + e.getMessage());
            if (port.state() == Port.State.CLOSED) {
                forget(port.id());
            }
        }
    }

    void attach(String devargs) {
        app.console.println("Attaching a new port...");
        Port port;
        try {
            port = app.ports.attach(devargs);
        } catch (RuntimeException e) {
            app.console.error(e.getMessage());
            app.console.error("testpmd: Failed to attach port " + devargs);
            return;
        }
        adopt(port);
        promiscuous(port, true);
        app.settings.portList.add(app.settings.ports, port.id());
        app.settings.ports++;
        app.console.println("Port " + port.id() + " is attached. Now total ports is " + app.ports.list().size());
        app.console.println("Done");
    }

    /** A port that is stopped. */
    void detach(Port port) {
        app.console.println("Removing a device...");
        remove(port, "Device");
    }

    /** The port of a device, as {@code --vdev} names it. */
    void detach(String device) {
        app.console.println("Removing a device...");
        String name = device.startsWith("vdev:") ? device.substring("vdev:".length()) : device;
        Port port = app.ports.list().stream().filter(p -> p.name().equals(name)).findFirst().orElse(null);
        if (port == null) {
            app.console.error("cannot find device " + device);
            return;
        }
        if (port.state() == Port.State.STARTED) {
            app.console.error("Port " + port.id() + " not stopped");
            return;
        }
        remove(port, "Device " + device);
    }

    private void remove(Port port, String device) {
        port.close();
        forget(port.id());
        app.console.println(device + " is detached");
        app.console.println("Now total ports is " + app.ports.list().size());
        app.console.println("Done");
    }

    /** Puts a port into promiscuous mode, or out of it. */
    void promiscuous(Port port, boolean on) {
        try {
            port.filters().promiscuous(on);
        } catch (RuntimeException e) {
            app.console.error("Error during " + (on ? "enabling" : "disabling") + " promiscuous mode for port " + port.id() + ": "
                    + e.getMessage() + " - ignore");
        }
    }

    /** Sets promisc or allmulti of a port. */
    void receiveMode(Port port, String what, boolean on) {
        if (what.equals("promisc")) {
            promiscuous(port, on);
            return;
        }
        try {
            port.filters().allMulticast(on);
        } catch (RuntimeException e) {
            app.console.error("Error during " + (on ? "enabling" : "disabling") + " all-multicast mode for port " + port.id()
                    + ": " + e.getMessage());
        }
    }

    private boolean busy(Port port) {
        if (app.forwarding.running() && app.forwarding.uses(port)) {
            app.console.error("Please remove port " + port.id() + " from forwarding configuration.");
            return true;
        }
        return false;
    }

    List<Port> chosen(int which) {
        return app.ports.list().stream().filter(p -> which == ALL || p.id() == which).toList();
    }
}
