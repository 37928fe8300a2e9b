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
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * One thread looks at the first element and leaves it, another takes one.
 */
public class RingPeek {
    private RingPeek() {}

    /** HTS on both sides. */
    @JCStressTest
    @Outcome(id = "1, 1, 2", expect = ACCEPTABLE, desc = "Looked first.")
    @Outcome(id = "2, 1, 2", expect = ACCEPTABLE, desc = "Taken first.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Hts {
        private final Ring<Element> ring = Element.ring(4, Sync.HTS, 1, 2);

        @Actor
        public void look(III_Result r) {
            Element[] seen = new Element[1];
            r.r1 = Element.digits(seen, ring.dequeueBulkStart(seen, 0, 1));
            ring.dequeueFinish(0);
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
