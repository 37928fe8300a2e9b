package dev.penstock.verify.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.penstock.ring.LockFreeStack;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A stack without a lock: one thread takes an element while another takes two and pushes the first again, so that the
 * same node is on top as before, with another below it (the ABA problem). Each element is somewhere, once.
 */
public class RingStack {
    private RingStack() {}

    /** With a tag beside the top. */
    @JCStressTest
    @Outcome(id = "2, 0, 1", expect = ACCEPTABLE, desc = "The first thread took 2 first; the other took 1 and pushed it again.")
    @Outcome(id = "1, 0, 2", expect = ACCEPTABLE, desc = "The other took 2, the first 1, and 2 was pushed again.")
    @Outcome(id = "0, 1, 2", expect = ACCEPTABLE, desc = "The other took both; the first found nothing.")
    @Outcome(id = "2, 1, 0", expect = ACCEPTABLE, desc = "The other took both and pushed 2 again; then the first took it.")
    @Outcome(expect = FORBIDDEN, desc = "An element is lost or double.")
    @State
    public static class LockFree {
        private final LockFreeStack<Element> stack = Element.stack(1, 2);

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
}
