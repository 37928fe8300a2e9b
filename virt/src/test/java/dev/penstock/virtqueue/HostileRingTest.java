package dev.penstock.virtqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.mbuf.IovaMap;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Seed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A peer that writes anything: 100,000 malformed chains to the device's side, as many used buffers to the driver's,
 * while a second thread rewrites the rings. Nothing throws, nothing leaks, nothing outside the peer's memory changes.
 */
class HostileRingTest {
    private static final int CHAINS = 100_000;
    private static final int SIZE = 64;
    private static final int BYTES = 1 << 16;
    private static final long OFFLOADS = Feature.CSUM | Feature.HOST_TSO4 | Feature.HOST_TSO6 | Feature.HOST_USO;
    private static final long GUEST = Feature.GUEST_CSUM | Feature.GUEST_TSO4 | Feature.GUEST_TSO6;

    private final Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory");
    private final Arena arena = Arena.ofShared();
    /** Two ranges of the peer's with a gap between them that is not the peer's. */
    private final MemorySegment all = arena.allocate(3 * BYTES, 4096);
    private MbufPool pool;
    private volatile boolean ended;
    private volatile Throwable failure;

    @BeforeEach
    void start() {
        pool = MbufPool.create(eal, "pool", 2047, 0, 512, -1);
    }

    @AfterEach
    void stop() {
        assertEquals(0, pool.inUseCount(), "all packets are back in the pool");
        eal.close();
        arena.close();
    }

    private MemorySegment first() {
        return all.asSlice(0, BYTES);
    }

    private AddressSpace space(boolean partial) {
        return new AddressSpace(List.of(new AddressSpace.Range(0x1000, first(), true),
                new AddressSpace.Range(0x1000 + BYTES, all.asSlice(2 * BYTES, BYTES / 2), true),
                new AddressSpace.Range(0x1000 + BYTES + BYTES / 2, all.asSlice(2 * BYTES + BYTES / 2), false)), partial);
    }

    private static RingMemory ring(boolean packed, MemorySegment memory) {
        return new RingMemory(SIZE, memory.asSlice(0, SIZE * 16), memory.asSlice(2048, RingMemory.driverBytes(packed, SIZE)),
                memory.asSlice(4096, RingMemory.deviceBytes(packed, SIZE)));
    }

    private static long address(SplittableRandom random) {
        return switch (random.nextInt(10)) {
            case 0 -> random.nextLong();
            case 1 -> 0x1000 + BYTES - random.nextInt(100);
            case 2 -> 0x1000 + 2 * BYTES - random.nextInt(100);
            case 3 -> -random.nextInt(1000);
            default -> 0x1000 + random.nextInt(2 * BYTES) & -16;
        };
    }

    private static int length(SplittableRandom random) {
        return switch (random.nextInt(12)) {
            case 0 -> random.nextInt();
            case 1 -> 0;
            case 2 -> random.nextInt(26);
            case 3 -> 16 * random.nextInt(70);
            case 4 -> -random.nextInt(100);
            default -> random.nextInt(1600);
        };
    }

    private static int flags(SplittableRandom random, boolean write) {
        int flags = random.nextInt(3) == 0 ? random.nextInt(8) : random.nextInt(2);
        return random.nextInt(20) == 0 ? random.nextInt(1 << 16) : write && random.nextInt(6) != 0 ? flags | 2 : flags;
    }

    private static void descriptor(SplittableRandom random, MemorySegment memory, long at, boolean packed, boolean write, int lap) {
        memory.set(Descriptor.LONG, at, address(random));
        long second = length(random) & 0xffff_ffffL;
        int flags = flags(random, write);
        int other = random.nextInt(8) == 0 ? random.nextInt(1 << 16) : random.nextInt(SIZE);
        second |= packed ? (long) other << 32 | (long) (flags & 7 | lap) << 48 : (long) flags << 32 | (long) other << 48;
        memory.set(Descriptor.LONG, at + 8, second);
    }

    /** Fills the peer's memory with descriptors, which serve as tables too, and headers that lie. */
    private void soil(SplittableRandom random, boolean packed, boolean write) {
        for (int i = 0; i < 64; i++) {
            long at = random.nextInt(2) * 2L * BYTES + 8192 + random.nextInt((BYTES - 8192) / 16 - 1) * 16L;
            descriptor(random, all, at, packed, write, 0);
        }
    }

