package dev.penstock.apps.overheads;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.RxWaiter;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;

/** Sends back each frame through a port, for ever. */
final class PortEcho {
    static final int BURST = 32;

    private PortEcho() {}

    /** A process with one pool, whose log says only what went wrong. */
    static Eal eal(int cpu) {
        return Eal.start("--in-memory", "--no-telemetry", "--log-level", "error", "-l", Integer.toString(cpu));
    }

    static MbufPool pool(Eal eal) {
        return MbufPool.create(eal, "packets", 8191, 250, MbufPool.DEFAULT_DATA_ROOM, -1);
    }

    static Port open(Ports ports, String device, MbufPool pool) {
        Port port = ports.attach(device);
        port.configure(PortConfig.of(1, 1).withInterrupts(false, true));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        return port;
    }

    /** @param emptyTurns after how many looks in vain it sleeps, 0 for never */
    static void run(String device, int emptyTurns, int cpu) {
        try (Eal eal = eal(cpu); Ports ports = new Ports(eal); RxWaiter waiter = new RxWaiter(Math.max(1, emptyTurns))) {
            Port port = open(ports, device, pool(eal));
            waiter.add(port, 0);
            eal.mainLcore().launch(self -> {
                Ready.say();
                Mbuf[] burst = new Mbuf[BURST];
                while (!self.stopRequested()) {
                    int n = turn(port, burst);
                    if (emptyTurns > 0) {
                        waiter.polled(n);
                    }
                }
                return 0;
            });
            eal.mainLcore().await();
        }
    }

    private static int turn(Port port, Mbuf[] burst) {
        int n = port.rxBurst(0, burst, BURST);
        if (n == 0) {
            return 0;
        }
        for (int i = 0; i < n; i++) {
            Mbuf m = burst[i];
            if (m.dataLen() >= Frame.BYTES) {
                m.swapMacs();
                int from = m.getInt(Frame.IP_SOURCE);
                m.putInt(Frame.IP_SOURCE, m.getInt(Frame.IP_DESTINATION));
                m.putInt(Frame.IP_DESTINATION, from);
            }
        }
        int sent = port.txBurst(0, burst, 0, n);
        if (sent < n) {
            Mbuf.freeBulk(burst, sent, n - sent);
        }
        return n;
    }
}
