package dev.penstock.virtqueue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.linux.Fd;
import dev.penstock.linux.Mapping;
import dev.penstock.linux.Memfd;
import dev.penstock.mbuf.IovaMap;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each class of known weakness of virtqueues that lies in the rings, by its name, on the device's side and the driver's. */
class RingWeaknessTest {
    private static final int SIZE = 16;
    private static final int BYTES = 1 << 16;
    /** What the device calls the first byte. */
    private static final long BASE = 0x10_0000;
    private static final int DATA = 16384;
    private static final int HEADER = 12;
    private static final int FRAME = 60;
    private static final int NEXT = 1;
    private static final int INDIRECT = 4;
    private static final long FEATURES = Feature.VERSION_1 | Feature.INDIRECT_DESC;

    private final Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory");
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(BYTES, 4096);
    private final MbufPool pool = MbufPool.create(eal, "pool", 255, 0, 2048, -1);
    private final Mbuf[] burst = new Mbuf[SIZE];
    private RingMemory ring;
    private DeviceQueue device;
    private boolean packed;
    /** Where the next chain is written: a head (split), or a position that goes round, with the lap (packed). */
    private int next;
    private int published;
    private boolean wrap = true;

    @AfterEach
    void end() {
        assertEquals(0, pool.inUseCount(), "all packets are back in the pool");
        eal.close();
        arena.close();
    }

    private void begin(boolean inPacked, long more) {
        packed = inPacked;
        memory.fill((byte) 0);
        ring = new RingMemory(SIZE, memory.asSlice(0, SIZE * 16), memory.asSlice(4096, RingMemory.driverBytes(packed, SIZE)),
                memory.asSlice(8192, RingMemory.deviceBytes(packed, SIZE)));
        AddressSpace space = new AddressSpace(List.of(new AddressSpace.Range(BASE, memory, true)), false);
        device = DeviceQueue.of(ring, space, FEATURES | more | (packed ? Feature.RING_PACKED : 0),
                packed ? DeviceQueue.PACKED_BASE : DeviceQueue.SPLIT_BASE);
        next = 0;
        published = 0;
        wrap = true;
    }

    private record Part(long address, long bytes, int flags, int link) {
        static Part of(long address, long bytes, int flags) {
            return new Part(address, bytes, flags, -1);
        }
    }

    private void write(MemorySegment table, int index, Part part, int link, int lap) {
        table.set(Descriptor.LONG, index * 16L, part.address);
        long second = part.bytes & 0xffff_ffffL;
        table.set(Descriptor.LONG, index * 16L + 8, packed ? second | (long) index << 32 | (long) (part.flags | lap) << 48
                : second | (long) part.flags << 32 | (long) (link & 0xffff) << 48);
    }

    /** Makes a chain available, each part linked to the next unless it says where. */
    private void offer(Part... parts) {
        if (!packed) {
            for (int i = 0; i < parts.length; i++) {
                write(ring.descriptors(), i, parts[i], parts[i].link < 0 ? i + 1 : parts[i].link, 0);
            }
            head(0);
            return;
        }
        for (Part part : parts) {
            write(ring.descriptors(), next, part, 0, wrap ? 0x80 : 0x8000);
            next = next + 1 == SIZE ? 0 : next + 1;
            wrap ^= next == 0;
        }
    }

    private void head(int head) {
        ring.driver().set(Descriptor.SHORT, 4 + 2L * (published % SIZE), (short) head);
        ring.driver().set(Descriptor.SHORT, 2, (short) ++published);
    }

    private int take() {
        int n = device.dequeue(pool, 0, burst, 0, SIZE);
        for (int i = 0; i < n; i++) {
            assertTrue(burst[i].check(true) == null);
        }
        Mbuf.freeBulk(burst, 0, n);
        return n;
    }

