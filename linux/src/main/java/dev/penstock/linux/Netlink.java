package dev.penstock.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * What {@code ip link}, {@code ip address}, {@code ip route} and {@code ip neighbour} do, in the network
 * namespace of the thread that makes this (rtnetlink(7)). One thread at a time. Refusals are
 * {@link LinuxException}s with the kernel's own words. Addresses are numeric, such as {@code 198.18.0.1/24}.
 */
public final class Netlink implements AutoCloseable {
    private static final int RTM_NEWLINK = 16;
    private static final int RTM_DELLINK = 17;
    private static final int RTM_GETLINK = 18;
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_GETADDR = 22;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_NEWNEIGH = 28;
    private static final int RTM_GETNEIGH = 30;

    private static final int IFINFO_BYTES = 16;
    private static final int IFADDR_BYTES = 8;
    private static final int RTMSG_BYTES = 12;
    private static final int NDMSG_BYTES = 12;

    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_NUM_TX_QUEUES = 31;
    private static final int IFLA_NUM_RX_QUEUES = 32;
    private static final int INFO_KIND = 1;
    private static final int INFO_DATA = 2;
    private static final int VETH_INFO_PEER = 1;

    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_FLAGS = 8;
    private static final int IFA_F_NODAD = 2;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTPROT_STATIC = 4;
    private static final int RT_SCOPE_LINK = 253;
    private static final int RTN_UNICAST = 1;
    private static final int NDA_DST = 1;
    private static final int NDA_LLADDR = 2;
    private static final int NUD_PERMANENT = 0x80;

    private static final int MAKE =
            NetlinkMessage.F_ACK | NetlinkMessage.F_CREATE | NetlinkMessage.F_EXCL;
    private static final int PUT = NetlinkMessage.F_ACK | NetlinkMessage.F_CREATE | NetlinkMessage.F_REPLACE;

    private final NetlinkSocket socket = new NetlinkSocket(0);

    /** Opens a way to the kernel. */
    public Netlink() {}

    /**
     * An address of an interface.
     *
     * @param interfaceIndex the interface
     * @param address the address
     * @param prefixLength how many bits are the network's
     */
    public record Address(int interfaceIndex, InetAddress address, int prefixLength) {}

    /**
     * A neighbour of an interface, from its ARP or neighbour discovery table.
     *
     * @param interfaceIndex the interface
     * @param address the neighbour's network address
     * @param mac its link address, empty while unknown
     * @param state {@code NUD_} flags
     */
    public record Neighbour(int interfaceIndex, InetAddress address, byte[] mac, int state) {}

    /**
     * Makes two interfaces joined by a wire.
     *
     * @param name the one
     * @param peer the other
     */
    public void addVeth(String name, String peer) {
        addVeth(name, peer, null, 1);
    }

    /**
     * Makes two interfaces joined by a wire, of several queues, the other end in another namespace.
     *
     * @param name the one
     * @param peer the other
     * @param peerNamespace where the other is, or null for here
     * @param queues how many queues each has in each direction
     */
    public void addVeth(String name, String peer, Netns peerNamespace, int queues) {
        NetlinkMessage m = beginAdd(name, queues);
        int info = m.nest(IFLA_LINKINFO);
        m.attribute(INFO_KIND, "veth");
        int data = m.nest(INFO_DATA);
        int other = m.nest(VETH_INFO_PEER);
        m.room(IFINFO_BYTES);
        m.attribute(IFLA_IFNAME, NetInterface.nameBytes(peer));
        m.attribute(IFLA_NUM_TX_QUEUES, queues);
        m.attribute(IFLA_NUM_RX_QUEUES, queues);
        if (peerNamespace != null) {
            m.attribute(IFLA_NET_NS_FD, peerNamespace.fd().value());
        }
        m.end(other);
        m.end(data);
        m.end(info);
        send("add veth " + name + " and " + peer);
    }

    /**
     * Makes an interface of a kind that needs no more than its name.
     *
     * @param name its name
     * @param kind {@code dummy}, {@code bridge}, ...
     */
    public void addLink(String name, String kind) {
        NetlinkMessage m = beginAdd(name, 1);
        int info = m.nest(IFLA_LINKINFO);
        m.attribute(INFO_KIND, kind);
        m.end(info);
        send("add " + kind + " " + name);
    }

    /**
     * Deletes an interface; of a veth its peer too.
     *
     * @param name its name
     */
    public void deleteLink(String name) {
        beginLink(RTM_DELLINK, name, 0, 0);
        send("delete " + name);
    }

