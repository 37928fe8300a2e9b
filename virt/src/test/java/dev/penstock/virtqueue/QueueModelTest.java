package dev.penstock.virtqueue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Seed;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Driver against device, in every combination of features, each frame compared with a plain queue of byte arrays. */
class QueueModelTest {
    private static final long[] CHOICES = {Feature.RING_PACKED, Feature.IN_ORDER, Feature.INDIRECT_DESC, Feature.MRG_RXBUF,
        Feature.EVENT_IDX, Feature.CSUM | Feature.GUEST_CSUM, Feature.VERSION_1};

    private Eal eal;

    static List<Long> combinations() {
        List<Long> all = new ArrayList<>();
        for (int bits = 0; bits < 1 << CHOICES.length; bits++) {
            long features = 0;
            for (int i = 0; i < CHOICES.length; i++) {
                features |= (bits >> i & 1) != 0 ? CHOICES[i] : 0;
            }
            all.add(features);
        }
        return all;
    }

    @BeforeEach
    void start() {
        eal = Eal.start(line -> { }, "--no-huge", "--in-memory");
    }

    @AfterEach
    void stop() {
        eal.close();
    }

    private static int size(SplittableRandom random, long features) {
        return (features & Feature.RING_PACKED) != 0 && random.nextBoolean() ? 9 + random.nextInt(60) : 8 << random.nextInt(5);
    }

