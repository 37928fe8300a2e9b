package dev.penstock.verify.tables;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A mistake with a trie that the tests must find. */
public class BrokenTrieTwins {
    private BrokenTrieTwins() {}

    /** The entry names the group before that is filled. */
    @JCStressTest
    @Outcome(id = {"1, 1", "1, 2"}, expect = ACCEPTABLE, desc = "Before the longer route, or after it.")
    @Outcome(expect = FORBIDDEN, desc = "An address lost its route, or had one of a group half made.")
    @State
    public static class GroupShownTooEarly {
        private static final int GROUP = 256;
        private final int[] group = new int[GROUP];
        private int entry = Routes.NETWORK << 1;

        @Actor
        public void write() {
            entry = 1;
            Arrays.fill(group, Routes.NETWORK << 1);
            group[7] = Routes.PART << 1;
        }

        @Actor
        public void read(II_Result r) {
            r.r1 = find(6);
            r.r2 = find(7);
        }

        private int find(int at) {
            int found = entry;
            return ((found & 1) != 0 ? group[at] : found) >> 1;
        }
    }
}
