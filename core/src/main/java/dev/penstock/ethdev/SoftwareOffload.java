package dev.penstock.ethdev;

/** The one place where offloads that a device lacks are done in software, as callbacks of its queues. */
final class SoftwareOffload {
    /** {@link RxOffload} bits that every port has by this class. */
    static final long RX = 0;
    /** {@link TxOffload} bits that every port has by this class. */
    static final long TX = 0;

    private SoftwareOffload() {}

    static RxCallback[] receive(Port port, RxQueueConfig config) {
        return null;
    }

    static TxCallback[] transmit(Port port, TxQueueConfig config) {
        return null;
    }
}
