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
 * The mixes of modes that {@link RingMixes} has not, with the same two patterns; in the deep run only.
 */
public class MixesOfRing {
    private MixesOfRing() {}

    /** One producer, RTS consumers. */
    @JCStressTest
    @Outcome(id = "1, 0, 23", expect = ACCEPTABLE, desc = "The other consumer came too early.")
    @Outcome(id = {"1, 2, 3", "2, 1, 3"}, expect = ACCEPTABLE, desc = "Each took one, in the order of their claims.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class SingleToRts {
        private final Ring<Element> ring = Element.ring(8, Sync.SINGLE, Sync.RTS);

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

    /** One producer, HTS consumers. */
    @JCStressTest
    @Outcome(id = "1, 0, 23", expect = ACCEPTABLE, desc = "The other consumer came too early.")
    @Outcome(id = {"1, 2, 3", "2, 1, 3"}, expect = ACCEPTABLE, desc = "Each took one, in the order of their claims.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class SingleToHts {
        private final Ring<Element> ring = Element.ring(8, Sync.SINGLE, Sync.HTS);

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

    /** RTS producers, one consumer. */
    @JCStressTest
    @Outcome(id = "34, 12", expect = ACCEPTABLE, desc = "The consumer found its own bulk only.")
    @Outcome(id = {"1234, 0", "3412, 0"}, expect = ACCEPTABLE, desc = "It found both, in the order of their claims.")
    @Outcome(id = {"0, 1234", "0, 3412"}, expect = ACCEPTABLE_INTERESTING,
            desc = "It saw nothing, not even its own: the other had claimed before and was not done.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class RtsToSingle {
        private final Ring<Element> ring = Element.ring(8, Sync.RTS, Sync.SINGLE);

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

    /** HTS producers, one consumer. */
    @JCStressTest
    @Outcome(id = "34, 12", expect = ACCEPTABLE, desc = "The consumer found its own bulk only.")
    @Outcome(id = {"1234, 0", "3412, 0"}, expect = ACCEPTABLE, desc = "It found both, in the order of their claims.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class HtsToSingle {
        private final Ring<Element> ring = Element.ring(8, Sync.HTS, Sync.SINGLE);

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

    /** MULTI producers, RTS consumers. */
    @JCStressTest
    @Outcome(id = "34, 12", expect = ACCEPTABLE, desc = "The consumer found its own bulk only.")
    @Outcome(id = {"1234, 0", "3412, 0"}, expect = ACCEPTABLE, desc = "It found both, in the order of their claims.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class MultiToRts {
        private final Ring<Element> ring = Element.ring(8, Sync.MULTI, Sync.RTS);

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

    /** MULTI producers, HTS consumers. */
    @JCStressTest
    @Outcome(id = "34, 12", expect = ACCEPTABLE, desc = "The consumer found its own bulk only.")
    @Outcome(id = {"1234, 0", "3412, 0"}, expect = ACCEPTABLE, desc = "It found both, in the order of their claims.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class MultiToHts {
        private final Ring<Element> ring = Element.ring(8, Sync.MULTI, Sync.HTS);

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

    /** RTS producers, MULTI consumers. */
    @JCStressTest
    @Outcome(id = "1, 0, 23", expect = ACCEPTABLE, desc = "The other consumer came too early.")
    @Outcome(id = {"1, 2, 3", "2, 1, 3"}, expect = ACCEPTABLE, desc = "Each took one, in the order of their claims.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class RtsToMulti {
        private final Ring<Element> ring = Element.ring(8, Sync.RTS, Sync.MULTI);

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

    /** HTS producers, RTS consumers. */
    @JCStressTest
    @Outcome(id = "1, 0, 23", expect = ACCEPTABLE, desc = "The other consumer came too early.")
    @Outcome(id = {"1, 2, 3", "2, 1, 3"}, expect = ACCEPTABLE, desc = "Each took one, in the order of their claims.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class HtsToRts {
        private final Ring<Element> ring = Element.ring(8, Sync.HTS, Sync.RTS);

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
