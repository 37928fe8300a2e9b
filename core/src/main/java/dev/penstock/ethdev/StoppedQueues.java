package dev.penstock.ethdev;

import dev.penstock.mbuf.Mbuf;

/** What stands in for the queues of a port that is not running: nothing comes, nothing is taken. */
final class StoppedQueues {
    static final RxQueue RX = new Rx();
    static final TxQueue TX = new Tx();

    private StoppedQueues() {}

    private static final class Rx extends RxQueue {
        @Override
        protected int receive(Mbuf[] packets, int max) {
            return 0;
        }
    }

    private static final class Tx extends TxQueue {
        @Override
        protected int transmit(Mbuf[] packets, int from, int n) {
            return 0;
        }
    }
}
