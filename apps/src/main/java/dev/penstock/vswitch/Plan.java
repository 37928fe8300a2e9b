package dev.penstock.vswitch;

import java.util.Arrays;
import java.util.stream.IntStream;

/** All that forwarders read of the switch's configuration, made anew at each change. */
final class Plan {
    /** By port index, null where there is none. */
    final Lane[] lanes;
    /** What each forwarder polls. */
    final Poll[][] polled;
    /** Keys of {@link #tunnelKey}, sorted, and the tunnels in the same order. */
    private final long[] tunnelKeys;
    private final Lane[] tunnels;

    /** One queue of a port. */
    record Poll(Lane lane, int queue) {}

    Plan(Lane[] lanes, int forwarders) {
        this.lanes = lanes;
        polled = new Poll[forwarders][];
        for (int f = 0; f < forwarders; f++) {
            int forwarder = f;
            polled[f] = Arrays.stream(lanes).filter(l -> l != null && l.port.tunnel == null)
                    .flatMap(l -> IntStream.range(0, l.port.queues).filter(q -> l.port.forwarder(q) == forwarder).mapToObj(q -> new Poll(l, q)))
                    .toArray(Poll[]::new);
        }
        tunnels = Arrays.stream(lanes).filter(l -> l != null && l.port.tunnel != null)
                .sorted((a, b) -> Long.compare(key(a), key(b))).toArray(Lane[]::new);
        for (Lane tunnel : tunnels) {
            tunnel.underlay = lanes[tunnel.port.tunnel.underlay.index];
        }
        tunnelKeys = Arrays.stream(tunnels).mapToLong(Plan::key).toArray();
    }

    private static long key(Lane lane) {
        return tunnelKey(lane.port.tunnel.underlay.index, lane.port.tunnel.vni, lane.port.tunnel.remoteIp);
    }

    private static long tunnelKey(int underlay, int vni, int remoteIp) {
        return (long) underlay << 56 | (long) vni << 32 | remoteIp & 0xffff_ffffL;
    }

    /** The tunnel that a packet came through, or null. */
    Lane tunnel(SwitchPort underlay, int vni, int remoteIp) {
        int at = Arrays.binarySearch(tunnelKeys, tunnelKey(underlay.index, vni, remoteIp));
        return at < 0 ? null : tunnels[at];
    }

    Lane[] tunnels() {
        return tunnels;
    }
}
