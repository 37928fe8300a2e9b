package dev.penstock.trie;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.testkit.Seed;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Both twins, the scalar one and the one of the Vector API, against shifts of one entry after the other. */
class HalvesTest {
    private interface Longs {
        long halve(long[] entries, int from, int to);
    }

    private interface Ints {
        long halve(int[] entries, int from, int to);
    }

    static Stream<Arguments> twins() {
        return Stream.of(Arguments.of("scalar", (Longs) (e, from, to) -> Halves.scalarLongs(e, from, from, to),
                        (Ints) (e, from, to) -> Halves.scalarInts(e, from, from, to)),
                Arguments.of("vector", (Longs) HalvesVector::longs, (Ints) HalvesVector::ints),
                Arguments.of("chosen", (Longs) Halves::longs, (Ints) Halves::ints));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("twins")
    void shouldHalveAndTellTheOddOnes(String name, Longs longs, Ints ints) {
        SplittableRandom random = Seed.random("HalvesTest " + name);
        for (int round = 0; round < 20_000; round++) {
            long[] eights = random.longs(100).toArray();
            int[] fours = random.ints(100).toArray();
            int from = random.nextInt(36);
            int to = from + random.nextInt(65);
            long[] halfEights = eights.clone();
            int[] halfFours = fours.clone();
            long oddEights = 0;
            long oddFours = 0;
            for (int i = from; i < to; i++) {
                halfEights[i] >>>= 1;
                halfFours[i] >>= 1;
                oddEights |= (eights[i] & 1) << i - from;
                oddFours |= (fours[i] & 1L) << i - from;
            }
            assertEquals(oddEights, longs.halve(eights, from, to));
            assertEquals(oddFours, ints.halve(fours, from, to));
            assertArrayEquals(halfEights, eights);
            assertArrayEquals(halfFours, fours);
        }
    }
}
