package dev.penstock.member;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Seed;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongToIntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What DPDK's member_autotest asserts, with exact sets and counts as the oracle. */
class MemberTest {
    private static byte[] key(int number) {
        return ByteBuffer.allocate(8).putInt(number).putInt(number * 31).array();
    }

    @Test
    void shouldRefuseBadParameters() {
        assertThrows(IllegalArgumentException.class, () -> new MemberHt(15, 8, false, 0));
        assertThrows(IllegalArgumentException.class, () -> new MemberHt((1 << 26) + 1, 8, false, 0));
        assertThrows(IllegalArgumentException.class, () -> new MemberHt(16, 0, false, 0));
        assertThrows(IllegalArgumentException.class, () -> new MemberHt(16, 8, false, 0).add(key(1), 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new MemberHt(16, 8, false, 0).add(key(1), 0, 0x8000));
        assertThrows(IllegalArgumentException.class, () -> new MemberVbf(33, 1, 8, 0.1, 0));
        assertThrows(IllegalArgumentException.class, () -> new MemberVbf(1, 1, 8, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new MemberVbf(1, 1, 8, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new MemberVbf(1, 1 << 26, 8, 1e-9, 0));
        assertThrows(IllegalArgumentException.class, () -> new MemberVbf(4, 1, 8, 0.1, 0).add(key(1), 0, 5));
        assertThrows(IllegalArgumentException.class, () -> new HeavyHitters(8, -1, 0.1, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new HeavyHitters(7, 8, 0.1, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new HeavyHitters(8, 8, 0, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new HeavyHitters(8, 8, 0.1, 0, 0));
    }

    @Test
    void shouldNotTakeAKeyOutOfASetThatThereCannotBe() {
        MemberHt member = new MemberHt(16, 8, false, 0);
        assertTrue(member.add(key(1), 0, 1));
        assertFalse(member.delete(key(1), 0, 0x10001));
        assertEquals(1, member.lookup(key(1), 0));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldFindKeysAndRarelyOthers(boolean cache) {
        int keys = 10_000;
        MemberHt member = new MemberHt(keys, 8, cache, 3);
        for (int i = 0; i < keys; i++) {
            assertTrue(member.add(key(i), 0, i % 7 + 1));
        }
        byte[] all = new byte[16];
        int[] sets = new int[2];
        int lost = 0;
        for (int i = 0; i < keys; i += 2) {
            System.arraycopy(key(i), 0, all, 0, 8);
            System.arraycopy(key(i + 1), 0, all, 8, 8);
            int hits = member.lookupBulk(all, 0, 8, sets, 2);
            assertTrue(cache || hits == 2);
            lost += sets[0] == i % 7 + 1 ? 0 : 1;
            lost += sets[1] == (i + 1) % 7 + 1 ? 0 : 1;
        }
        assertTrue(lost < 50, lost + " in another set or none");
        int falsely = 0;
        for (int i = 0; i < 100_000; i++) {
            falsely += member.lookup(key(-1 - i), 0) != MemberHt.NO_MATCH ? 1 : 0;
        }
        assertTrue(falsely < 100, falsely + " of 100000 found falsely");
        int removed = 0;
        for (int i = 0; i < keys; i++) {
            removed += member.delete(key(i), 0, i % 7 + 1) ? 1 : 0;
        }
        assertTrue(cache ? removed > keys - 50 : removed == keys);
        assertFalse(member.delete(key(0), 0, 1));
        assertTrue(member.size() <= 50);
    }

    @Test
    void shouldFindNothingAfterResetAndTakeAllKeysAgain() {
        SplittableRandom random = Seed.random("MemberTest reset");
        int keys = 4000;
        MemberHt member = new MemberHt(keys, 8, false, random.nextInt());
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < keys; i++) {
                assertTrue(member.add(key(i), 0, 0x7fff - i % 7));
            }
            assertTrue(member.size() > keys - 5);
            member.reset();
            assertEquals(0, member.size());
            for (int i = 0; i < keys; i++) {
                assertEquals(MemberHt.NO_MATCH, member.lookup(key(i), 0));
            }
        }
    }

    @Test
    void shouldAgreeWithExactSetsThroughRandomChanges() {
        SplittableRandom random = Seed.random("MemberTest");
        MemberHt member = new MemberHt(1000, 8, false, random.nextInt());
        Map<Integer, Set<Integer>> oracle = new HashMap<>();
        int[] sets = new int[64];
        int refused = 0;
        int checked = 0;
        int lost = 0;
        for (int i = 0; i < 1_000_000; i++) {
            int number = random.nextInt(1500);
            int set = random.nextInt(1, 4);
            Set<Integer> in = oracle.computeIfAbsent(number, n -> new HashSet<>());
            int kind = random.nextInt(3);
            if (kind == 0) {
                if (member.add(key(number), 0, set)) {
                    in.add(set);
                } else {
                    refused++;
                }
            } else if (kind == 1 && in.remove(set)) {
                member.delete(key(number), 0, set);
            } else {
                int n = member.lookupMulti(key(number), 0, sets);
                Set<Integer> found = new HashSet<>();
                Arrays.stream(sets, 0, n).forEach(found::add);
                checked++;
                // Two keys with one signature in one set are one entry: with one of them the other goes.
                lost += found.equals(in) ? 0 : 1;
                assertEquals(n > 0, member.lookup(key(number), 0) != MemberHt.NO_MATCH);
                if (i % 100 == 0) {
                    findAsSinglesDo(member, random);
                }
            }
        }
        assertTrue(lost < checked / 100, lost + " of " + checked + " differ");
        assertEquals(oracle.values().stream().mapToInt(Set::size).sum(), member.size(), 10);
        assertTrue(refused > 100, "never full");
    }

    /** Which of a key's sets a burst finds is not said. */
    private static void findAsSinglesDo(MemberHt member, SplittableRandom random) {
        int n = random.nextInt(1, 100);
        byte[] keys = new byte[8 * n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(key(random.nextInt(3000)), 0, keys, 8 * i, 8);
        }
        int[] sets = new int[n];
        int hits = member.lookupBulk(keys, 0, 8, sets, n);
        int[] all = new int[64];
        int expected = 0;
        for (int i = 0; i < n; i++) {
            int of = member.lookupMulti(keys, 8 * i, all);
            int set = sets[i];
            assertTrue(of == 0 ? set == MemberHt.NO_MATCH : Arrays.stream(all, 0, of).anyMatch(in -> in == set), set + " of " + of);
            expected += of == 0 ? 0 : 1;
        }
        assertEquals(expected, hits);
        int most = random.nextInt(1, 4);
        int[] each = new int[most * n];
        int[] counts = new int[n];
        assertEquals(expected, member.lookupMultiBulk(keys, 0, 8, each, most, counts, n));
        for (int i = 0; i < n; i++) {
            int of = Math.min(most, member.lookupMulti(keys, 8 * i, all));
            assertEquals(of, counts[i]);
            assertArrayEquals(Arrays.copyOf(all, of), Arrays.copyOfRange(each, i * most, i * most + of));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> member.lookupMultiBulk(keys, 0, 8, each, most + 1, counts, n));
        assertThrows(IndexOutOfBoundsException.class, () -> member.lookupMultiBulk(keys, 0, 8, each, most, counts, n + 1));
    }

    /** Where two ways of looking into a bucket differ, only one of them is used on this processor. */
    @Tag("vectors")
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldFindEachPlaceOfABucket(boolean byVector) {
        assumeTrue(!byVector || Signatures.VECTOR);
        SplittableRandom random = Seed.random("MemberTest places");
        Signatures buckets = new Signatures(3);
        long bucket = buckets.of(random.nextInt());
        int[] signatures = random.ints(1, 1 << 16).distinct().limit(Signatures.ENTRIES + 1).toArray();
        for (int i = 0; i < Signatures.ENTRIES; i++) {
            int free = buckets.find(bucket, 0, byVector);
            assertEquals(0, Signatures.none(free));
            assertEquals(1, Signatures.none(buckets.find(bucket, signatures[i], byVector)));
            buckets.put(bucket, free, 7 << 16 | signatures[i]);
            if (i == 5) {
                buckets.crowd(bucket);
            }
            for (int j = 0; j <= i; j++) {
                int found = buckets.find(bucket, signatures[j], byVector);
                assertEquals(7 << 16 | signatures[j], buckets.entry(bucket, found));
            }
        }
        assertEquals(1, Signatures.none(buckets.find(bucket, 0, byVector)));
        assertEquals(1, Signatures.none(buckets.find(bucket, signatures[Signatures.ENTRIES], byVector)));
    }

    /** Single operations go from mark to mark, by the way that this processor has; signatures that differ by one are the hard case by words. */
    @Test
    void shouldMarkTheEntriesThatHaveASignature() {
        SplittableRandom random = Seed.random("MemberTest marks");
        Signatures buckets = new Signatures(1);
        for (int round = 0; round < 20_000; round++) {
            int base = random.nextInt(1 << 16);
            for (int slot = 0; slot < Signatures.ENTRIES; slot++) {
                buckets.put(0, slot, random.nextInt(1, 1 << 15) << 16 | base + random.nextInt(4) & Signatures.SIGNATURE);
            }
            int wanted = base + random.nextInt(5) & Signatures.SIGNATURE;
            Set<Integer> expected = new HashSet<>();
            for (int slot = 0; slot < Signatures.ENTRIES; slot++) {
                if ((buckets.entry(0, slot) & Signatures.SIGNATURE) == wanted) {
                    expected.add(slot);
                }
            }
            assertEquals(expected, marked(buckets, buckets.marks(0, wanted), wanted, Signatures::slot));
            assertEquals(expected, marked(buckets, buckets.marksByWords(0, wanted), wanted, Signatures::slotByWords));
        }
    }

    private static Set<Integer> marked(Signatures buckets, long marks, int wanted, LongToIntFunction slot) {
        Set<Integer> found = new HashSet<>();
        for (long left = marks; left != 0; left &= left - 1) {
            int at = slot.applyAsInt(left);
            boolean right = (buckets.entry(0, at) & Signatures.SIGNATURE) == wanted;
            assertTrue(right || left != marks, "the lowest mark is not right");
            if (right) {
                found.add(at);
            }
        }
        return found;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 16, 32})
    void shouldNeverMissAKeyOfAFilterInAMillionOperations(int sets) {
        SplittableRandom random = Seed.random("MemberTest filters");
        int keys = 10_000;
        MemberVbf member = new MemberVbf(sets, keys, 8, 0.03, random.nextInt());
        int[] oracle = new int[2 * keys];
        int[] found = new int[1];
        int absent = 0;
        int falsely = 0;
        for (int i = 0; i < 1_000_000; i++) {
            int number = random.nextInt(2 * keys);
            if (i % 250_000 == 249_999) {
                member.reset();
                Arrays.fill(oracle, 0);
            }
            // Each key has one set, as many keys as the filters are for.
            if (random.nextInt(4) == 0 && number < keys) {
                member.add(key(number), 0, number % sets + 1);
                oracle[number] = 1 << number % sets;
            } else {
                int in = member.lookup(key(number), 0);
                assertEquals(oracle[number], in & oracle[number]);
                assertTrue(sets == 32 || in >>> sets == 0);
                assertEquals(in == 0 ? 0 : 1, member.lookupBulk(key(number), 0, 8, found, 1));
                assertEquals(in, found[0]);
                absent += oracle[number] == 0 ? 1 : 0;
                falsely += oracle[number] == 0 && in != 0 ? 1 : 0;
            }
        }
        assertTrue(falsely < absent * 0.04, falsely + " of " + absent + " found falsely");
    }

    @Test
    void shouldNameAllSetsOfAKey() {
        MemberVbf member = new MemberVbf(32, 1000, 8, 1e-9, 5);
        for (int set : new int[] {32, 1, 17}) {
            member.add(key(4), 0, set);
        }
        int[] sets = new int[4];
        assertEquals(3, member.lookupMulti(key(4), 0, sets));
        assertArrayEquals(new int[] {1, 17, 32, 0}, sets);
        assertEquals(2, member.lookupMulti(key(4), 0, new int[2]));
        assertEquals(0, member.lookupMulti(key(5), 0, sets));
    }

    @Test
    void shouldForgetWhatCameMost() {
        HeavyHitters hitters = new HeavyHitters(8, 8, 0.01, 1, 7);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 20; i++) {
                hitters.add(key(20 * round + i), 0, i + 1);
            }
            byte[] keys = new byte[64];
            assertEquals(8, hitters.report(keys, new long[8]));
            assertTrue(hitters.count(key(20 * round + 19), 0) >= 20);
            hitters.reset();
            assertEquals(0, hitters.report(keys, new long[8]));
            assertEquals(0, hitters.count(key(20 * round + 19), 0));
        }
    }

    @Test
    void shouldKeepToTheRateOfFalsePositives() {
        MemberVbf member = new MemberVbf(16, 10_000, 8, 0.03, 5);
        for (int i = 0; i < 10_000; i++) {
            member.add(key(i), 0, i % 16 + 1);
            assertTrue((member.lookup(key(i), 0) >>> i % 16 & 1) == 1);
        }
        int[] found = new int[1];
        int falsely = 0;
        for (int i = 0; i < 100_000; i++) {
            falsely += member.lookupBulk(key(-1 - i), 0, 8, found, 1);
        }
        assertTrue(falsely < 4000, falsely + " of 100000 found falsely");
        MemberVbf one = new MemberVbf(1, 10_000, 8, 0.03, 5);
        for (int i = 0; i < 10_000; i++) {
            one.add(key(i), 0, 1);
        }
        falsely = 0;
        for (int i = 0; i < 100_000; i++) {
            falsely += one.lookup(key(-1 - i), 0);
        }
        // There are up to twice as many bits as are needed, and as few hashes as then suffice.
        assertTrue(falsely > 1000 && falsely < 4000, falsely + " of 100000 found falsely");
        one.reset();
        assertEquals(0, one.lookup(key(1), 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 13, 16, 17, 31, 32, 33, 48, 49, 64, 65, 80, 81, 100})
    void shouldTakeKeysOfAnyLengthAnywhere(int length) {
        SplittableRandom random = Seed.random("MemberTest lengths");
        int n = 300;
        int stride = length + random.nextInt(4);
        byte[] keys = new byte[5 + n * stride];
        random.nextBytes(keys);
        MemberHt table = new MemberHt(2 * n, length, false, random.nextInt());
        MemberVbf filters = new MemberVbf(8, n, length, 0.01, random.nextInt());
        for (int i = 0; i < n; i++) {
            assertTrue(table.add(keys, 5 + i * stride, i % 8 + 1));
            filters.add(keys, 5 + i * stride, i % 8 + 1);
        }
        int[] sets = new int[n];
        assertEquals(n, table.lookupBulk(keys, 5, stride, sets, n));
        int[] found = new int[n];
        assertEquals(n, filters.lookupBulk(keys, 5, stride, found, n));
        int others = 0;
        int falsely = 0;
        for (int i = 0; i < n; i++) {
            assertTrue((found[i] >>> i % 8 & 1) == 1);
            others += sets[i] == i % 8 + 1 ? 0 : 1;
            // One bit makes another key, whichever byte it is in.
            int at = 5 + i * stride + random.nextInt(length);
            keys[at] ^= (byte) (1 << random.nextInt(8));
            falsely += table.lookup(keys, 5 + i * stride) != MemberHt.NO_MATCH ? 1 : 0;
        }
        // A key of a byte or two often has several sets, and its neighbour is a key as well.
        assertTrue(length < 3 || others < 10 && falsely < 10, others + " in another set, " + falsely + " found falsely");
    }

    @Test
    void shouldAllocateNothing() {
        SplittableRandom random = Seed.random("MemberTest allocation");
        byte[] keys = new byte[1000 * 13];
        random.nextBytes(keys);
        MemberHt table = new MemberHt(2000, 13, false, 1);
        MemberVbf filters = new MemberVbf(16, 1000, 13, 0.03, 1);
        int[] sets = new int[1000];
        assertEquals(0, Allocation.steadyBytesOf(() -> {
            for (int i = 0; i < 1000; i++) {
                table.add(keys, i * 13, i % 16 + 1);
                filters.add(keys, i * 13, i % 16 + 1);
                sets[i] = table.lookup(keys, i * 13) + filters.lookup(keys, i * 13);
            }
            table.lookupBulk(keys, 0, 13, sets, 1000);
            filters.lookupBulk(keys, 0, 13, sets, 1000);
            for (int i = 0; i < 1000; i++) {
                table.delete(keys, i * 13, i % 16 + 1);
            }
        }));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 0.05})
    void shouldFindTheKeysThatComeMost(double rate) {
        SplittableRandom random = Seed.random("MemberTest sketch " + rate);
        HeavyHitters sketch = new HeavyHitters(16, 8, 0.001, rate, random.nextLong());
        long[] exact = new long[5000];
        long total = 0;
        for (int i = 0; i < 1_000_000; i++) {
            int number = random.nextInt(2) == 0 ? random.nextInt(8) : random.nextInt(5000);
            int bytes = random.nextInt(64, 1500);
            exact[number] += bytes;
            total += bytes;
            sketch.add(key(number), 0, bytes);
        }
        byte[] keys = new byte[16 * 8];
        long[] counts = new long[16];
        assertEquals(16, sketch.report(keys, counts));
        Set<Integer> found = new HashSet<>();
        for (int i = 0; i < 16; i++) {
            int number = ByteBuffer.wrap(keys).getInt(8 * i);
            found.add(number);
            assertTrue(rate < 1 || counts[i] >= exact[number]);
            assertTrue(counts[i] <= exact[number] + total * (rate < 1 ? 0.02 : 0.001), counts[i] + " for " + exact[number]);
        }
        for (int number = 0; number < 8; number++) {
            assertTrue(found.contains(number), number + " is missing");
            assertTrue(rate < 1 || sketch.count(key(number), 0) >= exact[number]);
        }
        byte[] key = key(77);
        assertEquals(0, Allocation.steadyBytesOf(() -> {
            for (int i = 0; i < 1000; i++) {
                key[0]++;
                sketch.add(key, 0, 1_000_000);
            }
        }));
    }
}
