package dev.penstock.eal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.testkit.Seed;
import java.util.BitSet;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases of DPDK's guide and of its own test of EAL flags, and random maps against a naive writer. */
class CoreListTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "0 | 0", "0-3 | 0-3", "1-2,3 | 1-3", "0,2,4 | 0,2,4", "0,1,0 | 0-1", "' 0 , 2 - 3 ' | 0,2-3", "127 | 127"})
    void shouldReadCoreList(String text, String expected) {
        assertEquals(expected, Ranges.text(CoreList.list("-l", text)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "error", "1-", "1,", "1#2", "-5", "-5-7", "128", "1-128", "1-0", "0-1-2", ",1",
        "99999999999999999999", "0x1", "(0,1)"})
    void shouldRejectCoreList(String text) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> CoreList.list("-l", text));
        assertTrue(e.getMessage().startsWith("-l " + text + ": "), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"1,0", "3,0-1", "0x3,0-1", "0XF0,4-7", "ff,0-7", "00000000000000000000000000000000000001,0",
        "80000000000000000000000000000000,127"})
    void shouldReadCoreMask(String text, String expected) {
        assertEquals(expected, Ranges.text(CoreList.mask("-c", text)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "0", "0x", "error", "-1", "1,2", "100000000000000000000000000000000"})
    void shouldRejectCoreMask(String text) {
        assertThrows(IllegalArgumentException.class, () -> CoreList.mask("-c", text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "0 | 0=0",
        "0-2 | 0=0 1=1 2=2",
        "2-0 | 0=0 1=1 2=2",
        "0@3 | 0=3",
        "0@1-3 | 0=1-3",
        "(0,1)@0 | 0=0 1=0",
        "(0-2) | 0=0-2 1=0-2 2=0-2",
        "(0,6) | 0=0,6 6=0,6",
        "( 1 - 3 ) @ ( 4 , 6 ) | 1=4,6 2=4,6 3=4,6",
        "0-1,2@(5-7),(3-5)@(0,2),(0,6),7 | 0=0,6 1=1 2=5-7 3=0,2 4=0,2 5=0,2 6=0,6 7=7",
        "1,2@(5-7),(3-5)@(0,2),(0,6),7-8 | 0=0,6 1=1 2=5-7 3=0,2 4=0,2 5=0,2 6=0,6 7=7 8=8",
        "0@1000 | 0=1000"})
    void shouldMapLcores(String text, String expected) {
        assertEquals(expected, write(CoreList.map("--lcores", text)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "1-3-5", "0-1,,2", "0-,1", "(0-,2-4)", "(-1,2)", "(2-4)@(2-4-6)", "(a,2)",
        "1-3@(1,3)", "3@((1,3)", "(4-7)=(1,3)", "[4-7]@(1,3)", "3@1024", "128", "(0", "0)", "0@", "@0", "()", "0@0@0"})
    void shouldRejectMap(String text) {
        assertThrows(IllegalArgumentException.class, () -> CoreList.map("--lcores", text));
    }

    @Test
    void shouldSayWhereAndHowToMend() {
        assertEquals("--lcores 1-3@(4-6): a range before '@' stands in brackets, at character 5; write (1-3)@...",
                assertThrows(IllegalArgumentException.class, () -> CoreList.map("--lcores", "1-3@(4-6)")).getMessage());
        assertEquals("-l 0,x: 'x' is not a core number, at character 3; write such as 0-3,5",
                assertThrows(IllegalArgumentException.class, () -> CoreList.list("-l", "0,x")).getMessage());
    }

    @Test
    void shouldReadEveryMapThatIsWritten() {
        SplittableRandom random = Seed.random("CoreListTest");
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            Map<Integer, BitSet> expected = new TreeMap<>();
            for (int item = random.nextInt(1, 6); item > 0; item--) {
                text.append(text.isEmpty() ? "" : ",");
                item(random, text, expected);
            }
            assertEquals(write(expected), write(CoreList.map("--lcores", text.toString())), text.toString());
        }
    }

    private static void item(SplittableRandom random, StringBuilder text, Map<Integer, BitSet> expected) {
        BitSet ids = random(random, 128);
        BitSet cpus = random(random, 1024);
        boolean at = random.nextBoolean();
        boolean bare = !at && ids.stream().max().orElse(0) - ids.nextSetBit(0) + 1 == ids.cardinality();
        text.append(bare ? Ranges.text(ids) : "(" + Ranges.text(ids) + ")");
        text.append(at ? "@(" + Ranges.text(cpus) + ")" : "");
        ids.stream().forEach(id -> expected.put(id, at ? cpus : bare ? CoreList.only(id) : ids));
    }

    private static BitSet random(SplittableRandom random, int limit) {
        BitSet set = new BitSet();
        for (int n = random.nextInt(1, 5); n > 0; n--) {
            int first = random.nextInt(limit);
            set.set(first, Math.min(limit, first + random.nextInt(1, 4)));
        }
        return set;
    }

    private static String write(Map<Integer, BitSet> map) {
        StringBuilder out = new StringBuilder();
        map.forEach((id, cpus) -> out.append(out.isEmpty() ? "" : " ").append(id).append('=').append(Ranges.text(cpus)));
        return out.toString();
    }
}
