package dev.penstock.apps.l3fwd;

import dev.penstock.net.Ipv6Address;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** The rules of exact match: {@code Rdestination source destination-port source-port protocol port}, or DPDK's own sixteen. */
final class FlowRoutes {
    /** A flow's key, see {@link FlowKeys}, and the port it goes to. */
    record Flow(byte[] key, int port) {}

    private static final int DEFAULTS = 16;
    private static final int MAX_PORT = 65_535;

    final List<Flow> ipv4 = new ArrayList<>();
    final List<Flow> ipv6 = new ArrayList<>();
    /** Flows to ports that do not forward, which are left out. */
    int skipped;
    /** Of two rules of the same flow the later one holds, as in DPDK's table. */
    final Repeats repeats4 = new Repeats();
    final Repeats repeats6 = new Repeats();

    /** As {@link PrefixRoutes#PrefixRoutes}. */
    FlowRoutes(Path ipv4File, Path ipv6File, IntPredicate enabled) {
        if (ipv4File == null && ipv6File == null) {
            for (int i = 0; i < DEFAULTS; i++) {
                int net = 0xc612_0000 | i << 8;
                add(ipv4, FlowKeys.ipv4(net | 1, net, 9, 9, 17), i, enabled);
                long high = 0x2001_0200_0000_0000L | i;
                add(ipv6, FlowKeys.ipv6(new Ipv6Address(high, 1), new Ipv6Address(high, 0), 9, 9, 17), i, enabled);
            }
            return;
        }
        if (ipv4File != null) {
            RuleFile.read(ipv4File, "R", "R198.18.0.2 198.18.0.1 80 1024 17 1", line -> {
                int dst = line.ipv4("destination");
                int src = line.ipv4("source");
                int dstPort = line.number("destination port", MAX_PORT);
                int srcPort = line.number("source port", MAX_PORT);
                byte[] key = FlowKeys.ipv4(src, dst, srcPort, dstPort, line.number("protocol", 255));
                if (add(ipv4, key, line.number("port", 255), enabled)) {
                    repeats4.add(line, ByteBuffer.wrap(key), "the flow", "later");
                }
            });
        }
        if (ipv6File != null) {
            RuleFile.read(ipv6File, "R", "R2001:db8::2 2001:db8::1 80 1024 17 1", line -> {
                Ipv6Address dst = line.ipv6("destination");
                Ipv6Address src = line.ipv6("source");
                int dstPort = line.number("destination port", MAX_PORT);
                int srcPort = line.number("source port", MAX_PORT);
                byte[] key = FlowKeys.ipv6(src, dst, srcPort, dstPort, line.number("protocol", 255));
                if (add(ipv6, key, line.number("port", 255), enabled)) {
                    repeats6.add(line, ByteBuffer.wrap(key), "the flow", "later");
                }
            });
        }
    }

    private boolean add(List<Flow> flows, byte[] key, int port, IntPredicate enabled) {
        if (!enabled.test(port)) {
            skipped++;
            return false;
        }
        return flows.add(new Flow(key, port));
    }
}
