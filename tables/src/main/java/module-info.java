/** Look-up tables: routes, flows, rules; and the reclamation that lets them change while packets pass. */
module dev.penstock.tables {
    requires transitive dev.penstock.core;

    exports dev.penstock.tables;
    exports dev.penstock.rcu;
    exports dev.penstock.rib;
    exports dev.penstock.lpm;
    exports dev.penstock.lpm6;
    exports dev.penstock.hash;
    exports dev.penstock.fib;
    exports dev.penstock.maglev;
    exports dev.penstock.member;
    exports dev.penstock.efd;
    exports dev.penstock.flowtable;
    exports dev.penstock.acl;
    exports dev.penstock.flow;
}
