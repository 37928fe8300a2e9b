package dev.penstock.vhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.linux.Fd;
import dev.penstock.linux.Mapping;
import dev.penstock.linux.Memfd;
import dev.penstock.linux.Socket;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.testkit.Seed;
import dev.penstock.virtqueue.AddressSpace;
import dev.penstock.virtqueue.Feature;
import dev.penstock.virtqueue.Rejection;
import dev.penstock.virtqueue.WriteLog;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a front end may ask of the back end, beside what each virtual machine does: each request's answer and effect. */
@EnabledOnOs(OS.LINUX)
class ProtocolTest {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    /** No PROTOCOL_CONFIG: QEMU keeps a network device's configuration itself, and warns of a back end that offers it. */
    @Test
    void shouldOfferWhatANetworkDeviceHas() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES)) {
            assertEquals(VhostRequest.PROTOCOL_MQ | VhostRequest.PROTOCOL_LOG_SHMFD | VhostRequest.PROTOCOL_RARP
                    | VhostRequest.PROTOCOL_REPLY_ACK | VhostRequest.PROTOCOL_MTU | VhostRequest.PROTOCOL_BACKEND_REQ
                    | VhostRequest.PROTOCOL_INFLIGHT_SHMFD | VhostRequest.PROTOCOL_CONFIGURE_MEM_SLOTS
                    | VhostRequest.PROTOCOL_RESET_DEVICE | VhostRequest.PROTOCOL_STATUS, f.ask(VhostRequest.GET_PROTOCOL_FEATURES));
            assertEquals(VhostConfig.FEATURES, f.ask(VhostRequest.GET_FEATURES));
            assertEquals(1, f.ask(VhostRequest.GET_QUEUE_NUM));
            assertFalse(f.tell(VhostRequest.SET_PROTOCOL_FEATURES, VhostDevice.PROTOCOL | VhostRequest.PROTOCOL_PAGEFAULT));
            assertFalse(f.tell(VhostRequest.SET_FEATURES, VhostConfig.FEATURES | Feature.ACCESS_PLATFORM));
            assertEquals(2, f.refused(Refusal.FEATURES));
        }
    }

    @Test
    void shouldAnswerForConfigurationAndStatus() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1)) {
            // offset 6, six bytes, flags 0, then the room for them: link up, one pair of queues, MTU 1500
            f.ask(VhostRequest.GET_CONFIG, 6 | 6L << 32, 0, 0);
            MemorySegment config = f.answer();
            assertEquals(12 + 6, config.byteSize());
            assertArrayEquals(new byte[] {1, 0, 1, 0, (byte) 1500, 1500 >> 8}, config.asSlice(12).toArray(BYTE));
            assertFalse(f.tell(VhostRequest.SET_CONFIG, 0, 0, 0));
            assertEquals(0, f.ask(VhostRequest.GET_STATUS));
            assertTrue(f.tell(VhostRequest.SET_STATUS, 7));
            assertEquals(7, f.ask(VhostRequest.GET_STATUS));
            assertFalse(f.tell(VhostRequest.SET_STATUS, 0x100));
            assertFalse(f.tell(VhostRequest.NET_SET_MTU, 67));
            assertFalse(f.tell(VhostRequest.NET_SET_MTU, 65536));
            assertTrue(f.tell(VhostRequest.NET_SET_MTU, 68));
            for (long what : new long[] {-1, 256 | 1L << 32, 255 | 2L << 32, 5L << 32, -1L << 32}) {
                assertFalse(f.tell(VhostRequest.GET_CONFIG, what, 0), "a part of the configuration that is not there");
            }
            assertEquals(3 + 5, f.refused(Refusal.VALUE) - 1, "and the configuration that was written");
            f.exchange();
            assertTrue(f.tell(VhostRequest.SET_STATUS, 0));
            assertEquals(0, f.ask(VhostRequest.GET_STATUS));
            assertFalse(f.backend.vring(0).isRunning() || f.backend.vring(1).isRunning(), "a reset ends the queues");
            assertTrue(f.tell(VhostRequest.SET_VRING_ENABLE, 1L << 32));
            assertFalse(f.backend.vring(0).isRunning(), "until it is started anew");
        }
    }

    @Test
    void shouldSayWhereAStoppedQueueStandsAndGoOnThere() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1)) {
            for (int i = 0; i < 5; i++) {
                f.exchange();
            }
            assertEquals(1 | 5L << 32, f.ask(VhostRequest.GET_VRING_BASE, 1));
            assertFalse(f.backend.vring(1).isRunning());
            assertTrue(f.tell(VhostRequest.SET_VRING_BASE, 1 | 5L << 32));
            assertTrue(f.tell(VhostRequest.SET_VRING_KICK, List.of(f.kick.fd()), 1));
            f.exchange();
        }
    }

    /** A front end that keeps no notes says a packed queue's old place after a break; the back end's own file knows better. */
    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED})
    void shouldGoOnByItsOwnNotesWhereTheFrontEndHasNone(long packed) {
        long features = Feature.VERSION_1 | packed;
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES, true).run(features)) {
            for (int life = 0; life < 5; life++) {
                for (int i = 0; i < 7 + 60 * life; i++) {
                    f.exchange();
                }
                f.reconnect(features);
            }
            f.exchange();
            // a queue that was stopped by the rules begins where the front end says
            for (int q = 0; q < 2; q++) {
                f.ask(VhostRequest.GET_VRING_BASE, q);
            }
            f.negotiate(features);
            f.startQueues(0, FrontEnd.APART);
            f.exchange();
        }
    }

    /** Memory comes and goes in slots while the queues run; what the queues themselves need stays. */
    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED})
    void shouldTakeAndGiveBackMemorySlotsUnderTraffic(long packed) {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES)) {
            int slots = (int) f.ask(VhostRequest.GET_MAX_MEM_SLOTS);
            assertTrue(slots >= 8);
            f.negotiate(Feature.VERSION_1 | packed);
            assertTrue(f.tell(VhostRequest.ADD_MEM_REG, List.of(f.file), 0, f.guestAddress(0), FrontEnd.BYTES, f.userAddress(0), 0));
            f.startQueues(0, FrontEnd.APART);
            for (int round = 0; round < 3; round++) {
                for (int i = 1; i < slots; i++) {
                    assertTrue(f.tell(VhostRequest.ADD_MEM_REG, List.of(f.file), 0, i * 8192L, 8192, i * 8192L, 4096L * i));
                    f.exchange();
                }
                for (int i = 1; i < slots; i++) {
                    assertTrue(f.tell(VhostRequest.REM_MEM_REG, 0, i * 8192L, 8192, i * 8192L, 0));
                    f.exchange();
                }
            }
        }
    }

    /** With an IOMMU the back end asks for each address that it does not know, and forgets those that are taken away. */
    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED, Feature.EVENT_IDX, Feature.INDIRECT_DESC})
    void shouldAskForTranslationsAndForgetThem(long more) {
        Socket[] pair = Socket.pair(Socket.SOCK_STREAM);
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES | Feature.ACCESS_PLATFORM); Socket ours = pair[0]; Socket theirs = pair[1];
                VhostMessage question = new VhostMessage()) {
            ours.timeoutMs(1);
            f.negotiate(Feature.VERSION_1 | Feature.ACCESS_PLATFORM | more);
            assertTrue(f.tell(VhostRequest.SET_MEM_TABLE, List.of(f.file), 1, f.guestAddress(0), FrontEnd.BYTES, f.userAddress(0), 0));
            assertTrue(f.tell(VhostRequest.SET_BACKEND_REQ_FD, List.of(theirs.fd())));
            f.startQueues(0, 0);
            BitSet asked = new BitSet();
            FrontEnd.await("the rings are translated", () -> {
                translate(f, ours, question, asked);
                return f.backend.vring(0).isRunning() && f.backend.vring(1).isRunning();
            });
            FrontEnd.await("the next buffers are translated, before a packet needs them", () -> {
                translate(f, ours, question, asked);
                return knowsNextBuffers(f);
            });
            for (int i = 0; i < 20; i++) {
                f.send(i, 60);
                FrontEnd.await("a frame from the guest", () -> {
                    translate(f, ours, question, asked);
                    return f.take() == 1;
                });
                assertEquals(1, f.give(i, 60));
                assertEquals(1, f.receive());
            }
            assertTrue(asked.cardinality() > 6, "pages asked for: " + asked);
            assertEquals(0, f.backend.vring(0).untranslated());
            assertTrue(iotlb(f, f.guestAddress(1 << 20), FrontEnd.BYTES - (1 << 20), 0, 0, Iotlb.INVALIDATE));
            assertEquals(0, f.give(1, 60));
            assertEquals(1, f.backend.vring(0).untranslated(), "packets that came before their buffer's page was known");
            // all is forgotten, and asked for again
            long untranslated = f.backend.vring(0).untranslated();
            BitSet before = (BitSet) asked.clone();
            asked.clear();
            assertTrue(iotlb(f, f.guestAddress(0), FrontEnd.BYTES, 0, 0, Iotlb.INVALIDATE));
            assertEquals(0, f.take() + f.give(1, 60));
            FrontEnd.await("the rings are translated again", () -> {
                translate(f, ours, question, asked);
                return f.backend.vring(0).isRunning() && f.backend.vring(1).isRunning();
            });
            assertTrue(before.intersects(asked));
            assertTrue(f.backend.vring(0).untranslated() >= untranslated, "of the queue that was before too");
            // what may only be read is not written
            FrontEnd.await("a buffer's page is known", () -> {
                translate(f, ours, question, asked);
                return f.give(1, 60) == 1;
            });
            f.receive();
            long pool = 1 << 20;
            assertTrue(iotlb(f, f.guestAddress(pool), FrontEnd.BYTES - pool, f.userAddress(pool), 1, Iotlb.UPDATE));
            long rejected = f.backend.vring(0).rejected(Rejection.ADDRESS);
            f.give(1, 60);
            assertTrue(f.backend.vring(0).rejected(Rejection.ADDRESS) > rejected);
        }
    }

    /** A ring across pages that are translated one by one, and whose memory lies in a row. */
    @Test
    void shouldFindARingAcrossTranslations() {
        Iotlb iotlb = new Iotlb();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(4 * FrontEnd.PAGE, FrontEnd.PAGE);
            AddressSpace user = new AddressSpace(List.of(new AddressSpace.Range(0x10000, memory, true)), false);
            iotlb.update(0x5000, FrontEnd.PAGE, 0x10000, 3);
            iotlb.update(0x6000, FrontEnd.PAGE, 0x11000, 3);
            iotlb.update(0x7000, FrontEnd.PAGE, 0x13000, 3);
            iotlb.update(0x8000, FrontEnd.PAGE, 0x12000, 1);
            AddressSpace space = iotlb.space(user);
            assertEquals(memory.address(), space.slice(0x5000, 2 * FrontEnd.PAGE).address());
            assertTrue(space.slice(0x6000, 2 * FrontEnd.PAGE) == null, "its memory does not lie in a row");
            assertFalse(space.isWritable(space.find(0x8000)));
            assertEquals(3, space.size());
        }
    }

    @Test
    void shouldKeepTranslationsApartThatOnlySeemToGoOn() {
        Iotlb iotlb = new Iotlb();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(4 * FrontEnd.PAGE, FrontEnd.PAGE);
            AddressSpace user = new AddressSpace(List.of(new AddressSpace.Range(0x10000, memory.asSlice(0, 2 * FrontEnd.PAGE), true),
                    new AddressSpace.Range(0x20000, memory.asSlice(2 * FrontEnd.PAGE), true)), false);
            iotlb.update(0x5000, FrontEnd.PAGE, 0x10000, 3);
            iotlb.update(0x6000, FrontEnd.PAGE, 0x21000, 3);
            assertEquals(2, iotlb.space(user).size(), "of two regions");
            iotlb.update(0x6000, FrontEnd.PAGE, 0x11000, 1);
            AddressSpace space = iotlb.space(user);
            assertFalse(space.isWritable(space.find(0x6000)));
            assertTrue(space.isWritable(space.find(0x5000)));
            assertEquals(0x10fff, iotlb.user(0x5fff));
            assertEquals(-1, iotlb.user(0x7000));
            iotlb.invalidate(0x5fff, 1);
            assertTrue(iotlb.space(user).find(0x5000) < 0);
            assertTrue(iotlb.space(user).find(0x6000) >= 0);
            iotlb.invalidate(0x1000, 0);
            assertEquals(0, iotlb.space(user).size());
            for (int i = 0; i < 3 * Iotlb.MAX_ENTRIES; i++) {
                iotlb.update(i * 8192L, FrontEnd.PAGE, 0x10000, 3);
            }
            assertTrue(iotlb.space(user).size() <= Iotlb.MAX_ENTRIES);
            for (int permission : new int[] {0, 4, 7}) {
                assertThrows(VhostException.class, () -> iotlb.update(0, FrontEnd.PAGE, 0x10000, permission));
            }
        }
    }

    /** What one front end said and had is nothing to the next: its status, its log, its translations. */
    @Test
    void shouldBeginAnewWithTheNextFrontEnd() {
        long features = Feature.VERSION_1 | Feature.LOG_ALL;
        long logBytes = 1L << 32;
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES | Feature.ACCESS_PLATFORM); Fd file = Memfd.create("front-end-log", logBytes)) {
            f.run(features);
            f.ask(VhostRequest.SET_LOG_BASE, List.of(file), logBytes, 0);
            assertTrue(f.tell(VhostRequest.SET_STATUS, 7));
            f.exchange();
            f.reconnect(features);
            assertEquals(0, f.ask(VhostRequest.GET_STATUS));
            f.exchange();
            f.reconnect(features | Feature.ACCESS_PLATFORM);
            assertTrue(iotlb(f, f.userAddress(0), FrontEnd.BYTES, f.userAddress(0), 3, Iotlb.UPDATE));
            assertTrue(f.backend.vring(0).isRunning());
            f.reconnect(features | Feature.ACCESS_PLATFORM);
            assertFalse(f.backend.vring(0).isRunning());
        }
    }

    @Test
    void shouldAddUpWhatEachLifeOfAQueueLost() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES)) {
            for (int life = 1; life <= 3; life++) {
                f.run(Feature.VERSION_1);
                f.send(1, 60);
                f.mapping.segment().set(ValueLayout.JAVA_INT, FrontEnd.part(1, 0) + 8, 5);
                assertEquals(0, f.take());
                assertEquals(1, f.give(2, 2000), "longer than any buffer of the guest's");
                Mbuf[] all = new Mbuf[f.host.availCount()];
                assertTrue(f.host.allocBulk(all, 0, all.length));
                f.send(2, 60);
                assertEquals(0, f.take());
                Mbuf.freeBulk(all, 0, all.length);
                for (int q = 0; q < 2; q++) {
                    f.ask(VhostRequest.GET_VRING_BASE, q);
                }
                assertEquals(life, f.backend.vring(1).rejected(Rejection.SHORT));
                assertEquals(life, f.backend.vring(1).noMbuf());
                assertEquals(life, f.backend.vring(0).undeliverable());
            }
        }
    }

    /** Of a log that is shorter than the memory, and of a ring that is not logged. */
    @Test
    void shouldWriteNothingBehindTheLog() {
        try (Fd file = Memfd.create("front-end-log", 8); DirtyLog log = new DirtyLog(FilePart.map(file, 0, 8));
                Mapping bits = Mapping.shared(file, 0, 8)) {
            WriteLog one = log.of(-1, -1, address -> address);
            one.wroteRing(0, 8);
            one.wroteEvents();
            one.wroteBuffer(64 * 4096, 4096);
            one.wroteBuffer(1L << 60, 1);
            one.wroteBuffer(-1, 100);
            assertEquals(0, bits.segment().get(LONG, 0));
            one.wroteBuffer(4096, 4096);
            one.wroteBuffer(63 * 4096 + 4095, 2);
            assertEquals(1L << 63 | 2, bits.segment().get(LONG, 0));
        }
    }

    /** Answers each question for an address with its page; a question repeated is answered again. */
    private static void translate(FrontEnd f, Socket requests, VhostMessage question, BitSet asked) {
        while (requests.fd().poll(1, 0) > 0 && question.receive(requests)) {
            assertEquals(1, question.request());
            assertEquals(Iotlb.MISS, question.payload().get(BYTE, 25));
            long page = question.payload().get(LONG, 0) & -FrontEnd.PAGE;
            long offset = page - f.guestAddress(0);
            assertTrue(offset >= 0 && offset < FrontEnd.BYTES, "asked for what the guest never named");
            asked.set((int) (offset / FrontEnd.PAGE));
            // rings may be read and written; buffers only as they are used, or a real IOMMU refuses
            int permission = question.payload().get(BYTE, 24);
            assertEquals(offset < FrontEnd.part(2, 0) && offset % 0x10000 < 0xc000, permission == 3, "asked for to do " + permission);
            assertTrue(iotlb(f, page, FrontEnd.PAGE, page + FrontEnd.APART, permission, Iotlb.UPDATE));
        }
    }

    private static boolean knowsNextBuffers(FrontEnd f) {
        Vring vring = f.backend.vring(0);
        vring.enter();
        try {
            return vring.queue() != null && !vring.queue().hasMiss();
        } finally {
            vring.exit();
        }
    }

    private static boolean iotlb(FrontEnd f, long start, long bytes, long user, int permission, int type) {
        return f.tell(VhostRequest.IOTLB_MSG, start, bytes, user, permission | (long) type << 8);
    }

    /** A ring may be known by several entries; it was used on as long as each part's first byte was known. */
    @Test
    void shouldStopAQueueWhenAnyPartOfItsRingIsTakenAwayOrMoved() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES | Feature.ACCESS_PLATFORM)) {
            f.negotiate(Feature.VERSION_1 | Feature.ACCESS_PLATFORM);
            assertTrue(f.tell(VhostRequest.SET_MEM_TABLE, List.of(f.file), 1, f.guestAddress(0), FrontEnd.BYTES, f.userAddress(0), 0));
            long ring = f.guestAddress(FrontEnd.part(1, 0));
            long half = FrontEnd.SIZE * 8;
            assertTrue(iotlb(f, f.guestAddress(0), ring + half - f.guestAddress(0), f.userAddress(0), 3, Iotlb.UPDATE));
            long rest = FrontEnd.BYTES - FrontEnd.part(1, 0) - half;
            long restUser = f.userAddress(FrontEnd.part(1, 0)) + half;
            assertTrue(iotlb(f, ring + half, rest, restUser, 3, Iotlb.UPDATE));
            f.startQueues(0, 0);
            f.exchange();
            assertTrue(iotlb(f, ring + half, 4096, 0, 0, Iotlb.INVALIDATE));
            assertFalse(f.backend.vring(1).isRunning(), "a part of the ring is gone");
            assertTrue(iotlb(f, ring + half, rest, restUser, 3, Iotlb.UPDATE));
            f.exchange();
            assertTrue(iotlb(f, ring + half, rest, f.userAddress(0), 3, Iotlb.UPDATE));
            assertFalse(f.backend.vring(1).isRunning(), "a part of the ring is elsewhere");
        }
    }

    @Test
    void shouldRefuseIotlbEntriesThatCannotBe() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES | Feature.ACCESS_PLATFORM)) {
            assertFalse(iotlb(f, 0, 4096, 0, 3, Iotlb.UPDATE), "no IOMMU was agreed on");
            f.negotiate(Feature.VERSION_1 | Feature.ACCESS_PLATFORM);
            assertFalse(iotlb(f, 0, 0, 0, 3, Iotlb.UPDATE));
            assertFalse(iotlb(f, -4096, 8192, 0, 3, Iotlb.UPDATE));
            assertFalse(iotlb(f, 0, 8192, -1, 3, Iotlb.UPDATE));
            assertFalse(iotlb(f, 0, 4096, 0, 0, Iotlb.UPDATE));
            assertFalse(iotlb(f, 0, 4096, 0, 3, 7));
            assertEquals(6, f.refused(Refusal.IOTLB));
            // more entries than are kept, of memory that is not there
            for (int i = 0; i < 3 * Iotlb.MAX_ENTRIES; i++) {
                assertTrue(iotlb(f, i * 8192L, 4096, i * 8192L, 3, Iotlb.UPDATE));
            }
        }
    }

    /** The dirty log, against the memory itself: each page that changed is in it, and no page that was not written. */
    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED, Feature.INDIRECT_DESC, Feature.MRG_RXBUF, Feature.EVENT_IDX,
        Feature.RING_PACKED | Feature.MRG_RXBUF, Feature.ACCESS_PLATFORM, Feature.ACCESS_PLATFORM | Feature.RING_PACKED})
    void shouldLogEachPageThatItWritesAndNoOther(long more) {
        SplittableRandom random = Seed.random("dirty log");
        long features = Feature.VERSION_1 | Feature.LOG_ALL | more;
        boolean translated = (more & Feature.ACCESS_PLATFORM) != 0;
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES | Feature.ACCESS_PLATFORM)) {
            // what the guest's rings and buffers are known by is not where its memory begins, behind an IOMMU
            long first = translated ? 0 : f.guestAddress(0) >>> 12;
            long logBytes = (first + FrontEnd.BYTES / FrontEnd.PAGE) / 8 + 8;
            try (Fd file = Memfd.create("front-end-log", logBytes);
                    Mapping log = Mapping.shared(file, 0, (logBytes + FrontEnd.PAGE - 1) & -FrontEnd.PAGE)) {
                f.negotiate(features);
                assertTrue(f.tell(VhostRequest.SET_MEM_TABLE, List.of(f.file), 1, first << 12, FrontEnd.BYTES, f.userAddress(0), 0));
                if (translated) {
                    assertTrue(iotlb(f, f.guestAddress(0), FrontEnd.BYTES, f.userAddress(0), 3, Iotlb.UPDATE));
                }
                f.ask(VhostRequest.SET_LOG_BASE, List.of(file), logBytes, 0);
                byte[] fresh = f.mapping.segment().toArray(BYTE);
                f.startQueues(1, translated ? 0 : FrontEnd.APART);
                compare(log.segment(), first, fresh, f.mapping.segment(), false);
                for (int round = 0; round < 200; round++) {
                    if (round % 20 == 0) {
                        // migration ends, and another one begins; what changes in between is nobody's business
                        assertTrue(f.tell(VhostRequest.SET_FEATURES, features & ~Feature.LOG_ALL | Feature.PROTOCOL_FEATURES));
                        f.exchange();
                        assertTrue(f.tell(VhostRequest.SET_FEATURES, features | Feature.PROTOCOL_FEATURES));
                    }
                    boolean toGuest = random.nextBoolean();
                    f.send(round, 60 + random.nextInt(1400));
                    clear(log.segment(), first);
                    byte[] before = f.mapping.segment().toArray(BYTE);
                    if (toGuest) {
                        assertEquals(1, f.give(round, 60 + random.nextInt(1400)));
                    }
                    assertEquals(1, f.take());
                    if (round % 3 == 0) {
                        f.backend.vring(round & 1).interrupts(random.nextBoolean());
                    }
                    compare(log.segment(), first, before, f.mapping.segment(), toGuest);
                    f.receive();
                }
            }
        }
    }

    private static void clear(MemorySegment log, long first) {
        for (long page = first; page < first + FrontEnd.BYTES / FrontEnd.PAGE; page++) {
            log.set(BYTE, page / 8, (byte) 0);
        }
    }

    private static void compare(MemorySegment log, long first, byte[] before, MemorySegment memory, boolean toGuest) {
        byte[] now = memory.toArray(BYTE);
        for (int p = 0; p < FrontEnd.BYTES / FrontEnd.PAGE; p++) {
            boolean changed = Arrays.mismatch(before, p * FrontEnd.PAGE, (p + 1) * FrontEnd.PAGE, now, p * FrontEnd.PAGE,
                    (p + 1) * FrontEnd.PAGE) >= 0;
            boolean logged = (log.get(BYTE, (first + p) / 8) >>> ((first + p) & 7) & 1) != 0;
            // a ring's page may be written with what stood there
            boolean ring = p < 32;
            int page = p;
            assertTrue(!changed || logged, () -> "page " + page + " changed and is not in the log");
            assertTrue(!logged || changed || ring, () -> "page " + page + " is in the log and did not change");
            assertTrue(toGuest || ring || !logged, () -> "page " + page + " is in the log of what was only read");
        }
    }

    @Test
    void shouldRefuseALogThatCannotBe() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES); Fd file = Memfd.create("front-end-log", 4096)) {
            assertFalse(f.tell(VhostRequest.SET_LOG_BASE, List.of(file), 0, 0));
            assertFalse(f.tell(VhostRequest.SET_LOG_BASE, List.of(file), -1, 0));
            assertFalse(f.tell(VhostRequest.SET_LOG_BASE, List.of(file), 4096, 4));
            assertFalse(f.tell(VhostRequest.SET_LOG_BASE, List.of(file), 4096, -8));
            assertFalse(f.tell(VhostRequest.SET_LOG_BASE, List.of(file), 1L << 62, 0));
            assertEquals(5, f.refused(Refusal.VALUE));
            assertFalse(f.tell(VhostRequest.SET_LOG_BASE, List.of(file), 8192, 0));
            assertEquals(1, f.refused(Refusal.FILE_SHORT));
        }
    }

    /** Where a reset left them enabled, the queues of the next driver ran before they were. */
    @ParameterizedTest
    @ValueSource(ints = {VhostRequest.RESET_DEVICE, VhostRequest.RESET_OWNER})
    void shouldDisableQueuesByAReset(int reset) {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1)) {
            f.exchange();
            assertTrue(f.tell(reset));
            f.negotiate(Feature.VERSION_1);
            for (int q = 0; q < 2; q++) {
                f.setUpQueue(q, 0, FrontEnd.APART);
                assertFalse(f.backend.vring(q).isRunning(), "the queue is disabled");
                assertTrue(f.tell(VhostRequest.SET_VRING_ENABLE, q | 1L << 32));
            }
            f.exchange();
        }
    }

    /** A driver that sleeps until its buffers come back slept for good when all of a burst was refused. */
    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED, Feature.EVENT_IDX, Feature.RING_PACKED | Feature.IN_ORDER})
    void shouldTellOfBuffersThatWereRefused(long more) {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1 | more)) {
            f.exchange();
            assertEquals(0, f.queues[1].unreturned());
            f.queues[1].interrupts(true);
            f.call.take();
            f.send(1, 60);
            // too short for a frame
            f.mapping.segment().set(ValueLayout.JAVA_INT, FrontEnd.part(1, 0) + 16 + 8, 5);
            assertEquals(0, f.take());
            assertEquals(1, f.backend.vring(1).rejected(Rejection.SHORT));
            assertTrue(f.call.fd().poll(1, 0) > 0, "the guest is told");
        }
    }

    /** A page that the device may only read holds no ring that it writes. */
    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED})
    void shouldNotRunAQueueThatItMayNotWrite(long more) {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES | Feature.ACCESS_PLATFORM)) {
            f.negotiate(Feature.VERSION_1 | Feature.ACCESS_PLATFORM | more);
            assertTrue(f.tell(VhostRequest.SET_MEM_TABLE, List.of(f.file), 1, f.guestAddress(0), FrontEnd.BYTES, f.userAddress(0), 0));
            assertTrue(iotlb(f, f.guestAddress(0), FrontEnd.BYTES, f.userAddress(0), Iotlb.READ, Iotlb.UPDATE));
            f.startQueues(0, 0);
            assertFalse(f.backend.vring(0).isRunning());
            assertFalse(f.backend.vring(1).isRunning());
            assertTrue(iotlb(f, f.guestAddress(0), FrontEnd.BYTES, f.userAddress(0), Iotlb.READ | Iotlb.WRITE, Iotlb.UPDATE));
            f.exchange();
            assertTrue(iotlb(f, f.guestAddress(0), FrontEnd.BYTES, f.userAddress(0), Iotlb.READ, Iotlb.UPDATE));
            assertFalse(f.backend.vring(0).isRunning() || f.backend.vring(1).isRunning(), "it may write no more");
        }
    }

    /** What was in a queue that was disabled stayed there: sockets of the guest waited for it before they sent more elsewhere. */
    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED})
    void shouldTakeWhatIsSentThroughADisabledQueueAndThrowItAway(long more) {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1 | more)) {
            f.exchange();
            for (int q = 0; q < 2; q++) {
                assertTrue(f.tell(VhostRequest.SET_VRING_ENABLE, q));
                assertFalse(f.backend.vring(q).isRunning());
            }
            f.send(1, 60);
            f.send(2, 60);
            assertEquals(0, f.take());
            assertEquals(0, f.queues[1].unreturned());
            assertEquals(2, f.backend.vring(1).discarded());
            assertEquals(0, f.give(3, 60));
            for (int q = 0; q < 2; q++) {
                assertTrue(f.tell(VhostRequest.SET_VRING_ENABLE, q | 1L << 32));
                assertTrue(f.backend.vring(q).isRunning());
            }
            f.exchange();
            assertEquals(2, f.backend.vring(1).discarded());
        }
    }
}
