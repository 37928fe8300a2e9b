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
 * Elements that are looked at and left, or started and not brought.
 */
public class RingPeek {
    private RingPeek() {}

    /** HTS on both sides: one thread looks at the first element and leaves it, another takes one. */
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

    /** SINGLE on both sides: the producer starts three and brings two; the consumer looks at what is there and takes one. */
    @JCStressTest
    @Outcome(id = "0, 0, 12", expect = ACCEPTABLE, desc = "Too early both times.")
    @Outcome(id = "0, 12, 0", expect = ACCEPTABLE, desc = "Too early for the look.")
    @Outcome(id = "12, 2, 0", expect = ACCEPTABLE, desc = "Looked at both, gave one back, found the other again.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Single {
        private final Ring<Element> ring = Element.ring(4, Sync.SINGLE);

        @Actor
        public void produce() {
            if (ring.enqueueBulkStart(3) == 3) {
                ring.enqueueFinish(Element.all(1, 2), 0, 2);
            }
        }

        @Actor
        public void consume(III_Result r) {
            Element[] seen = new Element[3];
            int n = ring.dequeueBurstStart(seen, 0, 3);
            r.r1 = Element.digits(seen, n);
            if (n > 0) {
                ring.dequeueFinish(1);
            }
            r.r2 = Element.takeBurst(ring, 3);
        }

        @Arbiter
        public void rest(III_Result r) {
            r.r3 = Element.takeBurst(ring, 3);
        }
    }

    /** HTS producers: each starts two and brings one; the other gets the slot that was given up. */
    @JCStressTest
    @Outcome(id = {"2, 2, 12", "2, 2, 21"}, expect = ACCEPTABLE, desc = "One after the other, and no hole between.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class HtsProducers {
        private final Ring<Element> ring = Element.ring(4, Sync.HTS);

        @Actor
        public void first(III_Result r) {
            r.r1 = ring.enqueueBurstStart(2);
            ring.enqueueFinish(Element.all(1), 0, 1);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = ring.enqueueBurstStart(2);
            ring.enqueueFinish(Element.all(2), 0, 1);
        }

        @Arbiter
        public void rest(III_Result r) {
            r.r3 = Element.takeBurst(ring, 3);
        }
    }
}
