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
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * Two threads enqueue a bulk each: all four elements are there afterwards, and each bulk is in one piece.
 */
public class RingTwoProducers {
    private RingTwoProducers() {}

    /** MULTI on both sides. */
    @JCStressTest
    @Outcome(id = "1234", expect = ACCEPTABLE, desc = "The first thread claimed first.")
    @Outcome(id = "3412", expect = ACCEPTABLE, desc = "The second thread claimed first.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Multi {
        private final Ring<Element> ring = Element.ring(8, Sync.MULTI);

        @Actor
        public void first() {
            ring.enqueueBulk(Element.all(1, 2), 0, 2);
        }

        @Actor
        public void second() {
            ring.enqueueBulk(Element.all(3, 4), 0, 2);
        }

        @Arbiter
        public void rest(I_Result r) {
            r.r1 = Element.takeBurst(ring, 7);
        }
    }

    /** RTS on both sides. */
    @JCStressTest
    @Outcome(id = "1234", expect = ACCEPTABLE, desc = "The first thread claimed first.")
    @Outcome(id = "3412", expect = ACCEPTABLE, desc = "The second thread claimed first.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Rts {
        private final Ring<Element> ring = Element.ring(8, Sync.RTS);

        @Actor
        public void first() {
            ring.enqueueBulk(Element.all(1, 2), 0, 2);
        }

        @Actor
        public void second() {
            ring.enqueueBulk(Element.all(3, 4), 0, 2);
        }

        @Arbiter
        public void rest(I_Result r) {
            r.r1 = Element.takeBurst(ring, 7);
        }
    }

    /** HTS on both sides. */
    @JCStressTest
    @Outcome(id = "1234", expect = ACCEPTABLE, desc = "The first thread claimed first.")
    @Outcome(id = "3412", expect = ACCEPTABLE, desc = "The second thread claimed first.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Hts {
        private final Ring<Element> ring = Element.ring(8, Sync.HTS);

        @Actor
        public void first() {
            ring.enqueueBulk(Element.all(1, 2), 0, 2);
        }

        @Actor
        public void second() {
            ring.enqueueBulk(Element.all(3, 4), 0, 2);
        }

        @Arbiter
        public void rest(I_Result r) {
            r.r1 = Element.takeBurst(ring, 7);
        }
    }
}
