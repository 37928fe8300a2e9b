package dev.penstock.verify.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.penstock.eal.LcoreThread;
import dev.penstock.ring.Pile;
import dev.penstock.ring.Ring.Sync;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A pile that its first thread has as a stack of its own, while another one makes a ring of it: {@link RingBias} for both sides at once. Each
 * pile is used once. {@link BrokenBias} is the same without the barrier.
 */
public class RingBiasPile {
    private RingBiasPile() {}

    /** How often the owner pops and pushes: long enough for the taker to come meanwhile. */
    private static final int MANY = 32;

    private static Pile<Element> pile(int... values) {
        Pile<Element> pile = new Pile<>(Element.ring(8, Sync.MULTI));
        pile.keepAside(64);
        pile.push(Element.all(values), 0, values.length);
        pile.handOver();
        return pile;
    }

    /** Pops one and two in turn and pushes them again. */
    private static int own(Pile<Element> pile) {
        Element[] held = new Element[2];
        int wrong = 0;
        for (int i = 0; i < MANY; i++) {
            int n = 1 + (i & 1);
            wrong |= pile.pop(held, 0, n) ? 0 : 1;
            wrong |= held[0].value == 0 || pile.push(held, 0, n) ? 0 : 2;
        }
        return wrong;
    }

    /** What is left, each value as one bit; -1 if one is there twice or incomplete. */
    private static int left(Pile<Element> pile) {
        Element[] one = new Element[1];
        int bits = 0;
        while (pile.pop(one, 0, 1)) {
            int bit = 1 << one[0].value;
            if (one[0].value == 0 || (bits & bit) != 0) {
                return -1;
            }
            bits |= bit;
        }
        return bits;
    }

    private static int popOne(Pile<Element> pile) {
        Element[] one = new Element[1];
        return pile.pop(one, 0, 1) ? one[0].value : 0;
    }

    /** The owner pops and pushes, and finds the pile taken on the way by one that takes an element for good. */
    @JCStressTest
    @Outcome(id = {"0, 1, 60", "0, 2, 58", "0, 3, 54", "0, 4, 46", "0, 5, 30"}, expect = ACCEPTABLE, desc = "One is with the taker, the others are left.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double or incomplete.")
    @State
    public static class TakenByPop {
        private final Pile<Element> pile = pile(1, 2, 3, 4, 5);

        @Actor
        public void own(III_Result r) {
            r.r1 = RingBiasPile.own(pile);
        }

        @Actor
        public void take(III_Result r) {
            r.r2 = popOne(pile);
        }

        @Arbiter
        public void rest(III_Result r) {
            r.r3 = left(pile);
        }
    }

    /** The same by a worker, whose owner is one too: first one and then the other keeps all aside, until who finds none takes it away. */
    @JCStressTest
    @Outcome(id = {"0, 1, 60", "0, 2, 58", "0, 3, 54", "0, 4, 46", "0, 5, 30"}, expect = ACCEPTABLE, desc = "One is with the taker, the others are left.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double or incomplete, or was refused though it was there.")
    @State
    public static class WorkersTakenByPop {
        private final Pile<Element> pile = pile(1, 2, 3, 4, 5);

        @Actor
        public void own(III_Result r) {
            try (LcoreThread.Registration _ = LcoreThread.register()) {
                r.r1 = RingBiasPile.own(pile);
            }
        }

        @Actor
        public void take(III_Result r) {
            try (LcoreThread.Registration _ = LcoreThread.register()) {
                r.r2 = popOne(pile);
            }
        }

        @Arbiter
        public void rest(III_Result r) {
            r.r3 = left(pile);
        }
    }

    /** Two workers pop and push, and a thread that is none takes one for good. */
    @JCStressTest
    @Outcome(id = {"0, 1, 60, 0", "0, 2, 58, 0", "0, 3, 54, 0", "0, 4, 46, 0", "0, 5, 30, 0"}, expect = ACCEPTABLE,
            desc = "One is with the taker, the others are left.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double or incomplete, or was refused though it was there.")
    @State
    public static class TwoWorkersTakenByPop {
        private final Pile<Element> pile = pile(1, 2, 3, 4, 5);

        private int own() {
            try (LcoreThread.Registration _ = LcoreThread.register()) {
                return RingBiasPile.own(pile);
            }
        }

        @Actor
        public void first(IIII_Result r) {
            r.r1 = own();
        }

        @Actor
        public void second(IIII_Result r) {
            r.r4 = own();
        }

        @Actor
        public void take(IIII_Result r) {
            r.r2 = popOne(pile);
        }

        @Arbiter
        public void rest(IIII_Result r) {
            r.r1 |= r.r4;
            r.r3 = left(pile);
            r.r4 = 0;
        }
    }

    /** The same by one that brings two. */
    @JCStressTest
    @Outcome(id = "0, 62", expect = ACCEPTABLE, desc = "All five are left.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double or incomplete.")
    @State
    public static class TakenByPush {
        private final Pile<Element> pile = pile(1, 2, 3);

        @Actor
        public void own(II_Result r) {
            r.r1 = RingBiasPile.own(pile);
        }

        @Actor
        public void take() {
            pile.push(Element.all(4, 5), 0, 2);
        }

        @Arbiter
        public void rest(II_Result r) {
            r.r2 = left(pile);
        }
    }

    /** Nobody's pile, of which three threads take one each at once. */
    @JCStressTest
    @Outcome(id = {"1, 2, 3", "1, 3, 2", "2, 1, 3", "2, 3, 1", "3, 1, 2", "3, 2, 1"}, expect = ACCEPTABLE, desc = "Each has one.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost, double or incomplete.")
    @State
    public static class ThreeClaim {
        private final Pile<Element> pile = pile(1, 2, 3);

        @Actor
        public void first(III_Result r) {
            r.r1 = popOne(pile);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = popOne(pile);
        }

        @Actor
        public void third(III_Result r) {
            r.r3 = popOne(pile);
        }
    }

    /** What the owner pushed is whole for who takes the pile. */
    @JCStressTest
    @Outcome(id = {"0", "1", "2"}, expect = ACCEPTABLE, desc = "Too early, or one of the two.")
    @Outcome(expect = FORBIDDEN, desc = "An element that nobody pushed, or an incomplete one.")
    @State
    public static class OwnerHandsOver {
        private final Pile<Element> pile = pile();

        @Actor
        public void own() {
            pile.push(Element.all(1), 0, 1);
            pile.push(Element.all(2), 0, 1);
        }

        @Actor
        public void take(I_Result r) {
            Element[] one = new Element[1];
            r.r1 = !pile.pop(one, 0, 1) ? 0 : one[0].value == 0 ? -1 : one[0].value;
        }
    }
}
