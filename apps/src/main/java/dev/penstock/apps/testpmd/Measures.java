package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Console;
import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.Port;
import dev.penstock.metrics.BitRates;
import dev.penstock.metrics.LatencyStats;
import dev.penstock.metrics.Metrics;

/** What {@code --latencystats} and {@code --bitrate-stats} ask for: kept by the lcore that they name while it forwards. */
final class Measures implements AutoCloseable {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final String BORDER = "#".repeat(52);

    private final Testpmd app;
    private final Metrics metrics;
    private LatencyStats latency;
    private BitRates rates;

    Measures(Testpmd app) {
        this.app = app;
        metrics = new Metrics(app.eal, app.ports);
    }

    /** Begins with what the options ask for; the ports have not been set up yet. */
    void open() {
        if (app.settings.latencyLcore >= 0) {
            latency = new LatencyStats(metrics, app.pools.get(0).dynamicFields(), 1);
        }
        if (app.settings.bitrateLcore >= 0) {
            rates = new BitRates(metrics);
        }
    }

    /** Measures on a port whose queues are new. */
    void watch(Port port) {
        if (latency != null) {
            latency.watch(port);
        }
    }

    /** Measures on one queue that is new. */
    void watch(Port port, int queue, boolean rx) {
        if (latency != null && rx) {
            latency.watchRx(port, queue);
        } else if (latency != null) {
            latency.watchTx(port, queue);
        }
    }

    /** The engine, or one that does an lcore's part of the statistics besides. */
    Engine serve(Engine engine, Lcore lcore) {
        LatencyStats l = app.settings.latencyLcore == lcore.id() ? latency : null;
        BitRates r = app.settings.bitrateLcore == lcore.id() ? rates : null;
        return l == null && r == null ? engine : new Engine() {
            private long lastNs = System.nanoTime();

            @Override
            int forward(Stream s) {
                int n = engine.forward(s);
                if (l != null) {
                    l.update();
                }
                if (r != null) {
                    long now = System.nanoTime();
                    if (now - lastNs >= SECOND_NS) {
                        lastNs = now;
                        for (Port port : app.ports.list()) {
                            r.update(port);
                        }
                    }
                }
                return n;
            }

            @Override
            void end(Stream s) {
                engine.end(s);
            }
        };
    }

    /** Prints all values, as dpdk-proc-info --metrics does. */
    void show() {
        Console out = app.console;
        if (metrics.names().isEmpty()) {
            out.println("No metrics to display (none have been registered)");
            return;
        }
        for (Port port : app.ports.list()) {
            out.println(String.format("###### metrics for port %-2d #########", port.id()));
            values(port.id());
        }
        out.println("###### Non port specific metrics  #########");
        values(Metrics.GLOBAL);
    }

    private void values(int port) {
        app.console.println(BORDER);
        metrics.values(port).forEach((name, value) -> app.console.println(name + ": " + value));
        app.console.println(BORDER);
    }

    @Override
    public void close() {
        metrics.close();
    }
}
