package dev.penstock.apps.l3fwd;

import dev.penstock.fib.Fib;
import dev.penstock.mbuf.Mbuf;

/** {@code --lookup=fib}: the longest prefix, in entries of one byte, which is enough for 32 ports. */
final class FibLookup extends Lookup {
    private static final int ENTRY_BYTES = 1;
    /** The greatest next hop of that size stands for none. */
    private static final int NONE = 127;

    private final Fib ipv4;
    private final LpmLookup ipv6;
    private final long[] found = new long[Router.BURST];

    private FibLookup(Fib ipv4, LpmLookup ipv6) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
    }

    /** Fills the tables. */
    static FibLookup of(PrefixRoutes routes) {
        Fib ipv4 = new Fib(Math.max(1, routes.ipv4.size()), ENTRY_BYTES, routes.longIpv4(), NONE);
        routes.ipv4.forEach(r -> ipv4.add(r.address(), r.depth(), r.port()));
        return new FibLookup(ipv4, LpmLookup.of(routes));
    }

    /** The same tables for another lcore. */
    FibLookup another() {
        return new FibLookup(ipv4, ipv6);
    }

    @Override
    void ipv4(Mbuf[] packets, int[] destinations, int[] hops, int n) {
        ipv4.lookupBulk(destinations, found, n);
        for (int i = 0; i < n; i++) {
            hops[i] = found[i] == NONE ? NO_ROUTE : (int) found[i];
        }
    }

    @Override
    void ipv6(Mbuf[] packets, long[] destinations, int[] hops, int n) {
        ipv6.ipv6(packets, destinations, hops, n);
    }
}
