package dev.penstock.virtqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.eal.Eal;
import dev.penstock.mbuf.IovaMap;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A driver with a device that works in order and leaves out what it may: here the test writes what the device would. */
class InOrderDriverTest {
    private static final int SIZE = 16;
    private static final int HEADER = 12;
    private static final long FEATURES = Feature.VERSION_1 | Feature.INDIRECT_DESC | Feature.IN_ORDER;

    private final Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory");
    private final Arena arena = Arena.ofShared();
    private final Mbuf[] burst = new Mbuf[SIZE];

    @AfterEach
    void end() {
        eal.close();
        arena.close();
    }

    private RingMemory ring(boolean packed) {
        return new RingMemory(SIZE, arena.allocate(SIZE * 16, 64), arena.allocate(RingMemory.driverBytes(packed, SIZE), 64),
                arena.allocate(RingMemory.deviceBytes(packed, SIZE), 64));
    }

    /** Of a split ring a device that works in order may write the used ring's entry for the last of a batch alone (section 2.7.9). */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, SIZE})
    void shouldTakeBackABatchOfWhichOnlyTheLastEntryIsWritten(int n) {
        MemorySegment shared = arena.allocate(64L * 2048, 4096);
        MemorySegment side = arena.allocate(DriverQueue.sideBytes(SIZE), 64);
        try (MbufPool sent = MbufPool.with(eal, "sent", 64).dataRoom(512).pinned(shared).create()) {
            RingMemory ring = ring(false);
            DriverQueue driver = DriverQueue.of(ring, FEATURES, new IovaMap(List.of(shared)), side, null);
            int used = 0;
            for (int lap = 0; lap < 3 * SIZE; lap++) {
                for (int i = 0; i < n; i++) {
                    burst[i] = QueuePair.packet(sent, new byte[60], 384);
                }
                assertEquals(n, driver.transmit(burst, 0, n));
                used += n;
                ring.device().set(Descriptor.LONG_ANY, 4 + 8L * ((used - 1) % SIZE), (used - 1) % SIZE);
                ring.device().set(Descriptor.SHORT, 2, (short) used);
                assertEquals(0, driver.unreturned());
                assertEquals(0, sent.inUseCount());
            }
            ring.device().set(Descriptor.SHORT, 2, (short) (used + 1));
            assertEquals(0, driver.unreturned());
            assertEquals(1, driver.rejected(Rejection.ID), "used more than was made available");
            driver.close();
        }
    }

    /** What was returned since the driver looked last counts too. */
    @Test
    void shouldTakeBackWhatADeviceInOrderReturnedSinceTheLastLook() {
        MemorySegment shared = arena.allocate(64L * 2048, 4096);
        MemorySegment side = arena.allocate(DriverQueue.sideBytes(SIZE), 64);
        try (MbufPool sent = MbufPool.with(eal, "sent", 64).dataRoom(512).pinned(shared).create()) {
            RingMemory ring = ring(false);
            DriverQueue driver = DriverQueue.of(ring, FEATURES, new IovaMap(List.of(shared)), side, null);
            for (int i = 0; i < SIZE; i++) {
                burst[i] = QueuePair.packet(sent, new byte[60], 384);
            }
            assertEquals(SIZE, driver.transmit(burst, 0, SIZE));
            ring.device().set(Descriptor.SHORT, 2, (short) 3);
            burst[0] = QueuePair.packet(sent, new byte[60], 384);
            assertEquals(1, driver.transmit(burst, 0, 1));
            assertEquals(SIZE - 1, sent.inUseCount(), "one is taken back for this packet, one for the next");
            ring.device().set(Descriptor.SHORT, 2, (short) (SIZE + 1));
            assertEquals(0, driver.unreturned());
            assertEquals(0, sent.inUseCount());
            driver.close();
        }
    }

    /** Of a packed ring such a device names the last buffer of a batch alone, and has filled those before it (section 2.8.8). */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void shouldTakeBuffersThatABatchSkipsForFull(int n) {
        int room = 512 - Mbuf.HEADROOM + HEADER;
        MemorySegment packets = arena.allocate(64L * 512, 4096);
        MemorySegment side = arena.allocate(DriverQueue.sideBytes(SIZE), 64);
        try (MbufPool shared = MbufPool.with(eal, "received", 64).dataRoom(512).pinned(packets).create()) {
            RingMemory ring = ring(true);
            DriverQueue driver = DriverQueue.of(ring, FEATURES | Feature.RING_PACKED | Feature.MRG_RXBUF,
                    new IovaMap(List.of(packets)), side, null);
            driver.fill(shared);
            for (int from = 0; from + n < SIZE; from += n) {
                long first = ring.descriptors().get(Descriptor.LONG, 16L * from);
                packets.set(Descriptor.SHORT, first - packets.address() + NetHeader.NUM_BUFFERS, (short) n);
                int last = ring.descriptors().get(Descriptor.SHORT, 16L * (from + n - 1) + 12);
                ring.descriptors().set(Descriptor.LONG, 16L * from + 8, 100 | (long) last << 32 | 0x8082L << 48);
                int got = 0;
                for (int look = 0; look < n && got == 0; look++) {
                    got = driver.receive(shared, 0, burst, 0, 2);
                }
                assertEquals(1, got);
                assertEquals((n - 1) * room + 100 - HEADER, burst[0].pktLen());
                burst[0].free();
            }
            driver.close();
        }
    }
}
