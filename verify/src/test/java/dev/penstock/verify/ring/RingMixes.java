package dev.penstock.verify.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.penstock.ring.Ring;
import dev.penstock.ring.Ring.Sync;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Producers of one mode with consumers of another; {@link MixesOfRing} has more of them. Either one thread enqueues 1 and
 * then 2 and 3 as a bulk, and takes one, while another takes one; or two enqueue a bulk each, and one of them then takes
 * what it finds.
 */
public class RingMixes {
    private RingMixes() {}

    /** One producer, consumers that take by compare-and-set. */
    @JCStressTest
    @Outcome(id = "1, 0, 23", expect = ACCEPTABLE, desc = "The other consumer came too early.")
    @Outcome(id = {"1, 2, 3", "2, 1, 3"}, expect = ACCEPTABLE, desc = "Each took one, in the order of their claims.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class SingleToMulti {
        private final Ring<Element> ring = Element.ring(8, Sync.SINGLE, Sync.MULTI);

        @Actor
        public void produceAndTake(III_Result r) {
            ring.enqueue(Element.of(1));
            ring.enqueueBulk(Element.all(2, 3), 0, 2);
            r.r1 = Element.takeBulk(ring, 1);
        }

        @Actor
        public void take(III_Result r) {
            r.r2 = Element.takeBulk(ring, 1);
        }

        @Arbiter
        public void rest(III_Result r) {
            r.r3 = Element.takeBurst(ring, 3);
        }
    }

    /** Producers that wait for each other, one consumer. */
    @JCStressTest
    @Outcome(id = "34, 12", expect = ACCEPTABLE, desc = "The consumer found its own bulk only.")
    @Outcome(id = {"1234, 0", "3412, 0"}, expect = ACCEPTABLE, desc = "It found both, in the order of their claims.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class MultiToSingle {
        private final Ring<Element> ring = Element.ring(8, Sync.MULTI, Sync.SINGLE);

        @Actor
        public void produce() {
            ring.enqueueBulk(Element.all(1, 2), 0, 2);
        }

        @Actor
        public void produceAndTake(II_Result r) {
            ring.enqueueBulk(Element.all(3, 4), 0, 2);
            r.r1 = Element.takeBurst(ring, 4);
        }

        @Arbiter
        public void rest(II_Result r) {
            r.r2 = Element.takeBurst(ring, 4);
        }
    }

    /** Producers of which the last moves the tail, consumers one at a time. */
    @JCStressTest
    @Outcome(id = "34, 12", expect = ACCEPTABLE, desc = "The consumer found its own bulk only.")
    @Outcome(id = {"1234, 0", "3412, 0"}, expect = ACCEPTABLE, desc = "It found both, in the order of their claims.")
    @Outcome(id = {"0, 1234", "0, 3412"}, expect = ACCEPTABLE_INTERESTING,
            desc = "It saw nothing, not even its own: the other had claimed before and was not done.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class RtsToHts {
        private final Ring<Element> ring = Element.ring(8, Sync.RTS, Sync.HTS);

        @Actor
        public void produce() {
            ring.enqueueBulk(Element.all(1, 2), 0, 2);
        }

        @Actor
        public void produceAndTake(II_Result r) {
            ring.enqueueBulk(Element.all(3, 4), 0, 2);
            r.r1 = Element.takeBurst(ring, 4);
        }

        @Arbiter
        public void rest(II_Result r) {
            r.r2 = Element.takeBurst(ring, 4);
        }
    }

    /** Producers one at a time, consumers that take by compare-and-set. */
    @JCStressTest
    @Outcome(id = "1, 0, 23", expect = ACCEPTABLE, desc = "The other consumer came too early.")
    @Outcome(id = {"1, 2, 3", "2, 1, 3"}, expect = ACCEPTABLE, desc = "Each took one, in the order of their claims.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class HtsToMulti {
        private final Ring<Element> ring = Element.ring(8, Sync.HTS, Sync.MULTI);

        @Actor
        public void produceAndTake(III_Result r) {
            ring.enqueue(Element.of(1));
            ring.enqueueBulk(Element.all(2, 3), 0, 2);
            r.r1 = Element.takeBulk(ring, 1);
        }

        @Actor
        public void take(III_Result r) {
            r.r2 = Element.takeBulk(ring, 1);
        }

        @Arbiter
        public void rest(III_Result r) {
            r.r3 = Element.takeBurst(ring, 3);
        }
    }
}
