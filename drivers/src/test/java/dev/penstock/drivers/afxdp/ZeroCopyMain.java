package dev.penstock.drivers.afxdp;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.ethdev.Xstat;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Run in a machine whose eth0 and eth1 are joined: sends frames both ways between ports on them and tells how they came. */
public final class ZeroCopyMain {
    private static final int BURST = 32;
    private static final long PATIENCE_NS = 5_000_000_000L;

    private ZeroCopyMain() {}

    /**
     * Prints what the ports log, how many frames came as they were sent, and what the ports and the kernel have counted.
     *
     * @param args device arguments of both ports behind their interfaces, bursts each way, EAL arguments
     * @throws IOException when the kernel does not tell
     */
    public static void main(String[] args) throws IOException {
        try (Eal eal = Eal.start(line -> System.out.println("log " + line), Arrays.copyOfRange(args, 2, args.length))) {
            MbufPool pool = MbufPool.create(eal, "pool", 4095, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            Ports ports = new Ports(eal);
            List<Port> both = List.of(started(ports, pool, "net_af_xdp0,iface=eth0" + args[0]),
                    started(ports, pool, "net_af_xdp1,iface=eth1" + args[0]));
            SplittableRandom random = new SplittableRandom(1);
            long polled = busyPolled();
            long interrupts = interrupts();
            int intact = 0;
            for (int round = 0; round < Integer.parseInt(args[1]); round++) {
                intact += exchange(pool, both.get(round & 1), both.get(~round & 1), random);
            }
            System.out.println("intact " + intact);
            System.out.println("busy polled " + (busyPolled() - polled) + " interrupts " + (interrupts() - interrupts));
            for (Port port : both) {
                for (Xstat x : port.xstats()) {
                    System.out.println(port.name() + " " + x.name() + " " + x.value());
                }
                port.close();
            }
            System.out.println("left " + pool.inUseCount());
        }
    }

    private static Port started(Ports ports, MbufPool pool, String devargs) {
        Port port = ports.attach(devargs);
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, new RxQueueConfig(pool, 256, 0, false, 0));
        port.setupTxQueue(0, new TxQueueConfig(256, 0, false, 0));
        port.start();
        port.filters().promiscuous(true);
        return port;
    }

    /** Sends a burst of random frames and waits for it; how many came as they were sent. */
    private static int exchange(MbufPool pool, Port from, Port to, SplittableRandom random) {
        List<byte[]> sent = new ArrayList<>();
        Mbuf[] burst = new Mbuf[BURST];
        for (int i = 0; i < BURST; i++) {
            byte[] frame = new byte[random.nextInt(60, 1515)];
            random.nextBytes(frame);
            frame[0] = 2;
            sent.add(frame);
            burst[i] = pool.alloc();
            burst[i].append(frame.length);
            burst[i].write(0, frame, 0, frame.length);
        }
        long end = System.nanoTime() + PATIENCE_NS;
        int given = 0;
        int came = 0;
        Mbuf[] got = new Mbuf[BURST];
        while (came < BURST && System.nanoTime() < end) {
            given += from.txBurst(0, burst, given, BURST - given);
            int n = to.rxBurst(0, got, BURST);
            for (int i = 0; i < n; i++) {
                byte[] frame = new byte[got[i].pktLen()];
                got[i].read(0, frame, 0, frame.length);
                got[i].free();
                if ((frame[0] & 1) != 0) {
                    // to a group: the kernel itself looks for IPv6 routers on the interfaces
                    continue;
                }
                came++;
                // the emulated device has been seen to turn the first two round
                if (!sent.removeIf(s -> Arrays.equals(s, frame))) {
                    System.out.println("WRONG: " + to.name() + " received " + frame.length + " bytes that were not sent");
                }
            }
        }
        Mbuf.freeBulk(burst, given, BURST - given);
        return BURST - sent.size();
    }

    /** What the kernel counts as received by busy polling, in all of this namespace. */
    private static long busyPolled() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/net/netstat"));
        List<String> names = List.of(lines.get(0).split(" "));
        return Long.parseLong(lines.get(1).split(" ")[names.indexOf("BusyPollRxPackets")]);
    }

    private static long interrupts() throws IOException {
        return Files.readAllLines(Path.of("/proc/interrupts")).stream().filter(l -> l.contains("-input."))
                .mapToLong(l -> Arrays.stream(l.strip().split("\\s+")).skip(1).takeWhile(w -> w.matches("\\d+")).mapToLong(Long::parseLong).sum())
                .sum();
    }
}
