package dev.penstock.drivers.afxdp;

import dev.penstock.drivers.kernel.Home;
import dev.penstock.linux.BpfCode;
import dev.penstock.linux.BpfMap;
import dev.penstock.linux.BpfObject;
import dev.penstock.linux.Errno;
import dev.penstock.linux.Fd;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Machine;
import dev.penstock.linux.NetInterface;
import dev.penstock.linux.XdpProgram;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The XDP program on an interface, its map of sockets and the link that holds it there. All three are
 * descriptors of this process: when it ends, in whatever way, the kernel removes them. Ports on different queues of one
 * interface share them, unless they have programs of their own. Any thread may use it.
 */
final class XdpRedirect {
    private static final String NAME = "penstock_xdp";
    /** As many as a port may name: others on the interface may come later, with other queues. */
    private static final int QUEUES = 2 * AfXdpArguments.MAX_QUEUES;
    /** All that are there and could have more ports; the lock for what all of them keep. */
    private static final List<XdpRedirect> SHARED = new ArrayList<>();
    private static final int CONTEXT = 6;

    /** How a user's own program calls the map of sockets, when it has several of that kind. */
    private static final String SOCKETS = "xsks_map";

    private final AfXdpArguments arguments;
    private final BpfMap sockets;
    private final List<BpfMap> maps = new ArrayList<>();
    private XdpProgram program;
    private Fd link;
    private boolean pieces = true;
    /** Why the driver refused it, so that it runs in the network stack; null when it did not. */
    private LinuxException fallback;
    /** Whose it is. */
    private final Set<AfXdpDevice> ports = new HashSet<>();
    /** The namespace and interface where it was attached last. */
    private String place = "";

    /**
     * That of an interface, for one port more.
     *
     * @param arguments what the port's device arguments say
     */
    static XdpRedirect of(NetInterface netif, AfXdpArguments arguments, AfXdpDevice port) {
        synchronized (SHARED) {
            XdpRedirect one = arguments.program() == null ? shared(netif, arguments)
                    : new XdpRedirect(arguments, arguments.startQueue() + arguments.queueCount());
            one.ports.add(port);
            try {
                if (one.link == null) {
                    one.attach(netif);
                }
            } catch (RuntimeException e) {
                one.close(port);
                throw e;
            }
            return one;
        }
    }

    private static XdpRedirect shared(NetInterface netif, AfXdpArguments arguments) {
        for (XdpRedirect other : SHARED) {
            if (other.place.equals(place(netif))) {
                other.join(netif, arguments);
                return other;
            }
        }
        XdpRedirect one = new XdpRedirect(arguments);
        SHARED.add(one);
        return one;
    }

    private static String place(NetInterface netif) {
        return Home.current() + " " + netif.index();
    }

    private void join(NetInterface netif, AfXdpArguments other) {
        if (other.mode() != arguments.mode() || !other.steering().rules().equals(arguments.steering().rules())) {
            String steer = arguments.steering().text();
            throw new LinuxException("XDP program on " + netif.name(), Errno.EBUSY, "another port is there, and one program decides for"
                    + " both: give both the same mode= and steer=, where the other has " + arguments.mode().name().toLowerCase(Locale.ROOT)
                    + " and " + (steer.isEmpty() ? "no steer=" : steer));
        }
    }

    /** Loads a program for the ports that the arguments describe. */
    private XdpRedirect(AfXdpArguments arguments) {
        this.arguments = arguments;
        sockets = new BpfMap(BpfMap.BPF_MAP_TYPE_XSKMAP, Integer.BYTES, QUEUES, "penstock_xsks");
        maps.add(sockets);
        try {
            program = load(code(arguments.steering()));
        } catch (RuntimeException e) {
            maps.forEach(BpfMap::close);
            throw e;
        }
    }

    /**
     * Loads a program of the user's own.
     *
     * @param queues how many queues its map of sockets must have
     */
    private XdpRedirect(AfXdpArguments arguments, int queues) {
        this.arguments = arguments;
        BpfObject object = arguments.program();
        int which = sockets(object, queues);
        try {
            object.maps().forEach(map -> maps.add(new BpfMap(map)));
            sockets = maps.get(which);
            program = new XdpProgram(object.linked(maps), object.license(), object.name(), object.fragments());
        } catch (RuntimeException e) {
            maps.forEach(BpfMap::close);
            throw e;
        }
    }

