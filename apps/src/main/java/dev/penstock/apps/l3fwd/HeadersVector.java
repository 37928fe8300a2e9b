package dev.penstock.apps.l3fwd;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The SIMD twin of {@link Headers#check(int)}: 4 or 8 packets at once. Loaded only where the module of the Vector API is. */
final class HeadersVector {
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final int LANES = LONGS.length();
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class,
            VectorShape.forBitSize(Math.max(64, LONGS.vectorBitSize() / 2)));

    private HeadersVector() {}

    /** Whether this processor's vectors hold at least four packets. */
    static boolean isWide() {
        return LANES >= 4;
    }

    static int check(Headers h, int n) {
        int good = 0;
        for (int i = 0; i < n; i += LANES) {
            LongVector a = LongVector.fromArray(LONGS, h.first, i);
            LongVector b = LongVector.fromArray(LONGS, h.second, i);
            LongVector c = LongVector.fromArray(LONGS, h.third, i);
            LongVector room = LongVector.fromArray(LONGS, h.lengths, i).sub(Lookup.IP);
            LongVector word = b.lanewise(LSHR, 32);
            LongVector sum = a.lanewise(LSHR, 32).add(b.and(Headers.LOW)).add(word).add(c.and(Headers.LOW)).add(c.lanewise(LSHR, 32));
            sum = sum.and(Headers.LOW).add(sum.lanewise(LSHR, 32));
            sum = sum.and(0xffff).add(sum.lanewise(LSHR, 16));
            sum = sum.and(0xffff).add(sum.lanewise(LSHR, 16));
            sum = sum.and(0xffff).add(sum.lanewise(LSHR, 16));
            LongVector total = a.lanewise(LSHR, 56).or(a.lanewise(LSHR, 40).and(0xff00));
            VectorMask<Long> right = a.and(Headers.KIND_MASK).eq(Headers.KIND).and(sum.eq(0xffff))
                    .and(total.compare(VectorOperators.GE, 20)).and(total.compare(VectorOperators.LE, room))
                    .and(b.and(Headers.TTL).compare(VectorOperators.NE, 0));
            good |= (int) right.toLong() << i;
            ((IntVector) c.lanewise(VectorOperators.REVERSE_BYTES).convertShape(VectorOperators.L2I, INTS, 0))
                    .intoArray(h.destinations, i);
            LongVector fresh = word.lanewise(LSHR, 16).add(1);
            fresh = fresh.add(fresh.add(1).lanewise(LSHR, 16));
            ((IntVector) word.and(0xffff).sub(1).or(fresh.lanewise(LSHL, 16)).convertShape(VectorOperators.L2I, INTS, 0))
                    .intoArray(h.words, i);
        }
        return good;
    }
}
