package dev.penstock.drivers.fault;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.mbuf.Mbuf;

/** Receives from the port below and harms. */
final class FaultRxQueue extends RxQueue {
    private final Port lower;
    private final int queue;
    private final int port;
    private final FaultStage stage;
    private final Mbuf[] scratch = new Mbuf[FaultStage.CHUNK];

    FaultRxQueue(Port lower, int queue, int port, FaultStage stage) {
        this.lower = lower;
        this.queue = queue;
        this.port = port;
        this.stage = stage;
    }

    @Override
    protected int receive(Mbuf[] pkts, int max) {
        int wanted = Math.min(Math.min(max - stage.count(), scratch.length), stage.room());
        if (wanted > 0) {
            poll(wanted);
        }
        int n = stage.peek(pkts, max);
        stage.take(n);
        packets += n;
        for (int i = 0; i < n; i++) {
            bytes += pkts[i].pktLen();
        }
        return n;
    }

    private void poll(int wanted) {
        int n = lower.rxBurst(queue, scratch, wanted);
        if (n == 0) {
            stage.release();
            return;
        }
        stage.refill();
        for (int i = 0; i < n; i++) {
            scratch[i].port(port);
            if (!stage.put(scratch[i])) {
                missed++;
            }
        }
    }


    @Override
    protected void stop() {
        stage.discard();
    }
}
