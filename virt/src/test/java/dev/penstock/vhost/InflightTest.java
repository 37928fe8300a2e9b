package dev.penstock.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.linux.Fd;
import dev.penstock.linux.Memfd;
import dev.penstock.mbuf.IovaMap;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Seed;
import dev.penstock.virtqueue.AddressSpace;
import dev.penstock.virtqueue.CommitHook;
import dev.penstock.virtqueue.DeviceQueue;
import dev.penstock.virtqueue.DriverQueue;
import dev.penstock.virtqueue.Feature;
import dev.penstock.virtqueue.Rejection;
import dev.penstock.virtqueue.RingMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Back ends that die in the middle of a burst, at each moment at which the memory that outlives them has changed, and the
 * successor of each: every buffer is used exactly once, and no frame that was not returned is skipped.
 */
@EnabledOnOs(OS.LINUX)
class InflightTest {
    private static final int SIZE = 64;
    private static final int FRAME = 60;
    private static final int LIVES = 2000;

    /** Dies at one of four moments: before and after the note of what will be published, and of what was. */
    private record Mortal(CommitHook hook, int moment) implements CommitHook {
        @Override
        public void publishing(int base, char[] places, int n) {
            die(0);
            hook.publishing(base, places, n);
            die(1);
        }

        @Override
        public void published() {
            die(2);
            hook.published();
            die(3);
        }

        private void die(int at) {
            if (moment == at) {
                throw new Death();
            }
        }
    }

    /** Dies when so many descriptors of a burst were written as used, the last one first, or all were but for the note of it. */
    private static final class Torn implements CommitHook {
        private final CommitHook hook;
        private final MemorySegment descriptors;
        private final MemorySegment before;
        private final int written;
        private int from;
        /** Packets of the burst that the driver sees. */
        int published;

        Torn(CommitHook hook, RingMemory ring, Arena arena, int written, int base) {
            this.hook = hook;
            this.descriptors = ring.descriptors();
            this.before = arena.allocate(descriptors.byteSize());
            this.written = written;
            this.from = base & 0x7fff;
        }

        @Override
        public void publishing(int base, char[] places, int n) {
            before.copyFrom(descriptors);
            published = ((base & 0x7fff) - from + SIZE) % SIZE;
            from = base & 0x7fff;
            hook.publishing(base, places, n);
        }

        @Override
        public void published() {
            if (written < 0) {
                hook.published();
                return;
            }
            for (int i = 0; i < published - written; i++) {
                long at = 16L * ((from - published + i + SIZE) % SIZE);
                MemorySegment.copy(before, at, descriptors, at, 16);
            }
            published = written < published ? 0 : published;
            throw new Death();
        }
    }

    /** A ring in memory that a driver shares, and the driver. */
    private record GuestSide(RingMemory ring, MbufPool pool, AddressSpace space, DriverQueue driver) {
        static GuestSide of(Arena arena, Eal eal, long features) {
            boolean packed = (features & Feature.RING_PACKED) != 0;
            MemorySegment all = arena.allocate(1 << 20, 4096);
            RingMemory ring = new RingMemory(SIZE, all.asSlice(0, RingMemory.descriptorBytes(SIZE)),
                    all.asSlice(4096, RingMemory.driverBytes(packed, SIZE)), all.asSlice(8192, RingMemory.deviceBytes(packed, SIZE)));
            MbufPool pool = MbufPool.with(eal, "guest", 256).dataRoom(512).pinned(all.asSlice(1 << 18, 256 * 512)).create();
            return new GuestSide(ring, pool, new AddressSpace(List.of(new AddressSpace.Range(all.address(), all, true)), false),
                    DriverQueue.of(ring, features, new IovaMap(List.of(all)), all.asSlice(1 << 16, DriverQueue.sideBytes(SIZE)), pool));
        }
    }

