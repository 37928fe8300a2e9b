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
 * A ring with room for three elements, in four slots, is full. The producer may write two more, the second into the slot
 * of the first, only after the consumer has read it.
 */
public class RingKeepsUnreadSlots {
    private RingKeepsUnreadSlots() {}

    /** SINGLE on both sides. */
    @JCStressTest
    @Outcome(id = "0, 12", expect = ACCEPTABLE, desc = "Full: the producer came first.")
    @Outcome(id = "2, 12", expect = ACCEPTABLE, desc = "The consumer made room first.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Single {
        private final Ring<Element> ring = Element.ring(4, Sync.SINGLE, 1, 2, 3);

        @Actor
        public void produce(II_Result r) {
            r.r1 = ring.enqueueBulk(Element.all(4, 5), 0, 2);
        }

        @Actor
        public void consume(II_Result r) {
            r.r2 = Element.takeBulk(ring, 2);
        }
    }

    /** MULTI on both sides. */
    @JCStressTest
    @Outcome(id = "0, 12", expect = ACCEPTABLE, desc = "Full: the producer came first.")
    @Outcome(id = "2, 12", expect = ACCEPTABLE, desc = "The consumer made room first.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Multi {
        private final Ring<Element> ring = Element.ring(4, Sync.MULTI, 1, 2, 3);

        @Actor
        public void produce(II_Result r) {
            r.r1 = ring.enqueueBulk(Element.all(4, 5), 0, 2);
        }

        @Actor
        public void consume(II_Result r) {
            r.r2 = Element.takeBulk(ring, 2);
        }
    }

    /** RTS on both sides. */
    @JCStressTest
    @Outcome(id = "0, 12", expect = ACCEPTABLE, desc = "Full: the producer came first.")
    @Outcome(id = "2, 12", expect = ACCEPTABLE, desc = "The consumer made room first.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Rts {
        private final Ring<Element> ring = Element.ring(4, Sync.RTS, 1, 2, 3);

        @Actor
        public void produce(II_Result r) {
            r.r1 = ring.enqueueBulk(Element.all(4, 5), 0, 2);
        }

        @Actor
        public void consume(II_Result r) {
            r.r2 = Element.takeBulk(ring, 2);
        }
    }

    /** HTS on both sides. */
    @JCStressTest
    @Outcome(id = "0, 12", expect = ACCEPTABLE, desc = "Full: the producer came first.")
    @Outcome(id = "2, 12", expect = ACCEPTABLE, desc = "The consumer made room first.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Hts {
        private final Ring<Element> ring = Element.ring(4, Sync.HTS, 1, 2, 3);

        @Actor
        public void produce(II_Result r) {
            r.r1 = ring.enqueueBulk(Element.all(4, 5), 0, 2);
        }

        @Actor
        public void consume(II_Result r) {
            r.r2 = Element.takeBulk(ring, 2);
        }
    }
}