    private static byte[] frame(SplittableRandom random, int most) {
        byte[] frame = new byte[random.nextInt(8) == 0 ? 14 + random.nextInt(most - 14) : 14 + random.nextInt(100)];
        random.nextBytes(frame);
        return frame;
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void shouldDeliverEachFrameOfTheDriverToTheDevice(long features) {
        SplittableRandom random = Seed.random("driver to device " + Long.toHexString(features));
        try (QueuePair pair = new QueuePair(eal, "p", features, size(random, features), 400, 512, 1 + random.nextInt(7))) {
            Deque<byte[]> expected = new ArrayDeque<>();
            Mbuf[] burst = new Mbuf[64];
            int last = -1;
            for (int round = 0; round < 400 || !expected.isEmpty(); round++) {
                if (round < 400) {
                    int n = Math.min(1 + random.nextInt(40), (pair.shared.availCount() - 40) / 9);
                    List<byte[]> frames = new ArrayList<>();
                    for (int i = 0; i < n; i++) {
                        frames.add(frame(random, 2000));
                        burst[i] = packet(random, pair, frames.get(i));
                    }
                    int sent = n > 0 ? pair.driver.transmit(burst, 0, n) : 0;
                    expected.addAll(frames.subList(0, sent));
                    Mbuf.freeBulk(burst, sent, n - sent);
                    if (sent > 0) {
                        last = round;
                    }
                }
                int got = pair.device.dequeue(pair.host, 7, burst, 3, 1 + random.nextInt(40));
                for (int i = 0; i < got; i++) {
                    assertArrayEquals(expected.remove(), QueuePair.bytes(burst[3 + i]), pair::counters);
                    assertEquals(7, burst[3 + i].port());
                    assertNull(burst[3 + i].check(true));
                }
                Mbuf.freeBulk(burst, 3, got);
                assertTrue(round - last < 200, "stuck");
            }
            assertEquals(0, pair.driver.undeliverable());
            assertNoRejections(pair);
        }
    }

    private static Mbuf packet(SplittableRandom random, QueuePair pair, byte[] frame) {
        switch (random.nextInt(6)) {
            case 0:
                return QueuePair.packet(pair.shared, frame, 14 + random.nextInt(400));
            case 1:
                // not in memory that the device knows
                return QueuePair.packet(pair.host, frame, 384);
            case 2: {
                // its headroom is another's too
                Mbuf m = QueuePair.packet(pair.shared, frame, 384);
                Mbuf twin = m.clone(pair.host);
                m.free();
                return twin;
            }
            case 3: {
                // no room for a header before the data
                Mbuf m = QueuePair.packet(pair.shared, frame, 300);
                Mbuf twin = pair.shared.alloc();
                twin.dataOff(random.nextInt(20));
                twin.dataLen(m.dataLen());
                twin.pktLen(m.pktLen());
                twin.write(0, m, 0, m.dataLen());
                twin.next(m.next());
                twin.nbSegs(m.nbSegs());
                m.next(null);
                m.nbSegs(1);
                m.free();
                return twin;
            }
            default:
                return QueuePair.packet(pair.shared, frame, 384);
        }
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void shouldDeliverEachFrameOfTheDeviceToTheDriver(long features) {
        SplittableRandom random = Seed.random("device to driver " + Long.toHexString(features));
        int most = (features & Feature.MRG_RXBUF) != 0 ? 1200 : 384;
        try (QueuePair pair = new QueuePair(eal, "p", features, size(random, features), 400, 512, 1 + random.nextInt(7))) {
            Deque<byte[]> expected = new ArrayDeque<>();
            Mbuf[] burst = new Mbuf[64];
            pair.driver.fill(pair.shared);
            for (int round = 0; round < 400; round++) {
                int n = random.nextInt(40);
                List<byte[]> frames = new ArrayList<>();
                for (int i = 0; i < n; i++) {
                    frames.add(frame(random, most));
                    burst[i] = QueuePair.packet(pair.host, frames.get(i), 14 + random.nextInt(400));
                }
                int sent = pair.device.enqueue(burst, 0, n);
                expected.addAll(frames.subList(0, sent));
                Mbuf.freeBulk(burst, 0, n);
                int got = pair.driver.receive(pair.shared, 9, burst, 2, 1 + random.nextInt(40));
                for (int i = 0; i < got; i++) {
                    assertArrayEquals(expected.remove(), QueuePair.bytes(burst[2 + i]), pair::counters);
                    assertEquals(9, burst[2 + i].port());
                    assertNull(burst[2 + i].check(true));
                }
                Mbuf.freeBulk(burst, 2, got);
            }
            int got;
            while ((got = pair.driver.receive(pair.shared, 9, burst, 0, 64)) > 0) {
                for (int i = 0; i < got; i++) {
                    assertArrayEquals(expected.remove(), QueuePair.bytes(burst[i]));
                }
                Mbuf.freeBulk(burst, 0, got);
            }
            assertTrue(expected.isEmpty(), "all arrived");
            assertEquals(0, pair.device.undeliverable());
            assertNoRejections(pair);
        }
    }

    /** A side that asks for a call at a place gets it when that place is passed, and else none. */
    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED})
    void shouldCallWhenThePlaceThatWasAskedForIsPassed(long packed) {
        SplittableRandom random = Seed.random("events " + packed);
        int size = 16;
        try (QueuePair pair = new QueuePair(eal, "p", Feature.VERSION_1 | Feature.EVENT_IDX | packed, size, 64, 512, 1)) {
            Mbuf[] burst = new Mbuf[size];
            int before = 0;
            for (int round = 0; round < 2000; round++) {
                int n = 1 + random.nextInt(size);
                int event = before + random.nextInt(40) - 12;
                if (packed != 0) {
                    int place = event & size - 1 | (event & size) << 11 ^ 0x8000 | 2 << 16;
                    pair.ring.driver().set(Descriptor.INT, 0, place);
                    pair.ring.device().set(Descriptor.INT, 0, place);
                } else {
                    pair.ring.driver().set(Descriptor.SHORT, 4 + 2L * size, (short) event);
                    pair.ring.device().set(Descriptor.SHORT, 4 + 8L * size, (short) event);
                }
                for (int i = 0; i < n; i++) {
                    burst[i] = QueuePair.packet(pair.shared, new byte[60], 384);
                }
                assertEquals(n, pair.driver.transmit(burst, 0, n));
                boolean passed = event >= before && event < before + n;
                assertEquals(passed, pair.driver.kickNeeded(), event + " in " + n + " from " + before);
                assertEquals(n, pair.device.dequeue(pair.host, 0, burst, 0, size));
                Mbuf.freeBulk(burst, 0, n);
                assertEquals(passed, pair.device.callNeeded(), event + " in " + n + " from " + before);
                before += n;
            }
        }
    }

