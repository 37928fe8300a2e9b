package dev.penstock.vswitch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Guest;
import dev.penstock.testkit.GuestImage;
import dev.penstock.testkit.NetNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A switch of two forwarders with a namespace behind a port, for virtual machines to join. Packets must all come back. */
final class GuestBed implements AutoCloseable {
    static final String BOX = "198.18.0.9";
    final NetNamespace hub = NetNamespace.create();
    final NetNamespace box = NetNamespace.create();
    final VirtualSwitch vswitch;
    private final Path folder;
    private final Eal eal = Eal.start("-l", "0,1", "--no-huge", "--in-memory", "--no-telemetry");
    private final Ports ports = new Ports(eal);
    private final MbufPool pool = MbufPool.create(eal, "rx", 16383, 0, 2048 + Mbuf.HEADROOM, -1);
    private final MbufPool copies = MbufPool.create(eal, "copies", 2047, 0, 2048 + Mbuf.HEADROOM, -1);
    private int made;
    /** What ports that are gone have received and copied, less what they sent and dropped. */
    private long gone;

    GuestBed(Path folder) {
        this.folder = folder;
        NamespacesTest.machine(hub, box, "vbox", BOX + "/24");
        vswitch = new VirtualSwitch(2, copies, 100, 300);
        List<Lcore> lcores = eal.lcores();
        for (int i = 0; i < 2; i++) {
            Forwarder forwarder = vswitch.forwarder(i);
            lcores.get(i).launch(self -> {
                forwarder.begin();
                while (!self.stopRequested()) {
                    if (forwarder.poll() == 0) {
                        Thread.yield();
                    }
                }
                forwarder.end();
                return 0;
            });
        }
        addBox(0);
    }

    /** The namespace's port, polled by a forwarder. */
    void addBox(int forwarder) {
        add("box", "net_af_packet0,iface=vbox", 1, new PortSettings().forwarder(forwarder));
    }

    Port add(String name, String vdev, int queues) {
        return add(name, vdev, queues, new PortSettings());
    }

    private Port add(String name, String vdev, int queues, PortSettings settings) {
        Port port = hub.within(() -> {
            Port made = ports.attach(vdev);
            made.configure(VirtualSwitch.config(made, queues));
            for (int q = 0; q < queues; q++) {
                made.setupRxQueue(q, RxQueueConfig.of(pool));
                made.setupTxQueue(q, TxQueueConfig.DEFAULT);
            }
            made.start();
            made.filters().promiscuous(true);
            return made;
        });
        vswitch.add(name, port, settings);
        return port;
    }

    void remove(String name) {
        SwitchPort port = vswitch.port(name);
        vswitch.remove(name).close();
        gone += balance(port.statistics());
    }

    private static long balance(PortStatistics s) {
        return s.rxPackets() + s.originated() + s.copies() - s.txPackets() - s.dropped();
    }

    String socket(String name) {
        return folder.resolve(name).toString();
    }

    /** A port for a machine on a socket of the port's name. */
    Port addVhost(String name, int queues, boolean tso) {
        return add(name, "net_vhost" + ++made + ",iface=" + socket(name) + ",queues=" + queues + ",tso=" + (tso ? 1 : 0), queues);
    }

    Guest boot(String name, int number, int queues, String options) {
        Guest guest = Guest.boot(GuestImage.prepare(), new Guest.Nic(socket(name), false, queues, options));
        up(guest, number);
        return guest;
    }

    static void up(Guest guest, int number) {
        guest.run("ip link set eth0 address 02:00:00:00:01:0" + number + " && ip link set eth0 up && ip address add 198.18.0." + number
                + "/24 dev eth0");
    }

    /** The first answers an ARP request that may have been lost while the other side came up. */
    static void meet(Guest from, String to) {
        from.run("ping -c 1 -W 20 " + to);
    }

    /** Runs an iperf3 server in the namespace for one client. */
    Process serve() {
        try {
            return new ProcessBuilder(box.inside("iperf3", "-s")).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs iperf3 until it reaches its server; what it printed. */
    static String iperf(Guest client, String arguments) {
        for (int attempt = 0;; attempt++) {
            try {
                return client.run("iperf3 -f m -c " + arguments);
            } catch (IllegalStateException e) {
                // The server may not listen yet, or be busy with the end of the one before.
                if (attempt == 10) {
                    throw e;
                }
                client.run("sleep 0.5");
            }
        }
    }

    @Override
    public void close() {
        eal.lcores().forEach(Lcore::requestStop);
        eal.lcores().forEach(Lcore::await);
        long sum = gone;
        for (SwitchPort port : vswitch.ports()) {
            PortStatistics s = port.statistics();
            sum += balance(s);
            assertEquals(0, s.drops().getOrDefault(Drop.BAD_OFFLOAD, 0L) + s.drops().getOrDefault(Drop.BAD_SOURCE, 0L), port.name());
        }
        assertEquals(0, sum, "received + copies - sent - dropped");
        ports.close();
        assertEquals(0, pool.inUseCount() + copies.inUseCount(), "packets that are nowhere");
        eal.close();
        box.close();
        hub.close();
        assertTrue(folder.toFile().isDirectory());
    }
}
