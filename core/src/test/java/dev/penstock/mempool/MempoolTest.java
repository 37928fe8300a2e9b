package dev.penstock.mempool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.LcoreThread;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MempoolTest {
    private static final class Item {
        final AtomicInteger owners = new AtomicInteger();
        final int number;

        Item(int number) {
            this.number = number;
        }
    }

    private static Mempool<Item> pool(int size, int cache, String ops) {
        return Mempool.create("items", Item.class, size, cache, ops, Item::new);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring_mp_mc", "ring_sp_sc", "ring_mp_sc", "ring_sp_mc", "ring_mt_rts", "ring_mt_hts", "stack",
        "lf_stack"})
    void shouldGiveEachObjectOnceAndTakeAllBack(String ops) {
        Mempool<Item> pool = pool(1000, 0, ops);
        assertEquals(ops, pool.opsName());
        Set<Item> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Item[] all = new Item[1000];
        assertFalse(pool.getBulk(new Item[1001], 0, 1001));
        assertTrue(pool.getBulk(all, 0, 1000));
        Collections.addAll(seen, all);
        assertEquals(1000, seen.size());
        assertNull(pool.get());
        assertEquals(0, pool.availCount());
        assertEquals(1000, pool.inUseCount());
        pool.putBulk(all, 0, 999);
        pool.put(all[999]);
        assertEquals(1000, pool.availCount());
        pool.audit();
        assertThrows(IllegalStateException.class, () -> pool.putBulk(new Item[1000], 0, 1000));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring_mp_mc", "ring_mt_rts", "ring_mt_hts", "stack", "lf_stack"})
    void shouldNeverGiveAnObjectToTwoWorkers(String ops) throws InterruptedException {
        Mempool<Item> pool = pool(600, 32, ops);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> workers = new ArrayList<>();
        for (int w = 0; w < 4; w++) {
            SplittableRandom random = Seed.random("MempoolTest worker " + w);
            boolean lcore = w != 3;
            Runnable task = () -> {
                try {
                    borrowAndGiveBack(pool, random, 20_000);
                } catch (Throwable e) {
                    failure.set(e);
                }
            };
            Thread worker = lcore ? new LcoreThread(task, "worker" + w) : new Thread(task);
            workers.add(worker);
            worker.start();
        }
        for (Thread worker : workers) {
            worker.join();
        }
        assertNull(failure.get(), () -> String.valueOf(failure.get()));
        assertEquals(600, pool.availCount());
        pool.audit();
    }

    private static void borrowAndGiveBack(Mempool<Item> pool, SplittableRandom random, int rounds) {
        Item[] held = new Item[100];
        for (int i = 0; i < rounds; i++) {
            int n = random.nextInt(1, 100);
            if (n == 1) {
                held[0] = pool.get();
                n = held[0] == null ? 0 : 1;
            } else if (!pool.getBulk(held, 0, n)) {
                n = 0;
            }
            for (int k = 0; k < n; k++) {
                if (held[k].owners.incrementAndGet() != 1) {
                    throw new AssertionError("item " + held[k].number + " has two owners");
                }
            }
            for (int k = 0; k < n; k++) {
                held[k].owners.decrementAndGet();
            }
            if (n == 1) {
                pool.put(held[0]);
            } else if (n > 0) {
                pool.putBulk(held, 0, n);
            }
        }
    }

    @Test
    void shouldGiveEachWorkerAllObjectsOfAPoolWithoutACacheThatAnotherOnePutBack() throws InterruptedException {
        Mempool<Item> pool = pool(1000, 0, "ring_mp_mc");
        Item[] all = new Item[1001];
        onWorker(() -> assertTrue(pool.getBulk(all, 0, 1000)));
        for (int round = 0; round < 3; round++) {
            onWorker(() -> {
                for (int i = 0; i < 1000; i += 4) {
                    pool.putBulk(all, i, 4);
                }
            });
            assertEquals(1000, pool.availCount());
            onWorker(() -> {
                for (int i = 0; i < 1000; i += 8) {
                    assertTrue(pool.getBulk(all, i, 8), "after " + i);
                }
                assertFalse(pool.getBulk(all, 1000, 1));
            });
            assertEquals(0, pool.availCount());
        }
    }

    private static void onWorker(Runnable task) throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        LcoreThread worker = new LcoreThread(() -> {
            try {
                task.run();
            } catch (Throwable e) {
                failure.set(e);
            }
        }, "worker");
        worker.start();
        worker.join();
        assertNull(failure.get());
    }

    @Test
    void shouldRefillAndFlushACacheOfTheUsersAsDpdkDoes() {
        Mempool<Item> pool = pool(300, 0, "ring_mp_mc");
        MempoolCache<Item> cache = pool.newCache(32);
        Item first = pool.get(cache);
        assertEquals(32, cache.count(), "refilled to its size beyond what was asked for");
        pool.put(cache, first);
        assertEquals(33, cache.count());
        Item[] burst = new Item[64];
        assertTrue(pool.getBulk(cache, burst, 0, 32));
        assertEquals(1, cache.count());
        assertTrue(pool.getBulk(burst, 32, 32));
        pool.putBulk(cache, burst, 0, 32);
        assertEquals(33, cache.count());
        pool.putBulk(cache, burst, 32, 32);
        assertEquals(32, cache.count(), "flushed before it held more than 48");
        pool.flush(cache);
        assertEquals(0, cache.count());
        assertEquals(300, pool.availCount());
        assertThrows(IllegalArgumentException.class, () -> pool.newCache(513));
        assertThrows(IllegalArgumentException.class, () -> pool.newCache(0));
    }

    @Test
    void shouldGiveTheLastObjectsThoughACacheCannotBeFilled() {
        Mempool<Item> pool = pool(50, 0, "ring_mp_mc");
        MempoolCache<Item> cache = pool.newCache(32);
        Item[] all = new Item[50];
        assertTrue(pool.getBulk(cache, all, 0, 30));
        assertTrue(pool.getBulk(cache, all, 30, 20));
        assertFalse(pool.getBulk(cache, all, 0, 1));
        assertNull(pool.get(cache));
        pool.putBulk(cache, all, 0, 50);
        pool.flush(cache);
        assertEquals(50, pool.availCount());
    }

    @Test
    void shouldHaveEachObjectOnceAfterACallWithAWrongRange() {
        Mempool<Item> pool = pool(100, 0, "ring_mp_mc");
        MempoolCache<Item> cache = pool.newCache(10);
        Item[] some = new Item[20];
        assertTrue(pool.getBulk(some, 0, 20));
        pool.putBulk(cache, some, 0, 10);
        assertThrows(IndexOutOfBoundsException.class, () -> pool.putBulk(cache, some, 15, 8));
        pool.flush(cache);
        pool.putBulk(some, 10, 10);
        Set<Item> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Item item = pool.get(); item != null; item = pool.get()) {
            assertTrue(seen.add(item), "object " + item.number + " is given twice");
        }
        assertEquals(100, seen.size());
    }

    @Test
    void shouldRefuseSizesThatDpdkRefuses() {
        assertThrows(IllegalArgumentException.class, () -> pool(0, 0, "ring_mp_mc"));
        assertThrows(IllegalArgumentException.class, () -> pool(-1, 0, "ring_mp_mc"));
        assertThrows(IllegalArgumentException.class, () -> pool(10_000, 513, "ring_mp_mc"));
        assertThrows(IllegalArgumentException.class, () -> pool(100, 68, "ring_mp_mc"));
        assertNotNull(pool(100, 66, "ring_mp_mc"));
        String text = assertThrows(IllegalArgumentException.class, () -> pool(10, 0, "bucket")).getMessage();
        assertTrue(text.contains("'bucket'") && text.contains("lf_stack"), text);
    }

    @Test
    void shouldVisitEachObjectInTheOrderOfCreation() {
        Mempool<Item> pool = pool(100, 0, "stack");
        pool.get();
        List<Integer> numbers = new ArrayList<>();
        pool.forEach(item -> numbers.add(item.number));
        for (int i = 0; i < 100; i++) {
            assertEquals(i, numbers.get(i));
        }
    }

    @Test
    void shouldFindAnObjectThatIsTwiceInACache() throws InterruptedException {
        Mempool<Item> pool = pool(100, 32, "ring_mp_mc");
        LcoreThread worker = new LcoreThread(() -> {
            Item item = pool.get();
            pool.put(item);
            pool.put(item);
        }, "worker");
        worker.start();
        worker.join();
        assertThrows(IllegalStateException.class, pool::audit);
    }

    @Test
    void shouldBeDescribedInDpdksLayout() {
        String[] lines = pool(100, 0, "stack").dump().split("\n");
        assertTrue(lines[0].matches("mempool <items>@0x[0-9a-f]+"), lines[0]);
        List<String> names = new ArrayList<>();
        for (String line : lines) {
            names.add(line.replaceAll("[=:@].*", ""));
        }
        assertEquals(List.of("mempool <items>", "  flags", "  socket_id", "  pool", "  iova", "  nb_mem_chunks", "  size",
                "  populated_size", "  header_size", "  elt_size", "  trailer_size", "  total_obj_size",
                "  private_data_size", "  ops_index", "  ops_name", "  internal cache infos", "    cache_size",
                "  common_pool_count", "  no statistics available"), names);
    }

    @Test
    void shouldAcceptAStoreOfTheUsers() {
        PoolOps<Item> store = new PoolOps<>() {
            final List<Item> items = new ArrayList<>();

            @Override
            public String name() {
                return "list";
            }

            @Override
            public boolean enqueue(Item[] from, int offset, int n) {
                return items.addAll(List.of(from).subList(offset, offset + n));
            }

            @Override
            public boolean dequeue(Item[] to, int offset, int n) {
                for (int i = 0; i < n && items.size() >= n - i; i++) {
                    to[offset + i] = items.removeLast();
                }
                return true;
            }

            @Override
            public int count() {
                return items.size();
            }
        };
        Mempool<Item> pool = Mempool.create("mine", Item.class, 10, 0, store, Item::new);
        assertEquals(9, pool.get().number);
        assertEquals("list", pool.opsName());
    }

    @Test
    void shouldNotAllocateOnTheHeap() throws InterruptedException {
        Mempool<Item> pool = pool(1000, 64, "ring_mp_mc");
        Item[] held = new Item[80];
        Runnable rounds = () -> {
            for (int i = 0; i < 20_000; i++) {
                pool.getBulk(held, 0, 80);
                pool.putBulk(held, 0, 80);
                pool.getBulk(held, 0, 40);
                pool.putBulk(held, 0, 40);
                pool.put(pool.get());
            }
        };
        long[] bytes = new long[2];
        LcoreThread worker = new LcoreThread(() -> bytes[0] = Allocation.steadyBytesOf(rounds), "worker");
        worker.start();
        worker.join();
        bytes[1] = Allocation.steadyBytesOf(rounds);
        assertEquals(0, bytes[0], "of a worker");
        assertEquals(0, bytes[1], "of another thread");
    }

    @Test
    void shouldGiveTheObjectThatWasPutLast() throws InterruptedException {
        Mempool<Item> pool = pool(1000, 64, "ring_mp_mc");
        onWorker(() -> {
            Item item = pool.get();
            pool.put(item);
            assertSame(item, pool.get());
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring_mp_mc", "ring_mt_hts", "stack"})
    void shouldGiveMoreThanACacheHoldsOutOfThatAndTheCommonPool(String ops) {
        Mempool<Item> pool = pool(100, 0, ops);
        MempoolCache<Item> cache = pool.newCache(32);
        Item[] all = new Item[100];
        all[99] = pool.get(cache);
        assertEquals(32, cache.count());
        assertFalse(pool.getBulk(cache, all, 0, 100));
        assertEquals(32, cache.count(), "nothing moved in vain");
        assertTrue(pool.getBulk(cache, all, 0, 99));
        Set<Item> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Collections.addAll(seen, all);
        assertEquals(100, seen.size());
        pool.putBulk(cache, all, 0, 100);
        pool.flush(cache);
        assertEquals(100, pool.availCount());
    }
}
