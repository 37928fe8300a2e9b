package dev.penstock.vswitch;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.TxOffload;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.net.Ipv4Address;
import dev.penstock.rcu.Qsbr;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;

/**
 * A switch: ports with their settings, one table of addresses, some forwarders. Its methods are for control threads and may
 * be called while traffic flows; each change is seen by every forwarder before the method returns.
 */
public final class VirtualSwitch {
    /** The most ports, tunnels among them. */
    public static final int MAX_PORTS = 256;
    /** Seconds after which an address that was not seen is forgotten (IEEE 802.1Q, 8.8.3). */
    public static final int DEFAULT_AGEING_S = 300;
    /** The most addresses. */
    public static final int DEFAULT_MAX_MACS = 8192;

    private static final int MAX_FIDS = 1 << 16;
    private static final long UNDONE = RxOffload.TCP_CKSUM | RxOffload.UDP_CKSUM | RxOffload.TCP_LRO;
    private static final long DONE = TxOffload.TCP_CKSUM | TxOffload.UDP_CKSUM | TxOffload.TCP_TSO | TxOffload.UDP_TSO | TxOffload.MULTI_SEGS;

    private final LongSupplier clock;
    private final long beginNs;
    private volatile int ageingS;
    private final MacTable macs;
    private final Qsbr qsbr;
    private final Forwarder[] forwarders;
    private final SwitchPort[] ports = new SwitchPort[MAX_PORTS];
    /** Filtering identifiers of VLANs in use, by tenant and VLAN. */
    private Map<String, Integer> fids = new HashMap<>();
    private volatile Plan plan;
    private volatile int now;

    /**
     * A switch without ports.
     *
     * @param forwarders how many, 1 to 64
     * @param pool for copies of flooded packets; its own, so that floods take nobody's packets
     * @param maxMacs the most addresses
     * @param ageingS seconds after which an address that was not seen is forgotten
     */
    public VirtualSwitch(int forwarders, MbufPool pool, int maxMacs, int ageingS) {
        this(forwarders, pool, maxMacs, ageingS, System::nanoTime);
    }

    VirtualSwitch(int forwarders, MbufPool pool, int maxMacs, int ageingS, LongSupplier clock) {
        if (ageingS < 1 || ageingS > 1_000_000) {
            throw new IllegalArgumentException("ageing of " + ageingS + " s; give 1 to 1000000 (IEEE 802.1Q)");
        }
        this.clock = clock;
        this.ageingS = ageingS;
        beginNs = clock.getAsLong();
        macs = new MacTable(maxMacs, MAX_PORTS);
        qsbr = new Qsbr(forwarders);
        plan = new Plan(new Lane[MAX_PORTS], forwarders);
        this.forwarders = new Forwarder[forwarders];
        for (int i = 0; i < forwarders; i++) {
            this.forwarders[i] = new Forwarder(this, i, pool);
        }
    }

    /**
     * How a port is to be configured for a switch: packets whose checksum or segmentation a machine left to others come in as
     * they are, and leave so where the peer takes them, else done in software.
     *
     * @param port attached, not yet configured
     * @param queues each way
     * @return the configuration
     */
    public static PortConfig config(Port port, int queues) {
        return PortConfig.of(queues, queues).withOffloads(port.info().rxOffloads() & UNDONE, port.txCapabilities() & DONE);
    }

    /**
     * A forwarder, to be polled by one lcore.
     *
     * @param index 0 to {@link #forwarders} - 1
     * @return it
     */
    public Forwarder forwarder(int index) {
        return forwarders[index];
    }

    /** @return how many forwarders there are */
    public int forwarders() {
        return forwarders.length;
    }

    /** @return the table of addresses */
    public MacTable macs() {
        return macs;
    }

    /**
     * Adds a port.
     *
     * @param name unique in the switch
     * @param port started, with as many queues each way as shall be used, which go round the forwarders; the switch's
     *     until it is removed
     * @param settings how it behaves
     * @return the switch port
     * @throws IllegalArgumentException when the name is taken, or there are too many ports or VLANs
     */
    public synchronized SwitchPort add(String name, Port port, PortSettings settings) {
        return add(name, port, null, null, settings.copy());
    }

