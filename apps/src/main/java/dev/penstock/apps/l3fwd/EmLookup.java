package dev.penstock.apps.l3fwd;

import dev.penstock.hash.Hash;
import dev.penstock.hash.HashConfig;
import dev.penstock.mbuf.Mbuf;

/** {@code --lookup=em}: exactly these addresses, ports and protocol. */
final class EmLookup extends Lookup {
    private static final int MIN_ENTRIES = 8;

    private final EmTable ipv4;
    private final Hash ipv6;
    private final EmTable.Columns columns = new EmTable.Columns();
    private final byte[] keys = new byte[Router.BURST * FlowKeys.IPV6];
    private final int[] positions = new int[Router.BURST];
    private final long[] ports = new long[Router.BURST];

    private EmLookup(EmTable ipv4, Hash ipv6) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
    }

    /** Fills the tables, that of IPv6 with room for so many flows at least. */
    static EmLookup of(FlowRoutes routes, int entries) {
        Hash ipv6 = new Hash(HashConfig.of(Math.max(MIN_ENTRIES, Math.max(routes.ipv6.size(), entries)), FlowKeys.IPV6));
        routes.ipv6.forEach(f -> ipv6.add(f.key(), f.port()));
        return new EmLookup(new EmTable(routes.ipv4), ipv6);
    }

    /** The same tables for another lcore. */
    EmLookup another() {
        return new EmLookup(ipv4, ipv6);
    }

    @Override
    void ipv4(Mbuf[] packets, int[] destinations, int[] hops, int n) {
        columns.load(packets, n);
        ipv4.find(columns, hops, n);
    }

    @Override
    void ipv6(Mbuf[] packets, long[] destinations, int[] hops, int n) {
        for (int i = 0; i < n; i++) {
            FlowKeys.ipv6(packets[i], keys, i * FlowKeys.IPV6);
        }
        long hits = ipv6.lookupBulkData(keys, 0, FlowKeys.IPV6, positions, ports, n);
        for (int i = 0; i < n; i++) {
            // All bits where there is no flow, which is NO_ROUTE.
            int none = (int) (hits >>> i & 1) - 1;
            hops[i] = (int) ports[i] | none;
        }
    }
}
