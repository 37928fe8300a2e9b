package dev.penstock.apps.overheads;

import dev.penstock.eal.Clock;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.Ports;
import dev.penstock.linux.Fd;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.PerfEvent;
import dev.penstock.linux.Tracepoint;
import dev.penstock.mbuf.MbufPool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;

/** Sends traffic through one way and counts. */
final class Measurement {
    private static final double TICKS_A_SECOND = 100;
    private static final int MIN_PACKETS = 500;
    private static final int MAX_ROUNDS = 20;
    private static final int SETTLE_MS = 200;
    /** Below this part of turns in which the world waited, the world was the slower side. */
    private static final double WORLD_WAITS = 0.2;

    private final int worldCpu;
    private final int testCpu;
    private final int[] rates;
    private final int milliseconds;
    private final OptionalLong systemCalls = Tracepoint.systemCalls();
    private boolean countsCycles;

    /**
     * What to measure on.
     *
     * @param worldCpu the processor that sends
     * @param testCpu the processor under test
     * @param rates packets a second for latencies, 0 for none
     * @param milliseconds how long each load is measured
     */
    Measurement(int worldCpu, int testCpu, int[] rates, int milliseconds) {
        this.worldCpu = worldCpu;
        this.testCpu = testCpu;
        this.rates = rates.clone();
        this.milliseconds = milliseconds;
    }

    /** Whether the last run's cycles were counted by the processor, or are its time at its clock's rate. */
    boolean countsCycles() {
        return countsCycles;
    }

    /** Whether calls of the system can be counted. */
    boolean countsCalls() {
        return systemCalls.isPresent();
    }

    Row run(Method method) throws IOException, InterruptedException {
        try (Wire wire = new Wire(worldCpu, testCpu, method.hasSocket());
                // programs that share memory meet at a socket, which belongs to a namespace
                UnderTest test = new UnderTest(method == Method.MEMORY ? wire.world() : wire.test(), method, testCpu);
                Eal eal = PortEcho.eal(worldCpu); Ports ports = new Ports(eal)) {
            MbufPool pool = PortEcho.pool(eal);
            Port port = wire.world().within(() -> PortEcho.open(ports, method.worldDevice(), pool));
            Generator generator = new Generator(port, pool, Frame.of(wire.testMac(), wire.worldMac()));
            eal.mainLcore().launch(self -> generator.run());
            try (Fd calls = callCounter(test); Fd cycles = cycleCounter()) {
                // the compilers of both processes need their time
                Thread.sleep(Math.max(1000, milliseconds));
                double waitedBefore = generator.waiting();
                Phase full = phase(generator, test, calls, cycles, MIN_PACKETS);
                boolean atLeast = Math.min(waitedBefore, generator.waiting()) < WORLD_WAITS;
                if (full.packets() == 0) {
                    throw new IOException("nothing came back");
                }
                List<Pace> paces = new ArrayList<>();
                for (int rate : rates) {
                    paces.add(pace(rate, generator, test, calls, cycles));
                }
                // apart from the rate, so that to note each packet's time takes nothing from it
                paces.add(pace(Generator.FLOOD, generator, test, calls, cycles));
                return new Row(method, full, atLeast, paces, generator.lost());
            } finally {
                generator.stop = true;
                eal.mainLcore().await();
            }
        }
    }

    private Pace pace(int rate, Generator generator, UnderTest test, Fd calls, Fd cycles) throws IOException, InterruptedException {
        generator.latency = null;
        generator.rate = rate;
        // what was on the way before comes back meanwhile
        Thread.sleep(SETTLE_MS);
        Histogram latency = new Histogram(Generator.LONGEST_NS, 3);
        generator.latency = latency;
        Phase phase = phase(generator, test, calls, cycles, rate == 0 ? 0 : MIN_PACKETS);
        generator.latency = null;
        // the generator may be noting a last one
        Thread.sleep(SETTLE_MS);
        return new Pace(rate, phase, latency);
    }

    private Phase phase(Generator generator, UnderTest test, Fd calls, Fd cycles, int atLeast)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        long packets = generator.returned();
        KernelCounts before = KernelCounts.read(testCpu, test.process(), test.thread());
        long callsBefore = read(calls);
        long cyclesBefore = read(cycles);
        for (int rounds = 0; rounds == 0 || rounds < MAX_ROUNDS && generator.returned() - packets < atLeast; rounds++) {
            // once, unless the machine is so busy that hardly anything came back
            Thread.sleep(milliseconds);
        }
        KernelCounts all = KernelCounts.read(testCpu, test.process(), test.thread()).minus(before);
        KernelCounts own = all.ofThread();
        double ownShare = (double) own.busy() / Math.max(1, all.busy());
        double spent = cycles != null ? (read(cycles) - cyclesBefore) * ownShare : own.busy() / TICKS_A_SECOND * Clock.hz();
        return new Phase(generator.returned() - packets, (System.nanoTime() - start) / 1e9, own,
                (double) (all.busy() - own.busy()) / Math.max(1, all.busy() + all.idle()), calls == null ? -1 : read(calls) - callsBefore,
                spent);
    }

    private static long read(Fd counter) {
        return counter == null ? 0 : PerfEvent.value(counter);
    }

    private Fd callCounter(UnderTest test) {
        return systemCalls.isEmpty() ? null
                : PerfEvent.counter(PerfEvent.TYPE_TRACEPOINT, systemCalls.getAsLong(), (int) test.thread(), -1);
    }

    /** Null on machines without such a counter, as most virtual ones are. */
    private Fd cycleCounter() {
        try {
            Fd counter = PerfEvent.counter(PerfEvent.TYPE_HARDWARE, PerfEvent.CPU_CYCLES, -1, testCpu);
            countsCycles = true;
            return counter;
        } catch (LinuxException e) {
            return null;
        }
    }
}
