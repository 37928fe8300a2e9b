package dev.penstock.apps.testpmd;

import dev.penstock.mbuf.Mbuf;

/**
 * Forwards as a network function beside others would: holds packets back in a queue, and reads and writes
 * memory at random for each packet.
 */
final class NoisyEngine extends Engine {
    private static final int LINE = 64;

    private final Mode mode;
    private final long flushNs;
    private final byte[] memory;
    private final int lines;
    private final int writes;
    private final int reads;
    private final int readWrites;
    private final Mbuf[] old = new Mbuf[Stream.MAX_BURST];
    private long random = 0x9e37_79b9_7f4a_7c15L;
    private int sink;

    NoisyEngine(Settings s) {
        mode = s.noisyMode;
        flushNs = s.noisyFlushMs * 1_000_000L;
        writes = s.noisyWrites;
        reads = s.noisyReads;
        readWrites = s.noisyReadWrites;
        memory = new byte[s.noisyMemoryMb << 20];
        lines = memory.length / LINE;
    }

    @Override
    int forward(Stream s) {
        int n = s.receive();
        boolean sent = false;
        if (n != 0) {
            change(s, n);
            if (s.fifo == null) {
                disturb(n);
                s.send(n);
                return n;
            }
            sent = hold(s, n);
            disturb(n);
        }
        if (flushNs > 0 && s.fifo != null && !sent) {
            flush(s);
        }
        return n;
    }

    private void change(Stream s, int n) {
        for (int i = 0; i < n; i++) {
            Mbuf m = s.packets[i];
            switch (mode) {
                case MAC -> MacEngine.address(m, s.dstMac, s.srcMac);
                case MACSWAP -> MacSwapEngine.swap(m);
                case FIVE_TUPLE_SWAP -> FiveTupleSwapEngine.swap(m);
                default -> { }
            }
        }
    }

    /** Takes new packets into the queue; when it is full as many old ones leave. True when some left. */
    private boolean hold(Stream s, int n) {
        NoisyFifo fifo = s.fifo;
        if (fifo.free() >= n) {
            fifo.put(s.packets, n);
            return false;
        }
        int out = fifo.take(old, n);
        fifo.put(s.packets, out);
        if (out < n) {
            s.dropped += n - out;
            s.unqueued += n - out;
            Mbuf.freeBulk(s.packets, out, n - out);
        }
        s.send(old, out);
        return true;
    }

    private void flush(Stream s) {
        NoisyFifo fifo = s.fifo;
        long now = System.nanoTime();
        if (fifo.emptiedNs == 0) {
            fifo.emptiedNs = now;
        }
        if (now - fifo.emptiedNs < flushNs) {
            return;
        }
        while (fifo.count() > 0) {
            s.send(old, fifo.take(old, old.length));
            fifo.emptiedNs = now;
        }
    }

    private void disturb(int n) {
        if (lines == 0) {
            return;
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < writes + readWrites; j++) {
                memory[line()] = (byte) random;
            }
            for (int j = 0; j < reads + readWrites; j++) {
                sink += memory[line()];
            }
        }
    }

    /** A line at random (xorshift64). */
    private int line() {
        long x = random;
        x ^= x << 13;
        x ^= x >>> 7;
        x ^= x << 17;
        random = x;
        return (int) Math.unsignedMultiplyHigh(x, lines) * LINE;
    }

    @Override
    void end(Stream s) {
        if (s.fifo != null) {
            int n;
            while ((n = s.fifo.take(old, old.length)) > 0) {
                s.dropped += n;
                s.unqueued += n;
                Mbuf.freeBulk(old, 0, n);
            }
        }
    }

    /** What was read, so that reading is not optimised away. */
    int sink() {
        return sink;
    }
}
