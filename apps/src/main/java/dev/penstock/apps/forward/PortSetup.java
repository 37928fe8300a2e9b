package dev.penstock.apps.forward;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.ExitException;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.net.MacAddress;
import java.util.ArrayList;
import java.util.List;

/** Starts the ports that a mask chooses, saying what DPDK's sample applications say. */
public final class PortSetup {
    private static final int LINK_WAIT_MS = 9000;
    private static final int DESCRIPTORS = 1024;
    private static final int MIN_MBUFS = 8192;
    private static final int CACHE = 256;
    private static final int FRAME_OVERHEAD = 18;

    private final Eal eal;
    private final Console console;
    /** Whether ports take frames that are not for their address. */
    public boolean promiscuous;
    /** Descriptors of a receive queue, 0 for the driver's own choice. */
    public int rxDescriptors;
    /** Descriptors of a transmit queue, 0 for the driver's own choice. */
    public int txDescriptors;
    /** The longest frame with its check sequence, 0 to leave the MTU. */
    public int maxFrame;

    /**
     * Makes one with nothing chosen.
     *
     * @param eal where pools come from
     * @param console where it says what it does
     */
    public PortSetup(Eal eal, Console console) {
        this.eal = eal;
        this.console = console;
    }

    /**
     * The ports that a mask chooses.
     *
     * @param ports all
     * @param mask bit n for port n; 0 for all
     * @return those chosen, in order
     * @throws ExitException when there is none, or the mask names one that is not there
     */
    public static List<Port> chosen(Ports ports, long mask) {
        List<Port> chosen = new ArrayList<>();
        long left = mask;
        for (Port port : ports.list()) {
            if (mask == 0 || port.id() < Long.SIZE && (mask >>> port.id() & 1) != 0) {
                chosen.add(port);
                left &= ~(1L << port.id());
            }
        }
        if (ports.list().isEmpty()) {
            throw new ExitException("No Ethernet ports - bye\nGive some, such as: --vdev net_af_packet0,iface=eth0");
        }
        if (left != 0) {
            throw new ExitException("Invalid portmask; possible (0x" + Long.toHexString((1L << ports.list().size()) - 1)
                    + "): port " + Long.numberOfTrailingZeros(left) + " is not there");
        }
        return chosen;
    }

    /**
     * Makes a pool large enough for the queues and lcores of some ports.
     *
     * @param name the pool's name
     * @param ports how many ports
     * @param rxQueues of each
     * @param lcores that forward
     * @return the pool
     */
    public MbufPool pool(String name, int ports, int rxQueues, int lcores) {
        int rx = rxDescriptors == 0 ? DESCRIPTORS : rxDescriptors;
        int tx = txDescriptors == 0 ? DESCRIPTORS : txDescriptors;
        int mbufs = Math.max(MIN_MBUFS, ports * (rxQueues * rx + lcores * (32 + tx)) + lcores * CACHE);
        int room = Math.max(MbufPool.DEFAULT_DATA_ROOM, maxFrame == 0 ? 0 : maxFrame + Mbuf.HEADROOM);
        try {
            MbufPool pool = MbufPool.create(eal, name, mbufs, CACHE, room, -1);
            console.println("Allocated mbuf pool " + name + " of " + mbufs + " mbufs");
            return pool;
        } catch (RuntimeException e) {
            throw new ExitException("Cannot init mbuf pool: " + e.getMessage());
        }
    }

    /**
     * Configures a port, sets its queues up and starts it.
     *
     * @param port the port
     * @param rxQueues how many
     * @param txQueues how many
     * @param rssTypes what its packets are spread by when it has several receive queues
     * @param pool for received packets
     * @throws ExitException when the port refuses; says which and why
     */
    public void start(Port port, int rxQueues, int txQueues, long rssTypes, MbufPool pool) {
        console.print("Initializing port " + port.id() + "... ");
        try {
            PortConfig config = PortConfig.of(rxQueues, txQueues).withMtu(maxFrame == 0 ? 0 : maxFrame - FRAME_OVERHEAD);
            if (rxQueues > 1) {
                config = config.withRss(rssTypes & port.rss().capabilities());
            }
            port.configure(config);
            for (int q = 0; q < txQueues; q++) {
                port.setupTxQueue(q, new TxQueueConfig(txDescriptors, 0, false, 0));
            }
            for (int q = 0; q < rxQueues; q++) {
                port.setupRxQueue(q, new RxQueueConfig(pool, rxDescriptors, 0, false, 0));
            }
            port.start();
            if (promiscuous) {
                port.filters().promiscuous(true);
            }
        } catch (RuntimeException e) {
            throw new ExitException("Cannot start port " + port.id() + " (" + port.name() + "): " + e.getMessage());
        }
        console.println("done: \nPort " + port.id() + ", MAC address: " + MacAddress.format(port.filters().mac()).toUpperCase() + "\n");
    }

    /**
     * Waits until all links are up, 9 seconds at most, and prints them.
     *
     * @param ports the ports
     */
    public void awaitLinks(List<Port> ports) {
        console.println("\nChecking link status");
        console.flush();
        long end = System.nanoTime() + LINK_WAIT_MS * 1_000_000L;
        while (ports.stream().anyMatch(p -> !p.link().up()) && System.nanoTime() < end) {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        console.println("done");
        for (Port port : ports) {
            console.println("Port " + port.id() + (port.link().up() ? " Link up at " + port.link().speedText() : " Link down"));
        }
    }

    /**
     * Stops and closes ports, and says so.
     *
     * @param ports the ports
     */
    public void close(List<Port> ports) {
        for (Port port : ports) {
            console.print("Closing port " + port.id() + "...");
            port.stop();
            port.close();
            console.println(" Done");
        }
        console.println("Bye...");
    }
}
