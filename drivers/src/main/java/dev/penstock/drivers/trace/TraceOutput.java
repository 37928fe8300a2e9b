package dev.penstock.drivers.trace;

import java.io.IOException;
import java.io.OutputStream;

/** Where the lines go, up to so many. Shared by all queues of a port. */
final class TraceOutput {
    private final OutputStream out;
    private final boolean owned;
    private final long limit;
    private volatile long lines;
    private long failed;

    TraceOutput(OutputStream out, boolean owned, long limit) {
        this.out = out;
        this.owned = owned;
        this.limit = limit;
    }

    boolean wantsMore() {
        return lines < limit;
    }

    synchronized void write(byte[] text, int length) {
        if (lines >= limit) {
            return;
        }
        lines = lines + 1;
        try {
            out.write(text, 0, length);
        } catch (IOException e) {
            failed++;
        }
    }

    long lines() {
        return lines;
    }

    synchronized long failed() {
        return failed;
    }

    synchronized void close() throws IOException {
        out.flush();
        if (owned) {
            out.close();
        }
    }
}
