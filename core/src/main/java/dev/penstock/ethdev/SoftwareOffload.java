package dev.penstock.ethdev;

/** The one place where offloads that a device lacks are done in software, as callbacks of its queues. */
final class SoftwareOffload {
    /** {@link RxOffload} bits that every port has by this class. */
    static final long RX = RxOffload.VLAN_STRIP | RxOffload.VLAN_FILTER | RxOffload.IPV4_CKSUM | RxOffload.UDP_CKSUM
            | RxOffload.TCP_CKSUM | RxOffload.SCTP_CKSUM | RxOffload.RSS_HASH;
    /** {@link TxOffload} bits that every port has by this class. */
    static final long TX = TxOffload.VLAN_INSERT | TxOffload.IPV4_CKSUM | TxOffload.UDP_CKSUM | TxOffload.TCP_CKSUM
            | TxOffload.SCTP_CKSUM | TxOffload.MULTI_SEGS;

    private SoftwareOffload() {}

    static RxCallback[] receive(Port port, RxQueueConfig config) {
        long wanted = (port.config().rxOffloads() | config.offloads()) & RX & ~port.info().rxOffloads();
        return wanted == 0 ? null : new RxCallback[] {new SoftwareRx(wanted, port.filters(), port.rss())};
    }

    static TxCallback[] transmit(Port port, TxQueueConfig config) {
        long wanted = (port.config().txOffloads() | config.offloads()) & TX & ~port.info().txOffloads();
        return wanted == 0 ? null : new TxCallback[] {new SoftwareTx(wanted)};
    }
}