    private static int sockets(BpfObject object, int queues) {
        int which = -1;
        for (int i = 0; i < object.maps().size(); i++) {
            BpfObject.Map map = object.maps().get(i);
            if (map.type() == BpfMap.BPF_MAP_TYPE_XSKMAP && (which < 0 || map.name().equals(SOCKETS))) {
                which = i;
            }
        }
        if (which < 0) {
            throw new IllegalArgumentException("the program " + object.name() + " uses no map of type BPF_MAP_TYPE_XSKMAP, so it can"
                    + " hand no frame to the port; give it one named " + SOCKETS);
        }
        if (object.maps().get(which).entries() < queues) {
            throw new IllegalArgumentException("the map " + object.maps().get(which).name() + " of the program " + object.name()
                    + " has " + object.maps().get(which).entries() + " entries; the port's queues need " + queues);
        }
        return which;
    }

    private XdpProgram load(BpfCode code) {
        try {
            return new XdpProgram(code, NAME, true);
        } catch (LinuxException e) {
            if (e.errno() == Errno.EINVAL) {
                // a kernel before 5.18 knows no frames in pieces
                pieces = false;
                return new XdpProgram(code, NAME, false);
            }
            throw e;
        }
    }

    /** Whether the kernel takes programs for frames in pieces. */
    boolean pieces() {
        return pieces;
    }

    private BpfCode code(Steering steering) {
        BpfCode code = new BpfCode();
        BpfCode.Label pass = new BpfCode.Label();
        code.move(CONTEXT, 1);
        steering.emit(code, CONTEXT, pass);
        code.load(4, 2, CONTEXT, XdpProgram.MD_RX_QUEUE_INDEX);
        code.map(1, sockets);
        code.set(3, XdpProgram.XDP_PASS);
        code.call(XdpProgram.REDIRECT_MAP);
        code.exit();
        return code.label(pass).set(0, XdpProgram.XDP_PASS).exit();
    }

    /** Why it runs in the network stack though the driver was to be tried first; null when it does not. */
    LinuxException fallback() {
        return fallback;
    }

    /** That of the interface which has come in place of the one that a port left. */
    XdpRedirect again(NetInterface netif, AfXdpArguments own, AfXdpDevice port) {
        if (own.program() == null) {
            return of(netif, own, port);
        }
        attach(netif);
        return this;
    }

    private void attach(NetInterface netif) {
        fallback = link(netif, arguments.mode());
        place = place(netif);
    }

    private LinuxException link(NetInterface netif, XdpMode mode) {
        try {
            link = program.attach(netif.index(), mode.flag());
            return null;
        } catch (LinuxException e) {
            if (mode != XdpMode.BEST || e.errno() == Errno.EBUSY || e.errno() == Errno.EPERM || e.errno() == Errno.ENODEV) {
                throw refused(netif, e);
            }
            try {
                link = program.attach(netif.index(), XdpMode.SKB.flag());
                return e;
            } catch (LinuxException second) {
                throw refused(netif, second);
            }
        }
    }

    private static LinuxException refused(NetInterface netif, LinuxException e) {
        return new LinuxException("XDP program on " + netif.name(), e.errno(), switch (e.errno()) {
            case Errno.EBUSY, Errno.EEXIST -> "another program is attached, see it with: ip -d link show " + netif.name()
                    + "; end its process, or remove it with: ip link set " + netif.name() + " xdp off";
            case Errno.EOPNOTSUPP -> "the driver has no XDP; leave mode=drv out to have it in the network stack";
            case Errno.ERANGE -> "the MTU of the interface or of its peer may be too large for XDP in the driver;"
                    + " make it smaller, or give mode=skb";
            case Errno.EINVAL -> "links of XDP programs need Linux 5.9 or later, this is " + Machine.local().kernelRelease()
                    + "; or the MTU is too large for XDP in the driver: make it smaller, or give mode=skb";
            default -> e.remedy();
        });
    }

    /** Sends the frames of a queue to a socket, until that is closed. */
    void put(int queue, XskSocket socket) {
        sockets.put(queue, socket.socket().fd());
    }

    /** A port leaves the interface, or what is left of it, and may come back. A program of the user's own keeps its maps. */
    void leave(AfXdpDevice port) {
        if (arguments.program() == null) {
            close(port);
        } else {
            unlink();
        }
    }

    private void unlink() {
        if (link != null) {
            link.close();
            link = null;
        }
    }

    /** A port no longer needs it, if it has it. */
    void close(AfXdpDevice port) {
        synchronized (SHARED) {
            if (ports.remove(port) && ports.isEmpty()) {
                SHARED.remove(this);
                unlink();
                program.close();
                maps.forEach(BpfMap::close);
            }
        }
    }
}