    private static final class Death extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static DeviceQueue life(Inflight inflight, RingMemory ring, AddressSpace space, long features, int moment) {
        boolean packed = (features & Feature.RING_PACKED) != 0;
        int base = inflight.resume(0, ring, packed, packed ? 0x8000 : 0);
        base = packed ? base & 0xffff | base << 16 : Inflight.usedIndex(ring);
        DeviceQueue queue = DeviceQueue.of(ring, space, features, base);
        queue.hook(new Mortal(inflight.track(0, ring, packed, base), moment));
        return queue;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED, Feature.RING_PACKED | Feature.IN_ORDER, Feature.INDIRECT_DESC})
    void shouldNeitherLoseNorRepeatADescriptorWhenBackEndsDieInTheirBursts(long more) {
        long features = Feature.VERSION_1 | more;
        boolean packed = (features & Feature.RING_PACKED) != 0;
        SplittableRandom random = Seed.random("inflight " + more);
        try (Arena arena = Arena.ofShared(); Fd file = Memfd.create("inflight", 8192);
                Inflight inflight = new Inflight(FilePart.map(file, 0, 8192));
                Eal eal = Eal.start(line -> {}, "--no-huge", "--in-memory")) {
            GuestSide side = GuestSide.of(arena, eal, features);
            RingMemory ring = side.ring;
            MbufPool guest = side.pool;
            MbufPool host = MbufPool.with(eal, "host", 1023).create();
            AddressSpace space = side.space;
            DriverQueue driver = side.driver;
            Mbuf[] burst = new Mbuf[32];
            long sent = 0;
            long next = 0;
            for (int life = 0; life < LIVES; life++) {
                int moment = random.nextInt(4);
                DeviceQueue device = life(inflight, ring, space, features, random.nextInt(3) == 0 ? -1 : moment);
                for (boolean alive = true; alive;) {
                    sent += send(random, guest, driver, burst, sent);
                    long first = next;
                    int n = 0;
                    try {
                        n = device.dequeue(host, 0, burst, 0, 1 + random.nextInt(32));
                        next += check(burst, n, first);
                        Mbuf.freeBulk(burst, 0, n);
                        alive = random.nextInt(8) != 0;
                    } catch (Death death) {
                        // what was in hand dies with it; returned to the driver or not, as the moment says
                        int held = 0;
                        while (held < 32 && burst[held] != null && burst[held].pool() == host && burst[held].dataLen() == FRAME
                                && first + held < sent && burst[held].getLong(14) == first + held) {
                            held++;
                        }
                        assertTrue(device.abandon(burst, 0));
                        next = moment < 2 ? first : first + held;
                        alive = false;
                    }
                    Arrays.fill(burst, null);
                }
            }
            DeviceQueue last = life(inflight, ring, space, features, -1);
            for (int n; (n = last.dequeue(host, 0, burst, 0, 32)) > 0;) {
                next += check(burst, n, next);
                Mbuf.freeBulk(burst, 0, n);
            }
            assertEquals(sent, next, "every frame came");
            for (Rejection why : Rejection.values()) {
                assertEquals(0, driver.rejected(why), why.counter());
            }
            driver.close();
            assertEquals(0, guest.inUseCount(), "no buffer is lost");
            assertEquals(0, host.inUseCount());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Feature.IN_ORDER, Feature.MRG_RXBUF, Feature.IN_ORDER | Feature.MRG_RXBUF})
    void shouldDeliverEachFrameOnceWhenBackEndsDieBetweenTheDescriptorsOfABurst(long more) {
        long features = Feature.VERSION_1 | Feature.RING_PACKED | more;
        SplittableRandom random = Seed.random("torn bursts " + more);
        try (Arena arena = Arena.ofShared(); Fd file = Memfd.create("inflight", 8192);
                Inflight inflight = new Inflight(FilePart.map(file, 0, 8192));
                Eal eal = Eal.start(line -> {}, "--no-huge", "--in-memory")) {
            GuestSide side = GuestSide.of(arena, eal, features);
            RingMemory ring = side.ring;
            MbufPool guest = side.pool;
            MbufPool host = MbufPool.with(eal, "host", 255).create();
            AddressSpace space = side.space;
            DriverQueue driver = side.driver;
            driver.fill(guest);
            Mbuf[] burst = new Mbuf[32];
            long sent = 0;
            long next = 0;
            for (int life = 0; life < LIVES; life++) {
                int base = inflight.resume(0, ring, true, 0x8000);
                base = base & 0xffff | base << 16;
                Torn torn = new Torn(inflight.track(0, ring, true, base), ring, arena, random.nextInt(3) == 0 ? -1 : random.nextInt(34), base);
                DeviceQueue device = DeviceQueue.of(ring, space, features, base);
                device.hook(torn);
                int n = 1 + random.nextInt(32);
                for (int i = 0; i < n; i++) {
                    burst[i] = host.alloc();
                    burst[i].append(FRAME);
                    burst[i].putLong(14, sent + i);
                }
                try {
                    sent += device.enqueue(burst, 0, n);
                } catch (Death death) {
                    sent += torn.published;
                }
                Mbuf.freeBulk(burst, 0, n);
                int got = driver.receive(guest, 0, burst, 0, random.nextInt(33));
                next += check(burst, got, next);
                Mbuf.freeBulk(burst, 0, got);
            }
            for (int n; (n = driver.receive(guest, 0, burst, 0, 32)) > 0;) {
                next += check(burst, n, next);
                Mbuf.freeBulk(burst, 0, n);
            }
            assertEquals(sent, next, "every frame came");
            assertTrue(sent > LIVES, "bursts, not single frames: " + sent);
            for (Rejection why : Rejection.values()) {
                assertEquals(0, driver.rejected(why), why.counter());
            }
            driver.close();
            assertEquals(0, guest.inUseCount(), "no buffer is lost");
            assertEquals(0, host.inUseCount());
        }
    }

    @Test
    void shouldGoOnByTheNotesOfTheSameOwnerAlone() {
        try (Arena arena = Arena.ofShared(); Fd file = Memfd.create("inflight", 8192); Inflight inflight = new Inflight(FilePart.map(file, 0, 8192));
                Eal eal = Eal.start(line -> {}, "--no-huge", "--in-memory")) {
            RingMemory ring = GuestSide.of(arena, eal, Feature.VERSION_1 | Feature.RING_PACKED).ring;
            inflight.track(0, 5, ring, true, 0x8007);
            assertEquals(0x8007, inflight.resume(0, 5, ring, true, 0x8000));
            assertEquals(0x8000, inflight.resume(0, 6, ring, true, 0x8000));
            inflight.forget(0);
            assertEquals(0x8000, inflight.resume(0, 5, ring, true, 0x8000));
        }
    }

    /** Sends numbered frames, as many as there is room for. */
    private static int send(SplittableRandom random, MbufPool guest, DriverQueue driver, Mbuf[] burst, long from) {
        int n = random.nextInt(20);
        for (int i = 0; i < n; i++) {
            burst[i] = guest.alloc();
            burst[i].append(FRAME);
            burst[i].putLong(14, from + i);
        }
        int sent = driver.transmit(burst, 0, n);
        Mbuf.freeBulk(burst, sent, n - sent);
        Arrays.fill(burst, null);
        return sent;
    }

    private static int check(Mbuf[] burst, int n, long first) {
        for (int i = 0; i < n; i++) {
            assertEquals(FRAME, burst[i].dataLen());
            assertEquals(first + i, burst[i].getLong(14));
        }
        return n;
    }
}
