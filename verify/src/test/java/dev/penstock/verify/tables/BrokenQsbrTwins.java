package dev.penstock.verify.tables;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A mistake with RCU that the tests must find. */
public class BrokenQsbrTwins {
    private BrokenQsbrTwins() {}

    /** The writer uses the slot again at once. */
    @JCStressTest
    @Outcome(id = {"0", "1"}, expect = ACCEPTABLE, desc = "The reader came too late, or found what was there.")
    @Outcome(expect = FORBIDDEN, desc = "The reader holds what the writer has used again.")
    @State
    public static class WriterDoesNotWait {
        private final Shelf shelf = new Shelf();

        @Actor
        public void read(I_Result r) {
            r.r1 = shelf.read();
            shelf.qsbr.quiescent(0);
            shelf.qsbr.offline(0);
        }

        @Actor
        public void write() {
            shelf.takeOff();
            shelf.useAgain();
        }
    }
}
