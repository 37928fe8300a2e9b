package dev.penstock.drivers.ringdev;

import dev.penstock.drivers.LocalMac;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.PortDriver;
import dev.penstock.ring.Ring;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes {@code net_ring} ports: what is sent on a queue is received on the same queue. With
 * {@code nodeaction=NAME:NODE:CREATE} the rings get a name, with {@code nodeaction=NAME:NODE:ATTACH}
 * another port uses the same rings. 16 queues of 1023 packets.
 */
public final class RingDriver implements PortDriver {
    /** The most queues each way (DPDK: RTE_PMD_RING_MAX_RX_RINGS). */
    static final int MAX_QUEUES = 16;

    private final Map<String, RingSet> named = new HashMap<>();

    /** For the service loader. */
    public RingDriver() {}

    @Override
    public String name() {
        return "net_ring";
    }

    @Override
    public List<String> aliases() {
        return List.of("eth_ring");
    }

    @Override
    public Set<String> parameters() {
        return Set.of("nodeaction", "internal");
    }

    @Override
    public Device probe(Eal eal, Request request) {
        if (!request.all("internal").isEmpty()) {
            throw new IllegalArgumentException(request.name() + ": internal= holds a pointer of a C program; in Java use RingPorts.fromRings");
        }
        List<String> actions = request.all("nodeaction");
        if (actions.size() > 1) {
            throw new IllegalArgumentException(request.name() + ": more than one nodeaction; give each port its own --vdev");
        }
        RingSet set = actions.isEmpty()
                // Nobody else can reach these rings, and a queue has one thread on each of its ends.
                ? new RingSet(request.name(), Ring.Sync.SINGLE, () -> {})
                : named(request.name(), actions.getFirst());
        set.use();
        return new RingDevice(LocalMac.random(), set.rings(), set.rings(), set::release);
    }

    private RingSet named(String device, String action) {
        String[] parts = action.split(":", -1);
        if (parts.length != 3 || parts[0].isEmpty() || !parts[1].matches("-?\\d{1,3}")
                || !parts[2].equals("CREATE") && !parts[2].equals("ATTACH")) {
            throw new IllegalArgumentException(device + ": nodeaction=" + action
                    + " is not NAME:NODE:CREATE or NAME:NODE:ATTACH, with the number of a NUMA node");
        }
        String name = parts[0];
        RingSet set = named.get(name);
        if (set == null && parts[2].equals("ATTACH")) {
            throw new IllegalArgumentException(device + ": nodeaction=" + action + ": there are no rings named " + name
                    + "; give nodeaction=" + name + ":" + parts[1] + ":CREATE to a port before");
        }
        if (set == null) {
            set = new RingSet(name, Ring.Sync.MULTI, () -> named.remove(name));
            named.put(name, set);
        }
        return set;
    }
}
