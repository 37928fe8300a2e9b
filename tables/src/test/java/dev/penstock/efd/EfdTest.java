package dev.penstock.efd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.efd.Efd.Update;
import dev.penstock.jit.Vectors;
import dev.penstock.rcu.Qsbr;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Seed;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What DPDK's efd_autotest asserts, a million operations against an array, and readers beside a writer. */
class EfdTest {
    private static final int LENGTH = 13;

    private static byte[] key(int number) {
        return ByteBuffer.allocate(LENGTH).putInt(number).putInt(number * 31).array();
    }

    @Test
    void shouldRefuseBadParameters() {
        assertThrows(IllegalArgumentException.class, () -> new Efd(63, 4));
        assertThrows(IllegalArgumentException.class, () -> new Efd((1 << 24) + 1, 4));
        assertThrows(IllegalArgumentException.class, () -> new Efd(64, 0));
        Efd efd = new Efd(64, LENGTH);
        assertThrows(IllegalArgumentException.class, () -> efd.update(key(1), 0, 256));
        assertThrows(IllegalArgumentException.class, () -> efd.update(key(1), 0, -1));
        assertThrows(IndexOutOfBoundsException.class, () -> efd.lookupBulk(key(1), 0, new int[2], 2));
    }

    @Test
    void shouldUpdateLookUpAndDelete() {
        Efd efd = new Efd(1000, LENGTH);
        assertEquals(Update.DONE, efd.update(key(1), 0, 7));
        assertEquals(Update.SAME, efd.update(key(1), 0, 7));
        assertEquals(7, efd.lookup(key(1), 0));
        assertEquals(Update.DONE, efd.update(key(1), 0, 200));
        assertEquals(200, efd.lookup(key(1), 0));
        assertEquals(1, efd.size());
        assertEquals(200, efd.delete(key(1), 0));
        assertEquals(-1, efd.delete(key(1), 0));
        assertEquals(0, efd.size());
    }

    /** All keys but one are of one bin, and all have one value, for which there is a function whatever they are. */
    @Test
    void shouldSayWhenAGroupHasRoomForFewOthers() {
        EfdOnline online = new EfdOnline(64);
        EfdOffline offline = new EfdOffline(online, 64);
        for (int keys = 1; keys <= 27; keys++) {
            assertEquals(keys < 26 ? Update.DONE : Update.GROUP_FULL, offline.add(keys, keys << 16, 2 * keys + 1, 9, null));
        }
        assertEquals(Update.GROUP_FULL, offline.add(28, 64, 1, 9, null), "another bin of the group");
        assertEquals(Update.GROUP_FULL, offline.add(29, 29 << 16, 59, 9, null), "the bin went to another group and fills it");
        assertEquals(Update.FAILED, offline.add(30, 30 << 16, 61, 9, null));
        assertEquals(Update.DONE, offline.add(31, 64 | 1 << 16, 63, 9, null), "where the bin was is room");
    }

    /** Of two keys that hash alike, which no function tells apart. */
    @Test
    void shouldChangeNothingWhenNoFunctionIsFound() {
        EfdOnline online = new EfdOnline(64);
        EfdOffline offline = new EfdOffline(online, 64);
        assertEquals(Update.DONE, offline.add(0, 5 << 16, 0x9e37_79b9, 9, null));
        for (int i = 0; i < 30; i++) {
            assertEquals(Update.FAILED, offline.add(1, 5 << 16, 0x9e37_79b9, 8, null));
        }
        assertEquals(Update.DONE, offline.add(1, 5 << 16, 0x9e37_79b9, 9, null));
        assertFalse(offline.change(1, 8));
        assertEquals(Update.DONE, offline.add(2, 6 << 16, 0x5bd1_e995, 1, null));
        assertEquals(9, online.lookup(5 << 16, 0x9e37_79b9));
    }

    /** As many as its groups are for, so that bins have to go to others, and some have no room. */
    @Test
    void shouldHaveRoomAgainForWhatWentHoweverOften() {
        int keys = 1344;
        Efd efd = new Efd(keys, LENGTH);
        boolean[] there = new boolean[keys];
        for (int round = 0; round < 20; round++) {
            int failed = 0;
            for (int i = 0; i < keys; i++) {
                there[i] = efd.update(key(round * keys + i), 0, i & 0xff) != Update.FAILED;
                failed += there[i] ? 0 : 1;
            }
            assertTrue(failed < keys / 20, failed + " of " + keys + " failed in round " + round);
            for (int i = 0; i < keys; i++) {
                assertEquals(there[i] ? i & 0xff : -1, efd.delete(key(round * keys + i), 0));
            }
            assertEquals(0, efd.size());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1000, 60_000})
    void shouldHoldAsManyKeysAsItIsFor(int keys) {
        Efd efd = new Efd(keys, LENGTH);
        int failed = 0;
        for (int i = 0; i < keys; i++) {
            failed += efd.update(key(i), 0, i & 0xff) == Update.FAILED ? 1 : 0;
        }
        assertTrue(failed <= keys / 1000, failed + " of " + keys + " failed");
        assertEquals(keys - failed, efd.size());
    }

