package dev.penstock.apps.l3fwd;

import dev.penstock.net.Ipv4Address;
import dev.penstock.net.Ipv6Address;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** The routes of LPM and FIB: {@code Raddress/length port}, from files or DPDK's own sixteen. */
final class PrefixRoutes {
    record Ipv4(int address, int depth, int port) {}

    record Ipv6(Ipv6Address address, int depth, int port) {}

    private static final int DEFAULTS = 16;

    final List<Ipv4> ipv4 = new ArrayList<>();
    final List<Ipv6> ipv6 = new ArrayList<>();
    /** Routes to ports that do not forward, which are left out. */
    int skipped;
    /** Of two routes of the same prefix the later one holds, as in DPDK's tables. */
    final Repeats repeats4 = new Repeats();
    final Repeats repeats6 = new Repeats();

    /**
     * Reads the files, or takes the defaults when there is none.
     *
     * @param ipv4File IPv4 routes, or null
     * @param ipv6File IPv6 routes, or null
     * @param enabled which ports forward
     */
    PrefixRoutes(Path ipv4File, Path ipv6File, IntPredicate enabled) {
        if (ipv4File == null && ipv6File == null) {
            for (int i = 0; i < DEFAULTS; i++) {
                add(new Ipv4(0xc612_0000 | i << 8, 24, i), enabled);
                add(new Ipv6(new Ipv6Address(0x2001_0200_0000_0000L | i, 0), 64, i), enabled);
            }
            return;
        }
        if (ipv4File != null) {
            RuleFile.read(ipv4File, "R", "R198.18.0.0/24 1", line -> {
                long prefix = line.ipv4Prefix("destination");
                int depth = (int) (prefix >>> 32);
                int port = line.number("port", 255);
                if (add(new Ipv4((int) prefix, depth, port), enabled)) {
                    repeats4.add(line, prefix & (long) Ipv4Address.mask(depth) | (long) depth << 32, "the prefix", "later");
                }
            });
        }
        if (ipv6File != null) {
            RuleFile.read(ipv6File, "R", "R2001:db8::/64 1", line -> {
                RuleLine.Prefix6 prefix = line.ipv6Prefix("destination");
                if (add(new Ipv6(prefix.address(), prefix.depth(), line.number("port", 255)), enabled)) {
                    repeats6.add(line, masked(prefix), "the prefix", "later");
                }
            });
        }
    }

    /** The same without the bits behind its length. */
    private static RuleLine.Prefix6 masked(RuleLine.Prefix6 prefix) {
        long high = prefix.address().high() & Ipv6Address.highMask(prefix.depth());
        return new RuleLine.Prefix6(new Ipv6Address(high, prefix.address().low() & Ipv6Address.lowMask(prefix.depth())), prefix.depth());
    }

    private boolean add(Ipv4 route, IntPredicate enabled) {
        if (!enabled.test(route.port)) {
            skipped++;
            return false;
        }
        return ipv4.add(route);
    }

    private boolean add(Ipv6 route, IntPredicate enabled) {
        if (!enabled.test(route.port)) {
            skipped++;
            return false;
        }
        return ipv6.add(route);
    }

    /** /24 networks that have longer routes. */
    int longIpv4() {
        return Math.max(1, (int) ipv4.stream().filter(r -> r.depth > 24).mapToInt(r -> r.address >>> 8).distinct().count());
    }

    /** Groups of 256 that the IPv6 routes may need: one for each byte behind the third. */
    int ipv6Groups() {
        long groups = ipv6.stream().mapToLong(r -> Math.max(0, (r.depth - 17) / 8)).sum();
        return Math.clamp(groups, 1, 1 << 20);
    }
}
