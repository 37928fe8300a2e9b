package dev.penstock.verify.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** The broken twins: each of these tests must fail, see {@link RingConcurrencyTest}. */
public class BrokenRingTwins {
    private BrokenRingTwins() {}

    /** As {@link RingHandsOverWhole}. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "Too early.")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The element, complete.")
    @Outcome(expect = FORBIDDEN, desc = "The consumer was let at a slot before it was written.")
    @State
    public static class TailBeforeSlots {
        private final BrokenRing ring = new BrokenRing(BrokenRing.Mistake.TAIL_BEFORE_SLOTS);

        @Actor
        public void produce() {
            ring.enqueueBulk(Element.of(1));
        }

        @Actor
        public void consume(I_Result r) {
            r.r1 = ring.takeBurst(1);
        }
    }

    /** As {@link RingTwoProducers}. */
    @JCStressTest
    @Outcome(id = {"1234", "3412"}, expect = ACCEPTABLE, desc = "All elements, each bulk in one piece.")
    @Outcome(expect = FORBIDDEN, desc = "The tail went back, or over slots that were not written.")
    @State
    public static class NoWaitForPredecessor {
        private final BrokenRing ring = new BrokenRing(BrokenRing.Mistake.NO_WAIT_FOR_PREDECESSOR);

        @Actor
        public void first() {
            ring.enqueueBulk(Element.all(1, 2));
        }

        @Actor
        public void second() {
            ring.enqueueBulk(Element.all(3, 4));
        }

        @Arbiter
        public void rest(I_Result r) {
            r.r1 = ring.takeBurst(8);
        }
    }

    /** As {@link RingTwoProducers}. */
    @JCStressTest
    @Outcome(id = {"1234", "3412"}, expect = ACCEPTABLE, desc = "All elements, each bulk in one piece.")
    @Outcome(expect = FORBIDDEN, desc = "Both producers wrote the same slots.")
    @State
    public static class ClaimNotAtomic {
        private final BrokenRing ring = new BrokenRing(BrokenRing.Mistake.CLAIM_NOT_ATOMIC);

        @Actor
        public void first() {
            ring.enqueueBulk(Element.all(1, 2));
        }

        @Actor
        public void second() {
            ring.enqueueBulk(Element.all(3, 4));
        }

        @Arbiter
        public void rest(I_Result r) {
            r.r1 = ring.takeBurst(8);
        }
    }

    /** As {@link RingKeepsUnreadSlots}: a consumer that takes the slot and reads it then. */
    @JCStressTest
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "Full: the producer came first.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The consumer made room first.")
    @Outcome(expect = FORBIDDEN, desc = "The producer wrote over the slot before it was read.")
    @State
    public static class TakeBeforeRead {
        private final AtomicInteger tail = new AtomicInteger();
        private Element slot = Element.of(1);

        @Actor
        public void produce(II_Result r) {
            Element two = Element.of(2);
            if (tail.getAcquire() == 1) {
                slot = two;
                r.r1 = 1;
            }
        }

        @Actor
        public void consume(II_Result r) {
            tail.compareAndSet(0, 1);
            r.r2 = slot.value;
        }
    }
}
