package dev.penstock.verify.tables;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.penstock.rcu.Qsbr;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A writer that waits for a grace period never takes away what a reader holds. */
public class QsbrGracePeriod {
    private QsbrGracePeriod() {}

    /** The reader says so between bursts. */
    @JCStressTest
    @Outcome(id = {"0", "1"}, expect = ACCEPTABLE, desc = "The reader came too late, or found what was there.")
    @Outcome(expect = FORBIDDEN, desc = "The reader holds what the writer has used again.")
    @State
    public static class Quiescent {
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
            shelf.qsbr.synchronize(Qsbr.NO_READER);
            shelf.useAgain();
        }
    }

    /** The reader goes offline. */
    @JCStressTest
    @Outcome(id = {"0", "1"}, expect = ACCEPTABLE, desc = "The reader came too late, or found what was there.")
    @Outcome(expect = FORBIDDEN, desc = "The reader holds what the writer has used again.")
    @State
    public static class Offline {
        private final Shelf shelf = new Shelf();

        @Actor
        public void read(I_Result r) {
            r.r1 = shelf.read();
            shelf.qsbr.offline(0);
        }

        @Actor
        public void write() {
            shelf.takeOff();
            shelf.qsbr.synchronize(Qsbr.NO_READER);
            shelf.useAgain();
        }
    }
}
