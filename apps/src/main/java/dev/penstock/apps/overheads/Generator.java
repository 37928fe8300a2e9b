package dev.penstock.apps.overheads;

import dev.penstock.ethdev.Port;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.HdrHistogram.Histogram;

/**
 * The world: sends frames and counts those that come back. At full load a window is kept on the way, as many as
 * can wait without loss, so the rate is what the program under test carries. One thread runs it, any may read the
 * counts.
 */
final class Generator {
    static final int FLOOD = -1;
    private static final int WINDOW = 128;
    private static final long LOST_NS = 50_000_000;
    static final long LONGEST_NS = 10_000_000_000L;
    private static final VarHandle RETURNED;

    static {
        try {
            RETURNED = MethodHandles.lookup().findVarHandle(Generator.class, "returned", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Port port;
    private final MbufPool pool;
    private final byte[] frame;
    private final Mbuf[] burst = new Mbuf[PortEcho.BURST];
    private long returned;
    private long lost;
    private long outstanding;
    private long lastReturn;
    private long turns;
    private long fullTurns;
    volatile boolean stop;
    /** Packets a second; {@link #FLOOD} for as many as come back. */
    volatile int rate = FLOOD;
    /** Where is noted how long frames took there and back, in nanoseconds; null for nowhere. */
    volatile Histogram latency;

    Generator(Port port, MbufPool pool, byte[] frame) {
        this.port = port;
        this.pool = pool;
        this.frame = frame;
    }

    /** Frames that have come back. */
    long returned() {
        return (long) RETURNED.getOpaque(this);
    }

    /** Frames that never came back. */
    long lost() {
        return lost;
    }

    /** Which part of its turns the generator waited for frames to come back; little when it was the slower one. */
    double waiting() {
        return turns == 0 ? 0 : (double) fullTurns / turns;
    }

    /** Runs until it is stopped. */
    int run() {
        lastReturn = System.nanoTime();
        long next = lastReturn;
        while (!stop) {
            long now = System.nanoTime();
            int wanted = rate;
            if (wanted == FLOOD) {
                flood(now);
                next = now;
            } else if (wanted > 0 && now >= next) {
                send(1, now);
                // after a pause of this thread there is no burst to make up for it
                next = Math.max(next + 1_000_000_000L / wanted, now - 1_000_000);
            }
            receive(now);
        }
        return 0;
    }

    private void flood(long now) {
        turns++;
        if (outstanding <= WINDOW - PortEcho.BURST) {
            send(PortEcho.BURST, now);
        } else {
            fullTurns++;
        }
    }

    private void send(int n, long now) {
        if (!pool.allocBulk(burst, 0, n)) {
            return;
        }
        for (int i = 0; i < n; i++) {
            Mbuf m = burst[i];
            m.append(frame.length);
            m.write(0, frame, 0, frame.length);
            m.putLong(Frame.TIME, now);
        }
        int sent = port.txBurst(0, burst, 0, n);
        Mbuf.freeBulk(burst, sent, n - sent);
        outstanding += sent;
    }

    private void receive(long now) {
        int n = port.rxBurst(0, burst, PortEcho.BURST);
        if (n == 0) {
            if (outstanding > 0 && now - lastReturn > LOST_NS) {
                lost += outstanding;
                outstanding = 0;
            }
            return;
        }
        int mine = 0;
        Histogram times = latency;
        for (int i = 0; i < n; i++) {
            Mbuf m = burst[i];
            if (m.dataLen() >= Frame.BYTES && m.getShort(Frame.TYPE) == 0x800 && m.getByte(Frame.PROTOCOL) == 17) {
                mine++;
                if (times != null) {
                    times.recordValue(Math.clamp(System.nanoTime() - m.getLong(Frame.TIME), 0, LONGEST_NS));
                }
            }
        }
        Mbuf.freeBulk(burst, 0, n);
        outstanding = Math.max(0, outstanding - mine);
        lastReturn = now;
        RETURNED.setOpaque(this, returned + mine);
    }
}
