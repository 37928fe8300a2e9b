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

    /** A queue's callbacks with another of this class in the place of that before, or at the beginning; what that counted goes on. */
    static RxCallback[] again(RxCallback[] old, RxCallback[] software) {
        SoftwareRx before = of(old);
        RxCallback[] now = null;
        for (int i = 0; old != null && i < old.length; i++) {
            if (old[i] != before) {
                now = Callbacks.with(now, old[i], RxCallback.class);
            } else if (software != null) {
                ((SoftwareRx) software[0]).resume(before);
                now = Callbacks.with(now, software[0], RxCallback.class);
            }
        }
        return software == null || before != null ? now : Callbacks.first(software[0], now, RxCallback.class);
    }

    /** That among a queue's callbacks which is of this class, or null. */
    static SoftwareRx of(RxCallback[] callbacks) {
        for (int i = 0; callbacks != null && i < callbacks.length; i++) {
            if (callbacks[i] instanceof SoftwareRx software) {
                return software;
            }
        }
        return null;
    }
}
