package dev.penstock.apps.testpmd;

import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.Port;
import dev.penstock.net.MacAddress;
import java.util.ArrayList;
import java.util.List;

/** Which streams there are, and which lcore runs which, as the settings say. */
final class StreamPlan {
    private static boolean warned;

    final List<Port> ports = new ArrayList<>();
    final List<Lcore> lcores = new ArrayList<>();
    final List<Stream> streams = new ArrayList<>();

    private final Testpmd app;

    StreamPlan(Testpmd app) {
        this.app = app;
        Settings s = app.settings;
        s.portList.subList(0, s.ports).forEach(id -> ports.add(app.ports.port(id)));
        boolean echo = s.mode == Mode.ICMPECHO;
        int queues = echo ? s.rxQueues : s.rxQueues > 1 && s.txQueues > 1 ? Math.min(s.rxQueues, s.txQueues) : 1;
        if (echo) {
            for (Port port : ports) {
                for (int q = 0; q < queues; q++) {
                    streams.add(new Stream(port, q, port, q));
                }
            }
        } else {
            for (int q = 0; q < queues; q++) {
                for (int i = 0; i < ports.size(); i++) {
                    streams.add(new Stream(ports.get(i), q, ports.get(target(i)), q));
                }
            }
        }
        int cores = Math.min(s.cores, streams.size());
        s.coreList.subList(0, cores).forEach(id -> lcores.add(app.eal.lcore(id)));
    }

    private int target(int i) {
        int n = ports.size();
        return switch (app.settings.topology) {
            case CHAINED -> (i + 1) % n;
            case LOOP -> i;
            case PAIRED -> {
                if (i % 2 == 1) {
                    yield i - 1;
                }
                if (i + 1 < n) {
                    yield i + 1;
                }
                if (!warned) {
                    warned = true;
                    app.console.error("\nWarning! port-topology=paired and odd forward ports number, the last port will pair"
                            + " with itself.\n");
                }
                yield i;
            }
        };
    }

    /** The streams of the i-th lcore: as many each, the last ones one more when they do not divide. */
    Stream[] streamsOf(int i) {
        int each = streams.size() / lcores.size();
        int extra = streams.size() % lcores.size();
        int plain = lcores.size() - extra;
        int from = i * each + Math.max(0, i - plain);
        return streams.subList(from, from + each + (i >= plain ? 1 : 0)).toArray(Stream[]::new);
    }

    /** Prints it. */
    void show() {
        Settings s = app.settings;
        app.console.println(s.mode.word() + " packet forwarding" + (s.retry ? " with retry" : "") + " - ports=" + ports.size()
                + " - cores=" + lcores.size() + " - streams=" + streams.size() + " - NUMA support "
                + (s.numa ? "enabled" : "disabled") + ", MP allocation mode: " + s.allocation);
        if (s.retry) {
            app.console.println("TX retry num: " + s.retries + ", delay between TX retries: " + s.retryDelayUs + "us");
        }
        for (int i = 0; i < lcores.size(); i++) {
            Stream[] own = streamsOf(i);
            app.console.print("Logical Core " + lcores.get(i).id() + " (socket " + Math.max(0, lcores.get(i).socket())
                    + ") forwards packets on " + own.length + " streams:");
            for (Stream one : own) {
                app.console.print("\n  RX P=" + one.rx.id() + "/Q=" + one.rxQueue + " (socket 0) -> TX P=" + one.tx.id() + "/Q="
                        + one.txQueue + " (socket 0) peer=" + MacAddress.format(s.peers[one.peer]).toUpperCase());
            }
            app.console.print("\n");
        }
        app.console.print("\n");
    }
}
