package dev.penstock.examples.router;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxBuffer;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.lpm.Lpm;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.net.Checksum;
import dev.penstock.net.EtherType;
import dev.penstock.net.Ethernet;
import dev.penstock.net.Ipv4;
import java.util.Arrays;

/** Routes IPv4 between its ports: 198.18.N.0/24 leaves port N, to the neighbour 02:00:00:00:00:0N. */
public final class StaticRouter {
    private static final int BURST = 32;
    private static final long NEIGHBOUR = 0x0200_0000_0000L;
    private final Port[] ports;
    private final TxBuffer[] out;
    private final Lpm routes = new Lpm(256, 1);
    private final Mbuf[] burst = new Mbuf[BURST];
    private final int[] destinations = new int[BURST];
    private final int[] hops = new int[BURST];
    long dropped;

    StaticRouter(Port... ports) {
        this.ports = ports;
        out = Arrays.stream(ports).map(port -> new TxBuffer(port, 0, BURST)).toArray(TxBuffer[]::new);
        for (int n = 0; n < ports.length; n++) {
            routes.add(198 << 24 | 18 << 16 | n << 8, 24, n);
        }
    }

    /** Routes what one port has received. */
    void poll(Port from) {
        int n = keepValid(from.rxBurst(0, burst, BURST));
        routes.lookupBulk(destinations, hops, n);
        for (int i = 0; i < n; i++) {
            if (hops[i] == Lpm.NO_ROUTE || Ipv4.decrementTtl(burst[i], Ethernet.LENGTH) == 0) {
                burst[i].free();
                dropped++;
            } else {
                Ethernet.addresses(burst[i], 0, NEIGHBOUR | hops[i], ports[hops[i]].filters().mac());
                out[hops[i]].add(burst[i]);
            }
        }
        for (TxBuffer buffer : out) {
            buffer.flush();
        }
    }

    /** Moves what is IPv4 and sound to the front, with its destination; drops the rest. */
    private int keepValid(int received) {
        int kept = 0;
        for (int i = 0; i < received; i++) {
            Mbuf m = burst[i];
            if (Ethernet.check(m, 0) > 0 && Ethernet.etherType(m, 0) == EtherType.IPV4 && Ipv4.check(m, Ethernet.LENGTH) > 0
                    && Checksum.verifyIpv4(m, Ethernet.LENGTH)) {
                burst[kept] = m;
                destinations[kept++] = Ipv4.dst(m, Ethernet.LENGTH);
            } else {
                m.free();
                dropped++;
            }
        }
        return kept;
    }

    /**
     * Routes between devices until it is ended.
     *
     * @param devices such as {@code net_af_packet0,iface=eth0}
     */
    public static void main(String[] devices) {
        Thread.setDefaultUncaughtExceptionHandler((_, e) -> System.err.println("03-router: " + e.getMessage()));
        if (devices.length == 0) {
            throw new IllegalArgumentException("name its devices, such as net_af_packet0,iface=eth0 net_af_packet1,iface=eth1");
        }
        try (Eal eal = Eal.start("--in-memory"); Ports all = new Ports(eal)) {
            MbufPool pool = MbufPool.create(eal, "packets", 8191, 250, MbufPool.DEFAULT_DATA_ROOM, -1);
            StaticRouter router = new StaticRouter(Arrays.stream(devices).map(d -> open(all.attach(d), pool)).toArray(Port[]::new));
            while (true) {
                Arrays.stream(router.ports).forEach(router::poll);
            }
        }
    }

    static Port open(Port port, MbufPool pool) {
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        return port;
    }
}
