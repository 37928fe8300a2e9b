package dev.penstock.verify.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.penstock.ring.Ring;
import dev.penstock.ring.Ring.Sync;
import dev.penstock.ring.ZeroCopy;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
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

    /** As {@link RingStack}, without a tag beside the top. */
    @JCStressTest
    @Outcome(id = "2, 0, 1", expect = ACCEPTABLE, desc = "The first thread took 2 first; the other took 1 and pushed it again.")
    @Outcome(id = "1, 0, 2", expect = ACCEPTABLE, desc = "The other took 2, the first 1, and 2 was pushed again.")
    @Outcome(id = "0, 1, 2", expect = ACCEPTABLE, desc = "The other took both; the first found nothing.")
    @Outcome(id = "2, 1, 0", expect = ACCEPTABLE, desc = "The other took both and pushed 2 again; then the first took it.")
    @Outcome(expect = FORBIDDEN, desc = "The top was the same again, and what is below it another.")
    @State
    public static class NoTag {
        private final BrokenStack stack = new BrokenStack(1, 2);

        @Actor
        public void take(III_Result r) {
            Element[] one = new Element[1];
            r.r1 = Element.digits(one, stack.pop(one, 0, 1));
        }

        @Actor
        public void takeTwoAndPushOne(III_Result r) {
            Element[] one = new Element[1];
            Element[] two = new Element[1];
            int n = stack.pop(one, 0, 1);
            r.r2 = Element.digits(two, stack.pop(two, 0, 1));
            stack.push(one, 0, n);
        }

        @Arbiter
        public void rest(III_Result r) {
            Element[] one = new Element[1];
            int digits = 0;
            for (int i = 0; i < 3 && stack.pop(one, 0, 1) == 1; i++) {
                digits = digits * 10 + one[0].value;
            }
            r.r3 = digits;
        }
    }

    /** As {@link RingZeroCopy}: a producer that finishes before it has written its slot. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "Too early.")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The element, complete.")
    @Outcome(expect = FORBIDDEN, desc = "The consumer was let at a slot before it was written.")
    @State
    public static class FinishBeforeWrite {
        private final Ring<Element> ring = Element.ring(4, Sync.SINGLE);

        @Actor
        public void produce() {
            ZeroCopy<Element> slots = new ZeroCopy<>();
            int n = ring.enqueueZcBulkStart(slots, 1);
            ring.enqueueZcFinish(n);
            slots.set(0, Element.of(1));
        }

        @Actor
        public void consume(I_Result r) {
            r.r1 = Element.takeBurst(ring, 1);
        }
    }

    /** As {@link RingZeroCopy}: a consumer that finishes before it has read its slot, and is held up between. */
    @JCStressTest
    @Outcome(id = "0, 12", expect = ACCEPTABLE, desc = "Full: the producer came first.")
    @Outcome(id = "2, 12", expect = ACCEPTABLE, desc = "The consumer made room first.")
    @Outcome(expect = FORBIDDEN, desc = "The producer wrote over the slot before it was read.")
    @State
    public static class FinishBeforeRead {
        private final Ring<Element> ring = Element.ring(4, Sync.SINGLE, 1, 2, 3);

        @Actor
        public void produce(II_Result r) {
            r.r1 = ring.enqueueBulk(Element.all(4, 5), 0, 2);
        }

        @Actor
        public void consume(II_Result r) {
            ZeroCopy<Element> slots = new ZeroCopy<>();
            int n = ring.dequeueZcBulkStart(slots, 2);
            ring.dequeueFinish(n);
            BrokenStack.hesitate();
            r.r2 = Element.digits(slots, n);
        }
    }

    /** As {@link RingBias}: the owner of a side and who takes it away, without a barrier. */
    @JCStressTest
    @Outcome(id = {"12", "21"}, expect = ACCEPTABLE, desc = "One after the other.")
    @Outcome(expect = FORBIDDEN, desc = "Both were at the same slot: the owner had not yet told that it is inside.")
    @State
    public static class NoBarrier {
        private final BrokenBias side = new BrokenBias(false);

        @Actor
        public void own() {
            side.own(Element.of(1));
        }

        @Actor
        public void take() {
            side.take(Element.of(2));
        }

        @Arbiter
        public void rest(I_Result r) {
            r.r1 = side.rest();
        }
    }
}
