package dev.penstock.mbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.eal.Eal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IovaMapTest {
    private static final int ROOM = 2048;
    private static final int FRONT = 12;
    private static final int LEAST = 14;
    private static final long WORK = OlFlags.TX_TCP_SEG;

    private final Eal eal = Eal.start(line -> { }, "--no-huge", "-l", "0");
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(64L * ROOM, 4096);
    private final MbufPool pool = MbufPool.with(eal, "shared", 16).dataRoom(ROOM).pinned(memory.asSlice(0, 32L * ROOM)).create();
    private final MbufPool second = MbufPool.with(eal, "second", 16).dataRoom(ROOM).pinned(memory.asSlice(32L * ROOM)).create();
    private final MbufPool own = MbufPool.create(eal, "own", 16, 0, ROOM, -1);
    private final IovaMap map = new IovaMap(List.of(memory.asSlice(0, 32L * ROOM), memory.asSlice(32L * ROOM)));
    private final Mbuf[] packets = new Mbuf[4];

    @BeforeEach
    void fill() {
        for (int i = 0; i < packets.length; i++) {
            packets[i] = pool.alloc();
            packets[i].append(60);
        }
    }

    @AfterEach
    void close() {
        Mbuf.freeBulk(packets, 0, packets.length);
        assertEquals(0, pool.inUseCount() + second.inUseCount() + own.inUseCount());
        eal.close();
        arena.close();
    }

    private int plain() {
        return map.plain(packets, 0, packets.length, FRONT, LEAST, WORK);
    }

    private void endsAt(int index, Consumer<Mbuf> change) {
        change.accept(packets[index]);
        assertEquals(index, plain());
    }

    private void replace(int index, MbufPool by) {
        packets[index].free();
        packets[index] = by.alloc();
        packets[index].append(60);
    }

    @Test
    void shouldCountPacketsThatCanGoAsTheyAre() {
        assertEquals(4, plain());
        assertEquals(0, map.plain(packets, 0, 0, FRONT, LEAST, WORK));
        assertEquals(2, map.plain(packets, 1, 2, FRONT, LEAST, WORK));
        endsAt(3, m -> m.olFlags(OlFlags.TX_TCP_SEG));
        endsAt(2, m -> m.trim(47));
        endsAt(1, m -> m.prepend(Mbuf.HEADROOM - FRONT + 1));
        endsAt(0, m -> m.chain(pool.alloc()));
    }

    @Test
    void shouldEndAtPacketsThatOthersHold() {
        Mbuf clone = packets[2].clone(pool);
        assertEquals(2, plain());
        replace(1, pool);
        packets[1].free();
        packets[1] = clone;
        assertEquals(1, plain());
    }

    @Test
    void shouldEndWhereTheMemoryIsAnotherOrNotShared() {
        replace(2, second);
        assertEquals(2, plain());
        assertEquals(1, map.plain(packets, 2, 2, FRONT, LEAST, WORK));
        replace(2, own);
        assertEquals(2, plain());
        assertEquals(0, map.plain(packets, 2, 2, FRONT, LEAST, WORK));
    }

    @Test
    void shouldClearWhatIsBeforeTheDataAndNothingElse() {
        for (int bytes : new int[] {10, 12}) {
            Mbuf m = packets[0];
            m.prepend(16);
            for (int i = 0; i < m.dataLen(); i++) {
                m.putByte(i, (byte) -1);
            }
            m.adj(16);
            assertEquals(map.bufIova(m) + m.dataOff() - bytes, IovaMap.clearFront(m, bytes, -1));
            m.prepend(16);
            for (int i = 0; i < m.dataLen(); i++) {
                assertEquals(i >= 16 - bytes && i < 16 ? 0 : -1, m.getByte(i), "byte " + i + " with " + bytes);
            }
            m.adj(16);
        }
    }

    /** A header of twelve bytes whose last two say how many buffers there were. */
    @Test
    void shouldClearAllOrNothingByWhatItLooksAt() {
        long looked = -1L >>> 16;
        Mbuf m = packets[0];
        for (int dirty = -1; dirty < 10; dirty++) {
            m.prepend(12);
            for (int i = 0; i < 12; i++) {
                m.putByte(i, (byte) (i == 10 || i == dirty ? 1 : 0));
            }
            m.adj(12);
            IovaMap.clearFront(m, 12, looked);
            m.prepend(12);
            for (int i = 0; i < 12; i++) {
                assertEquals(i == 10 && dirty < 0 ? 1 : 0, m.getByte(i), "byte " + i + " with byte " + dirty);
            }
            m.adj(12);
        }
    }
}
