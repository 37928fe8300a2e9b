package dev.penstock.verify.tables;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.penstock.efd.Efd;
import dev.penstock.hash.HashFunction;
import java.nio.ByteBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** One thread updates an EFD while another looks up; all keys share a group, whose hash functions change with each update. */
public class EfdUnderChange {
    private static final int KEYS = 16;
    private static final int BINS = 256;
    private static final byte[][] NAMES = new byte[KEYS + 1][];

    static {
        int found = 0;
        for (int i = 0; found < NAMES.length; i++) {
            byte[] key = ByteBuffer.allocate(4).putInt(i).array();
            if ((HashFunction.MULTIPLY.hash(key, 0, key.length, 0) & BINS - 1) == 7) {
                NAMES[found++] = key;
            }
        }
    }

    private EfdUnderChange() {}

    private static int value(int key) {
        return key * 37 + 5 & 0xff;
    }

    /** Keys that stay keep their values while another comes. */
    @JCStressTest
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "All keys that stayed had their values, and the new one was taken.")
    @Outcome(expect = FORBIDDEN, desc = "A key that stayed had another value, or the new one found no room.")
    @State
    public static class Add {
        private final Efd efd = new Efd(64, 4);

        /** The keys that stay. */
        public Add() {
            for (int i = 0; i < KEYS; i++) {
                efd.update(NAMES[i], 0, value(i));
            }
        }

        @Actor
        public void write(II_Result r) {
            r.r2 = efd.update(NAMES[KEYS], 0, value(KEYS)) == Efd.Update.FAILED ? 0 : 1;
        }

        @Actor
        public void read(II_Result r) {
            for (int i = 0; i < KEYS; i++) {
                r.r1 += efd.lookup(NAMES[i], 0) == value(i) ? 0 : 1;
            }
        }
    }

    /** Keys that stay keep their values while another's changes. */
    @JCStressTest
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "All keys that stayed had their values.")
    @Outcome(expect = FORBIDDEN, desc = "A key that stayed had another value.")
    @State
    public static class Change {
        private final Efd efd = new Efd(64, 4);

        /** The keys that stay, and the one that changes. */
        public Change() {
            for (int i = 0; i <= KEYS; i++) {
                efd.update(NAMES[i], 0, value(i));
            }
        }

        @Actor
        public void write(II_Result r) {
            r.r2 = efd.update(NAMES[KEYS], 0, ~value(KEYS) & 0xff) == Efd.Update.FAILED ? 0 : 1;
        }

        @Actor
        public void read(II_Result r) {
            for (int i = 0; i < KEYS; i++) {
                r.r1 += efd.lookup(NAMES[i], 0) == value(i) ? 0 : 1;
            }
        }
    }
}
