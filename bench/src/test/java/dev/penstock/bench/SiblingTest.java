package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.bench.report.Row;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SiblingTest {
    private static final long LONG_NS = 3_600_000_000_000L;

    private static Bench bench(int repetitions, Sibling sibling) {
        return new Bench(repetitions, 1, "0,1", Path.of("x"), new PrintStream(OutputStream.nullOutputStream()), true, "", null, _ -> { },
                new ArrayList<>(), sibling);
    }

    /** Shared at each look that the pattern has an x for, and never behind its end. */
    private static Sibling.Look pattern(String looks) {
        Deque<Integer> left = new ArrayDeque<>(looks.chars().boxed().toList());
        return _ -> !left.isEmpty() && left.poll() == 'x' ? 1 : 0;
    }

    @Test
    void shouldWaitUntilBothCoresAreItsOwn() throws InterruptedException {
        List<Integer> looked = new ArrayList<>();
        Sibling.Look look = pattern("x.x..");
        new Sibling(cpu -> {
            looked.add(cpu);
            return look.shared(cpu);
        }, LONG_NS).await(0, 1);
        assertEquals(List.of(0, 0, 1, 0, 1), looked, "the first at 0, then 0 and 1, then both once more");
    }

    @Test
    void shouldNotWaitForEver() throws InterruptedException {
        Sibling sibling = new Sibling(_ -> 1, 0);
        sibling.await(0, 1);
        assertTrue(sibling.ended(0, 1));
        assertTrue(sibling.isOften());
        assertTrue(Noise.text(0, 0, 0, sibling).startsWith("machine too noisy"), Noise.text(0, 0, 0, sibling));
    }

    @Test
    void shouldRunATurnAgainThatEndedOnASharedCore() throws Exception {
        // each turn: a wait of two looks, a look or two behind ours, the same for theirs
        Deque<Double> ours = new ArrayDeque<>(List.of(9.0, 4.0, 6.0));
        Sibling sibling = new Sibling(pattern("..x" + "...." + "........"), LONG_NS);
        Row row = bench(2, sibling).compare("forward", "io", "Mpps", true, "w", () -> new Bench.Sample(ours.poll(), "a"), () -> new Bench.Sample(2, "a"));
        assertArrayEquals(new double[] {4, 6}, row.ours());
        assertEquals(2, row.theirs().length);
        assertFalse(sibling.isOften());
        assertTrue(sibling.toString().contains("1 of 6 runs"), sibling.toString());
    }

    @Test
    void shouldEndAllTheSameWhereANeighbourNeverSleeps() throws Exception {
        int[] runs = new int[2];
        Row row = bench(2, new Sibling(_ -> 1, 0)).compare("forward", "io", "Mpps", true, "w", () -> new Bench.Sample(++runs[0], "a"),
                () -> new Bench.Sample(2, "a"));
        assertEquals(4, runs[0], "as many turns more as the row has");
        assertArrayEquals(new double[] {3, 4}, row.ours());
        List<Row> rows = bench(2, new Sibling(_ -> 1, 0)).table("ring", "cycles", false, "DPDK", "w",
                () -> Map.of("a", new Bench.Sample(++runs[1], "a")), null);
        assertEquals(2, runs[1], "a table takes minutes, and its turns are run once");
        assertArrayEquals(new double[] {1, 2}, rows.getFirst().ours());
    }

    @Test
    void shouldLookAtARealCore() throws InterruptedException {
        WideLoop loop = new WideLoop();
        double shared = loop.shared(0);
        assertTrue(shared >= 0 && shared <= 1, "the part of a look in which the core was shared: " + shared);
    }
}
