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
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A MULTI side that its first thread has for itself while another one takes it away. Each ring is used once, so each try takes a side
 * once, at another moment. {@link BrokenBias} is the same without the barrier.
 */
public class RingBias {
    private RingBias() {}

    /** How many elements the owner moves, by one and by three in turn: long enough for the taker to come meanwhile. */
    private static final int MANY = 64;
    private static final int LATE = 100;

    private static void ownProducer(Ring<Element> ring, Element[] elements) {
        for (int i = 0; i < MANY; i += 4) {
            ring.enqueue(elements[i]);
            ring.enqueueBulk(elements, i + 1, 3);
        }
    }

    private static Element[] many() {
        Element[] elements = new Element[MANY];
        for (int i = 0; i < MANY; i++) {
            elements[i] = Element.of(i + 1);
        }
        return elements;
    }

    /** Where the one that differs is among n in order: 0 before all, 1 between two, 2 after all; -1 if anything is not as it should be. */
    private static int place(Element[] all, int n) {
        int next = 1;
        int place = -1;
        for (int i = 0; i < n; i++) {
            int value = all[i] == null ? 0 : all[i].value;
            if (value == LATE && place < 0) {
                place = i == 0 ? 0 : i == MANY ? 2 : 1;
            } else if (value != next++) {
                return -1;
            }
        }
        return n == MANY + 1 ? place : -1;
    }

    /** The owner enqueues, and finds its side taken on the way. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "The taker came first.")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The taker came between two of the owner's.")
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "The taker came last.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class TakenFromProducer {
        private final Ring<Element> ring = Element.ring(128, Sync.MULTI);
        private final Element[] elements = many();

        @Actor
        public void own() {
            ownProducer(ring, elements);
        }

        @Actor
        public void take() {
            ring.enqueue(Element.of(LATE));
        }

        @Arbiter
        public void rest(I_Result r) {
            Element[] to = new Element[128];
            r.r1 = place(to, ring.dequeueBurst(to, 0, 128));
        }
    }

    /** The owner dequeues, and finds its side taken on the way. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "The taker came first.")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The taker came between two of the owner's.")
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "The taker came last.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class TakenFromConsumer {
        private final Ring<Element> ring = Element.ring(128, Sync.MULTI);
        private final Element[] owners = new Element[MANY];
        private Element takers;

        /** Makes the ring full of MANY and one. */
        public TakenFromConsumer() {
            ownProducer(ring, many());
            ring.enqueue(Element.of(MANY + 1));
        }

        @Actor
        public void own() {
            for (int i = 0; i < MANY; i += 4) {
                owners[i] = ring.dequeue();
                ring.dequeueBulk(owners, i + 1, 3);
            }
        }

        @Actor
        public void take() {
            takers = ring.dequeue();
        }

        @Arbiter
        public void rest(I_Result r) {
            int taken = takers == null ? 0 : takers.value;
            boolean right = ring.empty() && taken != 0;
            for (int i = 0; i < MANY; i++) {
                right &= owners[i] != null && owners[i].value == (i + 1 < taken ? i + 1 : i + 2);
            }
            r.r1 = !right ? -1 : taken == 1 ? 0 : taken > MANY ? 2 : 1;
        }
    }

    /** Two takers at once, one by one element and one by a bulk. */
    @JCStressTest
    @Outcome(id = {"12345", "12453", "13245", "13452", "14523", "14532", "31245", "31452", "34512", "45123", "45132", "45312"},
            expect = ACCEPTABLE, desc = "Each thread's in order and in one piece.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class TwoTakers {
        private final Ring<Element> ring = Element.ring(8, Sync.MULTI);

        @Actor
        public void own() {
            ring.enqueue(Element.of(1));
            ring.enqueue(Element.of(2));
        }

        @Actor
        public void takeOne() {
            ring.enqueue(Element.of(3));
        }

        @Actor
        public void takeTwo() {
            ring.enqueueBulk(Element.all(4, 5), 0, 2);
        }

        @Arbiter
        public void rest(I_Result r) {
            r.r1 = Element.takeBurst(ring, 7);
        }
    }

    /** Three threads dequeue: all that was there, each once. */
    @JCStressTest
    @Outcome(id = {"12, 3, 4", "12, 4, 3", "13, 2, 4", "14, 2, 3", "13, 4, 2", "14, 3, 2", "23, 1, 4", "24, 1, 3", "23, 4, 1", "24, 3, 1",
        "34, 1, 2", "34, 2, 1"}, expect = ACCEPTABLE, desc = "Each took what was next.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class TwoTakersOfConsumer {
        private final Ring<Element> ring = Element.ring(8, Sync.MULTI, 1, 2, 3, 4);

        @Actor
        public void own(III_Result r) {
            Element one = ring.dequeue();
            Element two = ring.dequeue();
            r.r1 = Element.digits(new Element[] {one, two}, 2);
        }

        @Actor
        public void takeOne(III_Result r) {
            r.r2 = Element.takeBulk(ring, 1);
        }

        @Actor
        public void takeAnother(III_Result r) {
            Element element = ring.dequeue();
            r.r3 = element == null ? 0 : element.value;
        }
    }

    /** A side of nobody that two claim at once; one has it, and the other takes it. */
    @JCStressTest
    @Outcome(id = {"1234", "3412"}, expect = ACCEPTABLE, desc = "One after the other.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class ClaimAgainstClaim {
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

    /** Two take the side of an owner that is elsewhere: the thread that made the ring. Slots wrap. */
    @JCStressTest
    @Outcome(id = {"1234", "3412"}, expect = ACCEPTABLE, desc = "One after the other.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class TakenFromIdleOwner {
        private final Ring<Element> ring = Element.turned(8, Sync.MULTI, 7);

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

    /** Both sides have an owner: what it hands over is whole, and each slot is free when it is written again. */
    @JCStressTest
    @Outcome(id = {"0, 0", "0, 1", "1, 0", "1, 2"}, expect = ACCEPTABLE, desc = "A beginning of 1, 2.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double, out of order or incomplete.")
    @State
    public static class OwnerToOwner {
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

    /** What {@link BrokenRingTwins.NoBarrier} lacks is the barrier and nothing else. */
    @JCStressTest
    @Outcome(id = {"12", "21"}, expect = ACCEPTABLE, desc = "One after the other.")
    @Outcome(expect = FORBIDDEN, desc = "Both were at the same slot.")
    @State
    public static class TwinWithBarrier {
        private final BrokenBias side = new BrokenBias(true);

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
