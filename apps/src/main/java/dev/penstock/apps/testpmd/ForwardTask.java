package dev.penstock.apps.testpmd;

import dev.penstock.eal.Clock;
import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.RxWaiter;

/** What a forwarding lcore runs: its streams in turn, until it is told to stop. */
final class ForwardTask implements Lcore.Task {
    private final Engine engine;
    private final Stream[] streams;
    private final boolean recordCycles;
    private final boolean once;
    private final boolean adaptive;

    ForwardTask(Engine engine, Stream[] streams, boolean recordCycles, boolean once, boolean adaptive) {
        this.engine = engine;
        this.streams = streams;
        this.recordCycles = recordCycles;
        this.once = once;
        this.adaptive = adaptive;
    }

    @Override
    public int run(Lcore self) {
        if (recordCycles) {
            loopTimed(self);
        } else if (adaptive && !once) {
            loopAdaptive(self);
        } else {
            loop(self);
        }
        for (Stream s : streams) {
            engine.end(s);
        }
        return 0;
    }

    private void loop(Lcore self) {
        Stream[] all = streams;
        Engine e = engine;
        do {
            for (Stream s : all) {
                if (!s.disabled) {
                    e.forward(s);
                }
            }
        } while (!once && !self.stopRequested());
    }

    /** Sleeps while nothing comes. */
    private void loopAdaptive(Lcore self) {
        try (RxWaiter waiter = new RxWaiter()) {
            for (Stream s : streams) {
                waiter.add(s.rx, s.rxQueue);
            }
            while (!self.stopRequested()) {
                int packets = 0;
                for (Stream s : streams) {
                    if (!s.disabled) {
                        packets += engine.forward(s);
                    }
                }
                waiter.polled(packets);
            }
        }
    }

    /** Counts the cycles of the bursts that had packets. */
    private void loopTimed(Lcore self) {
        do {
            for (Stream s : streams) {
                if (!s.disabled) {
                    long start = Clock.cycles();
                    if (engine.forward(s) != 0) {
                        s.cycles += Clock.cycles() - start;
                    }
                }
            }
        } while (!once && !self.stopRequested());
    }
}
