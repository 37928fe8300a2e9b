package dev.penstock.ethdev;

/** The one place where offloads that a device lacks are done in software, as callbacks of its queues or before them. */
final class SoftwareOffload {
    /** {@link RxOffload} bits that every port has by this class. */
    static final long RX = RxOffload.VLAN_STRIP | RxOffload.VLAN_FILTER | RxOffload.IPV4_CKSUM | RxOffload.UDP_CKSUM
            | RxOffload.TCP_CKSUM | RxOffload.SCTP_CKSUM | RxOffload.RSS_HASH;
    /** {@link TxOffload} bits that every port has by this class. */
    static final long TX = TxOffload.VLAN_INSERT | TxOffload.IPV4_CKSUM | TxOffload.UDP_CKSUM | TxOffload.TCP_CKSUM
            | TxOffload.SCTP_CKSUM | TxOffload.MULTI_SEGS | TxOffload.TCP_TSO;
    private static final long TX_IN_PLACE = TX & ~TxOffload.TCP_TSO;

    private SoftwareOffload() {}

    static RxCallback[] receive(Port port, RxQueueConfig config) {
        long wanted = (port.config().rxOffloads() | config.offloads()) & RX & ~port.info().rxOffloads();
        return wanted == 0 ? null : new RxCallback[] {new SoftwareRx(wanted, port.filters(), port.rss())};
    }

    static TxCallback[] transmit(Port port, TxQueueConfig config) {
        long wanted = (port.config().txOffloads() | config.offloads()) & TX_IN_PLACE & ~port.info().txOffloads();
        return wanted == 0 ? null : new TxCallback[] {new SoftwareTx(wanted)};
    }

    /** The device's queue, or one before it that does what changes the number of packets; where a peer may not take that. */
    static TxQueue transmitQueue(Port port, TxQueueConfig config, TxQueue device) {
        long wanted = port.config().txOffloads() | config.offloads();
        return (wanted & TxOffload.TCP_TSO) != 0 ? new SoftwareTso(device) : device;
    }

    /** A queue's callbacks with others at the beginning than before; what they counted goes on. */
    static RxCallback[] again(RxCallback[] old, RxCallback[] software) {
        RxCallback[] now = software;
        if (old != null) {
            for (RxCallback callback : old) {
                if (!(callback instanceof SoftwareRx before)) {
                    now = Callbacks.with(now, callback, RxCallback.class);
                } else if (software != null) {
                    ((SoftwareRx) software[0]).resume(before);
                }
            }
        }
        return now;
    }
}
