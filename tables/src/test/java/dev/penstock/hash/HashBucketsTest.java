package dev.penstock.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.function.IntBinaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hash's answers hardly show of its buckets. */
class HashBucketsTest {
    /** A burst whose first guess is wrong asks again and is only slow, which no other test would see. */
    @Tag("vectors")
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldFindEachPlaceOfABucket(boolean byVector) {
        assumeTrue(!byVector || Buckets.VECTOR);
        Buckets buckets = new Buckets(64, false);
        IntBinaryOperator find = byVector ? buckets::findByVector : buckets::findByWords;
        int first = 7;
        for (int i = 0; i < Buckets.ENTRIES; i++) {
            assertTrue(buckets.add((i + 1) << 16 | first, 50 - i));
        }
        for (int i = 0; i < Buckets.ENTRIES; i++) {
            int found = find.applyAsInt(first, buckets.tag((i + 1) << 16 | first));
            assertEquals(0, Buckets.none(found));
            assertEquals(50 - i, buckets.positionAt(first, found));
        }
        int none = find.applyAsInt(first, buckets.tag(100 << 16));
        assertEquals(1, Buckets.none(none));
        assertEquals(-1, buckets.positionAt(first, none));
        assertEquals(0, buckets.hint(first));
        assertTrue(buckets.add(9 << 16 | first, 1));
        assertEquals(1, buckets.hint(first));
        assertEquals(0, buckets.hint(first - 1));
        assertTrue(buckets.isCrowded(first));
        assertEquals(50, buckets.positionAt(first, find.applyAsInt(first, buckets.tag(1 << 16))), "the bit of a crowded bucket is no tag's");
        buckets.uncrowd();
        assertEquals(0, buckets.hint(first));
        assertFalse(buckets.isCrowded(first));
    }

    /** Who misses a key between its two places looks again when one was moved meanwhile, which a test with threads seldom meets. */
    @Test
    void shouldCountWhatItMoves() {
        Buckets buckets = new Buckets(64, false);
        int moving = 0;
        for (int i = 1; i < 40; i++) {
            int hash = i << 16 | 3;
            int before = buckets.moves();
            boolean full = buckets.matches(buckets.first(hash), 0) == 0 && buckets.matches(buckets.second(hash), 0) == 0;
            assertTrue(buckets.add(hash, i));
            assertEquals(full, buckets.moves() > before);
            moving += full ? 1 : 0;
        }
        assertTrue(moving > 0);
    }

    /** It may extend another one next, and who is in it then comes to that one's end. */
    @Test
    void shouldCountAnExtensionThatItTakesBackAsMoved() {
        Buckets buckets = new Buckets(64, true);
        for (int i = 0; i <= 2 * Buckets.ENTRIES; i++) {
            assertTrue(buckets.add(1 << 16, i));
        }
        int before = buckets.moves();
        buckets.removePosition(1 << 16, 2 * Buckets.ENTRIES);
        assertTrue(buckets.moves() > before);
    }
}
