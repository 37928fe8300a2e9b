package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Console;
import dev.penstock.eal.Clock;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortStats;
import java.util.HashMap;
import java.util.Map;

/** What was forwarded since start or since it was cleared. */
final class ForwardStats {
    private static final String BORDER = "-".repeat(22);
    private static final String TOTAL = "+".repeat(15);

    private final Testpmd app;
    private final Map<Integer, PortStats> before = new HashMap<>();
    private StreamPlan plan;

    ForwardStats(Testpmd app) {
        this.app = app;
    }

    /** Counts from now on. */
    void reset(StreamPlan now) {
        plan = now;
        clear();
    }

    void clear() {
        plan.streams.forEach(Stream::clearCounters);
        plan.ports.forEach(p -> before.put(p.id(), p.stats()));
    }

    /** The port's own counters were cleared. */
    void portCleared(Port port) {
        before.put(port.id(), port.stats());
    }

    void show() {
        Console out = app.console;
        boolean perStream = plan.streams.size() > plan.ports.size();
        if (perStream) {
            plan.streams.forEach(this::stream);
        }
        long received = 0;
        long missed = 0;
        long sent = 0;
        long dropped = 0;
        long noMbuf = 0;
        for (Port port : plan.ports) {
            PortStats now = port.stats();
            PortStats s = now.minus(before.getOrDefault(port.id(), PortStats.ZERO));
            long drops = s.txErrors() + plan.streams.stream().filter(f -> f.tx == port).mapToLong(f -> f.dropped).sum();
            received += s.rxPackets();
            missed += s.rxMissed();
            sent += s.txPackets();
            dropped += drops;
            noMbuf += s.rxNoMbuf();
            out.println("\n  " + BORDER + " Forward statistics for port " + Console.left(port.id(), 2) + " " + BORDER);
            out.println("  " + received(s.rxPackets(), s.rxMissed()));
            if (app.settings.mode == Mode.CSUM) {
                badChecksums(port);
            }
            if (now.rxErrors() + s.rxNoMbuf() > 0) {
                out.println("  RX-error: " + now.rxErrors());
                out.println("  RX-nombufs: " + Console.left(s.rxNoMbuf(), 14));
            }
            out.println("  " + sent(s.txPackets(), drops));
            if (app.settings.recordBursts && !perStream) {
                plan.streams.stream().filter(f -> f.rx == port).forEach(f -> out.print(Bursts.text("RX", f.rxBursts)));
                plan.streams.stream().filter(f -> f.tx == port).forEach(f -> out.print(Bursts.text("TX", f.txBursts)));
            }
            out.println("  " + BORDER + "-".repeat(32) + BORDER);
        }
        out.println("\n  " + TOTAL + " Accumulated forward statistics for all ports" + TOTAL);
        out.println("  " + received(received, missed));
        out.println("  " + sent(sent, dropped));
        if (noMbuf > 0) {
            out.println("  RX-nombufs: " + Console.left(noMbuf, 14));
        }
        out.println("  " + TOTAL + "+".repeat(46) + TOTAL);
        if (app.settings.recordCycles && (received > 0 || sent > 0)) {
            cycles(app.settings.mode == Mode.TXONLY || app.settings.mode == Mode.FLOWGEN ? sent : received);
        }
    }

    /** Received and made packets on one side, sent ones and each kind of drop on the other. */
    void balance() {
        app.console.println("\n  " + BORDER + " Balance of forwarding " + BORDER);
        long[] sum = new long[2];
        for (Stream f : plan.streams) {
            sum[0] += f.rxPackets;
            sum[1] += f.generated;
        }
        line("received", sum[0]);
        line("generated", sum[1]);
        line("sent", plan.streams.stream().mapToLong(f -> f.txPackets).sum());
        line("dropped: tx_queue_full", plan.streams.stream().mapToLong(f -> f.dropped - f.unprepared - f.unqueued).sum());
        line("dropped: tx_prepare_refused", plan.streams.stream().mapToLong(f -> f.unprepared).sum());
        line("dropped: noisy_queue_left", plan.streams.stream().mapToLong(f -> f.unqueued).sum());
        line("ended: " + app.settings.mode.ending(), plan.streams.stream().mapToLong(f -> f.consumed).sum());
        line("merged into others", plan.streams.stream().mapToLong(f -> f.merged).sum());
        line("held by noisy", plan.streams.stream().mapToLong(f -> f.fifo == null ? 0 : f.fifo.count()).sum());
        line("unaccounted", plan.streams.stream().mapToLong(ForwardStats::unaccounted).sum());
    }