    private Thread rewriter(SplittableRandom random, boolean packed, boolean write) {
        MemorySegment ring = first();
        return Thread.ofPlatform().start(() -> {
            try {
                while (!ended) {
                    descriptor(random, ring, random.nextInt(SIZE) * 16L, packed, write, random.nextBoolean() ? 0x80 : 0x8000);
                    if (!packed) {
                        ring.set(Descriptor.SHORT, 2048 + 4 + 2L * random.nextInt(SIZE), (short) random.nextInt(SIZE + 2));
                    }
                    all.set(Descriptor.LONG, 2L * BYTES + random.nextInt(BYTES / 8) * 8L, random.nextLong());
                    soil(random, packed, write);
                }
            } catch (Throwable e) {
                failure = e;
            }
        });
    }

    private void guard(boolean check) {
        MemorySegment gap = all.asSlice(BYTES, BYTES);
        MemorySegment readOnly = all.asSlice(2 * BYTES + BYTES / 2);
        if (check) {
            assertEquals(-1, gap.mismatch(arena.allocate(BYTES).fill((byte) 0x5a)), "the gap is untouched");
        } else {
            gap.fill((byte) 0x5a);
            readOnly.fill((byte) 0);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldOutliveADriverThatWritesAnything(boolean packed) throws InterruptedException {
        SplittableRandom random = Seed.random("hostile driver");
        for (int kind = 0; kind < 4; kind++) {
            boolean write = (kind & 1) != 0;
            long features = Feature.VERSION_1 | Feature.INDIRECT_DESC | OFFLOADS | GUEST | Feature.MRG_RXBUF
                    | (packed ? Feature.RING_PACKED : 0) | (kind > 1 ? Feature.IN_ORDER | Feature.EVENT_IDX : 0);
            first().fill((byte) 0);
            guard(false);
            RingMemory ring = ring(packed, first());
            DeviceQueue queue = DeviceQueue.of(ring, space(kind > 1), features, packed ? DeviceQueue.PACKED_BASE : 0);
            queue.completeChecksums(kind < 2);
            ended = false;
            Thread rewriter = rewriter(random.split(), packed, write);
            Mbuf[] burst = new Mbuf[32];
            long rejected = 0;
            for (int chains = 0; chains < CHAINS / 4; chains += 8) {
                makeAvailable(random, queue, ring, packed, write, 8);
                rejected += poll(random, queue, write, burst);
            }
            ended = true;
            rewriter.join();
            assertTrue(failure == null, () -> "the rewriter failed: " + failure);
            guard(true);
            assertTrue(rejected > 100, "something was rejected");
            assertEquals(0, pool.inUseCount());
        }
    }

    /** As a driver that knows where the device stands would: the descriptors behind it become available. */
    private void makeAvailable(SplittableRandom random, DeviceQueue queue, RingMemory ring, boolean packed, boolean write, int n) {
        int base = queue.base();
        if (packed) {
            int at = base & 0x7fff;
            boolean wrap = (base & 0x8000) != 0;
            for (int i = 0; i < n; i++) {
                descriptor(random, ring.descriptors(), at * 16L, true, write, wrap ? 0x80 : 0x8000);
                at = at + 1 == SIZE ? 0 : at + 1;
                wrap ^= at == 0;
            }
            return;
        }
        for (int i = 0; i < n; i++) {
            int head = random.nextInt(20) == 0 ? random.nextInt(1 << 16) : random.nextInt(SIZE);
            descriptor(random, ring.descriptors(), (head & SIZE - 1) * 16L, false, write, 0);
            ring.driver().set(Descriptor.SHORT, 4 + 2L * (base + i & SIZE - 1), (short) head);
        }
        ring.driver().set(Descriptor.SHORT, 2, (short) (random.nextInt(200) == 0 ? random.nextInt() : base + n));
    }

    private long poll(SplittableRandom random, DeviceQueue queue, boolean write, Mbuf[] burst) {
        if (write) {
            int n = 1 + random.nextInt(8);
            for (int i = 0; i < n; i++) {
                byte[] frame = new byte[14 + random.nextInt(random.nextInt(5) == 0 ? 1500 : 100)];
                burst[i] = QueuePair.packet(pool, frame, 384);
            }
            queue.enqueue(burst, 0, n);
            Mbuf.freeBulk(burst, 0, n);
        } else {
            int got = queue.dequeue(pool, 1, burst, 0, 1 + random.nextInt(32));
            for (int i = 0; i < got; i++) {
                Mbuf m = burst[i];
                assertTrue(m.check(true) == null && m.pktLen() >= DeviceQueue.MIN_FRAME && m.pktLen() <= DeviceQueue.MAX_FRAME);
            }
            Mbuf.freeBulk(burst, 0, got);
        }
        queue.callNeeded();
        long sum = 0;
        for (Rejection why : Rejection.values()) {
            sum += queue.rejected(why);
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldOutliveADeviceThatWritesAnything(boolean packed) throws InterruptedException {
        SplittableRandom random = Seed.random("hostile device");
        MemorySegment poolMemory = arena.allocate(512L * 512, 4096);
        MbufPool shared = MbufPool.with(eal, "shared", 512).dataRoom(512).pinned(poolMemory).create();
        MemorySegment side = arena.allocate(DriverQueue.sideBytes(SIZE), 64);
        for (int kind = 0; kind < 8; kind++) {
            boolean receive = (kind & 1) != 0;
            long features = Feature.VERSION_1 | Feature.INDIRECT_DESC | OFFLOADS | GUEST | ((kind & 2) != 0 ? Feature.MRG_RXBUF : 0)
                    | (packed ? Feature.RING_PACKED : 0) | (kind > 3 ? Feature.IN_ORDER : 0);
            RingMemory ring = ring(packed, first());
            DriverQueue queue = DriverQueue.of(ring, features, new IovaMap(List.of(poolMemory)), side, null);
            if (receive) {
                queue.fill(shared);
            }
            ended = false;
            SplittableRandom other = random.split();
            Thread device = Thread.ofPlatform().start(() -> corrupt(other, ring, packed, poolMemory));
            Mbuf[] burst = new Mbuf[32];
            for (int i = 0; i < CHAINS / 8; i++) {
                if (receive) {
                    int got = queue.receive(shared, 1, burst, 0, 32);
                    for (int k = 0; k < got; k++) {
                        assertTrue(burst[k].check(true) == null);
                    }
                    Mbuf.freeBulk(burst, 0, got);
                } else {
                    int n = shared.availCount() > 32 ? 8 : 0;
                    for (int k = 0; k < n; k++) {
                        burst[k] = QueuePair.packet(shared, new byte[60], 384);
                    }
                    int sent = n == 0 ? 0 : queue.transmit(burst, 0, n);
                    Mbuf.freeBulk(burst, sent, n - sent);
                }
                queue.kickNeeded();
            }
            ended = true;
            device.join();
            assertTrue(failure == null, () -> "the device failed: " + failure);
            queue.close();
            assertEquals(0, shared.inUseCount(), "kind " + kind);
        }
    }

    private void corrupt(SplittableRandom random, RingMemory ring, boolean packed, MemorySegment poolMemory) {
        try {
            while (!ended) {
                int id = random.nextInt(10) == 0 ? random.nextInt(1 << 16) : random.nextInt(SIZE);
                int bytes = random.nextInt(4) == 0 ? length(random) : random.nextInt(400);
                int at = random.nextInt(SIZE);
                if (packed) {
                    ring.descriptors().set(Descriptor.LONG, at * 16L + 8,
                            bytes & 0xffff_ffffL | (long) id << 32 | (random.nextBoolean() ? 0x8080L : 0L) << 48);
                } else {
                    ring.device().set(Descriptor.LONG_ANY, 4 + 8L * at, id | (long) bytes << 32);
                    ring.device().set(Descriptor.SHORT, 2, (short) (random.nextInt(50) == 0 ? random.nextInt()
                            : ring.driver().get(Descriptor.SHORT, 2) - random.nextInt(SIZE)));
                }
                poolMemory.set(Descriptor.LONG, random.nextInt((int) poolMemory.byteSize() / 8) * 8L, random.nextInt(4));
            }
        } catch (Throwable e) {
            failure = e;
        }
    }
}
