/** The environment abstraction layer, rings, pools, packet buffers, protocol headers and ports. */
module dev.penstock.core {
    requires transitive dev.penstock.linux;
    requires static jdk.jfr;
    requires static jdk.management;

    exports dev.penstock.threads;
    exports dev.penstock.telemetry;
    exports dev.penstock.eal;
    exports dev.penstock.ring;
    exports dev.penstock.mempool;
    exports dev.penstock.mbuf;
    exports dev.penstock.net;
    exports dev.penstock.gso;
    exports dev.penstock.gro;
    exports dev.penstock.ethdev;
    exports dev.penstock.metrics;
    exports dev.penstock.jit;
    exports dev.penstock.meter;
    exports dev.penstock.reorder;
    exports dev.penstock.distributor;

    uses dev.penstock.ethdev.PortDriver;
    uses dev.penstock.ethdev.PortsService;
}
