package dev.penstock.apps.testpmd;

import java.util.Arrays;

/** What testpmd keeps of one port beside what the port knows itself. */
final class PortSettings {
    /** Configure the port at its next start. */
    boolean reconfigure = true;
    /** Set up its queues at its next start. */
    boolean requeue = true;
    long rxOffloads;
    long txOffloads;
    /** Descriptors a queue, or 0 for the driver's default. */
    int[] rxDescriptors;
    int[] txDescriptors;
    boolean[] rxDeferred = new boolean[0];
    boolean[] txDeferred = new boolean[0];
    long[] rxQueueOffloads = new long[0];
    long[] txQueueOffloads = new long[0];
    int mtu;
    int txVlan;
    int txVlanOuter;
    int pvid = -1;
    boolean csumAddresses = true;
    boolean csumTunnels;
    /** Payload of the TCP segments that csum lets the device make of longer ones; 0 for none. */
    int segmentSize;
    /** Whether csum merges received TCP segments, and whether it cuts long packets in software. */
    boolean merges;
    boolean cuts;
    long[] lastShow;
    Verbose verbose;
    TxMarks marks;

    PortSettings(Settings settings) {
        rxOffloads = settings.rxOffloads;
        txOffloads = settings.txOffloads;
        mtu = settings.mtu;
        queues(settings);
    }

    /** Fits the arrays to the numbers of queues. */
    void queues(Settings settings) {
        rxDescriptors = filled(rxDescriptors, settings.rxQueues, settings.rxDescriptors);
        txDescriptors = filled(txDescriptors, settings.txQueues, settings.txDescriptors);
        rxDeferred = Arrays.copyOf(rxDeferred, settings.rxQueues);
        txDeferred = Arrays.copyOf(txDeferred, settings.txQueues);
        rxQueueOffloads = Arrays.copyOf(rxQueueOffloads, settings.rxQueues);
        txQueueOffloads = Arrays.copyOf(txQueueOffloads, settings.txQueues);
    }

    private static int[] filled(int[] old, int n, int value) {
        int have = old == null ? 0 : old.length;
        int[] now = old == null ? new int[n] : Arrays.copyOf(old, n);
        for (int i = have; i < n; i++) {
            now[i] = value;
        }
        return now;
    }
}
