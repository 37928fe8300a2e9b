package dev.penstock.acl;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Runs a new class until the JIT has compiled it, with keys that rules match, and compares what it answers. */
final class WarmUp {
    private static final int BURST = 32;
    private static final int BURSTS = 512;
    /** Rounds over all bursts: enough calls for C2, whose limits are 5000 calls and 15000 of calls and loops. */
    private static final int ROUNDS = 24;

    private final RuleSet set;
    private final int keyLength;
    private final SplittableRandom random = new SplittableRandom(1);

    WarmUp(Forest forest, int keyLength) {
        set = forest.set;
        this.keyLength = keyLength;
    }

    /**
     * Runs it.
     *
     * @param known what answers right
     * @param fresh what is to be run
     * @throws AclBuildException when they differ
     */
    void run(Classifier known, Classifier fresh) {
        byte[][] bursts = new byte[BURSTS][BURST * keyLength];
        int[] expected = new int[BURST];
        int[] ranks = new int[BURST];
        for (byte[] keys : bursts) {
            fill(keys);
            known.classify(keys, keyLength, BURST, 1, expected);
            fresh.classify(keys, keyLength, BURST, 1, ranks);
            if (!Arrays.equals(expected, ranks)) {
                throw new AclBuildException("the class of an ACL of " + set.size + " rules answers otherwise than its table;"
                        + " the table stays in use; please report its rules");
            }
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (byte[] keys : bursts) {
                fresh.classify(keys, keyLength, BURST, 1, ranks);
            }
        }
    }

    private void fill(byte[] keys) {
        for (int base = 0; base < keys.length; base += keyLength) {
            int rank = random.nextInt(set.size);
            for (int f = 0; f < set.fields.length; f++) {
                long low = set.lo[rank * set.fields.length + f];
                long free = low ^ set.hi[rank * set.fields.length + f];
                long value = low | random.nextLong() & free;
                int size = set.fields[f].size();
                for (int b = 0; b < size; b++) {
                    keys[base + set.fields[f].offset() + b] = (byte) (value >>> 8 * (size - 1 - b));
                }
            }
        }
    }
}
