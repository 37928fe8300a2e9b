package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Console;
import dev.penstock.ethdev.Port;

/** Prints how the ports' queues are set up (show config rxtx, and at start). */
final class RxTxConfig {
    private final Testpmd app;

    RxTxConfig(Testpmd app) {
        this.app = app;
    }

    void show() {
        Settings s = app.settings;
        Console out = app.console;
        out.println("  " + s.mode.word() + " packet forwarding" + (s.retry ? " with retry" : "") + " packets/burst=" + s.burst);
        if (s.mode == Mode.TXONLY || s.mode == Mode.FLOWGEN) {
            out.println("  packet len=" + s.txLength() + " - nb packet segments=" + s.txLengths.length);
        }
        out.println("  nb forwarding cores=" + s.cores + " - nb forwarding ports=" + s.ports);
        for (Port port : app.ports.list()) {
            PortSettings own = app.portSettings.get(port.id());
            out.println("  port " + port.id() + ": RX queue number: " + s.rxQueues + " Tx queue number: " + s.txQueues);
            out.println("    Rx offloads=0x" + Long.toHexString(own.rxOffloads) + " Tx offloads=0x"
                    + Long.toHexString(own.txOffloads));
            out.println("    RX queue: 0");
            out.println("      RX desc=" + first(own.rxDescriptors) + " - RX free threshold=" + Math.max(0, s.rxFreeThreshold));
            out.println("      RX threshold registers: " + thresholds(s.rxThresholds));
            out.println("      RX Offloads=0x" + Long.toHexString(own.rxOffloads | first(own.rxQueueOffloads)));
            out.println("    TX queue: 0");
            out.println("      TX desc=" + first(own.txDescriptors) + " - TX free threshold=" + Math.max(0, s.txFreeThreshold));
            out.println("      TX threshold registers: " + thresholds(s.txThresholds));
            out.println("      TX offloads=0x" + Long.toHexString(own.txOffloads | first(own.txQueueOffloads))
                    + " - TX RS bit threshold=" + Math.max(0, s.txRsThreshold));
        }
    }

    private static String thresholds(int[] t) {
        return "pthresh=" + Math.max(0, t[0]) + " hthresh=" + Math.max(0, t[1]) + "  wthresh=" + Math.max(0, t[2]);
    }

    private static int first(int[] values) {
        return values.length == 0 ? 0 : values[0];
    }

    private static long first(long[] values) {
        return values.length == 0 ? 0 : values[0];
    }
}