    /**
     * Sets an interface up or down.
     *
     * @param name its name
     * @param up whether up
     */
    public void up(String name, boolean up) {
        beginLink(RTM_NEWLINK, name, up ? NetInterface.IFF_UP : 0, NetInterface.IFF_UP);
        send("set " + name + (up ? " up" : " down"));
    }

    /**
     * Sets the largest payload of a frame.
     *
     * @param name the interface
     * @param bytes the size
     */
    public void mtu(String name, int bytes) {
        beginLink(RTM_NEWLINK, name, 0, 0).attribute(IFLA_MTU, bytes);
        send("set the MTU of " + name + " to " + bytes);
    }

    /**
     * Sets an interface's link address.
     *
     * @param name the interface
     * @param mac 6 bytes
     */
    public void mac(String name, byte[] mac) {
        beginLink(RTM_NEWLINK, name, 0, 0).attribute(IFLA_ADDRESS, mac);
        send("set the address of " + name);
    }

    /**
     * Puts an interface under a bridge or bond, or takes it off.
     *
     * @param name the interface
     * @param master the bridge, or null for none
     */
    public void master(String name, String master) {
        int index = master == null ? 0 : link(master).index();
        beginLink(RTM_NEWLINK, name, 0, 0).attribute(IFLA_MASTER, index);
        send("put " + name + " under " + master);
    }

    /**
     * Gives an interface an address, of version 6 without waiting to see whether another has it.
     *
     * @param name the interface
     * @param prefix the address and the network's length, such as {@code 198.18.0.1/24}
     */
    public void addAddress(String name, String prefix) {
        address(RTM_NEWADDR, MAKE, name, prefix);
        send("add address " + prefix + " to " + name);
    }

    /**
     * Takes an address off an interface.
     *
     * @param name the interface
     * @param prefix the address and the network's length
     */
    public void deleteAddress(String name, String prefix) {
        address(RTM_DELADDR, NetlinkMessage.F_ACK, name, prefix);
        send("delete address " + prefix + " from " + name);
    }

    /**
     * Routes a network, in place of a route that it had.
     *
     * @param prefix the network, such as {@code 198.19.0.0/16}, or {@code 0.0.0.0/0} for the rest
     * @param gateway the next hop, or null if the network is on the link
     * @param name the interface, or null to be found from the gateway
     */
    public void addRoute(String prefix, String gateway, String name) {
        Prefix network = Prefix.parse(prefix);
        int index = name == null ? 0 : link(name).index();
        NetlinkMessage m = socket.request();
        int at = m.begin(RTM_NEWROUTE, PUT, RTMSG_BYTES);
        m.putByte(at, network.family());
        m.putByte(at + 1, network.length());
        m.putByte(at + 4, RT_TABLE_MAIN);
        m.putByte(at + 5, RTPROT_STATIC);
        m.putByte(at + 6, gateway == null ? RT_SCOPE_LINK : 0);
        m.putByte(at + 7, RTN_UNICAST);
        m.attribute(RTA_DST, network.bytes());
        if (gateway != null) {
            m.attribute(RTA_GATEWAY, Prefix.address(gateway).getAddress());
        }
        if (index != 0) {
            m.attribute(RTA_OIF, index);
        }
        send("add route " + prefix);
    }

    /**
     * Says once for all which link address a neighbour has, so that the kernel need not ask.
     *
     * @param name the interface
     * @param address the neighbour's network address
     * @param mac its link address, 6 bytes
     */
    public void addNeighbour(String name, String address, byte[] mac) {
        InetAddress ip = Prefix.address(address);
        int index = link(name).index();
        NetlinkMessage m = socket.request();
        int at = m.begin(RTM_NEWNEIGH, PUT, NDMSG_BYTES);
        m.putByte(at, Prefix.family(ip));
        m.putInt(at + 4, index);
        m.putShort(at + 8, NUD_PERMANENT);
        m.attribute(NDA_DST, ip.getAddress());
        m.attribute(NDA_LLADDR, mac);
        send("add neighbour " + address + " to " + name);
    }

    /**
     * An interface as it is now.
     *
     * @param name its name
     * @return its state and counters
     * @throws LinuxException {@link Errno#ENODEV} if there is none
     */
    public LinkState link(String name) {
        NetlinkMessage m = socket.request();
        m.begin(RTM_GETLINK, 0, IFINFO_BYTES);
        m.attribute(IFLA_IFNAME, NetInterface.nameBytes(name));
        List<LinkState> found = new ArrayList<>(1);
        socket.exchange("look up interface " + name, message -> found.add(LinkState.parse(message)));
        return found.getFirst();
    }

