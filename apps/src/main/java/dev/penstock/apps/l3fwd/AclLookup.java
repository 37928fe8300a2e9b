package dev.penstock.apps.l3fwd;

import dev.penstock.acl.Acl;
import dev.penstock.acl.AclField;
import dev.penstock.acl.AclRule;
import dev.penstock.mbuf.Mbuf;
import java.util.List;

/** {@code --lookup=acl}: the first of the rules that match addresses, ports and protocol. */
final class AclLookup extends Lookup {
    private final Acl ipv4;
    private final Acl ipv6;
    private final byte[] keys = new byte[Router.BURST * FlowKeys.IPV6];

    private AclLookup(Acl ipv4, Acl ipv6) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
    }

    /** Builds the tables, and makes classes of them. */
    static AclLookup of(List<AclRule> ipv4, List<AclRule> ipv6) {
        return new AclLookup(table(AclRules.IPV4, ipv4), table(AclRules.IPV6, ipv6));
    }

    private static Acl table(List<AclField> fields, List<AclRule> rules) {
        Acl table = new Acl(fields, Math.max(1, rules.size()));
        table.addAll(rules);
        table.build();
        table.compile();
        return table;
    }

    /** The same tables for another lcore. */
    AclLookup another() {
        return new AclLookup(ipv4, ipv6);
    }

    @Override
    void ipv4(Mbuf[] packets, int[] destinations, int[] hops, int n) {
        for (int i = 0; i < n; i++) {
            FlowKeys.ipv4(packets[i], keys, i * FlowKeys.IPV4);
        }
        ipv4.classify(keys, FlowKeys.IPV4, n, 1, hops);
        hops(hops, n);
    }

    @Override
    void ipv6(Mbuf[] packets, long[] destinations, int[] hops, int n) {
        for (int i = 0; i < n; i++) {
            FlowKeys.ipv6(packets[i], keys, i * FlowKeys.IPV6);
        }
        ipv6.classify(keys, FlowKeys.IPV6, n, 1, hops);
        hops(hops, n);
    }

    /** Makes ports of what the rules say. */
    private static void hops(int[] hops, int n) {
        for (int i = 0; i < n; i++) {
            // NO_MATCH is 0 and so becomes NO_ROUTE
            hops[i] = hops[i] == AclRules.DENY ? DENIED : hops[i] - 1;
        }
    }
}
