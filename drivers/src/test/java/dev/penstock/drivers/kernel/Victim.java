package dev.penstock.drivers.kernel;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.MbufPool;
import java.util.ArrayList;
import java.util.List;

/** A process of its own that starts ports and then sleeps, to be killed, or to run without privilege. */
public final class Victim {
    private Victim() {}

    public static void main(String[] devargs) throws Exception {
        Eal eal = Eal.start(System.out::println, "--no-huge", "--in-memory", "-l", "0");
        Ports ports = new Ports(eal);
        MbufPool pool = MbufPool.create(eal, "pool", 255, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
        for (String one : devargs) {
            try {
                Port port = ports.attach(one);
                port.configure(PortConfig.of(1, 1));
                port.setupRxQueue(0, RxQueueConfig.of(pool));
                port.setupTxQueue(0, TxQueueConfig.DEFAULT);
                port.start();
                port.filters().promiscuous(true);
                System.out.println("started " + one);
            } catch (RuntimeException e) {
                System.out.println("refused " + one + ": " + e.getMessage());
            }
        }
        System.out.println("ready");
        Thread.sleep(60_000);
    }

    /** The command that starts this. */
    public static String[] command(String... devargs) {
        List<String> all = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), Victim.class.getName()));
        all.addAll(List.of(devargs));
        return all.toArray(String[]::new);
    }
}
