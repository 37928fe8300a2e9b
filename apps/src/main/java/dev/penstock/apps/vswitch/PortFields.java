package dev.penstock.apps.vswitch;

import dev.penstock.net.IpProtocol;
import dev.penstock.net.MacAddress;
import dev.penstock.vswitch.AccessList;
import dev.penstock.vswitch.AccessRule;
import dev.penstock.vswitch.AccessRule.PortRange;
import dev.penstock.vswitch.IpPrefix;
import dev.penstock.vswitch.PortSettings;
import dev.penstock.vswitch.PortSettings.Flood;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The fields that say how a port behaves: the same in the file and at the prompt. */
final class PortFields {
    /** Those that may change while traffic flows. */
    static final List<String> CHANGEABLE = List.of("tenant", "vlan", "trunk", "isolated", "mac-limit", "rx-rate", "tx-rate", "flood",
            "acl-in", "acl-out");
    /** Those of how a device is polled. */
    static final List<String> OF_DEVICES = List.of("forwarder", "queues");
    /** Names of the fields, for errors. */
    static final List<String> NAMES = Stream.concat(CHANGEABLE.stream(), OF_DEVICES.stream()).toList();

    private static final long DEFAULT_BURST_MS = 50;
    /** Of the longest packet before it is cut into segments, two. */
    private static final long MIN_BURST = 1L << 17;
    /** The longest frame of Ethernet's own MTU. */
    private static final int MIN_FRAME = 1518;
    private static final int MAX_PORT = 65535;
    private static final int MAX_QUEUES = 64;
    private static final int MAX_ACL_RULES = 1000;

    private PortFields() {}

