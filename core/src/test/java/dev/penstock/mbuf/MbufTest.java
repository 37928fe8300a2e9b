package dev.penstock.mbuf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.testkit.Allocation;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MbufTest {
    private final Eal eal = Eal.start(line -> { }, "--no-huge", "-l", "0");
    private final MbufPool pool = MbufPool.create(eal, "test", 128, 0, 2048 + 128, -1);

    @AfterEach
    void closeAll() {
        eal.close();
    }

    @Test
    void shouldRunDryAndServeAgain() {
        Mbuf[] all = new Mbuf[129];
        assertFalse(pool.allocBulk(all, 0, 129));
        for (int i = 0; i < 128; i++) {
            all[i] = pool.alloc();
            assertNotNull(all[i]);
        }
        assertNull(pool.alloc());
        assertEquals(128, pool.inUseCount());
        Mbuf.freeBulk(all, 0, 129);
        assertEquals(0, pool.inUseCount());
        assertTrue(pool.allocBulk(all, 0, 128));
        Mbuf.freeBulk(all, 0, 128);
    }

    @Test
    void shouldGetSegmentsToBeFilledOrStayAsItWas() {
        Mbuf m = pool.alloc();
        m.append(100);
        assertTrue(pool.extend(m, 3 * 2176 - 1));
        assertEquals(4, m.nbSegs());
        assertEquals(100 + 3 * 2176 - 1, m.pktLen());
        assertEquals(0, m.next().dataOff());
        assertNull(m.check(true));
        m.freeRest();
        assertEquals(1, pool.inUseCount());
        assertFalse(pool.extend(m, 128 * 2176), "there are 127 left");
        assertEquals(1, pool.inUseCount());
        assertEquals(100, m.pktLen());
        assertNull(m.check(true));
        m.freeRest();
        m.free();
        assertEquals(0, pool.inUseCount());
    }

    @Test
    void shouldStartEmptyWithHeadroom() {
        Mbuf m = pool.alloc();
        assertEquals(128, m.headroom());
        assertEquals(2048, m.tailroom());
        assertEquals(0, m.pktLen());
        assertEquals(0, m.dataLen());
        assertEquals(1, m.nbSegs());
        assertEquals(1, m.refCnt());
        assertEquals(Mbuf.NO_PORT, m.port());
        assertNull(m.next());
        assertTrue(m.isContiguous() && m.isDirect() && !m.isIndirect() && !m.hasExternal());
        assertNull(m.check(true));
    }

    @Test
    void shouldGrowAndShrinkAtBothEndsAndRefuseWhatDoesNotFit() {
        Mbuf m = pool.alloc();
        assertEquals(0, m.append(1500));
        assertEquals(1500, m.append(10));
        assertEquals(1510, m.pktLen());
        assertTrue(m.trim(10));
        assertEquals(1500, m.dataLen());
        assertTrue(m.prepend(128));
        assertEquals(1628, m.pktLen());
        assertFalse(m.prepend(1));
        assertEquals(-1, m.append(m.tailroom() + 1));
        assertTrue(m.adj(1628));
        assertFalse(m.adj(1));
        assertFalse(m.trim(1));
        assertEquals(0, m.pktLen());
        assertEquals(-1, m.append(-1));
        assertFalse(m.prepend(-1));
        assertFalse(m.adj(-1));
        assertFalse(m.trim(-1));
        assertEquals(-1, m.append(Integer.MAX_VALUE));
        assertNull(m.check(true));
    }

    @Test
    void shouldReadAndWriteInNetworkOrder() {
        Mbuf m = pool.alloc();
        m.append(20);
        m.putLong(0, 0x0102030405060708L);
        m.putInt(8, 0xf1f2f3f4);
        m.putShort(12, (short) 0xabcd);
        m.putByte(14, (byte) 0xee);
        byte[] bytes = new byte[15];
        m.read(0, bytes, 0, 15);
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, (byte) 0xf1, (byte) 0xf2, (byte) 0xf3, (byte) 0xf4,
            (byte) 0xab, (byte) 0xcd, (byte) 0xee}, bytes);
        assertEquals(0x0102030405060708L, m.getLong(0));
        assertEquals(0xf1f2f3f4, m.getInt(8));
        assertEquals((short) 0xabcd, m.getShort(12));
        assertEquals((byte) 0xee, m.getByte(14));
        m.putLongNative(1, 42);
        m.putIntNative(9, 43);
        m.putShortNative(13, (short) 44);
        assertEquals(42, m.getLongNative(1));
        assertEquals(43, m.getIntNative(9));
        assertEquals(44, m.getShortNative(13));
        MemorySegment array = MemorySegment.ofArray(new byte[] {9, 8, 7, 6});
        m.write(16, array, 1, 3);
        assertEquals(0x080706, m.getInt(15) & 0xffffff);
    }

    @Test
    void shouldRefuseEveryAccessPastTheData() {
        Mbuf m = pool.alloc();
        m.append(16);
        assertThrows(IndexOutOfBoundsException.class, () -> m.getByte(16));
        assertThrows(IndexOutOfBoundsException.class, () -> m.getByte(-1));
        assertThrows(IndexOutOfBoundsException.class, () -> m.getShort(15));
        assertThrows(IndexOutOfBoundsException.class, () -> m.getInt(13));
        assertThrows(IndexOutOfBoundsException.class, () -> m.getLong(9));
        assertThrows(IndexOutOfBoundsException.class, () -> m.getLong(Integer.MAX_VALUE));
        assertThrows(IndexOutOfBoundsException.class, () -> m.putLongNative(9, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> m.write(1, new byte[16], 0, 16));
        assertThrows(IndexOutOfBoundsException.class, () -> m.write(0, new byte[4], 1, 4));
        assertThrows(IndexOutOfBoundsException.class, () -> m.read(1, new byte[16], 0, 16));
        assertThrows(IndexOutOfBoundsException.class, () -> m.read(0, new byte[16], 0, -1));
        m.trim(5);
        assertThrows(IndexOutOfBoundsException.class, m::swapMacs);
        assertThrows(IllegalArgumentException.class, () -> m.dataLen(2049));
        assertThrows(IllegalArgumentException.class, () -> m.dataLen(-1));
        assertThrows(IllegalArgumentException.class, () -> m.dataOff(2176 - 10));
        assertThrows(IllegalArgumentException.class, () -> m.dataOff(-1));
        assertThrows(IllegalArgumentException.class, () -> m.received(2049, 0));
        assertThrows(IllegalArgumentException.class, () -> m.received(-1, 0));
    }

    @Test
    void shouldExchangeTheAddressesOfAFrame() {
        Mbuf m = pool.alloc();
        m.append(14);
        byte[] frame = {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16, 21, 22};
        m.write(0, frame, 0, 14);
        m.swapMacs();
        m.read(0, frame, 0, 14);
        assertArrayEquals(new byte[] {11, 12, 13, 14, 15, 16, 1, 2, 3, 4, 5, 6, 21, 22}, frame);
    }

    @Test
    void shouldKeepMetadataApart() {
        Mbuf m = pool.alloc();
        m.packetType(0x8000_0191);
        m.vlanTci(0x1ffff);
        m.vlanTciOuter(0x8123);
        m.rssHash(-7);
        m.fdirId(77);
        m.timestamp(Long.MIN_VALUE);
        m.port(3);
        m.olFlags(OlFlags.RX_VLAN | OlFlags.TX_OUTER_IPV6);
        assertEquals(0x8000_0191, m.packetType());
        assertEquals(0xffff, m.vlanTci());
        assertEquals(0x8123, m.vlanTciOuter());
        assertEquals(-7, m.rssHash());
        assertEquals(77, m.fdirId());
        assertEquals(Long.MIN_VALUE, m.timestamp());
        assertEquals(3, m.port());
        m.l2Len(127);
        m.l3Len(511);
        m.l4Len(255);
        m.tsoSegsz(65535);
        m.outerL3Len(511);
        m.outerL2Len(127);
        assertEquals((1L << 56) - 1, m.txOffload());
        m.l4Len(20);
        m.outerL3Len(40);
        assertEquals(HeaderLengths.pack(127, 511, 20, 65535, 40, 127), m.txOffload());
        assertEquals(127, m.l2Len());
        assertEquals(511, m.l3Len());
        assertEquals(20, m.l4Len());
        assertEquals(65535, m.tsoSegsz());
        assertEquals(40, m.outerL3Len());
        assertEquals(127, m.outerL2Len());
        m.received(60, 9);
        assertEquals(0, m.txOffload() | m.olFlags() | m.packetType() | m.vlanTci() | m.vlanTciOuter());
        assertEquals(9, m.port());
        assertEquals(60, m.pktLen());
        assertEquals(128, m.headroom());
    }

    @Test
    void shouldFindContradictions() {
        Mbuf m = pool.alloc();
        Mbuf tail = pool.alloc();
        m.append(100);
        tail.append(50);
        assertTrue(m.chain(tail));
        assertNull(m.check(true));
        m.nbSegs(3);
        assertEquals("bad nb_segs", m.check(true));
        m.nbSegs(1);
        assertEquals("bad nb_segs", m.check(true));
        m.nbSegs(2);
        m.pktLen(99);
        assertEquals("bad data_len", m.check(true));
        m.pktLen(149);
        assertEquals("bad pkt_len", m.check(true));
        m.pktLen(150);
        m.refCnt(0);
        assertEquals("bad ref cnt", m.check(true));
        m.refCnt(65535);
        assertEquals("bad ref cnt", m.check(false));
        m.refCnt(1);
        assertNull(m.check(true));
        m.free();
        assertEquals(0, pool.inUseCount());
    }

    @Test
    void shouldForgetItsChainWhenFreed() {
        Mbuf[] held = new Mbuf[128];
        pool.allocBulk(held, 0, 128);
        for (int i = 0; i < 128; i += 4) {
            for (int k = 1; k < 4; k++) {
                held[i + k].append(k);
                assertTrue(held[i].chain(held[i + k]));
            }
            assertEquals(4, held[i].nbSegs());
            assertEquals(6, held[i].pktLen());
        }
        for (int i = 0; i < 128; i += 4) {
            held[i].free();
        }
        assertEquals(128, pool.availCount());
        pool.forEach(m -> {
            assertNull(m.next());
            assertEquals(1, m.nbSegs());
            assertEquals(1, m.refCnt());
        });
    }

    @Test
    void shouldFreeChainsOfSeveralPoolsInOneCall() {
        MbufPool other = MbufPool.with(eal, "other", 64).dataRoom(256).ops("stack").create();
        Mbuf[] packets = new Mbuf[16];
        for (int i = 0; i < 16; i++) {
            packets[i] = (i % 3 == 0 ? pool : other).alloc();
            if (i % 2 == 0) {
                packets[i].chain((i % 4 == 0 ? pool : other).alloc());
            }
        }
        packets[5].free();
        packets[5] = null;
        Mbuf.freeBulk(packets, 0, 16);
        assertEquals(0, pool.inUseCount());
        assertEquals(0, other.inUseCount());
    }

    @Test
    void shouldFreeOneSegmentAndLeaveTheOthers() {
        Mbuf head = pool.alloc();
        Mbuf tail = pool.alloc();
        head.chain(tail);
        head.freeSegment();
        assertEquals(1, pool.inUseCount());
        tail.freeSegment();
        assertEquals(0, pool.inUseCount());
    }

    @Test
    void shouldRefuseTooManySegments() {
        Mbuf head = pool.alloc();
        Mbuf tail = pool.alloc();
        head.nbSegs(65535);
        assertFalse(head.chain(tail));
        head.nbSegs(65534);
        assertTrue(head.chain(tail));
        assertSame(tail, head.lastSegment());
    }

    @Test
    void shouldBeDescribedInDpdksLayout() {
        Mbuf m = pool.alloc();
        m.append(18);
        m.write(0, "0123456789abcdefg\n".getBytes(StandardCharsets.US_ASCII), 0, 18);
        m.olFlags(OlFlags.RX_VLAN);
        m.vlanTci(5);
        String text = m.dump(18).replaceAll("0x[0-9a-f]{6,}", "ADDR");
        assertEquals("""
                dump mbuf at ADDR, iova=ADDR, buf_len=2176
                  pkt_len=18, ol_flags=0x1, nb_segs=1, port=65535, vlan_tci=5, ptype=0
                  segment at ADDR, data=ADDR, len=18, off=128, refcnt=1
                  Dump data at [ADDR], len=18
                00000000: 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66 | 0123456789abcdef
                00000010: 67 0A                                           | g.
                """, text);
    }

    @Test
    void shouldNotAllocateOnTheHeap() {
        Mbuf[] burst = new Mbuf[32];
        Runnable rounds = () -> {
            for (int i = 0; i < 5000; i++) {
                pool.allocBulk(burst, 0, 32);
                for (Mbuf m : burst) {
                    m.received(64, 1);
                    m.putInt(0, m.getInt(6) + i);
                    m.swapMacs();
                }
                Mbuf.freeBulk(burst, 0, 32);
                Mbuf a = pool.alloc();
                Mbuf b = pool.alloc();
                a.append(100);
                b.append(100);
                a.chain(b);
                Mbuf c = a.clone(pool);
                Mbuf d = a.copy(pool, 50, 100);
                a.linearize();
                a.free();
                c.free();
                d.free();
            }
        };
        assertEquals(0, Allocation.steadyBytesOf(rounds));
        assertEquals(0, pool.inUseCount());
    }
}