    /** In the midst of a frame that takes several packets: those are in no list but the one that they are being added to. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void memoryThatVanishesUnderALongFrame(boolean inPacked) {
        begin(inPacked, 0);
        try (Fd file = Memfd.create("cut", BYTES); Mapping buffers = Mapping.shared(file, 0, BYTES)) {
            device = DeviceQueue.of(ring, new AddressSpace(List.of(new AddressSpace.Range(BASE, buffers.segment(), true)), false),
                    FEATURES | (packed ? Feature.RING_PACKED : 0), packed ? DeviceQueue.PACKED_BASE : DeviceQueue.SPLIT_BASE);
            offer(Part.of(BASE, HEADER + 9000, 0));
            file.truncate(4096);
            int n = 0;
            boolean met = false;
            try {
                n = device.dequeue(pool, 0, burst, 0, SIZE);
                Faults.deliver();
            } catch (InternalError e) {
                met = true;
                n = device.abandon(burst, 0) ? 0 : n;
            }
            Mbuf.freeBulk(burst, 0, n);
            assertTrue(met, "an error of the memory that is gone");
        }
    }

    /** The same as the code is compiled, when the error comes later: what it finds on the way is not to be lost. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void memoryThatVanishesUnderManyFrames(boolean inPacked) {
        for (int round = 0; round < 60; round++) {
            begin(inPacked, 0);
            try (Fd file = Memfd.create("cut", BYTES); Mapping buffers = Mapping.shared(file, 0, BYTES)) {
                device = DeviceQueue.of(ring, new AddressSpace(List.of(new AddressSpace.Range(BASE, buffers.segment(), true)), false),
                        FEATURES | (packed ? Feature.RING_PACKED : 0), packed ? DeviceQueue.PACKED_BASE : DeviceQueue.SPLIT_BASE);
                for (int i = 0; i < 500; i++) {
                    assertEquals(1, tryTwo(i));
                }
                file.truncate(4096);
                assertEquals(-1, tryTwo(round), "an error of the memory that is gone");
            }
            assertEquals(0, pool.inUseCount(), "packets that are nowhere after round " + round);
        }
    }

    /** A frame of which a few bytes are where the file will be cut, copied without a loop, and a chain that is refused. */
    private int tryTwo(int i) {
        long cut = BASE + 8192;
        if (i % 2 == 0) {
            offer(Part.of(BASE, HEADER + 1900, NEXT), Part.of(cut, 20, NEXT), Part.of(BASE, 1900, 0));
        } else {
            offer(Part.of(BASE, HEADER, NEXT), Part.of(cut, 20, 0));
        }
        if (packed) {
            offer(Part.of(0, FRAME, 0));
        } else {
            head(SIZE);
        }
        int n = 0;
        boolean met = false;
        try {
            n = device.dequeue(pool, 0, burst, 0, SIZE);
            Faults.deliver();
        } catch (InternalError e) {
            met = true;
            n = device.abandon(burst, 0) ? 0 : n;
        }
        Mbuf.freeBulk(burst, 0, n);
        return met ? -1 : n;
    }

    /** Something of each frame is read before the first is copied, when that is a long one. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void addressesOutsideBetweenLongFrames(boolean inPacked) {
        long end = BASE + BYTES;
        for (long bad : new long[] {BASE - 1, BASE - HEADER, end - 1, end - HEADER, end, -1, -HEADER, Long.MAX_VALUE, Long.MIN_VALUE}) {
            begin(inPacked, 0);
            single(Part.of(BASE + DATA, HEADER + 1500, 0));
            single(Part.of(bad, HEADER + 1500, 0));
            single(Part.of(end - HEADER - DeviceQueue.MIN_FRAME, HEADER + DeviceQueue.MIN_FRAME, 0));
            assertEquals(2, take());
            assertEquals(1, device.rejected(Rejection.ADDRESS));
        }
    }

    /** Makes one descriptor more available. */
    private void single(Part part) {
        if (packed) {
            offer(part);
        } else {
            write(ring.descriptors(), published % SIZE, part, 0, 0);
            head(published % SIZE);
        }
    }

    private void refuse(Rejection why, Part... parts) {
        offer(parts);
        refused(why);
    }

    private void refused(Rejection why) {
        long before = device.rejected(why);
        assertEquals(0, take(), why.counter());
        assertEquals(before + 1, device.rejected(why), why.counter());
    }

