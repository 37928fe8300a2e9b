package dev.penstock.testkit;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Rules over IPv4 5-tuples like those of ClassBench (Taylor and Turner), which imitates rule sets of real access
 * lists, firewalls and IP chains: nested prefixes from a few networks, well-known ports, a rest of wide rules.
 */
public final class ClassBench {
    private static final int[] PORTS = {20, 21, 22, 23, 25, 53, 80, 88, 110, 111, 123, 135, 139, 143, 161, 179, 389, 443,
        445, 514, 587, 636, 993, 1433, 1521, 1723, 2049, 3128, 3306, 3389, 5060, 5432, 5900, 6000, 6789, 8080, 8443};

    private ClassBench() {}

    /** What the rules are like. */
    public enum Kind {
        /** Of an access list: both addresses and the destination port. */
        ACL(4, 2, 0, 85),
        /** Of a firewall: often only one address, ranges of ports. */
        FW(35, 20, 40, 60),
        /** Of an IP chain: all sorts. */
        IPC(15, 15, 20, 70);

        private final int anySource;
        private final int anyDestination;
        private final int sourcePorts;
        private final int destinationPorts;

        Kind(int anySource, int anyDestination, int sourcePorts, int destinationPorts) {
            this.anySource = anySource;
            this.anyDestination = anyDestination;
            this.sourcePorts = sourcePorts;
            this.destinationPorts = destinationPorts;
        }
    }

    /**
     * A rule.
     *
     * @param source source address
     * @param sourceLength its prefix length
     * @param destination destination address
     * @param destinationLength its prefix length
     * @param sourceLow least source port
     * @param sourceHigh greatest source port
     * @param destinationLow least destination port
     * @param destinationHigh greatest destination port
     * @param protocol IP protocol
     * @param protocolMask 255, or 0 for any
     */
    public record Rule(int source, int sourceLength, int destination, int destinationLength, int sourceLow, int sourceHigh,
            int destinationLow, int destinationHigh, int protocol, int protocolMask) {
        /** The line that ClassBench and dpdk-test-acl write for it. */
        @Override
        public String toString() {
            return "@" + address(source) + "/" + sourceLength + "\t" + address(destination) + "/" + destinationLength + "\t"
                    + sourceLow + " : " + sourceHigh + "\t" + destinationLow + " : " + destinationHigh + "\t"
                    + String.format("0x%02x/0x%02x", protocol, protocolMask);
        }

        /**
         * A packet that matches the rule.
         *
         * @param random where free bits come from
         * @return source, destination, source port, destination port, protocol
         */
        public int[] packet(SplittableRandom random) {
            return new int[] {source | random.nextInt() & ~prefix(sourceLength),
                destination | random.nextInt() & ~prefix(destinationLength), random.nextInt(sourceLow, sourceHigh + 1),
                random.nextInt(destinationLow, destinationHigh + 1), protocolMask == 0 ? random.nextInt(256) : protocol};
        }
    }

    private static int prefix(int length) {
        return length == 0 ? 0 : -1 << 32 - length;
    }

    private static String address(int ip) {
        return (ip >>> 24) + "." + (ip >>> 16 & 0xff) + "." + (ip >>> 8 & 0xff) + "." + (ip & 0xff);
    }

    /**
     * Makes rules, no two of them alike.
     *
     * @param kind what they are like
     * @param count how many
     * @param random where they come from
     * @return them, the first to win first
     */
    public static List<Rule> rules(Kind kind, int count, SplittableRandom random) {
        int[] networks = networks(count, random);
        Set<Rule> rules = new LinkedHashSet<>();
        while (rules.size() < count) {
            rules.add(rule(kind, networks, random));
        }
        List<Rule> list = new ArrayList<>(rules);
        // Wide rules stand last, as people write them; else they would hide what follows.
        list.sort((a, b) -> Integer.compare(width(a), width(b)));
        return list;
    }

    private static int width(Rule rule) {
        return (64 - rule.sourceLength - rule.destinationLength) / 8;
    }

    private static int[] networks(int count, SplittableRandom random) {
        int[] networks = new int[Math.max(4, (int) Math.sqrt(count) * 2)];
        for (int i = 0; i < networks.length; i++) {
            networks[i] = random.nextInt() & prefix(16) | (i % 4 == 0 ? 0 : random.nextInt() & 0xff00);
        }
        return networks;
    }

    private static Rule rule(Kind kind, int[] networks, SplittableRandom random) {
        int sourceLength = random.nextInt(100) < kind.anySource ? 0 : length(random);
        int anyDestination = sourceLength == 0 ? kind.anyDestination / 10 : kind.anyDestination;
        int destinationLength = random.nextInt(100) < anyDestination ? 0 : length(random);
        int[] from = random.nextInt(100) < kind.sourcePorts ? ports(random) : new int[] {0, 65_535};
        int[] to = random.nextInt(100) < kind.destinationPorts ? ports(random) : new int[] {0, 65_535};
        boolean ports = from[1] - from[0] < 65_535 || to[1] - to[0] < 65_535;
        int protocol = random.nextInt(100) < 75 ? 6 : random.nextInt(100) < 80 ? 17 : 1;
        boolean any = !ports && random.nextInt(100) < 50;
        return new Rule(address(networks, sourceLength, random), sourceLength, address(networks, destinationLength, random),
                destinationLength, from[0], from[1], to[0], to[1], any ? 0 : ports && protocol == 1 ? 6 : protocol, any ? 0 : 255);
    }

    private static int length(SplittableRandom random) {
        int pick = random.nextInt(100);
        return pick < 55 ? 32 : pick < 75 ? 24 : pick < 90 ? 25 + random.nextInt(7) : pick < 98 ? 16 + random.nextInt(8)
                : 8 + random.nextInt(8);
    }

    private static int address(int[] networks, int length, SplittableRandom random) {
        int network = networks[random.nextInt(networks.length)];
        return (network | random.nextInt() & 0xffff & (random.nextInt(4) == 0 ? -1 : 0xff)) & prefix(length);
    }

    private static int[] ports(SplittableRandom random) {
        int pick = random.nextInt(100);
        if (pick < 80) {
            int port = random.nextInt(4) > 0 ? PORTS[random.nextInt(PORTS.length)] : 1024 + random.nextInt(20_000);
            return new int[] {port, port};
        }
        if (pick < 92) {
            return new int[] {1024, 65_535};
        }
        int low = random.nextInt(60_000);
        return new int[] {low, low + random.nextInt(1000)};
    }
}
