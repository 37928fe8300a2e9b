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
 * One thread enqueues 1 and then 2 and 3 as a bulk, another dequeues twice: it sees a beginning of 1, 2, 3, and each
 * element with what its producer wrote into its plain field.
 */
public class RingHandsOverWhole {
    private RingHandsOverWhole() {}

    /** SINGLE on both sides. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Too early both times.")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "Too early the first time.")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The bulk has not come yet.")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "Both in order.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Single {
        private final Ring<Element> ring = Element.ring(8, Sync.SINGLE);

        @Actor
        public void produce() {
            ring.enqueue(Element.of(1));
            ring.enqueueBulk(Element.all(2, 3), 0, 2);
        }

        @Actor
        public void consume(II_Result r) {
            r.r1 = Element.takeBulk(ring, 1);
            r.r2 = Element.takeBulk(ring, 1);
        }
    }

    /** MULTI on both sides. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Too early both times.")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "Too early the first time.")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The bulk has not come yet.")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "Both in order.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Multi {
        private final Ring<Element> ring = Element.ring(8, Sync.MULTI);

        @Actor
        public void produce() {
            ring.enqueue(Element.of(1));
            ring.enqueueBulk(Element.all(2, 3), 0, 2);
        }

        @Actor
        public void consume(II_Result r) {
            r.r1 = Element.takeBulk(ring, 1);
            r.r2 = Element.takeBulk(ring, 1);
        }
    }

    /** RTS on both sides. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Too early both times.")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "Too early the first time.")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The bulk has not come yet.")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "Both in order.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Rts {
        private final Ring<Element> ring = Element.ring(8, Sync.RTS);

        @Actor
        public void produce() {
            ring.enqueue(Element.of(1));
            ring.enqueueBulk(Element.all(2, 3), 0, 2);
        }

        @Actor
        public void consume(II_Result r) {
            r.r1 = Element.takeBulk(ring, 1);
            r.r2 = Element.takeBulk(ring, 1);
        }
    }

    /** HTS on both sides. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Too early both times.")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "Too early the first time.")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The bulk has not come yet.")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "Both in order.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Hts {
        private final Ring<Element> ring = Element.ring(8, Sync.HTS);

        @Actor
        public void produce() {
            ring.enqueue(Element.of(1));
            ring.enqueueBulk(Element.all(2, 3), 0, 2);
        }

        @Actor
        public void consume(II_Result r) {
            r.r1 = Element.takeBulk(ring, 1);
            r.r2 = Element.takeBulk(ring, 1);
        }
    }
}
