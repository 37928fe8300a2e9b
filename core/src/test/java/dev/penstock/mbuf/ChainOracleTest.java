package dev.penstock.mbuf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.penstock.eal.Eal;
import dev.penstock.testkit.Seed;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A packet against the plainest model of one: the list of its segments' bytes. */
class ChainOracleTest {
    private static final int HEAD = 128;
    private static final int ROOM = 256;

    private final List<byte[]> model = new ArrayList<>();
    private final SplittableRandom random = Seed.random("ChainOracleTest");

    private byte[] bytes(int n) {
        byte[] b = new byte[n];
        random.nextBytes(b);
        return b;
    }

    private byte[] whole() {
        int n = model.stream().mapToInt(b -> b.length).sum();
        byte[] all = new byte[n];
        int at = 0;
        for (byte[] b : model) {
            System.arraycopy(b, 0, all, at, b.length);
            at += b.length;
        }
        return all;
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] c = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, c, a.length, b.length);
        return c;
    }

    private static byte[] contents(Mbuf m) {
        byte[] all = new byte[m.pktLen()];
        m.readPacket(0, MemorySegment.ofArray(all), 0, all.length);
        return all;
    }

    @Test
    void shouldHoldWhatTheModelHoldsThroughAMillionOperations() {
        try (Eal eal = Eal.start(line -> { }, "--no-huge", "-l", "0")) {
            MbufPool pool = MbufPool.with(eal, "oracle", 200).dataRoom(HEAD + ROOM).create();
            Mbuf m = fresh(pool);
            for (int i = 0; i < 1_000_000; i++) {
                m = step(m, pool);
                if (i % 64 == 0) {
                    assertNull(m.check(true));
                    assertEquals(model.size(), m.nbSegs());
                    assertArrayEquals(whole(), contents(m));
                }
                if (model.size() > 12 || i % 500 == 499) {
                    m.free();
                    assertEquals(0, pool.inUseCount());
                    m = fresh(pool);
                }
            }
            m.free();
            assertEquals(0, pool.inUseCount());
            pool.audit();
        }
    }

    private Mbuf fresh(MbufPool pool) {
        model.clear();
        model.add(new byte[0]);
        return pool.alloc();
    }

    private Mbuf step(Mbuf m, MbufPool pool) {
        int n = random.nextInt(60);
        byte[] first = model.getFirst();
        byte[] last = model.getLast();
        Mbuf end = m.lastSegment();
        switch (random.nextInt(12)) {
            case 0, 1 -> {
                boolean fits = n <= end.tailroom();
                int at = m.append(n);
                assertEquals(fits ? last.length : -1, at);
                if (fits) {
                    byte[] more = bytes(n);
                    end.write(at, more, 0, n);
                    model.set(model.size() - 1, join(last, more));
                }
            }
            case 2, 3 -> {
                boolean fits = n <= m.headroom();
                assertEquals(fits, m.prepend(n));
                if (fits) {
                    byte[] more = bytes(n);
                    m.write(0, MemorySegment.ofArray(more), 0, n);
                    model.set(0, join(more, first));
                }
            }
            case 4 -> {
                assertEquals(n <= first.length, m.adj(n));
                if (n <= first.length) {
                    model.set(0, Arrays.copyOfRange(first, n, first.length));
                }
            }
            case 5 -> {
                assertEquals(n <= last.length, m.trim(n));
                if (n <= last.length) {
                    model.set(model.size() - 1, Arrays.copyOf(last, last.length - n));
                }
            }
            case 6 -> {
                Mbuf tail = pool.alloc();
                byte[] more = bytes(n);
                tail.append(n);
                tail.write(0, more, 0, n);
                m.chain(tail);
                model.add(more);
            }
            case 7 -> {
                byte[] all = whole();
                boolean fits = all.length - first.length <= m.tailroom();
                assertEquals(fits || model.size() == 1, m.linearize());
                if (fits) {
                    model.clear();
                    model.add(all);
                }
            }
            case 8 -> {
                Mbuf clone = m.clone(pool);
                assertArrayEquals(whole(), contents(clone));
                clone.free();
            }
            case 9 -> {
                byte[] all = whole();
                int offset = random.nextInt(all.length + 2);
                Mbuf copy = m.copy(pool, offset, n);
                if (offset > all.length) {
                    assertNull(copy);
                } else {
                    assertArrayEquals(Arrays.copyOfRange(all, offset, Math.min(all.length, offset + n)), contents(copy));
                    assertNull(copy.check(true));
                    copy.free();
                }
            }
            case 10 -> {
                byte[] all = whole();
                int offset = random.nextInt(all.length + 2);
                byte[] got = new byte[n];
                boolean fits = offset + n <= all.length;
                assertEquals(fits, m.readPacket(offset, MemorySegment.ofArray(got), 0, n));
                assertArrayEquals(fits ? Arrays.copyOfRange(all, offset, offset + n) : new byte[n], got);
            }
            default -> {
                Mbuf copy = m.copy(pool, 0, Integer.MAX_VALUE);
                m.free();
                byte[] all = whole();
                model.clear();
                for (Mbuf s = copy; s != null; s = s.next()) {
                    model.add(Arrays.copyOf(all, s.dataLen()));
                    all = Arrays.copyOfRange(all, s.dataLen(), all.length);
                }
                return copy;
            }
        }
        return m;
    }
}
