package dev.penstock.mbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MbufShareTest {
    private static final int MAGIC = 0x42424242;

    private final Eal eal = Eal.start(line -> { }, "--no-huge", "-l", "0");
    private final MbufPool pool = MbufPool.create(eal, "test", 128, 0, 2048 + 128, -1);
    private final MbufPool small = MbufPool.with(eal, "small", 64).dataRoom(128 + 64).privSize(64).create();

    @AfterEach
    void allComeBack() {
        assertEquals(0, pool.inUseCount());
        assertEquals(0, small.inUseCount());
        eal.close();
    }

    private Mbuf packet(int bytes) {
        Mbuf m = pool.alloc();
        m.append(bytes);
        return m;
    }

    @Test
    void shouldCloneAndCloneTheCloneByReferenceToTheOwner() {
        Mbuf m = packet(4);
        m.putInt(0, MAGIC);
        Mbuf tail = packet(4);
        tail.putInt(0, MAGIC);
        m.chain(tail);
        Mbuf clone = m.clone(small);
        assertEquals(MAGIC, clone.getInt(0));
        assertTrue(clone.isIndirect());
        assertTrue((clone.olFlags() & OlFlags.INDIRECT) != 0);
        assertEquals(2, clone.nbSegs());
        assertEquals(8, clone.pktLen());
        assertEquals(MAGIC, clone.next().getInt(0));
        assertEquals(2, m.refCnt());
        assertEquals(2, m.next().refCnt());
        Mbuf second = clone.clone(pool);
        assertEquals(3, m.refCnt());
        assertEquals(1, clone.refCnt());
        assertNull(second.check(true));
        m.free();
        clone.free();
        assertEquals(MAGIC, second.next().getInt(0));
        second.free();
    }

    @Test
    void shouldReturnTheOwnersBufferOnlyWhenTheLastCloneIsGone() {
        Mbuf m = packet(4);
        Mbuf clone = m.clone(small);
        m.free();
        assertEquals(1, pool.inUseCount());
        clone.free();
        assertEquals(0, pool.inUseCount());
        Mbuf again = small.alloc();
        assertTrue(again.isDirect());
        assertEquals(192, again.bufLen());
        again.free();
    }

    @Test
    void shouldAttachAcrossPoolsOfOtherPrivateSizeAndDetach() {
        Mbuf m = packet(42);
        Mbuf clone = small.alloc();
        Mbuf second = small.alloc();
        clone.attach(m);
        second.attach(clone);
        assertEquals(42, clone.dataLen());
        assertEquals(3, m.refCnt());
        assertThrows(IllegalStateException.class, () -> clone.attach(m));
        assertThrows(IllegalStateException.class, () -> m.attach(second));
        clone.detach();
        assertEquals(128, clone.headroom());
        assertEquals(0, clone.dataLen());
        assertEquals(192, clone.bufLen());
        assertEquals(2, m.refCnt());
        second.detach();
        assertEquals(1, m.refCnt());
        assertThrows(IllegalArgumentException.class, () -> m.attach(m));
        m.free();
        clone.free();
        second.free();
    }

    @Test
    void shouldRefuseToShareDataBetweenEnvironments() {
        try (Eal other = Eal.start(line -> { }, "--no-huge", "-l", "0")) {
            MbufPool theirs = MbufPool.create(other, "theirs", 8, 0, 256, -1);
            Mbuf m = packet(1);
            assertThrows(IllegalArgumentException.class, () -> theirs.alloc().attach(m));
            m.free();
        }
    }

    @Test
    void shouldGiveBackWhatItTookWhenThePoolRunsDry() {
        Mbuf m = packet(10);
        for (int i = 0; i < 70; i++) {
            assertTrue(m.chain(packet(10)));
        }
        assertNull(m.clone(small));
        assertEquals(0, small.inUseCount());
        Mbuf[] most = new Mbuf[60];
        small.allocBulk(most, 0, 60);
        assertNull(m.copy(small, 0, Integer.MAX_VALUE));
        assertEquals(60, small.inUseCount());
        Mbuf.freeBulk(most, 0, 60);
        Mbuf copy = m.copy(small, 0, Integer.MAX_VALUE);
        assertEquals(12, copy.nbSegs());
        assertEquals(710, copy.pktLen());
        copy.free();
        m.free();
    }

    @Test
    void shouldCopyDeeplyWithOffsetAndLength() {
        Mbuf m = packet(4);
        m.putInt(0, MAGIC);
        Mbuf tail = packet(4);
        tail.putInt(0, MAGIC + 1);
        m.chain(tail);
        m.olFlags(OlFlags.RX_VLAN);
        m.vlanTci(7);
        Mbuf copy = m.copy(pool, 0, Integer.MAX_VALUE);
        assertEquals(8, copy.pktLen());
        assertEquals(1, copy.nbSegs());
        assertEquals(MAGIC, copy.getInt(0));
        assertEquals(MAGIC + 1, copy.getInt(4));
        assertEquals(1, m.refCnt());
        assertEquals(OlFlags.RX_VLAN, copy.olFlags());
        assertEquals(7, copy.vlanTci());
        Mbuf clone = copy.clone(pool);
        Mbuf part = clone.copy(small, 4, 2);
        assertEquals(2, part.pktLen());
        assertTrue(part.isDirect());
        assertNull(m.copy(pool, 9, 1));
        assertNull(m.copy(pool, -1, 1));
        Mbuf none = m.copy(pool, 8, 1);
        assertEquals(0, none.pktLen());
        Mbuf.freeBulk(new Mbuf[] {m, copy, clone, part, none}, 0, 5);
    }

    @Test
    void shouldShowAnExternalBufferUntilTheLastLetsGo() {
        AtomicInteger freed = new AtomicInteger();
        MemorySegment memory = Arena.ofAuto().allocate(1000);
        ExternalBuffer buffer = new ExternalBuffer(memory, freed::incrementAndGet);
        Mbuf m = pool.alloc();
        m.attach(buffer);
        assertTrue(m.hasExternal() && !m.isDirect() && !m.isIndirect());
        assertEquals(1, buffer.refCnt());
        assertEquals(1000, m.tailroom());
        m.append(1000);
        assertEquals(-1, m.append(1));
        m.putInt(996, MAGIC);
        assertEquals(MAGIC, Integer.reverseBytes(memory.get(ValueLayout.JAVA_INT, 996)));
        Mbuf clone = m.clone(small);
        assertEquals(2, buffer.refCnt());
        assertEquals(1, m.refCnt());
        m.free();
        assertEquals(0, freed.get());
        assertEquals(MAGIC, clone.getInt(996));
        clone.detach();
        assertEquals(1, freed.get());
        assertEquals(0, buffer.refCnt());
        clone.free();
        assertThrows(IllegalArgumentException.class, () -> new ExternalBuffer(MemorySegment.ofArray(new byte[9]), null));
        assertThrows(IllegalArgumentException.class, () -> new ExternalBuffer(memory.asReadOnly(), null));
    }

    @Test
    void shouldKeepItsPacketsInPinnedMemory() {
        MemorySegment memory = Arena.ofAuto().allocate(16 * 512);
        MbufPool pinned = MbufPool.with(eal, "pinned", 16).dataRoom(512).pinned(memory).privSize(8).create();
        Mbuf m = pinned.alloc();
        assertTrue(m.hasExternal() && !m.isIndirect());
        m.append(4);
        m.putInt(0, MAGIC);
        int found = 0;
        for (int i = 0; i < 16; i++) {
            found += memory.get(ValueLayout.JAVA_INT, i * 512 + 128) == MAGIC ? 1 : 0;
        }
        assertEquals(1, found);
        Mbuf clone = m.clone(pool);
        m.free();
        assertEquals(MAGIC, clone.getInt(0));
        assertEquals(1, pinned.inUseCount());
        clone.free();
        assertEquals(0, pinned.inUseCount());
        assertThrows(IllegalArgumentException.class,
                () -> MbufPool.with(eal, "pinned2", 17).dataRoom(512).pinned(memory).create());
    }

    @Test
    void shouldCountOwnersRightWhenManyThreadsFree() throws InterruptedException {
        AtomicInteger freed = new AtomicInteger();
        ExternalBuffer buffer = new ExternalBuffer(Arena.ofAuto().allocate(64), freed::incrementAndGet);
        SplittableRandom random = Seed.random("MbufShareTest");
        for (int round = 0; round < 300; round++) {
            List<List<Mbuf>> hands = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
            Mbuf m = packet(64);
            Mbuf shown = pool.alloc();
            shown.attach(buffer);
            for (int i = 0; i < 18; i++) {
                hands.get(random.nextInt(3)).add((i % 3 == 0 ? shown : m).clone(i % 2 == 0 ? pool : small));
            }
            hands.get(0).add(m);
            hands.get(1).add(shown);
            Mbuf counted = packet(1);
            counted.refCntUpdate(2);
            hands.forEach(hand -> hand.add(counted));
            List<Thread> threads = hands.stream().map(h -> new Thread(() -> h.forEach(Mbuf::free))).toList();
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(0, pool.inUseCount());
            assertEquals(round + 1, freed.get());
        }
        Mbuf m = pool.alloc();
        assertNotNull(m);
        assertEquals(1, m.refCnt());
        m.free();
    }

    @Test
    void shouldBeVoidAfterItsMemoryIsGone() {
        Eal short_ = Eal.start(line -> { }, "--no-huge", "-l", "0");
        MbufPool gone = MbufPool.with(short_, "gone", 8).privSize(8).create();
        MbufPool cloned = MbufPool.with(short_, "cloned", 8).create();
        Mbuf m = gone.alloc();
        DynamicFields.Field field = gone.dynamicFields().register("x", 4, 4);
        m.append(64);
        Mbuf clone = m.clone(cloned);
        String text = assertThrows(IllegalStateException.class, gone::close).getMessage();
        assertTrue(text.contains("gone") && text.contains("1 of its packets"), text);
        short_.close();
        for (Mbuf late : new Mbuf[] {m, clone}) {
            assertThrows(IndexOutOfBoundsException.class, () -> late.getByte(0));
            assertThrows(IndexOutOfBoundsException.class, () -> late.dynInt(field));
            assertThrows(IllegalStateException.class, late::priv);
            assertEquals(-1, late.append(1));
            assertFalse(late.prepend(1));
            assertThrows(IllegalArgumentException.class, () -> late.received(1, 0));
            late.received(0, 0);
            assertThrows(IndexOutOfBoundsException.class, () -> late.getByte(0));
        }
        clone.detach();
        clone.reset();
        assertEquals(-1, clone.append(1));
        assertThrows(IndexOutOfBoundsException.class, () -> clone.getByte(0));
        assertTrue(gone.isClosed());
    }

    @Test
    void shouldCloseWhenAllPacketsAreHome() {
        MbufPool third = MbufPool.with(eal, "third", 8).create();
        Mbuf m = third.alloc();
        m.free();
        third.close();
        third.close();
        assertEquals(-1, m.append(1));
    }

    @Test
    void shouldGiveEachPacketAPrivateAreaOfItsOwn() {
        Mbuf[] all = new Mbuf[64];
        small.allocBulk(all, 0, 64);
        for (int i = 0; i < 64; i++) {
            assertEquals(64, all[i].priv().byteSize());
            all[i].priv().fill((byte) i);
            all[i].append(64);
            for (int k = 0; k < 64; k += 8) {
                all[i].putLong(k, -1);
            }
        }
        for (int i = 0; i < 64; i++) {
            for (int k = 0; k < 64; k++) {
                assertEquals(i, all[i].priv().get(ValueLayout.JAVA_BYTE, k));
            }
        }
        Mbuf.freeBulk(all, 0, 64);
    }
}
