package dev.penstock.verify.tables;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** One thread changes what lpm, lpm6, fib and fib6 look up in, while another looks up: no entry is ever seen half made. */
public class TrieUnderChange {
    private TrieUnderChange() {}

    /** A group takes an entry's place. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Before the longer route.")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "After it.")
    @Outcome(expect = FORBIDDEN, desc = "An address lost its route, or had one of a group half made.")
    @State
    public static class GroupComes {
        private final int ip = Routes.network4(false);

        @Actor
        public void write() {
            Routes.V4.FIB.add(ip + 7, 32, Routes.PART);
        }

        @Actor
        public void read(II_Result r) {
            r.r1 = Routes.find4(ip + 6);
            r.r2 = Routes.find4(ip + 7);
        }
    }

    /** An entry takes a group's place. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The longer route was gone.")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "It was there.")
    @Outcome(expect = FORBIDDEN, desc = "An address lost its route.")
    @State
    public static class GroupGoes {
        private final int ip = Routes.network4(true);

        @Actor
        public void write() {
            Routes.V4.FIB.delete(ip + 7, 32);
        }

        @Actor
        public void read(II_Result r) {
            r.r1 = Routes.find4(ip + 6);
            r.r2 = Routes.find4(ip + 7);
        }
    }

    /** A route of IPv6 that was alone gets a group and goes one level down. */
    @JCStressTest
    @Outcome(id = "1, -1", expect = ACCEPTABLE, desc = "Before the other route.")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "After it.")
    @Outcome(expect = FORBIDDEN, desc = "The route that stayed was missed, or the new one seen half made.")
    @State
    public static class TailMoves {
        private final long high = Routes.network6(false);

        @Actor
        public void write() {
            Routes.V6.LPM.add(Routes.beside(high), 0, 64, Routes.PART);
        }

        @Actor
        public void read(II_Result r) {
            r.r1 = Routes.V6.LPM.lookup(high, 5);
            r.r2 = Routes.V6.LPM.lookup(Routes.beside(high), 5);
        }
    }

    /** One of two routes of IPv6 that share a group goes. */
    @JCStressTest
    @Outcome(id = "1, -1", expect = ACCEPTABLE, desc = "The other route was gone.")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "It was there.")
    @Outcome(expect = FORBIDDEN, desc = "The route that stayed was missed.")
    @State
    public static class TailGoes {
        private final long high = Routes.network6(true);

        @Actor
        public void write() {
            Routes.V6.LPM.delete(Routes.beside(high), 0, 64);
        }

        @Actor
        public void read(II_Result r) {
            r.r1 = Routes.V6.LPM.lookup(high, 5);
            r.r2 = Routes.V6.LPM.lookup(Routes.beside(high), 5);
        }
    }
}
