package dev.penstock.drivers.afxdp;

import java.util.Locale;

/** What the kernel counts for a socket, in the order of struct xdp_statistics. */
enum XskCounter {
    /** Frames dropped for want of a buffer, or because they were longer than one. */
    RX_DROPPED,
    /** Addresses lent that the kernel did not accept. */
    RX_INVALID_DESCS,
    /** Descriptors to be sent that the kernel did not accept. */
    TX_INVALID_DESCS,
    /** Frames dropped because nobody took those before. */
    RX_RING_FULL,
    /** Times that the kernel found no buffer lent. */
    RX_FILL_RING_EMPTY,
    /** Times that the kernel found nothing to send. */
    TX_RING_EMPTY;

    String xstat() {
        return "kernel_" + name().toLowerCase(Locale.ROOT);
    }
}
