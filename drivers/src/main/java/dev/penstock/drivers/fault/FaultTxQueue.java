package dev.penstock.drivers.fault;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.mbuf.Mbuf;

/** Harms and sends by the port below; what that one does not take yet waits. */
final class FaultTxQueue extends TxQueue {
    private final Port lower;
    private final int queue;
    private final FaultStage stage;
    private final Mbuf[] scratch = new Mbuf[FaultStage.CHUNK];
    /** Whether the port below threw when packets were taken already, which can't be given back. */
    private boolean failed;

    FaultTxQueue(Port lower, int queue, FaultStage stage) {
        this.lower = lower;
        this.queue = queue;
        this.stage = stage;
    }

    @Override
    protected int transmit(Mbuf[] pkts, int from, int n) {
        if (failed) {
            flush();
            failed = false;
        }
        stage.refill();
        int taken = Math.min(n, stage.room());
        for (int i = from; i < from + taken; i++) {
            int length = pkts[i].pktLen();
            if (stage.put(pkts[i])) {
                packets++;
                bytes += length;
            } else {
                errors++;
            }
        }
        if (taken == 0 && n == 0) {
            stage.release();
        }
        try {
            flush();
        } catch (RuntimeException | Error e) {
            if (taken <= 0) {
                throw e;
            }
            failed = true;
        }
        return Math.max(taken, 0);
    }

    private void flush() {
        while (stage.count() > 0) {
            int n = stage.peek(scratch, scratch.length);
            int sent = lower.txBurst(queue, scratch, 0, n);
            stage.take(sent);
            if (sent < n) {
                return;
            }
        }
    }

    @Override
    protected void stop() {
        stage.release();
        flush();
        stage.discard();
    }
}
