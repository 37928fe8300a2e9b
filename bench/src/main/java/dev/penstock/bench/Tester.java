package dev.penstock.bench;

import dev.penstock.eal.Eal;
import dev.penstock.eal.LcoreThread;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.linux.Affinity;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.NetNamespace;
import org.HdrHistogram.Histogram;

/**
 * The generator of both sides' runs: sends frames at a fixed rate on one interface and receives them on another.
 *
 * <p>The schedule is open: frame i is due at i / rate, whatever became of those before it, and its latency counts from
 * when it was due, not from when the generator came to send it. So a pause of the device, or of the generator, is in
 * the latency of every frame that it held up (no coordinated omission).
 */
final class Tester implements AutoCloseable {
    /** What a row of this many bytes sends; the last 4 bytes of a frame are its check sequence, which no port sees. */
    static final int CRC = 4;

    private static final int BURST = 32;
    private static final int STAMP = 42;
    private static final long MARK = 0x50454e53544f434bL;
    private static final long DRAIN_NS = 300_000_000;
    /** So long a generator that was held up shortly before the end may send what was due. */
    private static final long LATE_NS = 20_000_000;
    private static final long MAX_NS = 10_000_000_000L;

    private final Eal eal = Eal.start("--in-memory", "--no-huge", "--no-telemetry", "--log-level", "error");
    private final Ports ports = new Ports(eal);
    private final Port out;
    private final Port in;
    private final MbufPool pool = MbufPool.create(eal, "tester", 16383, 250, MbufPool.DEFAULT_DATA_ROOM, -1);
    private final Mbuf[] burst = new Mbuf[BURST];
    private final int cpu;
    private long run;
    private long sent;
    private long received;
    private long begun;
    private Histogram latency;

    /**
     * What came of one trial.
     *
     * @param due frames that the schedule asked for
     * @param sent frames that the interface took
     * @param received frames that came back
     * @param missed frames that came back and that the generator itself was too late for
     * @param latency of those, in nanoseconds
     */
    record Trial(long due, long sent, long received, long missed, Histogram latency) {
        /** @return the part of all frames due that did not come back */
        double loss() {
            return 1 - (double) received / due;
        }
    }

    Tester(NetNamespace space, int cpu) {
        this.cpu = cpu;
        Port[] pair = space.within(() -> new Port[] {open("net_af_packet_g0,iface=g0,framecnt=4096"),
            open("net_af_packet_g1,iface=g1,framecnt=4096")});
        out = pair[0];
        in = pair[1];
    }

    private Port open(String device) {
        Port port = ports.attach(device);
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        port.filters().promiscuous(true);
        return port;
    }

    /**
     * Sends for a while and waits for what is under way.
     *
     * @param pps frames a second
     * @param seconds for how long
     * @param frame bytes, with check sequence
     * @return what came of it
     */
    Trial trial(double pps, double seconds, int frame) throws InterruptedException {
        run++;
        sent = 0;
        received = 0;
        latency = new Histogram(MAX_NS, 3);
        long due = Math.max(1, (long) (pps * seconds));
        long missedBefore = in.stats().rxMissed();
        Thread thread = new LcoreThread(() -> {
            Affinity.pin(cpu);
            play(due, 1e9 / pps, frame - CRC);
        }, "tester");
        thread.start();
        thread.join();
        return new Trial(due, sent, received, in.stats().rxMissed() - missedBefore, latency);
    }

    private void play(long due, double gapNs, int bytes) {
        begun = System.nanoTime() + 1_000_000;
        long end = begun + (long) (due * gapNs);
        long now = System.nanoTime();
        while (now < end + DRAIN_NS && received < due) {
            if (now < end + LATE_NS) {
                send(Math.min(due, (long) ((now - begun) / gapNs) + 1), gapNs, bytes);
            }
            receive();
            now = System.nanoTime();
        }
    }

    private void send(long until, double gapNs, int bytes) {
        int n = (int) Math.min(BURST, until - sent);
        if (n <= 0 || !pool.allocBulk(burst, 0, n)) {
            return;
        }
        for (int i = 0; i < n; i++) {
            Mbuf m = burst[i];
            m.append(bytes);
            m.putLong(0, 0x0200_0000_0002_0200L);
            m.putInt(8, 0x0000_0001);
            m.putLong(12, 0x0800_4500_0000_0000L | (long) (bytes - 14) << 16);
            m.putLong(20, 0x0000_4011_0000_c612L);
            m.putLong(28, 0x0001_c613_0001_0400L);
            m.putLong(STAMP - 8, 0x0009_0000_0000_0000L | (long) (bytes - 34) << 32);
            m.putLong(STAMP, MARK + run);
            m.putLong(STAMP + 8, (long) ((sent + i) * gapNs));
        }
        int taken = out.txBurst(0, burst, 0, n);
        Mbuf.freeBulk(burst, taken, n - taken);
        sent += taken;
    }

    private void receive() {
        int n = in.rxBurst(0, burst, BURST);
        if (n == 0) {
            return;
        }
        long now = System.nanoTime() - begun;
        for (int i = 0; i < n; i++) {
            Mbuf m = burst[i];
            if (m.dataLen() >= STAMP + 16 && m.getLong(STAMP) == MARK + run) {
                received++;
                latency.recordValue(Math.clamp(now - m.getLong(STAMP + 8), 0, MAX_NS));
            }
        }
        Mbuf.freeBulk(burst, 0, n);
    }

    @Override
    public void close() {
        ports.close();
        eal.close();
    }
}