    /** Whatever was refused, the next sound chain is received. */
    private void sound() {
        offer(Part.of(BASE + DATA, HEADER + FRAME, 0));
        assertEquals(1, take());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void doubleFetch(boolean inPacked) throws InterruptedException {
        begin(inPacked, 0);
        byte[] frame = new byte[FRAME];
        Arrays.fill(frame, (byte) 0x5a);
        MemorySegment.copy(MemorySegment.ofArray(frame), 0, memory, DATA + HEADER, FRAME);
        boolean[] ended = new boolean[1];
        Thread rewriter = Thread.ofPlatform().start(() -> {
            // the address, and apart from it length and flags: one soundly, then outside, too long, or a table
            for (int i = 0; !ended(ended); i++) {
                for (int d = 0; d < SIZE; d++) {
                    long flags = ring.descriptors().get(Descriptor.LONG, d * 16L + 8) & (packed ? 0xfff8_ffff_0000_0000L : 0);
                    ring.descriptors().set(Descriptor.LONG, d * 16L, (i & 1) == 0 ? BASE + DATA : BASE + BYTES - 8 + i % 16);
                    ring.descriptors().set(Descriptor.LONG, d * 16L + 8, flags | ((i & 2) == 0 ? HEADER + FRAME : 0xffff_fff0L));
                }
            }
        });
        int good = 0;
        long bad = 0;
        long end = System.nanoTime() + 100_000_000_000L;
        for (int round = 0; good < 1000 || bad < 1000; round++) {
            assertTrue(System.nanoTime() < end, good + " good, " + bad + " bad");
            offer(Part.of(BASE + DATA, HEADER + FRAME, 0));
            if (round % 64 == 0) {
                // both may have to share a processor
                Thread.yield();
            }
            int n = device.dequeue(pool, 0, burst, 0, SIZE);
            for (int i = 0; i < n; i++) {
                byte[] came = new byte[burst[i].pktLen()];
                burst[i].read(0, came, 0, came.length);
                assertArrayEquals(frame, came, "what was checked is what was used");
            }
            Mbuf.freeBulk(burst, 0, n);
            good += n;
            bad = device.rejected(Rejection.ADDRESS) + device.rejected(Rejection.LONG);
        }
        synchronized (ended) {
            ended[0] = true;
        }
        rewriter.join();
    }

    private static boolean ended(boolean[] flag) {
        synchronized (flag) {
            return flag[0];
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {SIZE + 1, 0x7fff, 0x8000, 0xffff})
    void indexTruncationOfTheAvailableIndex(int jump) {
        begin(false, 0);
        sound();
        ring.driver().set(Descriptor.SHORT, 2, (short) (published + jump));
        refused(Rejection.INDEX);
        ring.driver().set(Descriptor.SHORT, 2, (short) published);
        sound();
    }

    @ParameterizedTest
    @ValueSource(ints = {SIZE, SIZE + 1, 0x7fff, 0xffff})
    void indexTruncationOfHeadsAndLinks(int index) {
        begin(false, 0);
        head(index);
        refused(Rejection.ID);
        refuse(Rejection.NEXT, new Part(BASE + DATA, HEADER + FRAME, NEXT, index));
        MemorySegment table = memory.asSlice(DATA + 4096, 256);
        write(table, 0, Part.of(BASE + DATA, HEADER + FRAME, NEXT), 2, 0);
        refuse(Rejection.NEXT, Part.of(BASE + DATA + 4096, 32, INDIRECT));
        sound();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void integerOverflowOfAddressesAndLengths(boolean inPacked) {
        begin(inPacked, 0);
        refuse(Rejection.ADDRESS, Part.of(-16, HEADER + FRAME, 0));
        refuse(Rejection.ADDRESS, Part.of(Long.MIN_VALUE, HEADER + FRAME, 0));
        refuse(Rejection.ADDRESS, Part.of(Long.MAX_VALUE - 20, HEADER + FRAME, 0));
        refuse(Rejection.ADDRESS, Part.of(BASE + BYTES - 40, HEADER + FRAME, 0));
        refuse(Rejection.ADDRESS, Part.of(BASE - 40, HEADER + FRAME, 0));
        refuse(Rejection.LONG, Part.of(BASE + DATA, 0xffff_ffffL, 0));
        refuse(Rejection.LONG, Part.of(BASE + DATA, 0x8000_0000L, 0));
        refuse(Rejection.LONG, Part.of(BASE + DATA, HEADER + FRAME, NEXT), Part.of(BASE + DATA, 0xffff_ffffL - FRAME, 0));
        refuse(Rejection.LONG, Part.of(BASE, 40_000, NEXT), Part.of(BASE, 40_000, 0));
        refuse(Rejection.INDIRECT, Part.of(BASE + DATA, 0xffff_fff0L, INDIRECT));
        refuse(Rejection.INDIRECT, Part.of(BASE + DATA, 16L * (SIZE + 1), INDIRECT));
        refuse(Rejection.ADDRESS, Part.of(BASE + BYTES - 16, 32, INDIRECT));
        refuse(Rejection.ADDRESS, Part.of(-16, 32, INDIRECT));
        sound();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lengthUnderflow(boolean inPacked) {
        begin(inPacked, 0);
        for (int bytes : new int[] {0, 1, HEADER - 1, HEADER, HEADER + 1, HEADER + DeviceQueue.MIN_FRAME - 1}) {
            refuse(Rejection.SHORT, Part.of(BASE + DATA, bytes, 0));
            refuse(Rejection.SHORT, Part.of(BASE + DATA, 0, NEXT), Part.of(BASE + DATA, bytes, 0));
        }
        refuse(Rejection.INDIRECT, Part.of(BASE + DATA, 0, INDIRECT));
        refuse(Rejection.INDIRECT, Part.of(BASE + DATA, 15, INDIRECT));
        offer(Part.of(BASE + DATA, HEADER + DeviceQueue.MIN_FRAME, 0));
        assertEquals(1, take());
        sound();
    }

    /** A header that says where to put a checksum, outside the frame: before it, behind it, and where sums wrap. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lengthUnderflowOfHeaderFields(boolean inPacked) {
        begin(inPacked, Feature.CSUM | Feature.HOST_TSO4);
        for (int[] field : new int[][] {{0, 6}, {13, 16}, {FRAME, 0}, {FRAME - 1, 0}, {34, FRAME}, {0xffff, 0xffff}, {0xfff0, 0x10}}) {
            memory.set(Descriptor.LONG, DATA, 1 | (long) field[0] << 48);
            memory.set(Descriptor.SHORT, DATA + 8, (short) field[1]);
            refuse(Rejection.HEADER, Part.of(BASE + DATA, HEADER + FRAME, 0));
        }
        // segments of no bytes, and of a kind that was not agreed on
        for (long word : new long[] {1 | 1L << 8, 1 | 4L << 8 | 1000L << 32, 1 | 5L << 8 | 1000L << 32, 1L << 8 | 1000L << 32}) {
            memory.set(Descriptor.LONG, DATA, word | 34L << 48);
            memory.set(Descriptor.SHORT, DATA + 8, (short) 16);
            refuse(Rejection.HEADER, Part.of(BASE + DATA, HEADER + FRAME, 0));
        }
        memory.set(Descriptor.LONG, DATA, 0);
        sound();
    }

    /** A header may lie in any number of parts, one byte each, and a part of nothing among them. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void headerSpreadOverDescriptors(boolean inPacked) {
        for (long more : new long[] {0, Feature.MRG_RXBUF}) {
            begin(inPacked, more);
            for (int first = 0; first <= HEADER; first++) {
                for (int second = 0; second <= HEADER - first; second++) {
                    offer(Part.of(BASE + DATA, first, NEXT), Part.of(BASE + DATA + first, second, NEXT),
                            Part.of(BASE + DATA + first + second, HEADER - first - second + FRAME, 0));
                    assertEquals(1, take(), first + " and " + second + " bytes before the rest");
                }
            }
            Part[] bytes = new Part[HEADER + 1];
            for (int i = 0; i < HEADER; i++) {
                bytes[i] = Part.of(BASE + DATA + i, 1, NEXT);
            }
            bytes[HEADER] = Part.of(BASE + DATA + HEADER, FRAME, 0);
            offer(bytes);
            assertEquals(1, take(), "a byte each");
            bytes[HEADER] = Part.of(BASE + DATA + HEADER, 0, 0);
            refuse(Rejection.SHORT, bytes);
            bytes[HEADER - 1] = Part.of(BASE + DATA + HEADER - 1, 1, 0);
            refuse(Rejection.SHORT, Arrays.copyOf(bytes, HEADER));
            bytes[HEADER - 1] = Part.of(-16, 1, NEXT);
            refuse(Rejection.ADDRESS, bytes);
            sound();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void unboundedChain(boolean inPacked) {
        begin(inPacked, 0);
        if (!packed) {
            refuse(Rejection.CHAIN_LENGTH, new Part(BASE + DATA, 1, NEXT, 0));
            refuse(Rejection.CHAIN_LENGTH, new Part(BASE + DATA, 1, NEXT, 1), new Part(BASE + DATA, 1, NEXT, 0));
            MemorySegment table = memory.asSlice(DATA + 4096, 256);
            write(table, 0, Part.of(BASE + DATA, 1, NEXT), 1, 0);
            write(table, 1, Part.of(BASE + DATA, 1, NEXT), 0, 0);
            refuse(Rejection.CHAIN_LENGTH, Part.of(BASE + DATA + 4096, 32, INDIRECT));
        } else {
            Part[] endless = new Part[SIZE];
            Arrays.fill(endless, Part.of(BASE + DATA, 1, NEXT));
            refuse(Rejection.CHAIN_LENGTH, endless);
        }
        // a table in a table, and one that names itself
        MemorySegment table = memory.asSlice(DATA + 4096, 256);
        write(table, 0, Part.of(BASE + DATA + 4096, 16, INDIRECT), 0, 0);
        if (!packed) {
            refuse(Rejection.INDIRECT, Part.of(BASE + DATA + 4096, 16, INDIRECT));
        }
        refuse(Rejection.INDIRECT, Part.of(BASE + DATA + 4096, 16, INDIRECT | NEXT), Part.of(BASE + DATA, HEADER + FRAME, 0));
        refuse(Rejection.INDIRECT, Part.of(BASE + DATA, HEADER, NEXT), Part.of(BASE + DATA + 4096, 16, INDIRECT));
        sound();
    }

    /** A packed chain may go round to descriptors that this burst has taken, and does not end before them. */
    @Test
    void unboundedChainBehindAnother() {
        begin(true, 0);
        offer(Part.of(BASE + DATA, HEADER + FRAME, 0));
        Part[] endless = new Part[SIZE - 1];
        Arrays.fill(endless, Part.of(BASE + DATA, 1, NEXT));
        offer(endless);
        assertEquals(1, take());
        assertEquals(1, device.rejected(Rejection.CHAIN_LENGTH));
        sound();
    }

    /** What the device may only read it does not write, nor the other way round. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void buffersOfTheOtherDirection(boolean inPacked) {
        begin(inPacked, 0);
        sound();
        refuse(Rejection.DIRECTION, Part.of(BASE + DATA, HEADER + FRAME, Descriptor.WRITE));
        refuse(Rejection.DIRECTION, Part.of(BASE + DATA, HEADER, NEXT), Part.of(BASE + DATA, FRAME, Descriptor.WRITE));
        sound();
        for (boolean writable : new boolean[] {true, false}) {
            begin(inPacked, 0);
            device.space(new AddressSpace(List.of(new AddressSpace.Range(BASE, memory, writable)), false));
            offer(Part.of(BASE + DATA, HEADER + FRAME, writable ? 0 : Descriptor.WRITE));
            memory.asSlice(DATA, HEADER + FRAME).fill((byte) 7);
            burst[0] = QueuePair.packet(pool, new byte[FRAME], FRAME);
            assertEquals(0, device.enqueue(burst, 0, 1));
            burst[0].free();
            assertEquals(1, device.rejected(writable ? Rejection.DIRECTION : Rejection.ADDRESS));
            assertEquals(-1, memory.asSlice(DATA, HEADER + FRAME).mismatch(memory.asSlice(DATA + 100, HEADER + FRAME).fill((byte) 7)));
        }
    }

    /** A translation may be known in pieces of any size, so that one buffer is more pieces than there is room for. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void unboundedPiecesOfABuffer(boolean inPacked) {
        begin(inPacked, 0);
        List<AddressSpace.Range> bytes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            bytes.add(new AddressSpace.Range(BASE + i, memory.asSlice(DATA + i, 1), true));
        }
        device.space(new AddressSpace(bytes, false));
        refuse(Rejection.CHAIN_LENGTH, Part.of(BASE, 100, 0));
        offer(Part.of(BASE, SIZE + 64, 0));
        assertEquals(1, take());
    }

    @Test
    void rangesThatOverlapOrWrap() {
        AddressSpace.Range one = new AddressSpace.Range(BASE, memory.asSlice(0, 4096), true);
        for (long start : new long[] {BASE - 4095, BASE, BASE + 4095}) {
            AddressSpace.Range other = new AddressSpace.Range(start, memory.asSlice(0, 4096), true);
            assertThrows(IllegalArgumentException.class, () -> new AddressSpace(List.of(one, other), false));
        }
        assertThrows(IllegalArgumentException.class, () -> new AddressSpace.Range(-4095, memory.asSlice(0, 4096), true));
        assertThrows(IllegalArgumentException.class, () -> new AddressSpace.Range(0, memory.asSlice(0, 0), true));
        AddressSpace space = new AddressSpace(List.of(one), false);
        assertEquals(null, space.slice(BASE + 1, 4096));
        assertEquals(null, space.slice(BASE, 0));
        assertEquals(4096, space.slice(BASE, 4096).byteSize());
    }

    /** A split queue's numbers go round at 65536. */
    @Test
    void indexTruncationOfTheBase() {
        begin(false, 0);
        published = 0xfffe;
        ring.device().set(Descriptor.SHORT, 2, (short) published);
        device = DeviceQueue.of(ring, new AddressSpace(List.of(new AddressSpace.Range(BASE, memory, true)), false), FEATURES, published);
        for (int i = 0; i < 4; i++) {
            single(Part.of(BASE + DATA, HEADER + FRAME, 0));
        }
        assertEquals(4, take());
        assertEquals(2, device.base());
        assertThrows(IllegalArgumentException.class, () -> DeviceQueue.of(ring, AddressSpace.EMPTY, FEATURES | Feature.RING_PACKED, SIZE));
    }

    /** A device says of how many buffers a frame is, and how long each is. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lengthsAndCountsOfMergedBuffers(boolean inPacked) {
        begin(inPacked, 0);
        int room = 8192;
        MemorySegment packets = arena.allocate(64L * (room + Mbuf.HEADROOM), 4096);
        MbufPool shared = MbufPool.with(eal, "shared", 64).dataRoom(room + Mbuf.HEADROOM).pinned(packets).create();
        merged(shared, packets, Rejection.MERGED, 0, HEADER + FRAME);
        merged(shared, packets, Rejection.MERGED, SIZE + 1, HEADER + FRAME);
        merged(shared, packets, null, 2, HEADER + FRAME, 1);
        merged(shared, packets, null, 2, HEADER + FRAME, HEADER + room);
        merged(shared, packets, Rejection.LONG, 2, HEADER + FRAME, 0);
        merged(shared, packets, Rejection.LONG, 2, HEADER + FRAME, HEADER + room + 1);
        merged(shared, packets, Rejection.LONG, 2, HEADER + FRAME, -1);
        merged(shared, packets, Rejection.SHORT, 2, HEADER + 1, DeviceQueue.MIN_FRAME - 2);
        merged(shared, packets, null, 2, HEADER + 1, DeviceQueue.MIN_FRAME - 1);
        merged(shared, packets, null, 8, 8193, 8192, 8192, 8192, 8192, 8192, 8192, 8192);
        merged(shared, packets, Rejection.LONG, 9, 8193, 8192, 8192, 8192, 8192, 8192, 8192, 8192, 8192);
        // the rest of a frame that does not come is freed with the queue
        merged(shared, packets, null, SIZE, HEADER + FRAME);
        assertEquals(0, shared.inUseCount());
    }

    private void merged(MbufPool shared, MemorySegment packets, Rejection why, int buffers, int... lengths) {
        memory.fill((byte) 0);
        DriverQueue driver = DriverQueue.of(ring, FEATURES | Feature.MRG_RXBUF | (packed ? Feature.RING_PACKED : 0),
                new IovaMap(List.of(packets)), memory.asSlice(DATA, DriverQueue.sideBytes(SIZE)), null);
        driver.fill(shared);
        packets.set(Descriptor.SHORT, ring.descriptors().get(Descriptor.LONG, 0) - packets.address() + NetHeader.NUM_BUFFERS, (short) buffers);
        for (int i = 0; i < lengths.length; i++) {
            if (packed) {
                ring.descriptors().set(Descriptor.LONG, 16L * i + 8, lengths[i] & 0xffff_ffffL | (long) i << 32 | 0x8080L << 48);
            } else {
                ring.device().set(Descriptor.LONG_ANY, 4 + 8L * i, i | (long) lengths[i] << 32);
                ring.device().set(Descriptor.SHORT, 2, (short) (i + 1));
            }
        }
        int got = driver.receive(shared, 0, burst, 0, SIZE);
        Mbuf.freeBulk(burst, 0, got);
        String what = why + " for " + Arrays.toString(lengths) + " of " + buffers;
        assertEquals(why == null && lengths.length == buffers ? 1 : 0, got, what);
        for (Rejection each : Rejection.values()) {
            assertTrue((driver.rejected(each) > 0) == (each == why), each + " and not " + what);
        }
        driver.close();
    }

    /** What a device says that it used: another index, id or length than can be. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void indexTruncationAndLengthUnderflowOfADevice(boolean inPacked) {
        begin(inPacked, 0);
        MemorySegment packets = arena.allocate(64L * 2048, 4096);
        MbufPool shared = MbufPool.with(eal, "shared", 64).dataRoom(2048).pinned(packets).create();
        for (int bytes : new int[] {0, HEADER - 1, HEADER, HEADER + DeviceQueue.MIN_FRAME - 1}) {
            useOne(shared, packets, 0, bytes, Rejection.SHORT);
        }
        for (int bytes : new int[] {2049, 0x7fff_ffff, 0x8000_0000, -1}) {
            useOne(shared, packets, 0, bytes, Rejection.LONG);
        }
        for (int id : new int[] {SIZE, 0x7fff, 0x8000, 0xffff}) {
            useOne(shared, packets, id, HEADER + FRAME, Rejection.ID);
        }
        if (!packed) {
            for (int jump : new int[] {SIZE + 1, 0x8000, 0xffff}) {
                DriverQueue driver = driver(shared, packets);
                ring.device().set(Descriptor.SHORT, 2, (short) jump);
                assertEquals(0, driver.receive(shared, 0, burst, 0, SIZE));
                assertTrue(driver.rejected(Rejection.INDEX) > 0);
                driver.close();
            }
        }
        assertEquals(0, shared.inUseCount());
    }

    private DriverQueue driver(MbufPool shared, MemorySegment packets) {
        memory.fill((byte) 0);
        DriverQueue driver = DriverQueue.of(ring, FEATURES | (packed ? Feature.RING_PACKED : 0), new IovaMap(List.of(packets)),
                memory.asSlice(DATA, DriverQueue.sideBytes(SIZE)), null);
        driver.fill(shared);
        return driver;
    }

    private void useOne(MbufPool shared, MemorySegment packets, int id, int bytes, Rejection why) {
        DriverQueue driver = driver(shared, packets);
        if (packed) {
            ring.descriptors().set(Descriptor.LONG, 8, bytes & 0xffff_ffffL | (long) id << 32 | 0x8080L << 48);
        } else {
            ring.device().set(Descriptor.LONG_ANY, 4, id | (long) bytes << 32);
            ring.device().set(Descriptor.SHORT, 2, (short) 1);
        }
        assertEquals(0, driver.receive(shared, 0, burst, 0, SIZE));
        assertEquals(1, driver.rejected(why), why.counter() + " for id " + id + " with " + bytes + " bytes");
        driver.close();
    }
}
