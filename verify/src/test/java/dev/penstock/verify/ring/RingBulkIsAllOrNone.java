package dev.penstock.verify.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.penstock.ring.Ring;
import dev.penstock.ring.Ring.Sync;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * One thread enqueues two elements, another takes two or none; what is left is taken afterwards.
 */
public class RingBulkIsAllOrNone {
    private RingBulkIsAllOrNone() {}

    /** SINGLE on both sides. */
    @JCStressTest
    @Outcome(id = "0, 12", expect = ACCEPTABLE, desc = "Too early, and nothing is taken.")
    @Outcome(id = "12, 0", expect = ACCEPTABLE, desc = "Both at once.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Single {
        private final Ring<Element> ring = Element.ring(4, Sync.SINGLE);

        @Actor
        public void produce() {
            ring.enqueueBulk(Element.all(1, 2), 0, 2);
        }

        @Actor
        public void consume(II_Result r) {
            r.r1 = Element.takeBulk(ring, 2);
        }

        @Arbiter
        public void rest(II_Result r) {
            r.r2 = Element.takeBurst(ring, 3);
        }
    }

    /** MULTI on both sides. */
    @JCStressTest
    @Outcome(id = "0, 12", expect = ACCEPTABLE, desc = "Too early, and nothing is taken.")
    @Outcome(id = "12, 0", expect = ACCEPTABLE, desc = "Both at once.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Multi {
        private final Ring<Element> ring = Element.ring(4, Sync.MULTI);

        @Actor
        public void produce() {
            ring.enqueueBulk(Element.all(1, 2), 0, 2);
        }

        @Actor
        public void consume(II_Result r) {
            r.r1 = Element.takeBulk(ring, 2);
        }

        @Arbiter
        public void rest(II_Result r) {
            r.r2 = Element.takeBurst(ring, 3);
        }
    }

    /** RTS on both sides. */
    @JCStressTest
    @Outcome(id = "0, 12", expect = ACCEPTABLE, desc = "Too early, and nothing is taken.")
    @Outcome(id = "12, 0", expect = ACCEPTABLE, desc = "Both at once.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Rts {
        private final Ring<Element> ring = Element.ring(4, Sync.RTS);

        @Actor
        public void produce() {
            ring.enqueueBulk(Element.all(1, 2), 0, 2);
        }

        @Actor
        public void consume(II_Result r) {
            r.r1 = Element.takeBulk(ring, 2);
        }

        @Arbiter
        public void rest(II_Result r) {
            r.r2 = Element.takeBurst(ring, 3);
        }
    }

    /** HTS on both sides. */
    @JCStressTest
    @Outcome(id = "0, 12", expect = ACCEPTABLE, desc = "Too early, and nothing is taken.")
    @Outcome(id = "12, 0", expect = ACCEPTABLE, desc = "Both at once.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Hts {
        private final Ring<Element> ring = Element.ring(4, Sync.HTS);

        @Actor
        public void produce() {
            ring.enqueueBulk(Element.all(1, 2), 0, 2);
        }

        @Actor
        public void consume(II_Result r) {
            r.r1 = Element.takeBulk(ring, 2);
        }

        @Arbiter
        public void rest(II_Result r) {
            r.r2 = Element.takeBurst(ring, 3);
        }
    }
}
