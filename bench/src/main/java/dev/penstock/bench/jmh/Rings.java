package dev.penstock.bench.jmh;

import dev.penstock.ring.Ring;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.ManyToManyConcurrentArrayQueue;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;
import org.jctools.queues.MpmcArrayQueue;
import org.jctools.queues.SpscArrayQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One element in and out, on one thread: our ring beside those of Agrona and JCTools. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class Rings {
    private static final int SIZE = 4096;

    /** What is handed over. Final, as Mbuf is: its arrays need no check of their class. */
    private static final class Packet {}

    private final Packet packet = new Packet();
    private final Ring<Packet> spsc = new Ring<>("spsc", Packet.class, SIZE, Ring.Sync.SINGLE, Ring.Sync.SINGLE);
    private final Ring<Packet> mpmc = new Ring<>("mpmc", Packet.class, SIZE, Ring.Sync.MULTI, Ring.Sync.MULTI);
    private final SpscArrayQueue<Packet> jctoolsSpsc = new SpscArrayQueue<>(SIZE);
    private final MpmcArrayQueue<Packet> jctoolsMpmc = new MpmcArrayQueue<>(SIZE);
    private final OneToOneConcurrentArrayQueue<Packet> agronaOneToOne = new OneToOneConcurrentArrayQueue<>(SIZE);
    private final ManyToOneConcurrentArrayQueue<Packet> agronaManyToOne = new ManyToOneConcurrentArrayQueue<>(SIZE);
    private final ManyToManyConcurrentArrayQueue<Packet> agronaManyToMany = new ManyToManyConcurrentArrayQueue<>(SIZE);

    /** For JMH. */
    public Rings() {}

    /** @return what came out */
    @Benchmark
    public Object penstockSpsc() {
        spsc.enqueue(packet);
        return spsc.dequeue();
    }

    /** @return what came out */
    @Benchmark
    public Object penstockMpmc() {
        mpmc.enqueue(packet);
        return mpmc.dequeue();
    }

    /** @return what came out */
    @Benchmark
    public Object jctoolsSpsc() {
        jctoolsSpsc.offer(packet);
        return jctoolsSpsc.poll();
    }

    /** @return what came out */
    @Benchmark
    public Object jctoolsMpmc() {
        jctoolsMpmc.offer(packet);
        return jctoolsMpmc.poll();
    }

    /** @return what came out */
    @Benchmark
    public Object agronaOneToOne() {
        agronaOneToOne.offer(packet);
        return agronaOneToOne.poll();
    }

    /** @return what came out */
    @Benchmark
    public Object agronaManyToOne() {
        agronaManyToOne.offer(packet);
        return agronaManyToOne.poll();
    }

    /** @return what came out */
    @Benchmark
    public Object agronaManyToMany() {
        agronaManyToMany.offer(packet);
        return agronaManyToMany.poll();
    }
}
