package dev.penstock.verify.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.penstock.ring.Ring;
import dev.penstock.ring.Ring.Sync;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Two threads take up to two of three elements each: each element goes to one of them.
 */
public class RingTwoConsumers {
    private RingTwoConsumers() {}

    /** MULTI on both sides. */
    @JCStressTest
    @Outcome(id = "12, 3", expect = ACCEPTABLE, desc = "The first thread claimed first.")
    @Outcome(id = "3, 12", expect = ACCEPTABLE, desc = "The second thread claimed first.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Multi {
        private final Ring<Element> ring = Element.ring(4, Sync.MULTI, 1, 2, 3);

        @Actor
        public void first(II_Result r) {
            r.r1 = Element.takeBurst(ring, 2);
        }

        @Actor
        public void second(II_Result r) {
            r.r2 = Element.takeBurst(ring, 2);
        }
    }

    /** RTS on both sides. */
    @JCStressTest
    @Outcome(id = "12, 3", expect = ACCEPTABLE, desc = "The first thread claimed first.")
    @Outcome(id = "3, 12", expect = ACCEPTABLE, desc = "The second thread claimed first.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Rts {
        private final Ring<Element> ring = Element.ring(4, Sync.RTS, 1, 2, 3);

        @Actor
        public void first(II_Result r) {
            r.r1 = Element.takeBurst(ring, 2);
        }

        @Actor
        public void second(II_Result r) {
            r.r2 = Element.takeBurst(ring, 2);
        }
    }

    /** HTS on both sides. */
    @JCStressTest
    @Outcome(id = "12, 3", expect = ACCEPTABLE, desc = "The first thread claimed first.")
    @Outcome(id = "3, 12", expect = ACCEPTABLE, desc = "The second thread claimed first.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Hts {
        private final Ring<Element> ring = Element.ring(4, Sync.HTS, 1, 2, 3);

        @Actor
        public void first(II_Result r) {
            r.r1 = Element.takeBurst(ring, 2);
        }

        @Actor
        public void second(II_Result r) {
            r.r2 = Element.takeBurst(ring, 2);
        }
    }
}
