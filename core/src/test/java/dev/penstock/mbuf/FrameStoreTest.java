package dev.penstock.mbuf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.testkit.Seed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FrameStoreTest {
    @Test
    void shouldGiveBackEveryByteOfEveryLength() {
        SplittableRandom random = Seed.random("FrameStoreTest");
        FrameStore store = new FrameStore(1 << 24);
        List<byte[]> frames = new ArrayList<>();
        try (Eal eal = Eal.start("--no-huge", "--in-memory"); Arena arena = Arena.ofConfined()) {
            MbufPool pool = MbufPool.create(eal, "pool", 7, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            for (int i = 0; i < 1500; i++) {
                byte[] frame = new byte[i < 700 ? i : random.nextInt(2048)];
                random.nextBytes(frame);
                frames.add(frame);
                MemorySegment segment = arena.allocate(frame.length + 1L);
                MemorySegment.copy(frame, 0, segment, ValueLayout.JAVA_BYTE, 1, frame.length);
                assertTrue(store.add(segment, 1, frame.length));
            }
            Mbuf m = pool.alloc();
            for (int i = 0; i < frames.size(); i++) {
                byte[] frame = frames.get(i);
                assertEquals(frame.length, store.length(i));
                byte[] around = new byte[2048];
                random.nextBytes(around);
                m.received(2048, 0);
                m.write(0, around, 0, 2048);
                assertEquals(frame.length, store.deliver(i, m, 5));
                assertEquals(frame.length, m.dataLen());
                assertEquals(frame.length, m.pktLen());
                assertEquals(5, m.port());
                m.dataLen(2048);
                System.arraycopy(frame, 0, around, 0, frame.length);
                byte[] got = new byte[2048];
                m.read(0, got, 0, 2048);
                assertArrayEquals(around, got, "frame of " + frame.length + " bytes, and nothing behind it");
            }
            byte[] kept = frames.get(699);
            for (int length : new int[] {0, 1, 31, 32, 33, 64, 100, 128, 129, 600, 2048}) {
                byte[] fresh = new byte[2048];
                random.nextBytes(fresh);
                m.received(2048, 0);
                m.write(0, fresh, 0, 2048);
                m.dataLen(length);
                store.copyFrom(m, 699);
                System.arraycopy(fresh, 0, kept, 0, Math.min(length, kept.length));
                byte[] got = new byte[kept.length];
                store.deliver(699, m, 0);
                m.read(0, got, 0, got.length);
                assertArrayEquals(kept, got, length + " bytes copied over a frame, and nothing behind them");
            }
            m.free();
            Mbuf small = MbufPool.create(eal, "small", 1, 0, Mbuf.HEADROOM + 10, -1).alloc();
            assertEquals(10, store.deliver(10, small, 0));
            assertThrows(IllegalArgumentException.class, () -> store.deliver(64, small, 0), "64 bytes do not fit in 10");
            small.free();
        }
    }

    @Test
    void shouldSayWhenItIsFull() {
        FrameStore store = new FrameStore(1000);
        MemorySegment bytes = Arena.ofAuto().allocate(400);
        assertTrue(store.add(bytes, 0, 400));
        assertTrue(store.add(bytes, 0, 400));
        assertFalse(store.add(bytes, 0, 400));
        assertEquals(2, store.count());
        assertThrows(IndexOutOfBoundsException.class, () -> new FrameStore(1000).add(bytes, 1, 400));
        assertThrows(IllegalArgumentException.class, () -> store.add(bytes, 0, -1));
    }
}
