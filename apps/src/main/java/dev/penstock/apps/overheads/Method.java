package dev.penstock.apps.overheads;

import dev.penstock.ethdev.RxWaiter;
import java.util.Locale;

/** The ways that packets take between a program and the network. */
enum Method {
    /** One call waits and takes a datagram, one call sends it. */
    BLOCKING("blocking UDP socket", "recvfrom() sleeps until a datagram is there and takes it, sendto() sends one: two calls a"
            + " packet, and a sleep whenever nothing waits."),
    /** One call waits for many sockets. */
    EPOLL("UDP socket and epoll", "epoll_wait() tells which sockets have something, then the program takes what there is until"
            + " nothing is left: the way of most servers."),
    /** Many datagrams a call. */
    BATCH("recvmmsg / sendmmsg", "One call takes up to 32 datagrams, one call sends as many: fewer calls, the same network stack."),
    /** What Java has built in. */
    CHANNEL("java.nio DatagramChannel", "The JDK's own way: receive() and send() of a channel that waits."),
    /** A ring of frames that the kernel copies into. */
    PACKET("AF_PACKET, mapped ring", "The kernel copies each frame into a ring in memory that the program reads without a call;"
            + " it sleeps when the ring is empty. The network stack sees each frame as well."),
    /** Frames taken before the network stack, sleeping in between. */
    XDP_INTERRUPT("AF_XDP with interrupts", "A small program in the kernel takes each frame out before the network stack sees it and"
            + " puts it into the program's own memory; the program sleeps when nothing is there."),
    /** Polls under load, sleeps when idle. */
    XDP_ADAPTIVE("AF_XDP adaptive", "The same, but the program goes on looking for frames for a while after the last one, and sleeps"
            + " only then: under load it never sleeps, without load it leaves the core to others."),
    /** The same without sleep. */
    XDP_POLLED("AF_XDP polled", "The same, but the program never sleeps: it looks for frames all the time, so none waits to be"
            + " announced. The core is always busy."),
    /** Two programs without a kernel in between. */
    MEMORY("shared memory (memif)", "Two programs pass packets through rings in memory that both see: no frame on a wire, no call,"
            + " no kernel. Both poll.");

    private final String title;
    private final String about;

    Method(String title, String about) {
        this.title = title;
        this.about = about;
    }

    String title() {
        return title;
    }

    String about() {
        return about;
    }

    /** As an option has it, such as {@code xdp-polled}. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Method of(String word) {
        for (Method m : values()) {
            if (m.word().equals(word)) {
                return m;
            }
        }
        throw new IllegalArgumentException("no way named '" + word + "'; there are " + words());
    }

    static String words() {
        StringBuilder all = new StringBuilder();
        for (Method m : values()) {
            all.append(all.isEmpty() ? "" : ", ").append(m.word());
        }
        return all.toString();
    }

    /** Whether the program under test has a UDP socket, and so its interface an address. */
    boolean hasSocket() {
        return compareTo(PACKET) < 0;
    }

    /** After how many looks in vain a program with a port sleeps; 0 for never. */
    int emptyTurns() {
        return switch (this) {
            case XDP_POLLED, MEMORY -> 0;
            case XDP_ADAPTIVE -> RxWaiter.EMPTY_TURNS;
            default -> 1;
        };
    }

    /** The port that the program under test opens; that of the command is its parent's. */
    String testDevice() {
        return switch (this) {
            case PACKET -> "net_af_packet0,iface=" + Wire.TEST_INTERFACE;
            case MEMORY -> memif("client", ProcessHandle.current().parent().orElseThrow().pid());
            default -> xdp(Wire.TEST_INTERFACE);
        };
    }

    /** The port that the world opens. */
    String worldDevice() {
        return this == MEMORY ? memif("server", ProcessHandle.current().pid()) : xdp(Wire.WORLD_INTERFACE);
    }

    private static String memif(String role, long process) {
        return "net_memif0,role=" + role + ",socket=penstock-overheads-" + process;
    }

    /** In the network stack, behind receive packet steering, so that taking a frame costs the processor that it is for. */
    private static String xdp(String iface) {
        return "net_af_xdp0,iface=" + iface + ",mode=skb,busy_budget=0";
    }
}
