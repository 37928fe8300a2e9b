package dev.penstock.vswitch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.NetNamespace;
import dev.penstock.testkit.VethPair;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Namespaces of the kernel's as machines on a switch's ports. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class NamespacesTest {
    /** A namespace with an interface, whose other end is a port of a switch. */
    static void machine(NetNamespace hub, NetNamespace ns, String name, String address) {
        VethPair.create(hub, name, ns, "eth0");
        ns.run("ethtool", "-K", "eth0", "tx", "off", "tso", "off", "gso", "off");
        ns.run("ip", "address", "add", address, "dev", "eth0");
    }

    static Port port(NetNamespace hub, Ports ports, String vdev, MbufPool pool) {
        return hub.within(() -> {
            Port port = ports.attach(vdev);
            port.configure(PortConfig.of(1, 1));
            port.setupRxQueue(0, RxQueueConfig.of(pool));
            port.setupTxQueue(0, TxQueueConfig.DEFAULT);
            port.start();
            port.filters().promiscuous(true);
            return port;
        });
    }

    static void forward(Lcore lcore, VirtualSwitch vswitch) {
        Forwarder forwarder = vswitch.forwarder(0);
        lcore.launch(self -> {
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

    static void stop(Eal eal) {
        eal.mainLcore().requestStop();
        eal.mainLcore().await();
    }

    private static void ping(NetNamespace from, String to) {
        from.run("ping", "-c", "3", "-i", "0.05", "-W", "2", to);
    }

    private static void noPing(NetNamespace from, String to) {
        assertThrows(IllegalStateException.class, () -> from.run("ping", "-c", "2", "-i", "0.05", "-W", "1", to));
    }

    @Test
    void shouldCarryPingAndTcpBetweenNamespacesAndKeepTenantsApart() throws IOException, InterruptedException {
        try (NetNamespace hub = NetNamespace.create(); NetNamespace a = NetNamespace.create(); NetNamespace b = NetNamespace.create();
                NetNamespace c = NetNamespace.create();
                Eal eal = Eal.start("-l", "0", "--no-huge", "--in-memory", "--no-telemetry"); Ports ports = new Ports(eal)) {
            machine(hub, a, "va", "198.18.0.1/24");
            machine(hub, b, "vb", "198.18.0.2/24");
            machine(hub, c, "vc", "198.18.0.3/24");
            MbufPool pool = MbufPool.create(eal, "rx", 8191, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            VirtualSwitch vswitch = new VirtualSwitch(1, MbufPool.create(eal, "copies", 1023, 0, MbufPool.DEFAULT_DATA_ROOM, -1), 100, 300);
            forward(eal.mainLcore(), vswitch);
            vswitch.add("a", port(hub, ports, "net_af_packet0,iface=va", pool), new PortSettings());
            vswitch.add("b", port(hub, ports, "net_af_packet1,iface=vb", pool), new PortSettings());
            vswitch.add("c", port(hub, ports, "net_af_packet2,iface=vc", pool), new PortSettings().domain("red"));
            ping(a, "198.18.0.2");
            noPing(a, "198.18.0.3");
            vswitch.set("c", new PortSettings());
            ping(a, "198.18.0.3");
            iperf(b, a, "198.18.0.2");
            // A port goes while others talk, and comes back.
            vswitch.remove("b").close();
            noPing(a, "198.18.0.2");
            ping(a, "198.18.0.3");
            vswitch.add("b", port(hub, ports, "net_af_packet1,iface=vb", pool), new PortSettings());
            ping(a, "198.18.0.2");
            stop(eal);
            long sum = vswitch.port("a").statistics().rxPackets();
            assertTrue(sum > 100, sum + " packets");
        }
    }

    private static void iperf(NetNamespace server, NetNamespace client, String address) throws IOException, InterruptedException {
        Process listener = new ProcessBuilder(server.inside("iperf3", "-s", "-1")).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectErrorStream(true).start();
        try {
            String report = null;
            for (int attempt = 0; report == null; attempt++) {
                try {
                    report = client.run("iperf3", "-c", address, "-t", "2", "-f", "m");
                } catch (IllegalStateException e) {
                    // It may not listen yet.
                    if (attempt == 20) {
                        throw e;
                    }
                    Thread.sleep(100);
                }
            }
            assertTrue(report.contains("receiver"), report);
            assertTrue(listener.waitFor(5, TimeUnit.SECONDS));
            assertEquals(0, listener.exitValue());
        } finally {
            listener.destroyForcibly();
        }
    }

    @Test
    void shouldTunnelToTheKernelsVxlan() throws InterruptedException {
        try (NetNamespace hub = NetNamespace.create(); NetNamespace a = NetNamespace.create(); NetNamespace far = NetNamespace.create();
                Eal eal = Eal.start("-l", "0", "--no-huge", "--in-memory", "--no-telemetry"); Ports ports = new Ports(eal)) {
            machine(hub, a, "va", "198.19.0.1/24");
            machine(hub, far, "wan", "198.18.0.2/24");
            a.run("ip", "link", "set", "eth0", "mtu", "1400");
            far.run("ip", "link", "add", "vx9", "type", "vxlan", "id", "900", "local", "198.18.0.2", "remote", "198.18.0.1", "dstport", "4789");
            far.run("ip", "address", "add", "198.19.0.2/24", "dev", "vx9");
            far.run("ip", "link", "set", "vx9", "up");
            MbufPool pool = MbufPool.create(eal, "rx", 8191, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            VirtualSwitch vswitch = new VirtualSwitch(1, MbufPool.create(eal, "copies", 1023, 0, MbufPool.DEFAULT_DATA_ROOM, -1), 100, 300);
            forward(eal.mainLcore(), vswitch);
            vswitch.add("a", port(hub, ports, "net_af_packet0,iface=va", pool), new PortSettings().access(9));
            int us = 0xc612_0001;
            vswitch.addUnderlay("wan", port(hub, ports, "net_af_packet1,iface=wan", pool), new Underlay(us, 24, 0, 1500));
            vswitch.addTunnel("far", "wan", 900, us + 1, new PortSettings().access(9));
            for (int i = 0; vswitch.port("far").tunnel().nextHopMac() == 0 && i < 100; i++) {
                Thread.sleep(50);
            }
            ping(a, "198.19.0.2");
            far.run("ping", "-c", "3", "-i", "0.05", "-W", "2", "-s", "1300", "198.19.0.1");
            stop(eal);
            assertTrue(vswitch.port("far").statistics().txPackets() >= 6, vswitch.port("far").statistics().toString());
            assertEquals(0, vswitch.port("wan").statistics().drops().getOrDefault(Drop.VXLAN_CHECKSUM, 0L));
        }
    }
}