    /**
     * Waits until an interface carries traffic: the kernel notices a new carrier up to a second late, and drops
     * what is sent before.
     *
     * @param name its name
     * @param timeoutMs how long to wait at most
     * @throws LinuxException {@link Errno#ETIMEDOUT} if it does not in that time
     */
    public void awaitRunning(String name, long timeoutMs) {
        long deadlineNs = System.nanoTime() + timeoutMs * 1_000_000;
        while (!link(name).isRunning()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new LinuxException("wait for " + name, Errno.ETIMEDOUT, "set it and its peer up");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** @return every interface */
    public List<LinkState> links() {
        List<LinkState> found = new ArrayList<>();
        dump(RTM_GETLINK, IFINFO_BYTES, "list interfaces", message -> found.add(LinkState.parse(message)));
        return found;
    }

    /** @return every address of every interface */
    public List<Address> addresses() {
        List<Address> found = new ArrayList<>();
        dump(RTM_GETADDR, IFADDR_BYTES, "list addresses", message -> {
            int from = NetlinkMessage.HEADER_BYTES + IFADDR_BYTES;
            byte[] local = NetlinkMessage.bytes(message, from, IFA_LOCAL);
            byte[] address = local.length > 0 ? local : NetlinkMessage.bytes(message, from, IFA_ADDRESS);
            if (address.length > 0) {
                found.add(new Address(message.get(ValueLayout.JAVA_INT, NetlinkMessage.HEADER_BYTES + 4),
                        address(address), message.get(ValueLayout.JAVA_BYTE, NetlinkMessage.HEADER_BYTES + 1) & 0xff));
            }
        });
        return found;
    }

    /** @return every neighbour of every interface */
    public List<Neighbour> neighbours() {
        List<Neighbour> found = new ArrayList<>();
        dump(RTM_GETNEIGH, NDMSG_BYTES, "list neighbours", message -> {
            int from = NetlinkMessage.HEADER_BYTES + NDMSG_BYTES;
            byte[] address = NetlinkMessage.bytes(message, from, NDA_DST);
            if (address.length > 0) {
                found.add(new Neighbour(message.get(ValueLayout.JAVA_INT, NetlinkMessage.HEADER_BYTES + 4),
                        address(address), NetlinkMessage.bytes(message, from, NDA_LLADDR),
                        message.get(ValueLayout.JAVA_SHORT, NetlinkMessage.HEADER_BYTES + 8) & 0xffff));
            }
        });
        return found;
    }

    /** Closes the way; what was set stays. */
    @Override
    public void close() {
        socket.close();
    }

    private NetlinkMessage beginAdd(String name, int queues) {
        NetlinkMessage m = socket.request();
        m.begin(RTM_NEWLINK, MAKE, IFINFO_BYTES);
        m.attribute(IFLA_IFNAME, NetInterface.nameBytes(name));
        m.attribute(IFLA_NUM_TX_QUEUES, queues);
        m.attribute(IFLA_NUM_RX_QUEUES, queues);
        return m;
    }

    private NetlinkMessage beginLink(int type, String name, int flags, int mask) {
        NetlinkMessage m = socket.request();
        int at = m.begin(type, NetlinkMessage.F_ACK, IFINFO_BYTES);
        m.putInt(at + 8, flags);
        m.putInt(at + 12, mask);
        m.attribute(IFLA_IFNAME, NetInterface.nameBytes(name));
        return m;
    }

    private void address(int type, int flags, String name, String text) {
        Prefix prefix = Prefix.parse(text);
        int index = link(name).index();
        NetlinkMessage m = socket.request();
        int at = m.begin(type, flags, IFADDR_BYTES);
        m.putByte(at, prefix.family());
        m.putByte(at + 1, prefix.length());
        m.putInt(at + 4, index);
        m.attribute(IFA_LOCAL, prefix.bytes());
        m.attribute(IFA_ADDRESS, prefix.bytes());
        if (prefix.family() == Socket.AF_INET6) {
            m.attribute(IFA_FLAGS, IFA_F_NODAD);
        }
    }

    private void send(String what) {
        socket.exchange(what, message -> { });
    }

    private void dump(int type, int fixedBytes, String what, Consumer<MemorySegment> each) {
        socket.request().begin(type, NetlinkMessage.F_DUMP, fixedBytes);
        socket.exchange(what, each);
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("the kernel wrote an address of " + bytes.length + " bytes", e);
        }
    }
}
