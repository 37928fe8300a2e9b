package dev.penstock.apps.l3fwd;

import dev.penstock.fib.Fib;
import dev.penstock.fib.Fib6;
import dev.penstock.mbuf.Mbuf;

/** {@code --lookup=fib}: the longest prefix, in entries as small as routes longer than 24 bits let them be. */
final class FibLookup extends Lookup {
    /** Stands for no route; entries of one byte hold it, and no port has that number. */
    private static final int NONE = 127;
    /** How many groups of long routes entries of one and of two bytes can name. */
    private static final int BYTE_GROUPS = 128;
    private static final int SHORT_GROUPS = 1 << 15;

    private final Fib ipv4;
    private final Fib6 ipv6;
    private final long[] found = new long[Router.BURST];

    private FibLookup(Fib ipv4, Fib6 ipv6) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
    }

    /** Fills the tables. */
    static FibLookup of(PrefixRoutes routes) {
        int groups = Math.max(routes.longIpv4(), routes.ipv6Groups());
        int bytes = groups <= BYTE_GROUPS ? 1 : groups <= SHORT_GROUPS ? 2 : 4;
        Fib ipv4 = new Fib(Math.max(1, routes.ipv4.size()), bytes, routes.longIpv4(), NONE);
        routes.ipv4.forEach(r -> ipv4.add(r.address(), r.depth(), r.port()));
        Fib6 ipv6 = new Fib6(Math.max(1, routes.ipv6.size()), bytes, routes.ipv6Groups(), NONE);
        routes.ipv6.forEach(r -> ipv6.add(r.address().high(), r.address().low(), r.depth(), r.port()));
        return new FibLookup(ipv4, ipv6);
    }

    /** The same tables for another lcore. */
    FibLookup another() {
        return new FibLookup(ipv4, ipv6);
    }

    @Override
    void ipv4(Mbuf[] packets, int[] destinations, int[] hops, int n) {
        ipv4.lookupBulk(destinations, found, n);
        hops(hops, n);
    }

    @Override
    void ipv6(Mbuf[] packets, long[] destinations, int[] hops, int n) {
        ipv6.lookupBulk(destinations, found, n);
        hops(hops, n);
    }

    private void hops(int[] hops, int n) {
        for (int i = 0; i < n; i++) {
            hops[i] = found[i] == NONE ? NO_ROUTE : (int) found[i];
        }
    }
}