    /**
     * Adds a port that tunnels go over; it takes part in nothing else.
     *
     * @param name unique in the switch
     * @param port started, with one queue each way
     * @param underlay the host's address on it
     * @return the switch port
     */
    public synchronized SwitchPort addUnderlay(String name, Port port, Underlay underlay) {
        return add(name, port, underlay, null, new PortSettings());
    }

    /**
     * Adds a VXLAN tunnel to another host.
     *
     * @param name unique in the switch
     * @param underlay name of the port that it goes over
     * @param vni network identifier, 0 to 2^24 - 1
     * @param remoteIp the other host's IPv4 address
     * @param settings how it behaves; of the same tenant, tunnels do not forward to one another
     * @return the switch port
     */
    public synchronized SwitchPort addTunnel(String name, String underlay, int vni, int remoteIp, PortSettings settings) {
        SwitchPort under = port(underlay);
        if (under.underlay == null) {
            throw new IllegalArgumentException("port " + underlay + " is no underlay; give the name of one");
        }
        if (vni < 0 || vni >= 1 << 24) {
            throw new IllegalArgumentException("VNI " + vni + "; give 0 to " + ((1 << 24) - 1));
        }
        if (remoteIp == 0 || remoteIp == -1 || Ipv4Address.isMulticast(remoteIp) || remoteIp == under.underlay.ip()) {
            throw new IllegalArgumentException(Ipv4Address.format(remoteIp) + (remoteIp == under.underlay.ip() ? " is this host's own address"
                    : " is no address of a host") + "; give the other host's");
        }
        if (plan.tunnel(under, vni, remoteIp) != null) {
            throw new IllegalArgumentException("there is a tunnel with VNI " + vni + " to that host already");
        }
        PortSettings own = settings.copy();
        own.forwarder = under.forwarder;
        return add(name, null, null, new Tunnel(under, vni, remoteIp), own);
    }

    /**
     * Checks that there is room for a port, before one is made that would be refused.
     *
     * @param name the port's
     * @param settings how it is to behave
     * @throws IllegalArgumentException when the name is taken, there are too many ports, or there is no such forwarder
     */
    public synchronized void checkNew(String name, PortSettings settings) {
        if (find(name) != null) {
            throw new IllegalArgumentException("there is a port named " + name + " already");
        }
        if (freeIndex() == MAX_PORTS) {
            throw new IllegalArgumentException("more than " + MAX_PORTS + " ports");
        }
        if (settings.forwarder >= forwarders.length) {
            throw new IllegalArgumentException("forwarder " + settings.forwarder + "; there are 0 to " + (forwarders.length - 1));
        }
    }

    private int freeIndex() {
        int index = 0;
        while (index < MAX_PORTS && ports[index] != null) {
            index++;
        }
        return index;
    }

    private SwitchPort add(String name, Port port, Underlay underlay, Tunnel tunnel, PortSettings settings) {
        checkNew(name, settings);
        if (underlay != null && port.config().rxQueues() > 1) {
            throw new IllegalArgumentException("an underlay has one queue, since each tunnel has one forwarder");
        }
        int index = freeIndex();
        int forwarder = settings.forwarder < 0 ? idlest() : settings.forwarder;
        ports[index] = new SwitchPort(index, name, port, underlay, tunnel, forwarder, forwarders.length, settings);
        try {
            publish();
        } catch (RuntimeException e) {
            ports[index] = null;
            throw e;
        }
        return ports[index];
    }

    private int idlest() {
        int best = 0;
        for (int f = 1; f < forwarders.length; f++) {
            if (plan.polled[f].length < plan.polled[best].length) {
                best = f;
            }
        }
        return best;
    }

    /**
     * Changes how a port behaves. Addresses learned behind it are forgotten when its tenant or VLANs change.
     *
     * @param name the port's
     * @param settings from now on; which forwarder polls it does not change
     */
    public synchronized void set(String name, PortSettings settings) {
        SwitchPort port = port(name);
        if (port.underlay != null) {
            throw new IllegalArgumentException("port " + name + " is an underlay and has no settings; set its tunnels");
        }
        PortSettings before = port.settings;
        port.behave(settings.copy());
        try {
            publish();
        } catch (RuntimeException e) {
            port.behave(before);
            throw e;
        }
        if (!before.domain.equals(settings.domain) || !before.vlanText().equals(settings.vlanText())) {
            macs.flush(port.index);
        }
    }

