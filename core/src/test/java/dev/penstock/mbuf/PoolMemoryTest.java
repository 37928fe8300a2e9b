package dev.penstock.mbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.testkit.Seed;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PoolMemoryTest {
    private final Eal eal = Eal.start(line -> {}, "--no-huge", "--in-memory", "-l", "0");

    @AfterEach
    void close() {
        eal.close();
    }

    @Test
    void shouldFindEachPacketAtItsOffsetAndNothingElsewhere() {
        SplittableRandom random = Seed.random("pool memory");
        for (int round = 0; round < 40; round++) {
            int size = 1 + random.nextInt(300);
            MbufPool pool = MbufPool.with(eal, "p" + round, size).dataRoom(1 + random.nextInt(9000))
                    .privSize(random.nextInt(200)).create();
            PoolMemory memory = new PoolMemory(pool);
            assertEquals(0, memory.address() % 4096);
            assertTrue(memory.pageBytes() >= 4096 && Long.bitCount(memory.pageBytes()) == 1);
            Map<Long, Mbuf> naive = new HashMap<>();
            Mbuf[] all = new Mbuf[size];
            assertTrue(pool.allocBulk(all, 0, size));
            for (Mbuf m : all) {
                int index = memory.index(m);
                assertEquals(m.ownAddr, memory.address() + memory.offset(index));
                assertTrue(memory.offset(index) + memory.bufferBytes() <= memory.lengthBytes());
                naive.put(memory.offset(index), m);
            }
            assertEquals(size, naive.size());
            for (int i = 0; i < 20_000; i++) {
                long offset = i < 40 ? random.nextLong() : random.nextLong(-100, memory.lengthBytes() + 100);
                Mbuf m = naive.get(offset);
                assertEquals(m == null ? -1 : memory.index(m), memory.index(offset), "offset " + offset);
            }
            Mbuf.freeBulk(all, 0, size);
        }
    }

    @Test
    void shouldNotKnowPacketsOfOtherPoolsOrWithOtherData() {
        MbufPool pool = MbufPool.with(eal, "mine", 7).create();
        MbufPool other = MbufPool.with(eal, "other", 7).create();
        PoolMemory memory = new PoolMemory(pool);
        Mbuf mine = pool.alloc();
        Mbuf clone = mine.clone(pool);
        Mbuf foreign = other.alloc();
        assertTrue(memory.index(mine) >= 0);
        assertEquals(-1, memory.index(clone));
        assertEquals(-1, memory.index(foreign));
        Mbuf.freeBulk(new Mbuf[] {mine, clone, foreign}, 0, 3);
    }

    @Test
    void shouldRefusePoolsWhosePacketsLieElsewhere() {
        try (Arena arena = Arena.ofShared()) {
            MbufPool pool = MbufPool.with(eal, "pinned", 3).dataRoom(2048).pinned(arena.allocate(3 * 2048)).create();
            assertTrue(assertThrows(IllegalArgumentException.class, () -> new PoolMemory(pool)).getMessage().contains("pinned"));
        }
    }

    @Test
    void shouldRefuseReceivedDataOutsideTheBuffer() {
        Mbuf m = MbufPool.with(eal, "rx", 1).dataRoom(2048).create().alloc();
        m.received(256, 1792, 3);
        assertEquals(256, m.dataOff());
        assertEquals(1792, m.pktLen());
        assertThrows(IllegalArgumentException.class, () -> m.received(256, 1793, 3));
        assertThrows(IllegalArgumentException.class, () -> m.received(-1, 1, 3));
        assertThrows(IllegalArgumentException.class, () -> m.received(1, -1, 3));
        assertThrows(IllegalArgumentException.class, () -> m.received(Integer.MAX_VALUE, Integer.MAX_VALUE, 3));
        m.free();
    }
}