    /** Of a packed ring as many descriptors are published at once as can be noted, however many there are. */
    @Test
    void shouldPublishNoMoreAtOnceThanCanBeNoted() {
        long features = Feature.VERSION_1 | Feature.RING_PACKED;
        int[] most = new int[1];
        CommitHook hook = new CommitHook() {
            @Override
            public void publishing(int base, char[] places, int n) {
                most[0] = Math.max(most[0], n);
            }

            @Override
            public void published() {}
        };
        Mbuf[] burst = new Mbuf[1024];
        try (QueuePair pair = new QueuePair(eal, "p", features, 1024, 1200, 512, 1)) {
            for (int i = 0; i < 1024; i++) {
                burst[i] = QueuePair.packet(pair.shared, new byte[60], 384);
            }
            assertEquals(1024, pair.driver.transmit(burst, 0, 1024));
            pair.device.hook(hook);
            for (int got = 0; got < 1024;) {
                int n = pair.device.dequeue(pair.host, 0, burst, 0, 1024);
                assertTrue(n > 0);
                Mbuf.freeBulk(burst, 0, n);
                got += n;
            }
            assertEquals(CommitHook.MOST, most[0]);
        }
        most[0] = 0;
        try (QueuePair pair = new QueuePair(eal, "p", features | Feature.MRG_RXBUF, 1024, 1200, 512, 1)) {
            pair.driver.fill(pair.shared);
            pair.device.hook(hook);
            for (int i = 0; i < 300; i++) {
                burst[i] = QueuePair.packet(pair.host, new byte[1000], 384);
            }
            assertEquals(300, pair.device.enqueue(burst, 0, 300));
            Mbuf.freeBulk(burst, 0, 300);
            assertEquals(CommitHook.MOST, most[0]);
        }
    }

    /** Header and frame. */
    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED})
    void shouldLogEachByteThatItWritesToABuffer(long packed) {
        try (QueuePair pair = new QueuePair(eal, "p", Feature.VERSION_1 | packed, 16, 64, 512, 1)) {
            long[] bytes = new long[1];
            pair.device.log(new WriteLog() {
                @Override
                public void wroteBuffer(long address, int count) {
                    bytes[0] += count;
                }

                @Override
                public void wroteRing(long offset, int count) {}

                @Override
                public void wroteEvents() {}
            });
            pair.driver.fill(pair.shared);
            Mbuf[] burst = {QueuePair.packet(pair.host, new byte[60], 384)};
            assertEquals(1, pair.device.enqueue(burst, 0, 1));
            burst[0].free();
            assertEquals(12 + 60, bytes[0]);
        }
    }

    @Test
    void shouldCountWhatWasCopiedOrWaitsForPacketsOrAddresses() {
        try (QueuePair pair = new QueuePair(eal, "p", Feature.VERSION_1, 16, 64, 512, 1); MbufPool few = MbufPool.with(eal, "few", 1).dataRoom(512).create()) {
            Mbuf[] burst = new Mbuf[16];
            burst[0] = QueuePair.packet(pair.host, new byte[1000], 384);
            assertEquals(1, pair.driver.transmit(burst, 0, 1));
            assertEquals(1, pair.driver.copied());
            assertEquals(0, pair.device.dequeue(few, 0, burst, 0, 1), "it takes three");
            assertEquals(1, pair.device.noMbuf());
            Mbuf last = few.alloc();
            assertEquals(0, pair.device.dequeue(few, 0, burst, 0, 1));
            assertEquals(2, pair.device.noMbuf());
            last.free();
            assertEquals(1, pair.device.dequeue(pair.host, 0, burst, 0, 1));
            burst[0].free();
        }
        try (QueuePair pair = new QueuePair(eal, "p", Feature.VERSION_1, 16, 20, 512, 1)) {
            pair.driver.fill(pair.shared);
            assertEquals(0, pair.driver.noMbuf());
            long first = pair.ring.descriptors().get(Descriptor.LONG, 0);
            pair.device.space(new AddressSpace(List.of(new AddressSpace.Range(first,
                    pair.poolMemory.asSlice(first - pair.poolMemory.address(), 384), true)), true));
            Mbuf[] burst = new Mbuf[3];
            for (int i = 0; i < 3; i++) {
                burst[i] = QueuePair.packet(pair.host, new byte[60], 384);
            }
            assertEquals(1, pair.device.enqueue(burst, 0, 3));
            Mbuf.freeBulk(burst, 0, 3);
            assertEquals(2, pair.device.untranslated());
            assertTrue(pair.device.hasMiss() && pair.device.missedWrite());
            assertEquals(1, pair.driver.receive(pair.shared, 0, burst, 0, 1));
            Mbuf[] rest = new Mbuf[pair.shared.availCount()];
            assertTrue(pair.shared.allocBulk(rest, 0, rest.length));
            pair.driver.fill(pair.shared);
            assertEquals(1, pair.driver.noMbuf());
            Mbuf.freeBulk(rest, 0, rest.length);
            burst[0].free();
        }
    }

    private static void assertNoRejections(QueuePair pair) {
        for (Rejection why : Rejection.values()) {
            assertEquals(0, pair.device.rejected(why), why.counter());
            assertEquals(0, pair.driver.rejected(why), why.counter());
        }
    }
}
