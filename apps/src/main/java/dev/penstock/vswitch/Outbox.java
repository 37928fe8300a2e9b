package dev.penstock.vswitch;

import dev.penstock.eal.Apart;
import dev.penstock.ethdev.Port;
import dev.penstock.mbuf.Mbuf;
import java.util.Arrays;

/** Packets on their way out of one forwarder, gathered by port so that each gets them in bursts. */
final class Outbox {
    private static final int ROOM = 64;

    private final VirtualSwitch vswitch;
    private final int id;
    private final Vtep vtep;
    private final AccessList.Fields fields = new AccessList.Fields();
    /** By port index. */
    private final Mbuf[][] packets = new Mbuf[VirtualSwitch.MAX_PORTS][];
    private final int[] counts = new int[VirtualSwitch.MAX_PORTS];
    /** Lanes with packets, in the order they got some; one that was flushed meanwhile may stand here with none. */
    private Lane[] waiting = new Lane[VirtualSwitch.MAX_PORTS];
    private int waitingCount;

    /**
     * An empty one.
     *
     * @param vswitch the switch
     * @param id the forwarder's
     * @param vtep wraps what goes into tunnels
     */
    Outbox(VirtualSwitch vswitch, int id, Vtep vtep) {
        this.vswitch = vswitch;
        this.id = id;
        this.vtep = vtep;
    }

    /** Takes a packet over. */
    void add(Lane lane, Mbuf m) {
        int index = lane.index;
        int count = counts[index];
        if (count == 0) {
            await(lane);
        }
        packets[index][count] = m;
        counts[index] = count + 1;
        if (count + 1 == ROOM) {
            flush(lane);
        }
    }

    private void await(Lane lane) {
        if (packets[lane.index] == null) {
            packets[lane.index] = Apart.array(Mbuf.class, ROOM);
        }
        if (waitingCount == waiting.length) {
            waiting = Arrays.copyOf(waiting, 2 * waitingCount);
        }
        waiting[waitingCount++] = lane;
    }

    /** Sends all; what tunnels make of their packets comes behind. */
    void flush() {
        for (int i = 0; i < waitingCount; i++) {
            if (counts[waiting[i].index] != 0) {
                flush(waiting[i]);
            }
        }
        waitingCount = 0;
    }

    private void flush(Lane lane) {
        int n = counts[lane.index];
        counts[lane.index] = 0;
        Mbuf[] burst = packets[lane.index];
        if (!lane.plainOut) {
            n = filter(lane, burst, n);
        }
        if (lane.port.tunnel != null) {
            vtep.send(lane, burst, n, this);
        } else {
            transmit(lane, burst, n);
        }
    }

    private void transmit(Lane lane, Mbuf[] burst, int n) {
        long bytes = 0;
        // Measured before: who takes them may free them at once.
        for (int i = 0; i < n; i++) {
            bytes += burst[i].pktLen();
        }
        SwitchPort port = lane.port;
        int queue = port.txQueue(id);
        int sent;
        if (port.sharesTx()) {
            port.lockTx(queue);
            try {
                sent = send(port.port, queue, burst, n);
            } finally {
                port.unlockTx(queue);
            }
        } else {
            sent = send(port.port, queue, burst, n);
        }
        long[] counters = lane.port.counters[id];
        if (sent < n) {
            for (int i = sent; i < n; i++) {
                bytes -= burst[i].pktLen();
            }
            Counters.drop(counters, Drop.TX_FULL, n - sent);
            Mbuf.freeBulk(burst, sent, n - sent);
        }
        counters[Counters.TX_PACKETS] += sent;
        counters[Counters.TX_BYTES] += bytes;
    }

    /**
     * Sends a burst. Where the port has to join, sum or cut a packet first there may be no way to, now or ever; it then stands before
     * others, which are not to be lost with it: it goes behind them.
     */
    private static int send(Port port, int queue, Mbuf[] burst, int n) {
        int sent = port.txBurst(queue, burst, 0, n);
        for (int end = n; sent < end && (burst[sent].nbSegs() > 1 || Offloads.isUndone(burst[sent]));) {
            Mbuf m = burst[sent];
            end--;
            System.arraycopy(burst, sent + 1, burst, sent, end - sent);
            burst[end] = m;
            sent += port.txBurst(queue, burst, sent, end - sent);
        }
        return sent;
    }

    /** Drops what an access list or the transmit rate does not let pass, and mirrors the rest. */
    private int filter(Lane lane, Mbuf[] burst, int n) {
        long now = vswitch.nanoTime();
        int kept = 0;
        for (int i = 0; i < n; i++) {
            Mbuf m = burst[i];
            Drop reason = lane.aclOut != null && !lane.aclOut.permits(m, fields) ? Drop.ACL_OUT
                    : lane.txBucket != null && !lane.txBucket.take(m.pktLen(), now) ? Drop.POLICED_OUT : null;
            if (reason == null) {
                burst[kept++] = m;
            } else {
                Counters.drop(lane.port.counters[id], reason, 1);
                m.free();
            }
        }
        if (lane.mirrorTx != null) {
            lane.mirrorTx.capture(lane.index, Mirror.OUTBOUND, burst, kept);
        }
        return kept;
    }
}
