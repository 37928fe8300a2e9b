package dev.penstock.apps.l3fwd;

import dev.penstock.lpm.Lpm;
import dev.penstock.lpm6.Lpm6;
import dev.penstock.mbuf.Mbuf;

/** {@code --lookup=lpm}: the longest prefix. */
final class LpmLookup extends Lookup {
    private final Lpm ipv4;
    private final Lpm6 ipv6;

    private LpmLookup(Lpm ipv4, Lpm6 ipv6) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
    }

    /** Fills the tables, which all lcores share. */
    static LpmLookup of(PrefixRoutes routes) {
        Lpm ipv4 = new Lpm(Math.max(1, routes.ipv4.size()), routes.longIpv4());
        routes.ipv4.forEach(r -> ipv4.add(r.address(), r.depth(), r.port()));
        return new LpmLookup(ipv4, ipv6(routes));
    }

    private static Lpm6 ipv6(PrefixRoutes routes) {
        Lpm6 table = new Lpm6(Math.max(1, routes.ipv6.size()), routes.ipv6Groups());
        routes.ipv6.forEach(r -> table.add(r.address().high(), r.address().low(), r.depth(), r.port()));
        return table;
    }

    @Override
    void ipv4(Mbuf[] packets, int[] destinations, int[] hops, int n) {
        ipv4.lookupBulk(destinations, hops, n);
    }

    @Override
    void ipv6(Mbuf[] packets, long[] destinations, int[] hops, int n) {
        ipv6.lookupBulk(destinations, hops, n);
    }
}
