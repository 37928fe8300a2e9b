package dev.penstock.drivers.memif;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.eal.SharedMemory;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.linux.Mapping;
import dev.penstock.linux.Memfd;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Seed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A client that lends its packets, and a server that writes what it likes into the rings. */
@EnabledOnOs(OS.LINUX)
class MemifLoansTest {
    private static final int LOG2 = 6;
    private static final int SIZE = 1 << LOG2;
    private static final int BUFFER = 512;
    private static final int PACKETS = 1023;
    private static final int BURSTS = 100_000;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    private final SplittableRandom random = Seed.random("memif loans");

    @Test
    void shouldNeitherLoseNorDoublePacketsWhateverTheServerWrites() throws InterruptedException {
        long bytes = (long) (PACKETS + 1) * MbufPool.DEFAULT_DATA_ROOM;
        try (Arena arena = Arena.ofShared(); Fd file = Memfd.create("lent", bytes); Mapping packets = Mapping.shared(file, 0, bytes);
                Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory", "--no-telemetry"); EventFd wake = new EventFd();
                MbufPool pool = MbufPool.with(eal, "lent", PACKETS).pinned(packets.segment()).create();
                MbufPool own = MbufPool.create(eal, "own", 255, 0, MbufPool.DEFAULT_DATA_ROOM, -1)) {
            MemifShare share = new MemifShare(List.of(new SharedMemory(packets.segment(), file)), 1);
            MemorySegment memory = arena.allocate(2 * (MemifRing.bytes(LOG2) + SIZE * BUFFER), 64);
            MemorySegment rings = memory.asSlice(0, 2 * MemifRing.bytes(LOG2));
            MemifRxQueue rx = new MemifRxQueue(pool, 0);
            MemifTxQueue tx = new MemifTxQueue();
            for (int round = 0; round < 3; round++) {
                rings.fill((byte) 0);
                MemifRing in = new MemifRing(rings.asSlice(0, MemifRing.bytes(LOG2)), LOG2);
                MemifRing out = new MemifRing(rings.asSlice(MemifRing.bytes(LOG2)), LOG2);
                in.head(SIZE);
                rx.queue.attach(in, memory, wake, rings.byteSize(), BUFFER, new MemifLoans(share, SIZE));
                tx.queue.attach(out, memory, wake, rings.byteSize() + SIZE * BUFFER, BUFFER, new MemifLoans(share, SIZE));
                Thread scribbler = Thread.ofPlatform().daemon().start(scribbler(rings, random.split()));
                for (int i = 0; i < BURSTS / 3; i++) {
                    serve(in, out);
                    receive(rx);
                    send(tx, random.nextInt(8) == 0 ? own : pool);
                }
                scribbler.interrupt();
                scribbler.join();
                rx.queue.detach();
                tx.queue.detach();
                assertEquals(pool.size(), pool.availCount(), "all packets are back in the pool");
                assertEquals(own.size(), own.availCount(), "all others too");
            }
            assertTrue(rx.queue.badDescriptors > 0 && rx.queue.badIndexes > 0 && tx.queue.badIndexes > 0);
            rx.close();
        }
    }

