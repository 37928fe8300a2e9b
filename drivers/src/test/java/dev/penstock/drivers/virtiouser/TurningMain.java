package dev.penstock.drivers.virtiouser;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.util.List;

/** A process of its own with a vhost port that sends back all that it receives, until it is killed. */
public final class TurningMain {
    private TurningMain() {}

    public static void main(String[] devargs) {
        Eal eal = Eal.start(System.out::println, "--no-huge", "--in-memory", "-l", "0");
        MbufPool pool = MbufPool.create(eal, "pool", 1023, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
        Port port = new Ports(eal).attach(devargs[0]);
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        Mbuf[] burst = new Mbuf[KilledBackEndTest.BURST];
        while (true) {
            int n = port.rxBurst(0, burst, burst.length);
            for (int sent = 0; sent < n;) {
                sent += port.txBurst(0, burst, sent, n - sent);
            }
            if (n == 0) {
                Thread.yield();
            }
        }
    }

    /** The command that starts this. */
    static List<String> command(String devargs) {
        return List.of(System.getProperty("java.home") + "/bin/java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), TurningMain.class.getName(), devargs);
    }
}