    /** What is lost without a name, 0 once forwarding has stopped. */
    static long unaccounted(Stream f) {
        return f.rxPackets + f.generated - f.txPackets - f.dropped - f.consumed - f.merged - (f.fifo == null ? 0 : f.fifo.count());
    }

    private void line(String label, long value) {
        app.console.println("  " + Console.left(label + ":", 36) + " " + value);
    }

    private static String received(long packets, long dropped) {
        return "RX-packets: " + Console.left(packets, 14) + " RX-dropped: " + Console.left(dropped, 14) + "RX-total: "
                + (packets + dropped);
    }

    private static String sent(long packets, long dropped) {
        return "TX-packets: " + Console.left(packets, 14) + " TX-dropped: " + Console.left(dropped, 14) + "TX-total: "
                + (packets + dropped);
    }

    private void badChecksums(Port port) {
        long ip = 0;
        long l4 = 0;
        long outerL4 = 0;
        long outerIp = 0;
        for (Stream f : plan.streams) {
            if (f.rx == port) {
                ip += f.badIpCksum;
                l4 += f.badL4Cksum;
                outerL4 += f.badOuterL4Cksum;
                outerIp += f.badOuterIpCksum;
            }
        }
        app.console.println("  Bad-ipcsum: " + Console.left(ip, 14) + " Bad-l4csum: " + Console.left(l4, 14)
                + "Bad-outer-l4csum: " + Console.left(outerL4, 14));
        app.console.println("  Bad-outer-ipcsum: " + Console.left(outerIp, 14));
    }

    private void cycles(long packets) {
        long sum = plan.streams.stream().mapToLong(f -> f.cycles).sum();
        app.console.println(String.format("%n  CPU cycles/packet=%.2f (total cycles=%d / total %s packets=%d) at %d MHz Clock",
                packets == 0 ? Double.NaN : (double) sum / packets, sum, app.settings.mode.word(), packets,
                Clock.hz() / 1_000_000));
    }

    private void stream(Stream f) {
        if (f.rxPackets == 0 && f.txPackets == 0 && f.dropped == 0) {
            return;
        }
        Console out = app.console;
        out.println("\n  ------- Forward Stats for RX Port=" + Console.right(f.rx.id(), 2) + "/Queue="
                + Console.right(f.rxQueue, 2) + " -> TX Port=" + Console.right(f.tx.id(), 2) + "/Queue="
                + Console.right(f.txQueue, 2) + " -------");
        out.print("  RX-packets: " + Console.left(f.rxPackets, 14) + " TX-packets: " + Console.left(f.txPackets, 14)
                + " TX-dropped: " + Console.left(f.dropped, 14));
        if (app.settings.mode == Mode.CSUM) {
            out.println("  RX- bad IP checksum: " + Console.left(f.badIpCksum, 14) + "  Rx- bad L4 checksum: "
                    + Console.left(f.badL4Cksum, 14) + " Rx- bad outer L4 checksum: " + Console.left(f.badOuterL4Cksum, 14));
            out.println(" RX- bad outer IP checksum: " + Console.left(f.badOuterIpCksum, 14));
        } else {
            out.println("");
        }
        if (app.settings.recordBursts) {
            out.print(Bursts.text("RX", f.rxBursts));
            out.print(Bursts.text("TX", f.txBursts));
        }
    }
}