    @Test
    void shouldAgreeWithAnArrayOverAMillionOperations() {
        SplittableRandom random = Seed.random("EfdTest");
        int keys = 20_000;
        Efd efd = new Efd(keys, LENGTH);
        int[] values = new int[keys];
        Arrays.fill(values, -1);
        int failed = 0;
        for (int i = 0; i < 1_000_000; i++) {
            int number = random.nextInt(keys);
            byte[] key = key(number);
            int what = random.nextInt(8);
            if (what == 0) {
                assertEquals(values[number], efd.delete(key, 0));
                values[number] = -1;
            } else if (what < 3) {
                int value = random.nextInt(256);
                Update update = efd.update(key, 0, value);
                assertEquals(values[number] == value, update == Update.SAME);
                failed += update == Update.FAILED ? 1 : 0;
                values[number] = update == Update.FAILED ? values[number] : value;
            } else if (values[number] >= 0) {
                assertEquals(values[number], efd.lookup(key, 0));
            }
        }
        byte[] two = new byte[2 * LENGTH];
        int[] found = new int[2];
        for (int number = 0; number + 1 < keys; number += 2) {
            System.arraycopy(key(number), 0, two, 0, LENGTH);
            System.arraycopy(key(number + 1), 0, two, LENGTH, LENGTH);
            efd.lookupBulk(two, 0, found, 2);
            assertTrue(values[number] < 0 || values[number] == found[0]);
            assertTrue(values[number + 1] < 0 || values[number + 1] == found[1]);
        }
        assertTrue(failed < 100, failed + " updates failed");
    }

    @Test
    void shouldGiveTheSameByVectorsAsByWords() {
        Assumptions.assumeTrue(Vectors.module().isPresent() && EfdVector.isWide(),
                "SKIPPED: no vectors of 32 bytes here");
        SplittableRandom random = Seed.random("EfdVector");
        int[] words = new int[80];
        for (int i = 0; i < 100_000; i++) {
            words[random.nextInt(words.length)] = random.nextInt();
            int at = random.nextInt(words.length - 7);
            int first = random.nextInt();
            int second = random.nextInt() | 1;
            assertEquals(EfdOnline.value(words, at, first, second), EfdVector.value(words, at, first, second));
        }
    }

    @Test
    void shouldNotAllocateOnLookups() {
        Efd efd = new Efd(1000, LENGTH);
        byte[] keys = new byte[64 * LENGTH];
        int[] values = new int[64];
        Runnable looks = () -> {
            for (int i = 0; i < 20_000; i++) {
                efd.lookupBulk(keys, 0, values, 64);
            }
        };
        // Vectors are objects until the JIT has compiled the loop.
        long bytes = 1;
        for (int i = 0; i < 100 && bytes != 0; i++) {
            bytes = Allocation.bytesOf(looks);
        }
        assertEquals(0, bytes);
    }

    @Test
    void shouldAnswerKeysThatStayWhileOthersComeAndGo() throws InterruptedException {
        SplittableRandom random = Seed.random("EfdReaders");
        int stay = 1000;
        Efd efd = new Efd(3000, LENGTH);
        for (int i = 0; i < stay; i++) {
            assertTrue(efd.update(key(i), 0, i & 0xff) != Update.FAILED);
        }
        Qsbr qsbr = new Qsbr(1);
        efd.rcu(qsbr);
        AtomicReference<String> wrong = new AtomicReference<>();
        AtomicLong looks = new AtomicLong();
        Thread reader = Thread.ofPlatform().start(() -> {
            qsbr.register(0);
            qsbr.online(0);
            while (!Thread.currentThread().isInterrupted() && wrong.get() == null) {
                for (int i = 0; i < stay; i++) {
                    int found = efd.lookup(key(i), 0);
                    if (found != (i & 0xff)) {
                        wrong.set("key " + i + " has " + found);
                    }
                }
                looks.addAndGet(stay);
                qsbr.quiescent(0);
            }
            qsbr.offline(0);
            qsbr.unregister(0);
        });
        for (int i = 0; i < 60_000 || looks.get() == 0 && wrong.get() == null; i++) {
            int number = stay + random.nextInt(2000);
            if (random.nextInt(3) == 0) {
                efd.delete(key(number), 0);
            } else {
                efd.update(key(number), 0, random.nextInt(256));
            }
        }
        reader.interrupt();
        reader.join();
        assertEquals(null, wrong.get());
        assertTrue(looks.get() > 0);
    }
}
