package dev.penstock.examples.exceptionpath;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.ExceptionPath;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.net.EtherType;
import dev.penstock.net.Ethernet;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Udp;
import java.io.IOException;
import java.io.OutputStream;

/** Echoes UDP on the fast path; whatever else the port receives, ARP, ping, SSH, the kernel answers. */
public final class EchoWithKernel {
    private static final int BURST = 32;
    private static final int ECHO = 7;
    private static final int IP = Ethernet.LENGTH;
    private static final int UDP = IP + 20;

    private EchoWithKernel() {}

    /**
     * Runs until standard input ends.
     *
     * @param args the device, and the name of the interface that stands for it in the kernel
     * @throws java.io.IOException when standard input can't be read
     */
    public static void main(String[] args) throws IOException {
        Thread.setDefaultUncaughtExceptionHandler((_, e) -> System.err.println("02-exception-path: " + e.getMessage()));
        if (args.length != 2) {
            throw new IllegalArgumentException("name a device and an interface to make, such as net_af_xdp0,iface=eth1 mgmt0");
        }
        try (Eal eal = Eal.start("--in-memory"); Ports ports = new Ports(eal)) {
            MbufPool pool = MbufPool.create(eal, "packets", 8191, 250, MbufPool.DEFAULT_DATA_ROOM, -1);
            Port port = ports.attach(args[0]);
            port.configure(PortConfig.of(1, 1));
            port.setupRxQueue(0, RxQueueConfig.of(pool));
            port.setupTxQueue(0, TxQueueConfig.DEFAULT);
            port.start();
            try (ExceptionPath path = ExceptionPath.open(ports, port, args[1], pool)) {
                Thread loop = Thread.ofPlatform().start(() -> loop(port, path));
                System.out.println("ready; give " + args[1] + " an address: ip address add 198.18.0.1/24 dev " + args[1]);
                System.in.transferTo(OutputStream.nullOutputStream());
                loop.interrupt();
                loop.join();
                path.xstats().forEach(x -> System.out.println(x.name() + " " + x.value()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void loop(Port port, ExceptionPath path) {
        Mbuf[] burst = new Mbuf[BURST];
        Mbuf[] others = new Mbuf[BURST];
        while (!Thread.currentThread().isInterrupted()) {
            int n = port.rxBurst(0, burst, BURST);
            int echoes = 0;
            for (int i = 0; i < n; i++) {
                if (isEcho(burst[i])) {
                    turnRound(burst[i]);
                    burst[echoes++] = burst[i];
                } else {
                    others[i - echoes] = burst[i];
                }
            }
            path.toKernel(others, 0, n - echoes);
            send(port, burst, echoes);
            send(port, others, path.fromKernel(others, BURST));
        }
    }

    private static boolean isEcho(Mbuf m) {
        return m.dataLen() >= UDP + Udp.LENGTH && Ethernet.etherType(m, 0) == EtherType.IPV4
                && Ipv4.protocol(m, IP) == IpProtocol.UDP && Udp.dstPort(m, UDP) == ECHO;
    }

    private static void turnRound(Mbuf m) {
        m.swapMacs();
        int source = Ipv4.src(m, IP);
        Ipv4.src(m, IP, Ipv4.dst(m, IP));
        Ipv4.dst(m, IP, source);
        Udp.swapPorts(m, UDP);
    }

    private static void send(Port port, Mbuf[] packets, int n) {
        int sent = port.txBurst(0, packets, 0, n);
        Mbuf.freeBulk(packets, sent, n - sent);
    }
}
