package dev.penstock.apps.testpmd;

import dev.penstock.eal.Apart;
import dev.penstock.eal.Clock;
import dev.penstock.ethdev.Port;
import dev.penstock.gro.Gro;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;

/**
 * One receive queue and the transmit queue that its packets go to (DPDK: struct fwd_stream). Used by one
 * lcore; its counters are read by others when that has stopped, or roughly while it runs.
 */
final class Stream extends Apart {
    /** The largest burst. */
    static final int MAX_BURST = 512;

    final Port rx;
    final int rxQueue;
    final Port tx;
    final int txQueue;
    final int peer;
    final Mbuf[] packets = array(Mbuf.class, MAX_BURST);

    int burst;
    boolean disabled;
    boolean retry;
    int retries;
    int retryDelayUs;

    /** Where generated packets come from. */
    MbufPool pool;
    /** Addresses that mac and the generators write. */
    long dstMac;
    long srcMac;
    /** What every packet sent asks of the device: VLAN insertion. */
    long txFlags;
    int txVlan;
    int txVlanOuter;
    /** What csum does; null in other modes. */
    CsumPlan csum;
    /** The queue of noisy; null in other modes. */
    NoisyFifo fifo;
    /** Number of the lcore that runs the stream. */
    int lcore;

    long rxPackets;
    long txPackets;
    /** Packets that the port did not take. */
    long dropped;
    /** Those among them that were not even offered: txPrepare refused them. */
    long unprepared;
    /** Those among them that noisy held back when its queue was full or forwarding stopped. */
    long unqueued;
    /** Packets that the mode itself ended: rxonly all, icmpecho those that it does not answer. */
    long consumed;
    /** Packets that the mode made, also segments of longer ones. */
    long generated;
    /** Packets that became part of others. */
    long merged;
    /** Merges TCP segments in mode csum; null when nobody asked. */
    Gro gro;
    long cycles;
    long badIpCksum;
    long badL4Cksum;
    long badOuterIpCksum;
    long badOuterL4Cksum;
    /** How many bursts had 0, 1, ... packets; null when nobody asked. */
    long[] rxBursts;
    long[] txBursts;

    Stream(Port rx, int rxQueue, Port tx, int txQueue) {
        this.rx = rx;
        this.rxQueue = rxQueue;
        this.tx = tx;
        this.txQueue = txQueue;
        this.peer = tx.id();
    }

    /** Receives a burst into {@link #packets}. */
    int receive() {
        int n = rx.rxBurst(rxQueue, packets, burst);
        rxPackets += n;
        if (rxBursts != null) {
            rxBursts[n]++;
        }
        return n;
    }

    /** Sends the first n of {@link #packets}; returns how many were taken, the others are counted and freed. */
    int send(int n) {
        return send(packets, n);
    }

    /** Sends the first n packets; returns how many were taken, the others are counted and freed. */
    int send(Mbuf[] burst, int n) {
        int sent = tx.txBurst(txQueue, burst, 0, n);
        if (sent < n) {
            sent = sendRest(burst, sent, n);
        }
        txPackets += sent;
        if (txBursts != null) {
            txBursts[sent]++;
        }
        return sent;
    }

    private int sendRest(Mbuf[] burst, int first, int n) {
        int sent = first;
        if (retry) {
            for (int i = 0; sent < n && i < retries; i++) {
                Clock.delayUs(retryDelayUs);
                sent += tx.txBurst(txQueue, burst, sent, n - sent);
            }
        }
        if (sent < n) {
            dropped += n - sent;
            Mbuf.freeBulk(burst, sent, n - sent);
        }
        return sent;
    }

    void clearCounters() {
        rxPackets = 0;
        txPackets = 0;
        dropped = 0;
        unprepared = 0;
        unqueued = 0;
        consumed = 0;
        generated = 0;
        merged = 0;
        cycles = 0;
        badIpCksum = 0;
        badL4Cksum = 0;
        badOuterIpCksum = 0;
        badOuterL4Cksum = 0;
        if (rxBursts != null) {
            rxBursts = new long[MAX_BURST + 1];
            txBursts = new long[MAX_BURST + 1];
        }
    }
}
