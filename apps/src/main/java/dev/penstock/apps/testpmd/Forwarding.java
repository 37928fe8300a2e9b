package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.EalProgram;
import dev.penstock.eal.Clock;
import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.TxOffload;
import dev.penstock.gro.Gro;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlags;
import java.util.List;

/** Lays streams over lcores, and starts and stops them. */
final class Forwarding {
    private static final long FLUSH_NS = 1_000_000;

    private final Testpmd app;
    private final ForwardStats stats;
    private StreamPlan plan;
    private Mode current;
    private boolean running;

    Forwarding(Testpmd app) {
        this.app = app;
        stats = new ForwardStats(app);
    }

    boolean running() {
        return running;
    }

    ForwardStats stats() {
        return stats;
    }

    /** Whether a port is among those that forward. */
    boolean uses(Port port) {
        return app.settings.portList.subList(0, app.settings.ports).contains(port.id());
    }

    /** Makes the streams anew from the settings. */
    void set() {
        plan = new StreamPlan(app);
        stats.reset(plan);
    }

    /** Prints which lcore forwards what. */
    void show() {
        set();
        plan.show();
    }

    /**
     * Begins to forward.
     *
     * @param txFirst how many bursts each stream sends beforehand
     */
    void start(int txFirst) {
        Settings s = app.settings;
        if (app.ports.list().stream().anyMatch(p -> p.state() != Port.State.STARTED)) {
            app.console.error("Not all ports were started");
            return;
        }
        if (running) {
            app.console.error("Packet forwarding already started");
            return;
        }
        if (s.mode.needsRx() && s.rxQueues == 0 || s.mode.needsTx() && s.txQueues == 0) {
            app.console.error("Either rxq or txq are 0, cannot use " + s.mode.word() + " fwd mode");
            return;
        }
        set();
        plan.show();
        if (!begin(s.mode) || txFirst > 0 && !begin(Mode.TXONLY)) {
            return;
        }
        for (Stream stream : plan.streams) {
            prepare(stream, app.portSettings.get(stream.tx.id()));
        }
        if (s.flushRx) {
            flush();
        }
        new RxTxConfig(app).show();
        stats.reset(plan);
        app.console.flush();
        for (int i = 0; i < txFirst; i++) {
            launch(Mode.TXONLY, true);
            plan.lcores.forEach(Lcore::await);
        }
        running = true;
        app.flows.compile();
        FirstSecond first = s.firstSecond ? new FirstSecond(plan.ports, plan.lcores) : null;
        current = s.mode;
        launch(s.mode, false);
        if (first != null) {
            first.watch();
            first.show(app.console);
        }
        if (s.jitHealth) {
            app.jit.watch(plan.lcores);
        }
    }

    private boolean begin(Mode mode) {
        Settings s = app.settings;
        if (mode == Mode.TXONLY && (s.multiFlow || s.txSplit.equals("rand")) && s.txLengths[0] < TxOnlyEngine.HEADERS) {
            app.console.error("testpmd: Random segment number or multiple flow is enabled, but tx_pkt_seg_lengths[0] "
                    + s.txLengths[0] + " < " + TxOnlyEngine.HEADERS + " (needed)");
            app.console.error("Packet forwarding is not ready");
            return false;
        }
        if (mode == Mode.FLOWGEN) {
            plan.ports.forEach(p -> app.console.println("  number of flows for port " + p.id() + ": " + s.flows));
        }
        return true;
    }

    /** Gives a stream what the settings say. */
    void prepare(Stream stream, PortSettings own) {
        Settings s = app.settings;
        stream.burst = s.burst;
        stream.retry = s.retry;
        stream.retries = s.retries;
        stream.retryDelayUs = s.retryDelayUs;
        stream.pool = app.pools.get(0);
        stream.dstMac = s.peers[stream.peer];
        stream.srcMac = stream.tx.filters().mac();
        stream.txFlags = (own.txOffloads & TxOffload.VLAN_INSERT) != 0 ? OlFlags.TX_VLAN : 0;
        stream.txFlags |= (own.txOffloads & TxOffload.QINQ_INSERT) != 0 ? OlFlags.TX_QINQ : 0;
        stream.txVlan = own.txVlan;
        stream.txVlanOuter = own.txVlanOuter;
        stream.csum = s.mode == Mode.CSUM ? new CsumPlan(own, s.cutSize) : null;
        stream.gro = s.mode == Mode.CSUM && app.portSettings.get(stream.rx.id()).merges ? new Gro() : null;
        stream.fifo = s.mode == Mode.NOISY && s.noisyBuffer > 0 ? new NoisyFifo(s.noisyBuffer) : null;
        stream.disabled = s.mode.needsRx() && !stream.rx.rxQueueStarted(stream.rxQueue)
                || s.mode.needsTx() && !stream.tx.txQueueStarted(stream.txQueue);
        stream.rxBursts = s.recordBursts ? new long[Stream.MAX_BURST + 1] : null;
        stream.txBursts = s.recordBursts ? new long[Stream.MAX_BURST + 1] : null;
    }

    /** Empties the receive queues, for a millisecond each at most since some never are. */
    private void flush() {
        Mbuf[] packets = new Mbuf[Stream.MAX_BURST];
        for (int pass = 0; pass < 2; pass++) {
            for (Port port : plan.ports) {
                for (int q = 0; q < app.settings.rxQueues; q++) {
                    long end = System.nanoTime() + FLUSH_NS;
                    int n;
                    do {
                        n = port.rxBurst(q, packets, packets.length);
                        Mbuf.freeBulk(packets, 0, n);
                    } while (n > 0 && System.nanoTime() < end);
                }
            }
            Clock.delayUs(10_000);
        }
    }

    private void launch(Mode mode, boolean once) {
        EalProgram.freeWorkers(app.eal);
        for (int i = 0; i < plan.lcores.size(); i++) {
            Stream[] streams = plan.streamsOf(i);
            if (streams.length > 0) {
                Lcore lcore = plan.lcores.get(i);
                for (Stream stream : streams) {
                    stream.lcore = lcore.id();
                }
                lcore.launch(new ForwardTask(app.measures.serve(mode.engine(app.settings), lcore), streams, app.settings.recordCycles, once,
                        app.settings.adaptive));
            }
        }
    }

    /** Does something while nobody polls: lcores that forward stop for it and go on. */
    void pause(Runnable change) {
        if (!running) {
            change.run();
            return;
        }
        plan.lcores.forEach(Lcore::requestStop);
        plan.lcores.forEach(Lcore::await);
        try {
            change.run();
        } finally {
            launch(current, false);
        }
    }

    /** Stops forwarding and prints what was forwarded. */
    void stop() {
        if (!running) {
            app.console.error("Packet forwarding not started");
            return;
        }
        app.console.print("Telling cores to stop...");
        plan.lcores.forEach(Lcore::requestStop);
        app.console.print("\nWaiting for lcores to finish...\n");
        RuntimeException failure = null;
        for (Lcore lcore : plan.lcores) {
            try {
                lcore.await();
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        running = false;
        stats.show();
        app.console.print("\nDone.\n");
        if (failure != null) {
            throw failure;
        }
    }

    /** The lcores that forward. */
    List<Lcore> lcores() {
        return plan.lcores;
    }
}
