package dev.penstock.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.testkit.Seed;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StackTest {
    /** Both stacks behind one face. */
    enum Kind {
        LOCKED,
        LOCK_FREE;

        Face make(int size) {
            if (this == LOCKED) {
                Stack<Integer> s = new Stack<>("s", Integer.class, size);
                return new Face(s::push, s::pop, s::count, s::freeCount);
            }
            LockFreeStack<Integer> s = new LockFreeStack<>("s", Integer.class, size);
            return new Face(s::push, s::pop, s::count, s::freeCount);
        }
    }

    record Face(Bulk push, Bulk pop, Count count, Count free) {}

    interface Bulk {
        int apply(Integer[] array, int offset, int n);
    }

    interface Count {
        int now();
    }

    private static Integer[] numbers(int n) {
        Integer[] all = new Integer[n];
        for (int i = 0; i < n; i++) {
            all[i] = i;
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldGiveBackTheLastFirst(Kind kind) {
        Face stack = kind.make(8);
        assertEquals(8, stack.push.apply(numbers(8), 0, 8));
        assertEquals(0, stack.push.apply(numbers(8), 0, 1), "full");
        Integer[] out = new Integer[10];
        assertEquals(0, stack.pop.apply(out, 0, 9), "more than there are");
        assertEquals(3, stack.pop.apply(out, 1, 3));
        assertEquals(7, out[1]);
        assertEquals(6, out[2]);
        assertEquals(5, out[3]);
        assertEquals(5, stack.count.now());
        assertEquals(3, stack.free.now());
        assertThrows(IndexOutOfBoundsException.class, () -> stack.pop.apply(out, 8, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> stack.push.apply(out, -1, 3));
        assertEquals(5, stack.count.now(), "a refused call changes nothing");
        assertThrows(IllegalArgumentException.class, () -> kind.make(0));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldBehaveAsANaiveStackDoes(Kind kind) {
        SplittableRandom random = Seed.random("StackTest " + kind);
        int size = random.nextInt(1, 100);
        Face stack = kind.make(size);
        ArrayDeque<Integer> oracle = new ArrayDeque<>();
        Integer[] array = new Integer[64];
        int next = 0;
        for (int op = 0; op < 200_000; op++) {
            int n = random.nextInt(array.length + 1);
            if (random.nextBoolean()) {
                for (int i = 0; i < n; i++) {
                    array[i] = next++;
                }
                int done = stack.push.apply(array, 0, n);
                assertEquals(oracle.size() + n <= size ? n : 0, done);
                for (int i = 0; i < done; i++) {
                    oracle.push(array[i]);
                }
            } else {
                int done = stack.pop.apply(array, 0, n);
                assertEquals(n <= oracle.size() ? n : 0, done);
                for (int i = 0; i < done; i++) {
                    assertEquals(oracle.pop(), array[i]);
                }
            }
            assertEquals(oracle.size(), stack.count.now());
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldNeverHandOutAnElementTwiceWhenManyThreadsShareIt(Kind kind) throws InterruptedException {
        int size = 256;
        Face stack = kind.make(size);
        stack.push.apply(numbers(size), 0, size);
        int[] owners = new int[size];
        AtomicReference<String> error = new AtomicReference<>();
        Thread[] threads = new Thread[6];
        for (int t = 0; t < threads.length; t++) {
            int me = t + 1;
            SplittableRandom random = Seed.random("StackTest thread " + me);
            threads[t] = new Thread(() -> {
                Integer[] mine = new Integer[32];
                for (int i = 0; i < 30_000 && error.get() == null; i++) {
                    int n = stack.pop.apply(mine, 0, random.nextInt(1, 33));
                    for (int k = 0; k < n; k++) {
                        if (owners[mine[k]] != 0) {
                            error.set(mine[k] + " belongs to " + owners[mine[k]]);
                        }
                        owners[mine[k]] = me;
                    }
                    for (int k = 0; k < n; k++) {
                        owners[mine[k]] = 0;
                    }
                    if (stack.push.apply(mine, 0, n) != n) {
                        error.set("no room for what came out");
                    }
                }
            });
            threads[t].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(null, error.get());
        assertEquals(size, stack.count.now());
        Integer[] out = new Integer[size];
        assertEquals(size, stack.pop.apply(out, 0, size));
        assertTrue(Arrays.stream(out).distinct().count() == size);
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void shouldLoseNothingWhenAnArrayCannotTakeTheElements() {
        Number[] to = new Integer[1];
        Stack<Number> stack = new Stack<>("s", Number.class, 4);
        assertEquals(1, stack.push(new Number[] {1.5}, 0, 1));
        assertThrows(ArrayStoreException.class, () -> stack.pop(to, 0, 1));
        assertEquals(1, stack.count());
        LockFreeStack<Number> free = new LockFreeStack<>("s", Number.class, 4);
        assertEquals(1, free.push(new Number[] {1.5}, 0, 1));
        assertThrows(ArrayStoreException.class, () -> free.pop(to, 0, 1));
        assertEquals(1, free.count());
        assertEquals(1, free.pop(new Number[1], 0, 1));
        assertEquals(4, free.push(new Number[4], 0, 4));
    }
}
