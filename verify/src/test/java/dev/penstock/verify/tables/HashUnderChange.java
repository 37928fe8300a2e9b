package dev.penstock.verify.tables;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Readers without a lock, writers that take turns. */
public class HashUnderChange {
    private HashUnderChange() {}

    /** Keys that stay are found while others make them move. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Before the new key.")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "After it.")
    @Outcome(expect = FORBIDDEN, desc = "A key that stayed was missed, or the new one half made.")
    @State
    public static class Moves {
        private final FullHash hash = new FullHash(15);

        @Actor
        public void write() {
            hash.add(15);
        }

        @Actor
        public void read(II_Result r) {
            r.r1 = hash.missing();
            r.r2 = hash.found(15);
        }
    }

    /** The same where one writer takes no lock. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Before the new key.")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "After it.")
    @Outcome(expect = FORBIDDEN, desc = "A key that stayed was missed, or the new one half made.")
    @State
    public static class OneWriterMoves {
        private final FullHash hash = new FullHash(15, true);

        @Actor
        public void write() {
            hash.add(15);
        }

        @Actor
        public void read(II_Result r) {
            r.r1 = hash.missing();
            r.r2 = hash.found(15);
        }
    }

    /** The one writer gives a key other data, takes it out and puts it in again. */
    @JCStressTest
    @Outcome(id = {"0, 0", "0, 1", "1, 0", "1, 1"}, expect = ACCEPTABLE, desc = "There or gone, with its own data.")
    @Outcome(expect = FORBIDDEN, desc = "Another's data, or a key that stayed was missed.")
    @State
    public static class OneWriterDeletes {
        private final FullHash hash = new FullHash(15, true);

        @Actor
        public void write() {
            hash.add(14);
            hash.delete(14);
            hash.add(14);
        }

        @Actor
        public void read(II_Result r) {
            r.r1 = hash.found(14);
            r.r2 = hash.found(14) + (hash.missing() > 1 ? 10 : 0);
        }
    }

    /** A bulk look-up while keys move. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "Before the new key.")
    @Outcome(id = "100", expect = ACCEPTABLE, desc = "After it.")
    @Outcome(expect = FORBIDDEN, desc = "A key that stayed was missed, or the new one half made.")
    @State
    public static class BulkMoves {
        private final FullHash hash = new FullHash(15, true);

        @Actor
        public void write() {
            hash.add(15);
        }

        @Actor
        public void read(I_Result r) {
            r.r1 = hash.missingInBulk();
        }
    }

    /** Two threads add at once. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Both are there.")
    @Outcome(expect = FORBIDDEN, desc = "An update was lost.")
    @State
    public static class TwoWriters {
        private final FullHash hash = new FullHash(14);

        @Actor
        public void first() {
            hash.add(14);
        }

        @Actor
        public void second() {
            hash.add(15);
        }

        @Arbiter
        public void after(II_Result r) {
            r.r1 = hash.found(14);
            r.r2 = hash.found(15) + hash.hash.size() - 16;
        }
    }

    /** A key goes while it is looked up. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "It was gone.")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "It was there, then gone.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "It was there.")
    @Outcome(expect = FORBIDDEN, desc = "It came back, or had another's data.")
    @State
    public static class Delete {
        private final FullHash hash = new FullHash(15);

        @Actor
        public void write() {
            hash.delete(3);
        }

        @Actor
        public void read(II_Result r) {
            r.r1 = hash.found(3);
            r.r2 = hash.found(3);
        }
    }
}
