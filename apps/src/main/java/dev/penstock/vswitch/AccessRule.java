package dev.penstock.vswitch;

import dev.penstock.net.IpProtocol;
import dev.penstock.net.MacAddress;
import java.util.ArrayList;
import java.util.List;

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
        String text() {
            return first == last ? Integer.toString(first) : first + "-" + last;
        }

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

    /** As a configuration has it: {@code deny: {proto: 6, dst-port: 25}}. */
    String text() {
        List<String> fields = new ArrayList<>();
        say(fields, "src-mac", srcMac == ANY ? null : MacAddress.format(srcMac));
        say(fields, "dst-mac", dstMac == ANY ? null : MacAddress.format(dstMac));
        say(fields, "type", etherType == ANY ? null : "0x%04x".formatted(etherType));
        say(fields, "src", src == null ? null : src.text());
        say(fields, "dst", dst == null ? null : dst.text());
        say(fields, "proto", protocol == ANY ? null : switch (protocol) {
            case IpProtocol.TCP -> "tcp";
            case IpProtocol.UDP -> "udp";
            case IpProtocol.SCTP -> "sctp";
            case IpProtocol.ICMP -> "icmp";
            case IpProtocol.ICMPV6 -> "icmpv6";
            default -> Integer.toString(protocol);
        });
        say(fields, "src-port", srcPorts == null ? null : srcPorts.text());
        say(fields, "dst-port", dstPorts == null ? null : dstPorts.text());
        return (permit ? "permit: {" : "deny: {") + String.join(", ", fields) + "}";
    }

    private static void say(List<String> fields, String name, String value) {
        if (value != null) {
            fields.add(name + ": " + value);
        }
    }

    boolean needsIp() {
        return src != null || dst != null || protocol != ANY;
    }
}