    /**
     * Takes a port out. When this returns no forwarder uses it any more, and the caller may stop and close it.
     *
     * @param name the port's
     * @return the port behind it, null for a tunnel
     * @throws IllegalArgumentException when there is none, or tunnels go over it
     */
    public synchronized Port remove(String name) {
        SwitchPort port = port(name);
        for (SwitchPort other : ports) {
            if (other != null && other.tunnel != null && other.tunnel.underlay == port) {
                throw new IllegalArgumentException("tunnel " + other.name + " goes over port " + name + "; remove it first");
            }
        }
        ports[port.index] = null;
        publish();
        macs.flush(port.index);
        return port.port;
    }

    /**
     * Copies a port's packets into a file from now on.
     *
     * @param mirror the file
     * @param name the port's
     * @param rx what comes from the port
     * @param tx what goes to the port
     * @throws IOException when the file can't be written
     */
    public synchronized void mirror(Mirror mirror, String name, boolean rx, boolean tx) throws IOException {
        SwitchPort port = mirrorable(name);
        mirror.include(port);
        port.mirror = mirror;
        port.mirrorRx = rx;
        port.mirrorTx = tx;
        publish();
    }

    /**
     * Checks that a port can be mirrored, before a file is made.
     *
     * @param name the port's
     * @throws IllegalArgumentException when it can't
     */
    public synchronized void checkMirror(String name) {
        mirrorable(name);
    }

    private SwitchPort mirrorable(String name) {
        SwitchPort port = port(name);
        if (port.underlay != null) {
            throw new IllegalArgumentException("port " + name + " is an underlay; mirror its tunnels");
        }
        if (port.mirror != null) {
            throw new IllegalArgumentException("port " + name + " is mirrored already; end that first");
        }
        return port;
    }

    /**
     * Ends the mirroring of a port. When this returns, no forwarder uses its mirror for it any more.
     *
     * @param name the port's
     */
    public synchronized void unmirror(String name) {
        port(name).mirror = null;
        publish();
    }

    /** Makes a plan of the ports and waits until no forwarder uses the one before. */
    private void publish() {
        Map<String, Integer> used = new LinkedHashMap<>();
        Map<Integer, Segment> segments = new HashMap<>();
        Map<Segment, List<Lane>> members = new LinkedHashMap<>();
        Lane[] lanes = new Lane[MAX_PORTS];
        BitSet taken = new BitSet();
        fids.values().forEach(taken::set);
        for (SwitchPort port : ports) {
            if (port != null) {
                lanes[port.index] = lane(port, (domain, vlan) -> {
                    String key = vlan + " " + domain;
                    int fid = used.computeIfAbsent(key, k -> fids.containsKey(k) ? fids.get(k) : free(taken));
                    return segments.computeIfAbsent(fid, f -> new Segment(f, vlan));
                });
                join(lanes[port.index], members);
            }
        }
        members.forEach((segment, of) -> segment.members = of.toArray(Lane[]::new));
        fids = used;
        macs.keepFor((int) Arrays.stream(ports).filter(p -> p != null && p.underlay == null).count());
        plan = new Plan(lanes, forwarders.length);
        qsbr.synchronize(Qsbr.NO_READER);
    }

    private static int free(BitSet taken) {
        // 0 would make of the address 0 the key of an empty slot
        int fid = taken.nextClearBit(1);
        if (fid >= MAX_FIDS) {
            throw new IllegalArgumentException("more than " + (MAX_FIDS - 1) + " VLANs of all tenants; name those that trunks need");
        }
        taken.set(fid);
        return fid;
    }

    private static Lane lane(SwitchPort port, BiFunction<String, Integer, Segment> segments) {
        PortSettings s = port.settings;
        if (port.underlay != null) {
            return new Lane(port, null, null);
        }
        Segment untagged = s.untagged == 0 ? null : segments.apply(s.domain, s.untagged);
        if (s.tagged == null) {
            return new Lane(port, untagged, null);
        }
        Segment[] tagged = new Segment[1 << 12];
        s.tagged.stream().forEach(vlan -> tagged[vlan] = segments.apply(s.domain, vlan));
        return new Lane(port, untagged, tagged);
    }

