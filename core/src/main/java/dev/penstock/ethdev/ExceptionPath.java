package dev.penstock.ethdev;

import dev.penstock.linux.Epoll;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.Unfinished;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.net.MacAddress;
import dev.penstock.ring.Ring;
import dev.penstock.threads.Uninterrupted;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * The way to the kernel and back for what a data plane does not handle itself: ARP, ICMP, routing daemons, SSH
 * (DPDK: the kernel NIC interface, or virtio-user as exception path). Behind it stands a TAP interface with the
 * port's address and MTU; who gives that interface an IP address has the kernel answer there.
 *
 * <p>A TAP costs one system call a packet. Those are made by a thread of its own, so that forwarding lcores meet
 * two rings only and never enter the kernel for a packet, except to wake that thread when it sleeps.
 *
 * <p>Any number of lcores may call {@link #toKernel} and {@link #fromKernel}, which return at once:
 * <pre>{@code
 * path.toKernel(packets, 0, n);                    // what the program has no rule for
 * int n = path.fromKernel(packets, 32);            // in each turn of the loop
 * int sent = port.txBurst(queue, packets, 0, n);
 * }</pre>
 */
public final class ExceptionPath implements AutoCloseable {
    private static final int RING = 1024;
    private static final int BURST = 32;
    private static final VarHandle ASLEEP;

    static {
        try {
            ASLEEP = MethodHandles.lookup().findVarHandle(ExceptionPath.class, "asleep", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Port tap;
    private final Ring<Mbuf> down = new Ring<>("to kernel", Mbuf.class, RING, Ring.Sync.MULTI, Ring.Sync.SINGLE);
    private final Ring<Mbuf> up = new Ring<>("from kernel", Mbuf.class, RING, Ring.Sync.SINGLE, Ring.Sync.MULTI);
    private final LongAdder downFull = new LongAdder();
    private long downRefused;
    private long upFull;
    private final Mbuf[] burst = new Mbuf[BURST];
    private final EventFd wake;
    private final Epoll epoll;
    private final Thread thread;
    private volatile boolean asleep;
    private volatile boolean end;

    private ExceptionPath(Port tap, Port port) {
        this.tap = tap;
        try (Unfinished made = new Unfinished()) {
            wake = made.with(new EventFd());
            epoll = made.with(new Epoll(2));
            epoll.add(tap.rxQueue(0).interruptFd(), Epoll.EPOLLIN, 0);
            epoll.add(wake.fd(), Epoll.EPOLLIN, 1);
            thread = Thread.ofPlatform().daemon().name("penstock-exception-" + port.name()).start(this::run);
            made.finished();
        }
    }

    /**
     * Makes the interface, up, in the calling thread's network namespace, and starts the thread.
     *
     * @param ports where the TAP port is added; it belongs to this and is not listed
     * @param port the port whose packets go this way; its address and MTU are the interface's
     * @param iface the interface's name
     * @param pool for what the kernel sends
     * @return the way, to be closed by the caller
     * @throws dev.penstock.linux.LinuxException without the privilege to make a TAP interface
     */
    public static ExceptionPath open(Ports ports, Port port, String iface, MbufPool pool) {
        Port tap = ports.attach("net_tap_" + iface + ",iface=" + iface + ",mac=" + MacAddress.format(port.filters().mac()));
        try {
            tap.owner(port.name());
            tap.configure(PortConfig.of(1, 1).withMtu(port.filters().mtu()).withInterrupts(false, true));
            tap.setupRxQueue(0, RxQueueConfig.of(pool));
            tap.setupTxQueue(0, TxQueueConfig.DEFAULT);
            tap.start();
            return new ExceptionPath(tap, port);
        } catch (RuntimeException | Error e) {
            tap.close();
            throw e;
        }
    }

    /**
     * Hands packets to the kernel, which receives them on the interface. All are taken; those that find the ring
     * full are dropped and counted.
     *
     * @param packets the packets, from the Ethernet header on
     * @param from index of the first
     * @param n how many
     */
    public void toKernel(Mbuf[] packets, int from, int n) {
        if (n == 0) {
            return;
        }
        int taken = down.enqueueBurst(packets, from, n);
        if (taken < n) {
            Mbuf.freeBulk(packets, from + taken, n - taken);
            downFull.add(n - taken);
        }
        // the thread looks at the ring once more between saying that it sleeps and sleeping
        VarHandle.fullFence();
        if ((boolean) ASLEEP.getOpaque(this) && ASLEEP.compareAndSet(this, true, false)) {
            wake.signal();
        }
    }

    /**
     * Takes what the kernel has sent out of the interface, to be sent by the port.
     *
     * @param packets where they go, from index 0
     * @param max how many at most
     * @return how many
     */
    public int fromKernel(Mbuf[] packets, int max) {
        return up.empty() ? 0 : up.dequeueBurst(packets, 0, max);
    }

    /** @return what went each way, and each reason for a loss, with its count */
    public List<Xstat> xstats() {
        PortStats stats = tap.stats();
        return List.of(new Xstat("to_kernel_packets", stats.txPackets()), new Xstat("from_kernel_packets", stats.rxPackets()),
                new Xstat("to_kernel_ring_full", downFull.sum()), new Xstat("to_kernel_refused", downRefused),
                new Xstat("to_kernel_errors", stats.txErrors()), new Xstat("from_kernel_ring_full", upFull),
                new Xstat("from_kernel_no_mbuf", stats.rxNoMbuf()));
    }

    private void run() {
        while (!end) {
            if (send() + receive() == 0) {
                sleep();
            }
        }
    }

    private int send() {
        int n = down.dequeueBurst(burst, 0, BURST);
        int sent = n == 0 ? 0 : tap.txBurst(0, burst, 0, n);
        if (sent < n) {
            // such as while somebody has set the interface down
            Mbuf.freeBulk(burst, sent, n - sent);
            downRefused += n - sent;
        }
        return n;
    }

    private int receive() {
        int n = tap.rxBurst(0, burst, BURST);
        int taken = n == 0 ? 0 : up.enqueueBurst(burst, 0, n);
        if (taken < n) {
            Mbuf.freeBulk(burst, taken, n - taken);
            upFull += n - taken;
        }
        return n;
    }

    private void sleep() {
        asleep = true;
        // who sends looks whether this is so once its packets are in the ring
        VarHandle.fullFence();
        if (down.empty() && !end) {
            epoll.await(-1);
        }
        asleep = false;
        wake.take();
    }

    /** Ends the thread, frees what is under way and removes the interface. No lcore uses this any more. */
    @Override
    public void close() {
        if (end) {
            return;
        }
        end = true;
        wake.signal();
        Uninterrupted.join(thread);
        empty(down);
        empty(up);
        epoll.close();
        wake.close();
        tap.close();
    }

    private void empty(Ring<Mbuf> ring) {
        for (int n = ring.dequeueBurst(burst, 0, BURST); n > 0; n = ring.dequeueBurst(burst, 0, BURST)) {
            Mbuf.freeBulk(burst, 0, n);
        }
    }
}
