package dev.penstock.drivers.afxdp;

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
import java.util.List;

/**
 * The XDP program on the interface, its map of sockets and the link that holds it there. All three are
 * descriptors of this process: when it ends, in whatever way, the kernel removes them.
 */
final class XdpRedirect implements AutoCloseable {
    private static final String NAME = "penstock_xdp";
    private static final int CONTEXT = 6;

    /** How a user's own program calls the map of sockets, when it has several of that kind. */
    private static final String SOCKETS = "xsks_map";

    private final BpfMap sockets;
    private final List<BpfMap> maps = new ArrayList<>();
    private XdpProgram program;
    private Fd link;
    private boolean pieces = true;

    /**
     * Loads a program.
     *
     * @param queues how many queues the map of sockets has
     * @param steering which frames it takes
     */
    XdpRedirect(int queues, Steering steering) {
        sockets = new BpfMap(BpfMap.BPF_MAP_TYPE_XSKMAP, Integer.BYTES, queues, "penstock_xsks");
        maps.add(sockets);
        try {
            program = load(code(steering));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Loads a program of the user's own.
     *
     * @param queues how many queues its map of sockets must have
     * @param object the program
     */
    XdpRedirect(int queues, BpfObject object) {
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

    /**
     * Attaches it.
     *
     * @return null, or why it runs in the network stack though the driver was to be tried first
     */
    LinuxException attach(NetInterface netif, XdpMode mode) {
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

    /** Leaves the interface, or what is left of it. */
    void detach() {
        if (link != null) {
            link.close();
            link = null;
        }
    }

    @Override
    public void close() {
        detach();
        if (program != null) {
            program.close();
        }
        maps.forEach(BpfMap::close);
    }
}
