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
                store.copyTo(i, m);
                System.arraycopy(frame, 0, around, 0, frame.length);
                byte[] got = new byte[2048];
                m.read(0, got, 0, 2048);
                assertArrayEquals(around, got, "frame of " + frame.length + " bytes, and nothing behind it");
            }
            m.received(2048, 0);
            byte[] kept = frames.get(699);
            for (int length : new int[] {0, 1, 31, 32, 33, 64, 100, 128, 129, 600, 2048}) {
                byte[] fresh = new byte[2048];
                random.nextBytes(fresh);
                m.write(0, fresh, 0, 2048);
                store.copyFrom(m, 699, length);
                System.arraycopy(fresh, 0, kept, 0, Math.min(length, kept.length));
                byte[] got = new byte[kept.length];
                store.copyTo(699, m);
                m.read(0, got, 0, got.length);
                assertArrayEquals(kept, got, length + " bytes copied over a frame, and nothing behind them");
            }
            m.received(10, 0);
            assertThrows(IndexOutOfBoundsException.class, () -> store.copyFrom(m, 64, 11), "11 bytes are not in 10");
            assertThrows(IndexOutOfBoundsException.class, () -> store.copyTo(64, m), "64 bytes do not fit in 10");
            m.free();
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
