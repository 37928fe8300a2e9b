package dev.penstock.apps.testpmd;

import dev.penstock.mbuf.Mbuf;

/**
 * What is done with a burst (DPDK: struct fwd_engine). One object serves all streams of an lcore, so it may
 * keep what that lcore needs in plain fields.
 */
abstract class Engine {
    /**
     * Handles one burst of a stream.
     *
     * @param s the stream
     * @return how many packets were received, or generated
     */
    abstract int forward(Stream s);

    /**
     * Gives back what the engine still holds of a stream; called by the same lcore when it stops.
     *
     * @param s the stream
     */
    void end(Stream s) {}

    /** Lets an empty segment have so many bytes, its headroom among them if it must be. */
    static void makeRoom(Mbuf m, int length) {
        if (length > m.bufLen() - m.dataOff()) {
            m.dataOff(m.bufLen() - length);
        }
    }
}
