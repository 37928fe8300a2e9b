package dev.penstock.vswitch;

import dev.penstock.net.IpProtocol;

/**
 * One line of an access list: what it says of packets that fit. A field that is not said fits any packet.
 *
 * <p>Rules that name ports see only packets that carry them: of a fragment behind the first, a deny rule looks at the other
 * fields alone, and a permit rule does not fit, so that fragments can't pass where whole packets would not.
 *
 * @param permit true to let packets pass that fit, false to drop them
 * @param srcMac the source address, or {@link #ANY}
 * @param dstMac the destination address, or {@link #ANY}
 * @param etherType behind VLAN tags, or {@link #ANY}
 * @param src the IP source prefix, or null
 * @param dst the IP destination prefix, or null
 * @param protocol the IP protocol, or {@link #ANY}
 * @param srcPorts TCP, UDP or SCTP source ports, or null
 * @param dstPorts TCP, UDP or SCTP destination ports, or null
 */
public record AccessRule(boolean permit, long srcMac, long dstMac, int etherType, IpPrefix src, IpPrefix dst, int protocol,
        PortRange srcPorts, PortRange dstPorts) {
    /** A number that is not said. */
    public static final int ANY = -1;

    /**
     * Ports from one to another.
     *
     * @param first 0 to 65535
     * @param last first to 65535
     */
    public record PortRange(int first, int last) {
        boolean contains(int port) {
            return port >= first && port <= last;
        }
    }

    /** Checks that it can fit anything. */
    public AccessRule {
        if (src != null && dst != null && src.isV4() != dst.isV4()) {
            throw new IllegalArgumentException("source and destination are of different IP versions; no packet has both");
        }
        boolean ports = protocol == IpProtocol.TCP || protocol == IpProtocol.UDP || protocol == IpProtocol.SCTP;
        if ((srcPorts != null || dstPorts != null) && !ports) {
            throw new IllegalArgumentException("ports without a protocol that has some; give tcp, udp or sctp");
        }
    }

    boolean needsIp() {
        return src != null || dst != null || protocol != ANY;
    }
}
