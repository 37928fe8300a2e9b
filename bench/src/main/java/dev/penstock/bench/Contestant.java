package dev.penstock.bench;

import java.io.IOException;

/** One of several that share the processors in turn: it runs for moments and stands still else. */
interface Contestant extends AutoCloseable {
    /** After a rest, until caches and clocks are as they were. */
    long SETTLE_MS = 25;

    /**
     * Runs for a moment.
     *
     * @param ms how long it is measured, behind a start that is not
     * @return millions of packets a second
     * @throws IOException when it ended
     * @throws InterruptedException when ended from outside
     */
    double slice(long ms) throws IOException, InterruptedException;

    /** @return what its programs say that they forward */
    String said();

    /** @return the mean length of the frames counted */
    long frameBytes();

    @Override
    void close() throws IOException;
}
