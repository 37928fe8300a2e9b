package dev.penstock.examples.forwarder;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;

/** Forwards what comes in at one port out at another, and says how much: the smallest whole program. */
public final class Forwarder {
    private static final int BURST = 32;

    private Forwarder() {}

    /**
     * Runs for a second.
     *
     * @param args the two devices; two null ports when there are none
     */
    public static void main(String[] args) {
        Thread.setDefaultUncaughtExceptionHandler((_, e) -> System.err.println("01-forwarder: " + e.getMessage()));
        String in = args.length > 0 ? args[0] : "net_null0";
        String out = args.length > 1 ? args[1] : "net_null1";
        try (Eal eal = Eal.start("--in-memory"); Ports ports = new Ports(eal)) {
            MbufPool pool = MbufPool.create(eal, "packets", 8191, 250, MbufPool.DEFAULT_DATA_ROOM, -1);
            Port from = open(ports, in, pool);
            Port to = open(ports, out, pool);
            forward(from, to, System.nanoTime() + 1_000_000_000L);
            System.out.printf("received %d, sent %d packets%n", from.stats().rxPackets(), to.stats().txPackets());
        }
    }

    private static Port open(Ports ports, String device, MbufPool pool) {
        Port port = ports.attach(device);
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        return port;
    }

    static void forward(Port from, Port to, long untilNs) {
        Mbuf[] burst = new Mbuf[BURST];
        while (System.nanoTime() < untilNs) {
            int received = from.rxBurst(0, burst, BURST);
            int sent = to.txBurst(0, burst, 0, received);
            Mbuf.freeBulk(burst, sent, received - sent);
        }
    }
}
