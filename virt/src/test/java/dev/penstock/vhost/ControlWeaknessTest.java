package dev.penstock.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.linux.Mapping;
import dev.penstock.linux.Memfd;
import dev.penstock.linux.Socket;
import dev.penstock.testkit.Descriptors;
import dev.penstock.testkit.Seed;
import dev.penstock.virtqueue.Feature;
import dev.penstock.virtqueue.Rejection;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each class of known weakness of vhost-user back ends that lies in their messages, by its name. */
@EnabledOnOs(OS.LINUX)
class ControlWeaknessTest {
    private static final int MANY = 300;
    /** Bytes of a front end's memory of notes, and what it says of them: two queues. */
    private static final long NOTES = 8 * 4096;
    private static final long QUEUES = 2L | (long) FrontEnd.SIZE << 16;

    private static long[] region(FrontEnd f, long guest, long bytes, long user, long offset) {
        return new long[] {1, guest, bytes, user, offset};
    }

    private static void refuse(FrontEnd f, Refusal why, int request, List<Fd> fds, long... words) {
        long before = f.refused(why);
        assertFalse(f.tell(request, fds, words), () -> "request " + request + " is not refused");
        assertEquals(before + 1, f.refused(why), why.counter());
    }

    @Test
    void regionSetUpSizes() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1)) {
            List<Fd> file = List.of(f.file);
            for (int request : new int[] {VhostRequest.SET_MEM_TABLE, VhostRequest.ADD_MEM_REG}) {
                refuse(f, Refusal.REGION, request, file, region(f, 0, 0, 0, 0));
                refuse(f, Refusal.REGION, request, file, region(f, 0, -1, 0, 0));
                refuse(f, Refusal.REGION, request, file, region(f, 0, Long.MIN_VALUE, 0, 0));
                refuse(f, Refusal.FILE_SHORT, request, file, region(f, 0, FrontEnd.BYTES + 1, 0, 0));
                refuse(f, Refusal.FILE_SHORT, request, file, region(f, 0, FrontEnd.BYTES, 0, 1));
                refuse(f, Refusal.FILE_SHORT, request, file, region(f, 0, 4096, 0, 1L << 45));
            }
            f.exchange();
        }
    }

    @Test
    void regionSetUpIntegerOverflow() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1)) {
            List<Fd> file = List.of(f.file);
            for (int request : new int[] {VhostRequest.SET_MEM_TABLE, VhostRequest.ADD_MEM_REG}) {
                refuse(f, Refusal.REGION, request, file, region(f, -4096, 8192, 0, 0));
                refuse(f, Refusal.REGION, request, file, region(f, 0, 8192, -1, 0));
                refuse(f, Refusal.REGION, request, file, region(f, 0, 8192, 0, -4096));
                refuse(f, Refusal.REGION, request, file, region(f, 0, 8192, 0, Long.MAX_VALUE));
                refuse(f, Refusal.REGION, request, file, region(f, 0, Long.MAX_VALUE, 0, 4096));
            }
            f.exchange();
        }
    }

    @Test
    void regionSetUpOverlap() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1)) {
            List<Fd> file = List.of(f.file);
            refuse(f, Refusal.REGION_OVERLAP, VhostRequest.ADD_MEM_REG, file, region(f, f.guestAddress(4096), 4096, 0x1000, 0));
            refuse(f, Refusal.REGION_OVERLAP, VhostRequest.ADD_MEM_REG, file, region(f, 0x1000, 4096, f.userAddress(4096), 0));
            refuse(f, Refusal.REGION_OVERLAP, VhostRequest.SET_MEM_TABLE, List.of(f.file, f.file),
                    2, 0, 8192, 0, 0, 4096, 8192, 0x10_0000, 0);
            f.exchange();
        }
    }

    /** Slots end, messages bring as many descriptors as regions, and what was never added can't be removed. */
    @Test
    void regionSetUpCounts() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1)) {
            List<Fd> file = List.of(f.file);
            refuse(f, Refusal.SIZE, VhostRequest.SET_MEM_TABLE, List.of(), -1);
            refuse(f, Refusal.SIZE, VhostRequest.SET_MEM_TABLE, List.of(), 9);
            refuse(f, Refusal.SIZE, VhostRequest.SET_MEM_TABLE, file, 2, 0, 4096, 0, 0);
            refuse(f, Refusal.FDS, VhostRequest.SET_MEM_TABLE, List.of(), region(f, 0, 4096, 0, 0));
            refuse(f, Refusal.FDS, VhostRequest.ADD_MEM_REG, List.of(f.file, f.file), region(f, 0, 4096, 0, 0));
            refuse(f, Refusal.REGION_SLOT, VhostRequest.REM_MEM_REG, List.of(), region(f, 0, 4096, 0, 0));
            int slots = (int) f.ask(VhostRequest.GET_MAX_MEM_SLOTS);
            for (int i = 1; i < slots; i++) {
                assertTrue(f.tell(VhostRequest.ADD_MEM_REG, file, region(f, i * 4096L, 4096, i * 4096L, 0)));
            }
            refuse(f, Refusal.REGION_SLOT, VhostRequest.ADD_MEM_REG, file, region(f, slots * 4096L, 4096, slots * 4096L, 0));
            f.exchange();
        }
    }

    /** Only files can be mapped, and only eventfds are written to: a pipe or socket could make us wait. */
    @Test
    void regionSetUpAndSignalsWithDescriptorsOfAnotherKind() {
        Socket[] pair = Socket.pair(Socket.SOCK_STREAM);
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1); Socket one = pair[0]; Socket other = pair[1]) {
            refuse(f, Refusal.FILE_SHORT, VhostRequest.ADD_MEM_REG, List.of(one.fd()), region(f, 0, 4096, 0, 0));
            refuse(f, Refusal.FILE_SHORT, VhostRequest.ADD_MEM_REG, List.of(f.call.fd()), region(f, 0, 4096, 0, 0));
            for (int request : new int[] {VhostRequest.SET_VRING_CALL, VhostRequest.SET_VRING_KICK, VhostRequest.SET_VRING_ERR,
                VhostRequest.SET_LOG_FD}) {
                refuse(f, Refusal.FD_KIND, request, List.of(other.fd()), 0);
                refuse(f, Refusal.FD_KIND, request, List.of(f.file), 0);
            }
            refuse(f, Refusal.FD_KIND, VhostRequest.SET_BACKEND_REQ_FD, List.of(f.file));
            f.exchange();
        }
    }

    /** A peer that can't be written to, its counter being full, makes nobody wait, also where it says afterwards that who writes waits. */
    @Test
    void fullCounterOfASignal() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES); EventFd full = new EventFd(); Arena arena = Arena.ofConfined()) {
            f.run(Feature.VERSION_1);
            for (int q = 0; q < 2; q++) {
                assertTrue(f.tell(VhostRequest.SET_VRING_CALL, List.of(full.fd()), q));
            }
            full.take();
            assertEquals(8, full.fd().write(arena.allocateFrom(ValueLayout.JAVA_LONG, -2L), 8));
            full.fd().nonBlocking(false);
            f.queues[0].interrupts(true);
            f.queues[1].interrupts(true);
            f.exchange();
        }
    }

    @Test
    void repeatedMessagesLeakNeitherDescriptorsNorMappings() throws IOException {
        Socket[] pair = Socket.pair(Socket.SOCK_STREAM);
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1 | Feature.LOG_ALL); Socket _ = pair[0];
                Socket other = pair[1]; Fd log = Memfd.create("front-end-log", 4096)) {
            long files = 0;
            long maps = 0;
            for (int i = 0; i < MANY; i++) {
                for (int q = 0; q < 2; q++) {
                    f.tell(VhostRequest.SET_VRING_CALL, List.of(f.call.fd()), q);
                    f.tell(VhostRequest.SET_VRING_KICK, List.of(f.kick.fd()), q);
                    f.tell(VhostRequest.SET_VRING_ERR, List.of(f.call.fd()), q);
                }
                f.tell(VhostRequest.SET_LOG_FD, List.of(f.call.fd()));
                f.ask(VhostRequest.SET_LOG_BASE, List.of(log), 4096, 0);
                f.tell(VhostRequest.SET_BACKEND_REQ_FD, List.of(other.fd()));
                f.tell(VhostRequest.SET_MEM_TABLE, List.of(f.file), 1, f.guestAddress(0), FrontEnd.BYTES, f.userAddress(0), 0);
                f.tell(VhostRequest.ADD_MEM_REG, List.of(f.file), region(f, 0, 4096, 0, 0));
                f.tell(VhostRequest.REM_MEM_REG, List.of(f.file), region(f, 0, 4096, 0, 0));
                // refused, each with a descriptor
                f.tell(VhostRequest.SET_VRING_CALL, List.of(f.call.fd()), 77);
                f.tell(VhostRequest.ADD_MEM_REG, List.of(f.file, f.file, f.file), region(f, 0, 4096, 0, 0));
                f.tell(VhostRequest.SET_MEM_TABLE, List.of(f.file, f.file), 2, 0, 8192, 0, 0, 4096, 8192, 0x10_0000, 0);
                f.tell(VhostRequest.SET_VRING_NUM, List.of(f.file), 0);
                f.tell(99, List.of(f.file));
                inflight(f);
                if (i == 2) {
                    files = Descriptors.count();
                    maps = maps();
                }
            }
            assertEquals(files, Descriptors.count(), "open files");
            assertEquals(maps, maps(), "mappings");
            assertTrue(f.backend.vring(0).isRunning() && f.backend.vring(1).isRunning());
        }
    }

    /** The memory of buffers in flight, asked for and given while no queue runs; else refused. */
    private static void inflight(FrontEnd f) {
        assertFalse(f.tell(VhostRequest.GET_INFLIGHT_FD, 0, 0, 2L | (long) FrontEnd.SIZE << 16));
    }

    private static long maps() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream().filter(l -> l.contains("memfd:front-end")).count();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED})
    void stateChangedUnderALiveRing(long packed) {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1 | packed); Fd notes = Memfd.create("front-end-notes", NOTES)) {
            refuse(f, Refusal.LIVE, VhostRequest.SET_INFLIGHT_FD, List.of(notes), NOTES, 0, QUEUES);
            f.exchange();
            for (int q = 0; q < 2; q++) {
                refuse(f, Refusal.LIVE, VhostRequest.SET_VRING_NUM, List.of(), q | 128L << 32);
                refuse(f, Refusal.LIVE, VhostRequest.SET_VRING_NUM, List.of(), q | 1L << 32);
                refuse(f, Refusal.LIVE, VhostRequest.SET_VRING_BASE, List.of(), q | 7L << 32);
                for (int part = 0; part < 3; part++) {
                    int moved = part;
                    long[] words = LongStream.concat(LongStream.of(q), LongStream.of(0, 2, 1)
                            .map(p -> f.userAddress(FrontEnd.part(0, (int) p)) + (p == moved ? 16 : 0))).toArray();
                    refuse(f, Refusal.LIVE, VhostRequest.SET_VRING_ADDR, List.of(), words[0], words[1], words[2], words[3], 0);
                }
            }
            refuse(f, Refusal.LIVE, VhostRequest.SET_FEATURES, List.of(), Feature.VERSION_1 | Feature.PROTOCOL_FEATURES
                    | (packed == 0 ? Feature.RING_PACKED : 0) | Feature.INDIRECT_DESC);
            refuse(f, Refusal.LIVE, VhostRequest.GET_INFLIGHT_FD, List.of(), 0, 0, 2L | (long) FrontEnd.SIZE << 16);
            for (int i = 0; i < 3 * FrontEnd.SIZE; i++) {
                f.exchange();
            }
        }
    }

    /** The memory that a running ring lies in may be taken away: the ring ends, the connection and the process do not. */
    @Test
    void memoryRemovedUnderALiveRing() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1)) {
            f.exchange();
            f.tell(VhostRequest.REM_MEM_REG, List.of(), region(f, f.guestAddress(0), FrontEnd.BYTES, f.userAddress(0), 0));
            assertFalse(f.backend.vring(0).isRunning() || f.backend.vring(1).isRunning());
            assertEquals(0, f.take() + f.give(1, 60));
        }
    }

    /** A queue whose ring is not in the memory any more stopped those behind it, whose rings were where they had been. */
    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED})
    void memoryRemovedUnderOneOfTwoLiveRings(long packed) {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES); EventFd error = new EventFd(); EventFd other = new EventFd()) {
            f.run(Feature.VERSION_1 | packed).exchange();
            assertTrue(f.tell(VhostRequest.SET_VRING_ERR, List.of(error.fd()), 0));
            assertTrue(f.tell(VhostRequest.SET_VRING_ERR, List.of(other.fd()), 1));
            long second = FrontEnd.part(1, 0);
            long[] most = region(f, f.guestAddress(second), FrontEnd.BYTES - second, f.userAddress(second), second);
            for (int round = 1; round <= 3; round++) {
                assertTrue(f.tell(VhostRequest.SET_MEM_TABLE, List.of(f.file), most));
                assertFalse(f.backend.vring(0).isRunning());
                assertTrue(f.backend.vring(1).isRunning(), "its ring is still there");
                assertEquals(round, f.refused(Refusal.RING));
                assertEquals(1, error.take());
                f.send(round, 60);
                assertEquals(1, f.take());
                assertTrue(f.tell(VhostRequest.SET_MEM_TABLE, List.of(f.file), region(f, f.guestAddress(0), FrontEnd.BYTES, f.userAddress(0), 0)));
                f.exchange();
            }
            assertEquals(0, error.take() + other.take());
        }
    }

    /** What the guest can't see it can't mend: who keeps the machine is told of a ring that makes no sense, and once. */
    @Test
    void brokenRingIsToldOnce() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES); EventFd error = new EventFd()) {
            f.run(Feature.VERSION_1).exchange();
            assertTrue(f.tell(VhostRequest.SET_VRING_ERR, List.of(error.fd()), 1));
            f.send(1, 60);
            f.mapping.segment().set(ValueLayout.JAVA_INT, FrontEnd.part(1, 0) + 16 + 8, 5);
            assertEquals(0, f.take());
            assertEquals(1, f.backend.vring(1).rejected(Rejection.SHORT));
            assertEquals(0, error.take(), "a frame makes no sense, the ring does");
            f.mapping.segment().set(ValueLayout.JAVA_SHORT, FrontEnd.part(1, 1) + 2, (short) 5000);
            for (int i = 0; i < 3; i++) {
                assertEquals(0, f.take());
            }
            assertEquals(3, f.backend.vring(1).rejected(Rejection.INDEX));
            assertEquals(1, error.take());
            assertEquals(0, f.take());
            assertEquals(0, error.take());
            for (int q = 0; q < 2; q++) {
                f.ask(VhostRequest.GET_VRING_BASE, q);
            }
            f.run(Feature.VERSION_1).exchange();
            f.mapping.segment().set(ValueLayout.JAVA_SHORT, FrontEnd.part(1, 1) + 2, (short) 5000);
            assertEquals(0, f.take());
            assertEquals(1, error.take(), "it was begun anew");
        }
    }

    @Test
    void indexTruncationOfQueueNumbers() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1)) {
            for (long queue : new long[] {2, 0x7fff_ffffL, 0xffff_ffffL, 0x1_0000L}) {
                refuse(f, Refusal.QUEUE, VhostRequest.SET_VRING_NUM, List.of(), queue | 64L << 32);
                refuse(f, Refusal.QUEUE, VhostRequest.SET_VRING_BASE, List.of(), queue);
                refuse(f, Refusal.QUEUE, VhostRequest.SET_VRING_ENABLE, List.of(), queue | 1L << 32);
                refuse(f, Refusal.QUEUE, VhostRequest.SET_VRING_ADDR, List.of(), queue, 0, 0, 0, 0);
            }
            refuse(f, Refusal.QUEUE, VhostRequest.SET_VRING_CALL, List.of(f.call.fd()), 2);
            refuse(f, Refusal.VALUE, VhostRequest.SET_VRING_NUM, List.of(), 65536L << 32);
            refuse(f, Refusal.VALUE, VhostRequest.SET_VRING_NUM, List.of(), -1L << 32);
            refuse(f, Refusal.VALUE, VhostRequest.SET_VRING_NUM, List.of(), 0);
            refuse(f, Refusal.VALUE, VhostRequest.SET_VRING_ENABLE, List.of(), 2L << 32);
            f.exchange();
        }
    }

    @Test
    void lengthUnderflowOfMessages() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1)) {
            for (int request : new int[] {VhostRequest.SET_FEATURES, VhostRequest.SET_PROTOCOL_FEATURES, VhostRequest.SET_VRING_NUM,
                VhostRequest.SET_VRING_ADDR, VhostRequest.SET_VRING_BASE, VhostRequest.SET_VRING_ENABLE, VhostRequest.SET_LOG_BASE,
                VhostRequest.SET_MEM_TABLE, VhostRequest.ADD_MEM_REG, VhostRequest.REM_MEM_REG, VhostRequest.NET_SET_MTU,
                VhostRequest.SEND_RARP, VhostRequest.IOTLB_MSG, VhostRequest.GET_CONFIG, VhostRequest.SET_STATUS,
                VhostRequest.SET_INFLIGHT_FD, VhostRequest.GET_INFLIGHT_FD, VhostRequest.GET_VRING_BASE}) {
                for (int bytes : new int[] {0, 1, 7}) {
                    long before = f.refused(Refusal.SIZE);
                    f.payload().fill((byte) 0);
                    assertFalse(f.raw(request, bytes, List.of()), () -> "request " + request + " of " + bytes + " bytes");
                    assertEquals(before + 1, f.refused(Refusal.SIZE), "request " + request);
                }
            }
            f.exchange();
        }
    }

    @Test
    void shrunkenMemoryFileEndsTheConnectionAndNotTheProcess() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1)) {
            f.exchange();
            f.file.truncate(4096);
            FrontEnd.await("the cut is met", () -> {
                f.take();
                f.give(1, 60);
                return f.refused(Refusal.MEMORY_GONE) == 1 && !f.backend.vring(0).isRunning() && !f.backend.vring(1).isRunning();
            });
            f.file.truncate(FrontEnd.BYTES);
        }
    }

    /** What is said of the memory of notes: its size, where it begins, how many queues it is for. */
    @Test
    void integerOverflowAndIndexTruncationOfInflightMemory() throws IOException {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES); Fd notes = Memfd.create("front-end-notes", NOTES)) {
            f.negotiate(Feature.VERSION_1);
            for (long bytes : new long[] {0, 1, 4095, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, (1L << 32) + NOTES}) {
                refuse(f, Refusal.VALUE, VhostRequest.SET_INFLIGHT_FD, List.of(notes), bytes, 0, QUEUES);
            }
            for (long offset : new long[] {-1, -8, Long.MIN_VALUE, Long.MAX_VALUE - NOTES, 4, 1L << 40}) {
                refuse(f, Refusal.VALUE, VhostRequest.SET_INFLIGHT_FD, List.of(notes), NOTES, offset, QUEUES);
            }
            refuse(f, Refusal.FILE_SHORT, VhostRequest.SET_INFLIGHT_FD, List.of(notes), NOTES, 8, QUEUES);
            refuse(f, Refusal.FILE_SHORT, VhostRequest.SET_INFLIGHT_FD, List.of(f.call.fd()), NOTES, 0, QUEUES);
            refuse(f, Refusal.FDS, VhostRequest.SET_INFLIGHT_FD, List.of(), NOTES, 0, QUEUES);
            refuse(f, Refusal.FDS, VhostRequest.SET_INFLIGHT_FD, List.of(notes, notes), NOTES, 0, QUEUES);
            for (long queues : new long[] {0, 3, 0xffff}) {
                refuse(f, Refusal.QUEUE, VhostRequest.GET_INFLIGHT_FD, List.of(), 0, 0, queues | (long) FrontEnd.SIZE << 16);
            }
            // more queues than the notes are for, and than there are, read nothing behind them
            for (long queues : new long[] {0, 1, 0xffff}) {
                assertTrue(f.tell(VhostRequest.SET_INFLIGHT_FD, List.of(notes), NOTES / 4096 * 4096, 0, queues | 0xffffL << 16));
            }
            assertTrue(f.tell(VhostRequest.SET_INFLIGHT_FD, List.of(notes), Inflight.SLOT_BYTES, 0, QUEUES), "of one queue");
            f.run(Feature.VERSION_1).exchange();
        }
    }

    @Test
    void repeatedInflightMessagesLeakNeitherDescriptorsNorMappings() throws IOException {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES); Fd notes = Memfd.create("front-end-notes", NOTES)) {
            long files = 0;
            long maps = 0;
            for (int i = 0; i < MANY; i++) {
                f.ask(VhostRequest.GET_INFLIGHT_FD, 0, 0, QUEUES);
                f.answered().forEach(Fd::close);
                assertTrue(f.tell(VhostRequest.SET_INFLIGHT_FD, List.of(notes), NOTES, 0, QUEUES));
                // refused, each with a descriptor
                f.tell(VhostRequest.GET_INFLIGHT_FD, List.of(notes), 0, 0, QUEUES);
                f.tell(VhostRequest.SET_INFLIGHT_FD, List.of(notes), NOTES, 4096, QUEUES);
                f.tell(VhostRequest.SET_INFLIGHT_FD, List.of(notes, notes, notes), NOTES, 0, QUEUES);
                if (i == 2) {
                    files = Descriptors.count();
                    maps = maps();
                }
            }
            assertEquals(files, Descriptors.count(), "open files");
            assertEquals(maps, maps(), "mappings");
            f.run(Feature.VERSION_1).exchange();
        }
    }

    /** Notes are the front end's memory: whatever stands in them, a queue goes on somewhere in its ring, or does not begin. */
    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED})
    void inflightNotesThatAPeerMadeUp(long packed) throws IOException {
        SplittableRandom random = Seed.random("made-up notes");
        for (int round = 0; round < 40; round++) {
            try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES); Fd notes = Memfd.create("front-end-notes", NOTES);
                    Mapping shared = Mapping.shared(notes, 0, NOTES)) {
                f.negotiate(Feature.VERSION_1 | packed);
                assertTrue(f.tell(VhostRequest.SET_MEM_TABLE, List.of(f.file), 1, f.guestAddress(0), FrontEnd.BYTES, f.userAddress(0), 0));
                MemorySegment words = shared.segment();
                for (int q = 0; q < 2; q++) {
                    long slot = q * (long) Inflight.SLOT_BYTES;
                    for (long at = slot; at + 4 <= slot + Inflight.SLOT_BYTES; at += 4) {
                        words.set(ValueLayout.JAVA_INT, at, random.nextInt());
                    }
                    words.set(ValueLayout.JAVA_INT, slot, 0x50454e54);
                    words.set(ValueLayout.JAVA_LONG_UNALIGNED, slot + 24, 0);
                    words.set(ValueLayout.JAVA_INT, slot + 12, random.nextInt(2));
                    words.set(ValueLayout.JAVA_INT, slot + 32, random.nextInt(-1, 600));
                }
                assertTrue(f.tell(VhostRequest.SET_INFLIGHT_FD, List.of(notes), NOTES, 0, QUEUES));
                for (int q = 0; q < 2; q++) {
                    f.tell(VhostRequest.SET_VRING_NUM, q | (long) FrontEnd.SIZE << 32);
                    f.tell(VhostRequest.SET_VRING_ADDR, q, f.userAddress(FrontEnd.part(q, 0)), f.userAddress(FrontEnd.part(q, 2)),
                            f.userAddress(FrontEnd.part(q, 1)), 0);
                    f.tell(VhostRequest.SET_VRING_KICK, List.of(f.kick.fd()), q);
                    f.tell(VhostRequest.SET_VRING_ENABLE, q | 1L << 32);
                }
                for (int i = 0; i < 2 * FrontEnd.SIZE; i++) {
                    f.take();
                    f.give(1, 60);
                }
                assertTrue(f.ask(VhostRequest.GET_FEATURES) != 0, "it answers");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED})
    void shrunkenNotesEndTheConnectionAndNotTheProcess(long packed) {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES); Fd notes = Memfd.create("front-end-notes", NOTES)) {
            assertTrue(f.tell(VhostRequest.SET_INFLIGHT_FD, List.of(notes), NOTES, 0, QUEUES));
            f.run(Feature.VERSION_1 | packed).exchange();
            notes.truncate(0);
            FrontEnd.await("the cut is met", () -> {
                f.take();
                f.give(1, 60);
                return f.refused(Refusal.MEMORY_GONE) == 1 && !f.backend.vring(0).isRunning() && !f.backend.vring(1).isRunning();
            });
        }
    }

    private static final long SPARSE = 1L << 46;

    /** Addresses cost nothing: one front end could have all of the process, and others none. */
    @Test
    void regionsOfMoreThanAProcessHasAddresses() {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1); Fd sparse = Memfd.create("sparse", SPARSE)) {
            long at = 1L << 50;
            long sum = FrontEnd.BYTES;
            for (long bytes = SPARSE; bytes > 1 << 30; bytes >>= 1) {
                while (f.tell(VhostRequest.ADD_MEM_REG, List.of(sparse), region(f, at, bytes, at, 0))) {
                    at += bytes;
                    sum += bytes;
                }
            }
            assertTrue(sum > 1L << 41 && sum <= 1L << 42, sum + " bytes are mapped");
            f.exchange();
        }
    }

    /** A message that never ends held up who closes the device, and each of its bytes could bring descriptors. */
    @Test
    void messageThatComesInDrips() throws InterruptedException {
        FrontEnd f = new FrontEnd(VhostConfig.FEATURES);
        long before = Descriptors.count();
        Thread dripping = Thread.ofPlatform().daemon().start(() -> f.drip(250));
        try {
            FrontEnd.await("the connection ends", () -> f.refused(Refusal.HEADER) == 1);
            assertTrue(Descriptors.count() < before + 600, () -> Descriptors.count() + " open files, " + before + " before");
        } finally {
            dripping.interrupt();
            dripping.join();
            f.close();
        }
    }

    @Test
    void messageWhoseBytesComeOneByOne() throws InterruptedException {
        FrontEnd f = new FrontEnd(VhostConfig.FEATURES);
        Thread dripping = Thread.ofPlatform().daemon().start(() -> f.drip(0));
        try {
            FrontEnd.await("the connection ends", () -> f.refused(Refusal.HEADER) == 1);
        } finally {
            dripping.interrupt();
            dripping.join();
            f.close();
        }
    }

    /** The socket for questions is the front end's own: it can be full, and without a time limit. */
    @Test
    @SuppressWarnings("try")
    void questionsThatNobodyReads() {
        Socket[] pair = Socket.pair(Socket.SOCK_STREAM);
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES | Feature.ACCESS_PLATFORM); Socket one = pair[0]; Socket other = pair[1];
                Arena arena = Arena.ofConfined()) {
            f.negotiate(Feature.VERSION_1 | Feature.ACCESS_PLATFORM);
            assertTrue(f.tell(VhostRequest.SET_MEM_TABLE, List.of(f.file), 1, f.guestAddress(0), FrontEnd.BYTES, f.userAddress(0), 0));
            assertTrue(f.tell(VhostRequest.SET_BACKEND_REQ_FD, List.of(one.fd())));
            one.timeoutMs(0);
            MemorySegment some = arena.allocate(4096);
            while (one.send(some, Socket.MSG_DONTWAIT) > 0) {
                // until it is full
            }
            f.startQueue(0, 0, 0);
            FrontEnd.await("the connection ends", () -> !f.isConnected());
        }
    }

    /** The notes of the driver before stood for those of the next. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void notesOfADeviceThatWasReset(boolean own) {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES, own); Fd notes = Memfd.create("front-end-notes", NOTES)) {
            for (int reset : new int[] {VhostRequest.RESET_DEVICE, VhostRequest.SET_STATUS}) {
                assertTrue(own || f.tell(VhostRequest.SET_INFLIGHT_FD, List.of(notes), NOTES, 0, QUEUES));
                f.run(Feature.VERSION_1 | Feature.RING_PACKED).exchange();
                assertTrue(reset == VhostRequest.SET_STATUS ? f.tell(reset, 0) : f.tell(reset));
            }
            f.run(Feature.VERSION_1 | Feature.RING_PACKED).exchange();
        }
    }
}
