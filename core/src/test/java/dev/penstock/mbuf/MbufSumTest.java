package dev.penstock.mbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.testkit.Seed;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MbufSumTest {
    private final Eal eal = Eal.start("--no-huge", "--in-memory");
    private final MbufPool pool = MbufPool.create(eal, "sums", 63, 0, 16_384, -1);

    @AfterEach
    void close() {
        eal.close();
    }

    private Mbuf packet(byte[] bytes, int from, int length) {
        Mbuf[] m = new Mbuf[1];
        assertTrue(pool.allocBulk(m, 0, 1));
        m[0].received(length, 0);
        m[0].write(0, MemorySegment.ofArray(bytes), from, length);
        return m[0];
    }

    private static int naive(byte[] b, int from, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (b[from + i] & 0xff) << ((i & 1) == 0 ? 8 : 0);
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }

    @Test
    void shouldGiveTheSameSumWithAndWithoutVectors() {
        SplittableRandom random = Seed.random("twins");
        byte[] bytes = new byte[12_000];
        random.nextBytes(bytes);
        Arrays.fill(bytes, 3000, 6000, (byte) 0xff);
        Mbuf m = packet(bytes, 0, bytes.length);
        for (int length = 0; length <= bytes.length - 64; length += MbufSumVector.STEP) {
            for (int offset = 0; offset < 64; offset += 7) {
                long address = m.bufAddr + m.dataOff + offset;
                int expected = naive(bytes, offset, length);
                assertEquals(expected, MbufSum.fold(MbufSum.scalar(address, length)));
                assertEquals(expected, MbufSum.fold(MbufSumVector.sum(address, length)));
            }
        }
        m.free();
    }

    @Test
    void shouldSumAcrossSegmentsOfAnyLength() {
        SplittableRandom random = Seed.random("segments");
        byte[] bytes = new byte[4096];
        random.nextBytes(bytes);
        for (int i = 0; i < 20_000; i++) {
            int first = random.nextInt(100);
            Mbuf head = packet(bytes, 0, first);
            int total = first;
            Mbuf last = head;
            for (int n = random.nextInt(6); n > 0; n--) {
                int length = random.nextInt(random.nextInt(10) == 0 ? 500 : 20);
                Mbuf next = packet(bytes, total, length);
                last.next = next;
                last = next;
                head.nbSegs++;
                total += length;
            }
            head.pktLen = total;
            int offset = random.nextInt(total + 1);
            int length = random.nextInt(total - offset + 1);
            assertEquals(naive(bytes, offset, length), MbufSum.fold(MbufSum.sum(head, offset, length)));
            int beyond = total - offset + 1;
            assertThrows(IndexOutOfBoundsException.class, () -> MbufSum.sum(head, offset, beyond));
            head.free();
        }
    }

    @Test
    void shouldKeepSegmentsAddressedWithHugeLengthsInBounds() {
        Mbuf m = packet(new byte[64], 0, 64);
        assertThrows(IndexOutOfBoundsException.class, () -> MbufSum.sum(m, 1, Integer.MAX_VALUE));
        assertThrows(IndexOutOfBoundsException.class, () -> MbufSum.sum20(m, 45));
        assertThrows(IndexOutOfBoundsException.class, () -> MbufSum.sum20(m, -1));
        m.free();
    }
}