    /**
     * Sets one field.
     *
     * @param settings takes it
     * @param name the field's
     * @param value its value
     * @return false when there is no such field
     */
    static boolean set(PortSettings settings, String name, YamlNode value) {
        switch (name) {
            case "tenant" -> settings.domain(value.text());
            case "vlan" -> settings.access(value.number(1, PortSettings.MAX_VLAN));
            case "trunk" -> trunk(settings, value);
            case "isolated" -> settings.isolated(value.flag());
            case "mac-limit" -> settings.macLimit(value.number(0, 1 << 20));
            case "rx-rate" -> {
                long[] rate = rate(value);
                settings.rxRate(rate[0], rate[1]);
            }
            case "tx-rate" -> {
                long[] rate = rate(value);
                settings.txRate(rate[0], rate[1]);
            }
            case "flood" -> flood(settings, value);
            case "acl-in" -> settings.aclIn(acl(value));
            case "acl-out" -> settings.aclOut(acl(value));
            case "queues" -> settings.queues(value.number(1, MAX_QUEUES));
            case "forwarder" -> settings.forwarder(value.number(0, 63));
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Either {@code [10, 20-30]}, {@code all}, or both with a native VLAN: {@code {vlans: [10], native: 1}}. */
    private static void trunk(PortSettings settings, YamlNode value) {
        YamlNode vlans = value;
        int nativeVlan = 0;
        if (value.isMap()) {
            vlans = null;
            for (Map.Entry<String, YamlNode> field : value.fields().entrySet()) {
                switch (field.getKey()) {
                    case "vlans" -> vlans = field.getValue();
                    case "native" -> nativeVlan = field.getValue().number(1, PortSettings.MAX_VLAN);
                    default -> throw field.getValue().error("no field of a trunk; there are vlans, native");
                }
            }
            if (vlans == null) {
                throw value.error("vlans is missing; give such as [10, 20-30]");
            }
        }
        settings.trunk(vlans(vlans), nativeVlan);
    }

    private static BitSet vlans(YamlNode value) {
        BitSet set = new BitSet();
        if (!value.isList() && value.text().equals("all")) {
            set.set(1, PortSettings.MAX_VLAN + 1);
            return set;
        }
        for (YamlNode item : value.isList() ? value.items() : List.of(value)) {
            int[] range = range(item, 1, PortSettings.MAX_VLAN);
            set.set(range[0], range[1] + 1);
        }
        if (set.isEmpty()) {
            throw value.error("no VLAN; give such as [10, 20-30]");
        }
        return set;
    }

    private static int[] range(YamlNode value, int min, int max) {
        String[] ends = value.text().split("-", 2);
        try {
            int first = Integer.parseInt(ends[0].strip());
            int last = ends.length == 1 ? first : Integer.parseInt(ends[1].strip());
            if (first >= min && last >= first && last <= max) {
                return new int[] {first, last};
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw value.error("'" + value.text() + "' is neither a number from " + min + " to " + max + " nor a range such as 20-30");
    }

    /** Either {@code 100mbit}, {@code off} or {@code unlimited}, or {@code {rate: 100mbit, burst: 64k}}: bytes a second and bytes. */
    private static long[] rate(YamlNode value) {
        if (!value.isMap()) {
            if (value.text().equals("off") || value.text().equals("unlimited")) {
                return new long[2];
            }
            long rate = value.read(Quantity::rate);
            return new long[] {rate, Math.max(MIN_BURST, rate * DEFAULT_BURST_MS / 1000)};
        }
        long[] rate = new long[2];
        for (Map.Entry<String, YamlNode> field : value.fields().entrySet()) {
            switch (field.getKey()) {
                case "rate" -> rate[0] = field.getValue().read(Quantity::rate);
                case "burst" -> rate[1] = field.getValue().read(Quantity::bytes);
                default -> throw field.getValue().error("no field of a rate; there are rate, burst");
            }
        }
        if (rate[0] == 0 || rate[1] == 0) {
            throw value.error((rate[0] == 0 ? "rate" : "burst") + " is missing; give such as {rate: 100mbit, burst: 64k}");
        }
        if (rate[1] < MIN_FRAME) {
            throw value.error("a burst of " + rate[1] + " bytes holds no frame of " + MIN_FRAME + ", which would never pass; give more");
        }
        return rate;
    }

    private static void flood(PortSettings settings, YamlNode value) {
        value.fields().forEach((name, rate) -> {
            Flood kind = switch (name) {
                case "broadcast" -> Flood.BROADCAST;
                case "multicast" -> Flood.MULTICAST;
                case "unknown" -> Flood.UNKNOWN;
                default -> throw rate.error("no kind of flood; there are broadcast, multicast, unknown");
            };
            settings.flood(kind, switch (rate.text()) {
                case "off" -> 0;
                case "unlimited" -> PortSettings.UNLIMITED;
                default -> rate.number(0, Integer.MAX_VALUE);
            });
        });
    }

    /** Rules in order; null for an empty list. */
    private static AccessList acl(YamlNode value) {
        List<AccessRule> rules = new ArrayList<>();
        for (YamlNode item : value.items()) {
            if (rules.size() == MAX_ACL_RULES) {
                throw item.error("more than " + MAX_ACL_RULES + " rules");
            }
            Map<String, YamlNode> fields = item.fields();
            String action = fields.size() == 1 ? fields.keySet().iterator().next() : "";
            if (!action.equals("permit") && !action.equals("deny")) {
                throw item.error("give a rule as \"permit: {...}\" or \"deny: {...}\"");
            }
            rules.add(rule(action.equals("permit"), fields.get(action)));
        }
        return rules.isEmpty() ? null : new AccessList(rules);
    }

    private static AccessRule rule(boolean permit, YamlNode value) {
        long srcMac = AccessRule.ANY;
        long dstMac = AccessRule.ANY;
        int type = AccessRule.ANY;
        int protocol = AccessRule.ANY;
        IpPrefix src = null;
        IpPrefix dst = null;
        PortRange srcPorts = null;
        PortRange dstPorts = null;
        for (Map.Entry<String, YamlNode> field : value.fields().entrySet()) {
            YamlNode v = field.getValue();
            switch (field.getKey()) {
                case "src-mac" -> srcMac = v.read(MacAddress::parse);
                case "dst-mac" -> dstMac = v.read(MacAddress::parse);
                case "type" -> type = v.number(0, MAX_PORT);
                case "src" -> src = v.read(IpPrefix::parse);
                case "dst" -> dst = v.read(IpPrefix::parse);
                case "proto" -> protocol = protocol(v);
                case "src-port" -> srcPorts = ports(v);
                case "dst-port" -> dstPorts = ports(v);
                default -> throw v.error("no field of a rule; there are src-mac, dst-mac, type, src, dst, proto, src-port, dst-port");
            }
        }
        try {
            return new AccessRule(permit, srcMac, dstMac, type, src, dst, protocol, srcPorts, dstPorts);
        } catch (IllegalArgumentException e) {
            throw value.error(e.getMessage());
        }
    }

    private static PortRange ports(YamlNode value) {
        int[] range = range(value, 0, MAX_PORT);
        return new PortRange(range[0], range[1]);
    }

    private static int protocol(YamlNode value) {
        return switch (value.text().toLowerCase(Locale.ROOT)) {
            case "tcp" -> IpProtocol.TCP;
            case "udp" -> IpProtocol.UDP;
            case "sctp" -> IpProtocol.SCTP;
            case "icmp" -> IpProtocol.ICMP;
            case "icmpv6" -> IpProtocol.ICMPV6;
            default -> value.number(0, 255);
        };
    }
}
