/** The port drivers, one package each. */
module dev.penstock.drivers {
    requires transitive dev.penstock.core;
    requires dev.penstock.virt;

    exports dev.penstock.drivers.pcap;
    exports dev.penstock.drivers.ringdev;

    provides dev.penstock.ethdev.PortsService with dev.penstock.drivers.pdump.Pdump;
    provides dev.penstock.ethdev.PortDriver with
            dev.penstock.drivers.afpacket.AfPacketDriver,
            dev.penstock.drivers.afxdp.AfXdpDriver,
            dev.penstock.drivers.tap.TapDriver,
            dev.penstock.drivers.tap.TunDriver,
            dev.penstock.drivers.memif.MemifDriver,
            dev.penstock.drivers.nulldev.NullDriver,
            dev.penstock.drivers.fault.FaultDriver,
            dev.penstock.drivers.trace.TraceDriver,
            dev.penstock.drivers.pcap.PcapTapDriver,
            dev.penstock.drivers.pcap.PcapDriver,
            dev.penstock.drivers.ringdev.RingDriver,
            dev.penstock.drivers.virtiouser.VirtioUserDriver,
            dev.penstock.drivers.vhost.VhostDriver;
}
