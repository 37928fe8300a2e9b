package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.TxOffload;

/** What csum leaves to the device, from the sending port's settings. */
final class CsumPlan {
    private static final long CHECKSUMS = TxOffload.IPV4_CKSUM | TxOffload.UDP_CKSUM | TxOffload.TCP_CKSUM
            | TxOffload.SCTP_CKSUM | TxOffload.OUTER_IPV4_CKSUM | TxOffload.OUTER_UDP_CKSUM;

    final boolean any;
    /** Whether everything is computed here, and nothing inside tunnels. */
    final boolean plain;
    final boolean ip;
    final boolean udp;
    final boolean tcp;
    final boolean sctp;
    final boolean outerIp;
    final boolean outerUdp;
    final boolean tunnels;
    final boolean addresses;
    /** TCP payload beyond which the device is asked for segments of as much; 0 for none. */
    final int segmentSize;

    /** Bytes of a frame beyond which a TCP packet is cut in software; 0 for no cutting. */
    final int cutSize;

    CsumPlan(PortSettings port) {
        this(port, 0);
    }

    /**
     * @param port the sending port's settings
     * @param cutSize bytes of the longest frame, where the port's settings ask for cutting
     */
    CsumPlan(PortSettings port, int cutSize) {
        this.cutSize = port.cuts ? cutSize : 0;
        long bits = port.txOffloads;
        segmentSize = (bits & TxOffload.TCP_TSO) != 0 ? port.segmentSize : 0;
        any = (bits & CHECKSUMS) != 0 || segmentSize != 0 || this.cutSize != 0;
        ip = (bits & TxOffload.IPV4_CKSUM) != 0;
        udp = (bits & TxOffload.UDP_CKSUM) != 0;
        tcp = (bits & TxOffload.TCP_CKSUM) != 0;
        sctp = (bits & TxOffload.SCTP_CKSUM) != 0;
        outerIp = (bits & TxOffload.OUTER_IPV4_CKSUM) != 0;
        outerUdp = (bits & TxOffload.OUTER_UDP_CKSUM) != 0;
        tunnels = port.csumTunnels;
        addresses = port.csumAddresses;
        plain = !any && !tunnels;
    }
}
