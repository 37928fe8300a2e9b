package dev.penstock.verify.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.penstock.ring.Ring;
import dev.penstock.ring.Ring.Sync;
import dev.penstock.ring.ZeroCopy;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Elements written into a ring's slots and read there, without a copy: what a finish hands over is whole, and a slot
 * that was not given back is not written.
 */
public class RingZeroCopy {
    private RingZeroCopy() {}

    /** SINGLE on both sides: two elements written in place and read in place, over the ring's end. */
    @JCStressTest
    @Outcome(id = "0, 12", expect = ACCEPTABLE, desc = "Too early.")
    @Outcome(id = "12, 2", expect = ACCEPTABLE, desc = "Both were there; one was taken and one left.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Single {
        private final Ring<Element> ring = Element.turned(4, Sync.SINGLE, 3);

        @Actor
        public void produce() {
            ZeroCopy<Element> slots = new ZeroCopy<>();
            int n = ring.enqueueZcBulkStart(slots, 2);
            slots.set(0, Element.of(1));
            slots.set(1, Element.of(2));
            ring.enqueueZcFinish(n);
        }

        @Actor
        public void consume(II_Result r) {
            ZeroCopy<Element> slots = new ZeroCopy<>();
            int n = ring.dequeueZcBurstStart(slots, 3);
            r.r1 = Element.digits(slots, n);
            if (n > 0) {
                ring.dequeueFinish(1);
            }
        }

        @Arbiter
        public void rest(II_Result r) {
            r.r2 = Element.takeBurst(ring, 3);
        }
    }

    /** SINGLE on both sides: a full ring, whose slots are written only after they were read and given back. */
    @JCStressTest
    @Outcome(id = "0, 12", expect = ACCEPTABLE, desc = "Full: the producer came first.")
    @Outcome(id = "2, 12", expect = ACCEPTABLE, desc = "The consumer made room first.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class SingleKeepsUnread {
        private final Ring<Element> ring = Element.ring(4, Sync.SINGLE, 1, 2, 3);

        @Actor
        public void produce(II_Result r) {
            ZeroCopy<Element> slots = new ZeroCopy<>();
            r.r1 = ring.enqueueZcBulkStart(slots, 2);
            if (r.r1 == 2) {
                slots.set(0, Element.of(4));
                slots.set(1, Element.of(5));
                ring.enqueueZcFinish(2);
            }
        }

        @Actor
        public void consume(II_Result r) {
            ZeroCopy<Element> slots = new ZeroCopy<>();
            int n = ring.dequeueZcBulkStart(slots, 2);
            r.r2 = Element.digits(slots, n);
            ring.dequeueFinish(n);
        }
    }

    /** HTS on both sides: two elements written in place and read in place, over the ring's end. */
    @JCStressTest
    @Outcome(id = "0, 12", expect = ACCEPTABLE, desc = "Too early.")
    @Outcome(id = "12, 2", expect = ACCEPTABLE, desc = "Both were there; one was taken and one left.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class Hts {
        private final Ring<Element> ring = Element.turned(4, Sync.HTS, 3);

        @Actor
        public void produce() {
            ZeroCopy<Element> slots = new ZeroCopy<>();
            int n = ring.enqueueZcBulkStart(slots, 2);
            slots.set(0, Element.of(1));
            slots.set(1, Element.of(2));
            ring.enqueueZcFinish(n);
        }

        @Actor
        public void consume(II_Result r) {
            ZeroCopy<Element> slots = new ZeroCopy<>();
            int n = ring.dequeueZcBurstStart(slots, 3);
            r.r1 = Element.digits(slots, n);
            if (n > 0) {
                ring.dequeueFinish(1);
            }
        }

        @Arbiter
        public void rest(II_Result r) {
            r.r2 = Element.takeBurst(ring, 3);
        }
    }

    /** HTS on both sides: a full ring, whose slots are written only after they were read and given back. */
    @JCStressTest
    @Outcome(id = "0, 12", expect = ACCEPTABLE, desc = "Full: the producer came first.")
    @Outcome(id = "2, 12", expect = ACCEPTABLE, desc = "The consumer made room first.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class HtsKeepsUnread {
        private final Ring<Element> ring = Element.ring(4, Sync.HTS, 1, 2, 3);

        @Actor
        public void produce(II_Result r) {
            ZeroCopy<Element> slots = new ZeroCopy<>();
            r.r1 = ring.enqueueZcBulkStart(slots, 2);
            if (r.r1 == 2) {
                slots.set(0, Element.of(4));
                slots.set(1, Element.of(5));
                ring.enqueueZcFinish(2);
            }
        }

        @Actor
        public void consume(II_Result r) {
            ZeroCopy<Element> slots = new ZeroCopy<>();
            int n = ring.dequeueZcBulkStart(slots, 2);
            r.r2 = Element.digits(slots, n);
            ring.dequeueFinish(n);
        }
    }
}