    private static void join(Lane lane, Map<Segment, List<Lane>> members) {
        if (lane.untagged != null) {
            members.computeIfAbsent(lane.untagged, s -> new ArrayList<>()).add(lane);
        }
        for (int vlan = 0; lane.tagged != null && vlan < lane.tagged.length; vlan++) {
            if (lane.tagged[vlan] != null && lane.tagged[vlan] != lane.untagged) {
                members.computeIfAbsent(lane.tagged[vlan], s -> new ArrayList<>()).add(lane);
            }
        }
    }

    /**
     * Keeps time: to be called about once a second, by one thread. Forgets addresses that were not seen for long.
     *
     * @return how many were forgotten
     */
    public int tick() {
        int seconds = (int) ((clock.getAsLong() - beginNs) / 1_000_000_000L);
        if (seconds == now) {
            return 0;
        }
        now = seconds;
        return macs.expire(seconds, ageingS);
    }

    /**
     * Changes how long addresses are kept, from the next second on.
     *
     * @param seconds those not seen for so long are forgotten, 1 or more
     */
    public void ageing(int seconds) {
        if (seconds < 1) {
            throw new IllegalArgumentException("ageing of " + seconds + " s; give 1 or more");
        }
        ageingS = seconds;
    }

    /**
     * Forgets addresses, which are learned again from what is sent.
     *
     * @param name those of this port, of all when null
     * @return how many
     */
    public synchronized int forget(String name) {
        if (name != null) {
            return macs.flush(port(name).index);
        }
        int forgotten = 0;
        for (SwitchPort port : ports) {
            if (port != null) {
                forgotten += macs.flush(port.index);
            }
        }
        return forgotten;
    }

    /**
     * A port by name.
     *
     * @param name its name in the switch
     * @return the port
     * @throws IllegalArgumentException when there is none
     */
    public synchronized SwitchPort port(String name) {
        SwitchPort port = find(name);
        if (port == null) {
            throw new IllegalArgumentException("no port named " + name + "; there are" + names());
        }
        return port;
    }

    private SwitchPort find(String name) {
        for (SwitchPort port : ports) {
            if (port != null && port.name.equals(name)) {
                return port;
            }
        }
        return null;
    }

    private String names() {
        StringBuilder text = new StringBuilder();
        ports().forEach(p -> text.append(' ').append(p.name));
        return text.isEmpty() ? " none" : text.toString();
    }

    /** @return all ports, by index */
    public synchronized List<SwitchPort> ports() {
        List<SwitchPort> list = new ArrayList<>();
        for (SwitchPort port : ports) {
            if (port != null) {
                list.add(port);
            }
        }
        return list;
    }

    private record Place(String domain, int vlan) {}

    /** Takes learned addresses. */
    @FunctionalInterface
    public interface AddressVisitor {
        /**
         * Takes one.
         *
         * @param mac the address
         * @param domain the tenant
         * @param vlan the VLAN
         * @param port the name of the port that it is behind
         * @param ageS seconds since it was last seen
         * @param packets how many came from it since it was learned there
         */
        void address(long mac, String domain, int vlan, String port, int ageS, long packets);
    }

    /**
     * Walks over the learned addresses, which may change meanwhile.
     *
     * @param visitor takes each
     */
    public synchronized void forEachAddress(AddressVisitor visitor) {
        Map<Integer, Place> byFid = new HashMap<>();
        fids.forEach((key, fid) -> byFid.put(fid, new Place(key.substring(key.indexOf(' ') + 1),
                Integer.parseInt(key.substring(0, key.indexOf(' '))))));
        macs.forEach(now, (mac, fid, port, ageS, packets) -> {
            Place where = byFid.get(fid);
            if (where != null && ports[port] != null) {
                visitor.address(mac, where.domain, where.vlan, ports[port].name, ageS, packets);
            }
        });
    }

    /**
     * How many addresses are learned behind a port.
     *
     * @param port the port
     * @return how many
     */
    public int addresses(SwitchPort port) {
        return macs.size(port.index);
    }

    Plan plan() {
        return plan;
    }

    Qsbr qsbr() {
        return qsbr;
    }

    int now() {
        return now;
    }

    long nanoTime() {
        return clock.getAsLong();
    }
}