    /** One at a time, so that each is seen to be counted. */
    @Test
    void shouldCountEachPacketThatTheServerSpoiled() {
        long bytes = (long) (PACKETS + 1) * MbufPool.DEFAULT_DATA_ROOM;
        try (Arena arena = Arena.ofShared(); Fd file = Memfd.create("lent", bytes); Mapping packets = Mapping.shared(file, 0, bytes);
                Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory", "--no-telemetry"); EventFd wake = new EventFd();
                MbufPool pool = MbufPool.with(eal, "lent", PACKETS).pinned(packets.segment()).create()) {
            MemorySegment memory = arena.allocate(MemifRing.bytes(LOG2) + SIZE * BUFFER, 64);
            MemifRing in = new MemifRing(memory.asSlice(0, MemifRing.bytes(LOG2)), LOG2);
            MemifRxQueue rx = new MemifRxQueue(pool, 0);
            in.head(SIZE);
            rx.queue.attach(in, memory, wake, MemifRing.bytes(LOG2), BUFFER,
                    new MemifLoans(new MemifShare(List.of(new SharedMemory(packets.segment(), file)), 1), SIZE));
            int room = MbufPool.DEFAULT_DATA_ROOM - Mbuf.HEADROOM;
            for (int i = 0; i < SIZE; i++) {
                assertEquals(60, lengthOf(rx, in, 60L << 32), "in the slot's own buffer");
            }
            assertEquals(SIZE, rx.copied);
            assertEquals(SIZE, pool.inUseCount(), "each slot has a packet now");
            assertEquals(room, lengthOf(rx, in, (long) room << 32));
            assertEquals(60 + room, lengthOf(rx, in, 60L << 32 | MemifRing.NEXT, (long) room << 32));
            assertEquals(0, rx.queue.badDescriptors);
            long[][] spoiled = {{0}, {room + 1L << 32}, {0xffff_ffffL << 32}, {60L << 32 | MemifRing.NEXT}, {60L << 32 | MemifRing.NEXT, 0},
                {60L << 32 | MemifRing.NEXT, room + 1L << 32}};
            for (int i = 0; i < spoiled.length; i++) {
                assertEquals(0, lengthOf(rx, in, spoiled[i]));
                assertEquals(i + 1, rx.queue.badDescriptors);
                assertEquals(SIZE, pool.inUseCount(), "and none but those is lent");
            }
            assertEquals(SIZE, rx.copied);
            rx.queue.detach();
            assertEquals(0, pool.inUseCount());
            rx.close();
        }
    }

    /** How long the packet is that the server makes of descriptors; 0 when it is lost. */
    private static int lengthOf(MemifRxQueue rx, MemifRing in, long... descriptors) {
        int at = in.tail();
        for (long descriptor : descriptors) {
            in.first(at++, descriptor);
        }
        assertEquals(0, rx.waiting());
        in.tail(at);
        assertEquals(descriptors.length, rx.waiting());
        Mbuf[] got = new Mbuf[2];
        if (rx.receive(got, 2) == 0) {
            return 0;
        }
        int length = got[0].pktLen();
        got[0].free();
        return length;
    }

    /** Mostly what a server would do, so that packets flow at all. */
    private void serve(MemifRing in, MemifRing out) {
        int at = in.tail();
        int n = random.nextInt(20);
        for (int i = 0; i < n; i++) {
            in.first(at + i, random.nextInt(10) == 0 ? random.nextLong() : random.nextLong(1, 1500) << 32 | random.nextInt(8) / 7);
        }
        in.tail(random.nextInt(50) == 0 ? random.nextInt(1 << 16) : in.head() - random.nextInt(1, SIZE));
        out.tail(random.nextInt(50) == 0 ? random.nextInt(1 << 16) : out.head() - random.nextInt(SIZE / 2));
    }

    private Runnable scribbler(MemorySegment rings, SplittableRandom how) {
        return () -> {
            while (!Thread.interrupted()) {
                long descriptor = MemifRing.HEADER_BYTES + how.nextLong(SIZE) * MemifRing.DESC_BYTES;
                rings.set(INT, how.nextLong(2) * MemifRing.bytes(LOG2) + descriptor + 4 * how.nextLong(4), how.nextInt());
                if (how.nextInt(100) == 0) {
                    rings.set(SHORT, how.nextLong(2) * MemifRing.bytes(LOG2) + (how.nextBoolean() ? 6 : 64), (short) how.nextInt());
                }
                Thread.yield();
            }
        };
    }

    private void receive(MemifRxQueue rx) {
        Mbuf[] got = new Mbuf[32];
        int n = rx.receive(got, 32);
        for (int i = 0; i < n; i++) {
            int bytes = 0;
            int segments = 0;
            for (Mbuf m = got[i]; m != null; m = m.next()) {
                assertEquals(1, m.refCnt());
                bytes += m.dataLen();
                segments++;
            }
            assertEquals(got[i].pktLen(), bytes);
            assertEquals(got[i].nbSegs(), segments);
            got[i].free();
        }
    }

    private void send(MemifTxQueue tx, MbufPool pool) {
        Mbuf m = pool.alloc();
        if (m == null) {
            return;
        }
        m.append(random.nextInt(1, 1500));
        if (random.nextInt(8) == 0) {
            Mbuf more = pool.alloc();
            if (more != null) {
                more.append(100);
                assertTrue(m.chain(more));
            }
        }
        if (tx.transmit(new Mbuf[] {m}, 0, 1) == 0) {
            m.free();
        }
    }
}
