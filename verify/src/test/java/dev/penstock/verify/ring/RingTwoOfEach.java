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

/**
 * Two threads enqueue one element and then take one each; what is left is taken afterwards. When an enqueue has
 * returned, its element is there for all, but on an RTS ring only as soon as earlier claims are done too.
 */
public class RingTwoOfEach {
    private RingTwoOfEach() {}

    /** MULTI on both sides. */
    @JCStressTest
    @Outcome(id = {"1, 2, 0", "2, 1, 0"}, expect = ACCEPTABLE, desc = "Each takes one.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Multi {
        private final Ring<Element> ring = Element.ring(4, Sync.MULTI);

        @Actor
        public void first(III_Result r) {
            ring.enqueue(Element.of(1));
            r.r1 = Element.takeBulk(ring, 1);
        }

        @Actor
        public void second(III_Result r) {
            ring.enqueue(Element.of(2));
            r.r2 = Element.takeBulk(ring, 1);
        }

        @Arbiter
        public void rest(III_Result r) {
            r.r3 = Element.takeBurst(ring, 2);
        }
    }

    /** RTS on both sides. */
    @JCStressTest
    @Outcome(id = {"1, 2, 0", "2, 1, 0"}, expect = ACCEPTABLE, desc = "Each takes one.")
    @Outcome(id = {"0, 1, 2", "0, 2, 1", "1, 0, 2", "2, 0, 1"}, expect = ACCEPTABLE_INTERESTING,
            desc = "One saw nothing: the other had claimed before and was not done.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Rts {
        private final Ring<Element> ring = Element.ring(4, Sync.RTS);

        @Actor
        public void first(III_Result r) {
            ring.enqueue(Element.of(1));
            r.r1 = Element.takeBulk(ring, 1);
        }

        @Actor
        public void second(III_Result r) {
            ring.enqueue(Element.of(2));
            r.r2 = Element.takeBulk(ring, 1);
        }

        @Arbiter
        public void rest(III_Result r) {
            r.r3 = Element.takeBurst(ring, 2);
        }
    }

    /** HTS on both sides. */
    @JCStressTest
    @Outcome(id = {"1, 2, 0", "2, 1, 0"}, expect = ACCEPTABLE, desc = "Each takes one.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Hts {
        private final Ring<Element> ring = Element.ring(4, Sync.HTS);

        @Actor
        public void first(III_Result r) {
            ring.enqueue(Element.of(1));
            r.r1 = Element.takeBulk(ring, 1);
        }

        @Actor
        public void second(III_Result r) {
            ring.enqueue(Element.of(2));
            r.r2 = Element.takeBulk(ring, 1);
        }

        @Arbiter
        public void rest(III_Result r) {
            r.r3 = Element.takeBurst(ring, 2);
        }
    }
}
