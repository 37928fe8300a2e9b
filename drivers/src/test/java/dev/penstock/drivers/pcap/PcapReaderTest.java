package dev.penstock.drivers.pcap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Seed;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapReaderTest {
    private static final List<ByteOrder> ORDERS = List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN);
    private static final int FUZZ_INPUTS = 1_000_000;

    @TempDir
    private Path folder;

    private static List<Captures.Packet> packets(SplittableRandom random, int count, int maxLength) {
        List<Captures.Packet> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] data = new byte[random.nextInt(maxLength + 1)];
            random.nextBytes(data);
            // Whole microseconds and 1/64ths, so that every resolution can hold them.
            long ns = random.nextLong(0xffff_ffffL) * 1_000_000_000 + random.nextInt(64) * 15_625_000L;
            list.add(new Captures.Packet(data, data.length + random.nextInt(3), ns));
        }
        return list;
    }

    private static byte[] bytes(PcapReader reader) {
        return reader.data().asSlice(reader.dataOffset(), reader.capturedLength()).toArray(ValueLayout.JAVA_BYTE);
    }

    private static void assertReads(List<Captures.Packet> expected, PcapReader reader) throws IOException {
        for (Captures.Packet p : expected) {
            assertTrue(reader.next());
            assertArrayEquals(p.data(), bytes(reader));
            assertEquals(p.originalLength(), reader.originalLength());
            assertEquals(p.timestampNs(), reader.timestampNs());
            assertEquals(PcapReader.ETHERNET, reader.linkType());
        }
        assertFalse(reader.next());
        assertFalse(reader.next(), "the end stays the end");
    }

    @Test
    void shouldReadPcapInBothByteOrdersAndResolutions() throws IOException {
        List<Captures.Packet> packets = packets(Seed.random("pcap forms"), 40, 300);
        for (ByteOrder order : ORDERS) {
            for (int magic : new int[] {0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34}) {
                PcapReader reader = PcapReader.of(Captures.pcap(order, magic, 1, packets));
                assertReads(packets, reader);
                reader.rewind();
                assertReads(packets, reader);
            }
        }
    }

    @Test
    void shouldReadPcapngInBothByteOrdersAndAllResolutions() throws IOException {
        List<Captures.Packet> packets = packets(Seed.random("pcapng forms"), 40, 300);
        for (ByteOrder order : ORDERS) {
            for (int resolution : new int[] {6, 7, 8, 9, 0x80 | 6, 0x80 | 10, 0x80 | 20, 0x80 | 30}) {
                PcapReader reader = PcapReader.of(Captures.pcapng(order, resolution, packets));
                assertReads(packets, reader);
                reader.rewind();
                assertReads(packets, reader);
            }
        }
    }

    @Test
    void shouldReadFilesLargerThanItsWindow() throws IOException {
        List<Captures.Packet> packets = packets(Seed.random("large file"), 60, 60_000);
        packets.add(new Captures.Packet(new byte[PcapFormat.MAX_CAPTURED], 1 << 20, 0));
        packets.addAll(packets(Seed.random("large file, end"), 20, 100));
        Path file = folder.resolve("large");
        for (byte[] content : List.of(Captures.pcap(ByteOrder.LITTLE_ENDIAN, true, packets),
                Captures.pcapng(ByteOrder.BIG_ENDIAN, 9, packets))) {
            Files.write(file, content);
            try (PcapReader reader = PcapReader.open(file)) {
                assertReads(packets, reader);
                reader.rewind();
                assertReads(packets, reader);
            }
        }
    }

    @Test
    void shouldSayWhatIsWrongAndWhere() throws IOException {
        byte[] good = Captures.pcap(ByteOrder.LITTLE_ENDIAN, true, packets(Seed.random("damage"), 3, 100));
        assertMessage("too short", new byte[3]);
        assertMessage("not a capture", "hello, world".getBytes());
        assertMessage("gunzip", new byte[] {0x1f, (byte) 0x8b, 8, 0});
        assertMessage("file header", Arrays.copyOf(good, 20));
        PcapReader reader = PcapReader.of(Arrays.copyOf(good, good.length - 1));
        assertTrue(reader.next());
        assertTrue(reader.next());
        PcapException e = assertThrows(PcapException.class, reader::next);
        assertTrue(e.getMessage().contains("cut short"), e.getMessage());
        assertTrue(e.offset() > 24 && e.offset() < good.length, e.getMessage());
        assertFalse(reader.next(), "nothing after damage");
        byte[] old = good.clone();
        old[6] = 2;
        assertMessage("version 2.2", old);
    }

    private static void assertMessage(String part, byte[] content) {
        String message = assertThrows(PcapException.class, () -> PcapReader.of(content)).getMessage();
        assertTrue(message.contains(part), message);
    }

    @Test
    void shouldAgreeWithANaiveReaderOnAMillionMutatedInputs() throws IOException {
        SplittableRandom random = Seed.random("capture fuzz");
        List<byte[]> seeds = new ArrayList<>();
        for (ByteOrder order : ORDERS) {
            seeds.add(Captures.pcap(order, false, packets(random, 4, 20)));
            seeds.add(Captures.pcap(order, 0xa1b2cd34, 1, packets(random, 3, 20)));
            seeds.add(Captures.pcapng(order, 6, packets(random, 5, 16)));
            seeds.add(Captures.pcapng(order, 0x80 | 40, packets(random, 2, 30)));
            seeds.add(new Captures(order).section().block(1, new Captures(order).shorts(1, 0).ints(9).shorts(14, 8).ints(-1, 5))
                    .block(3, new Captures(order).ints(20).raw(new byte[12])).bytes());
        }
        int[] outcomes = new int[2];
        for (int i = 0; i < FUZZ_INPUTS; i++) {
            byte[] input = mutate(random, seeds.get(random.nextInt(seeds.size())));
            outcomes[compare(input) ? 1 : 0]++;
        }
        assertTrue(outcomes[0] > FUZZ_INPUTS / 50 && outcomes[1] > FUZZ_INPUTS / 50, "both kinds: " + outcomes[0] + ", " + outcomes[1]);
    }

    private static byte[] mutate(SplittableRandom random, byte[] seed) {
        byte[] input = seed.clone();
        int changes = random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(input.length);
            switch (random.nextInt(4)) {
                case 0 -> input[at] = (byte) random.nextInt();
                case 1 -> input[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> input[at] = (byte) (random.nextBoolean() ? 0 : -1);
                default -> input = Arrays.copyOf(input, Math.max(1, random.nextInt(input.length + 1)));
            }
        }
        if (random.nextInt(16) == 0) {
            random.nextBytes(input);
        }
        return input;
    }

    /** True when the whole input is a good capture. */
    private static boolean compare(byte[] input) throws IOException {
        NaiveReader expected = new NaiveReader(input);
        int n = 0;
        boolean damaged = false;
        try (PcapReader reader = PcapReader.of(input)) {
            while (reader.next()) {
                NaiveReader.Packet p = expected.packets.get(n++);
                if (p.linkType() != reader.linkType() || p.originalLength() != reader.originalLength()
                        || p.timestampNs() != reader.timestampNs() || p.data().length != reader.capturedLength()
                        || MemorySegment.mismatch(MemorySegment.ofArray(p.data()), 0, p.data().length, reader.data(),
                                reader.dataOffset(), reader.dataOffset() + reader.capturedLength()) != -1) {
                    throw new AssertionError("packet " + n + " of " + HexFormat.of().formatHex(input));
                }
            }
        } catch (PcapException e) {
            damaged = true;
        }
        if (n != expected.packets.size() || damaged != expected.damaged) {
            throw new AssertionError(n + " packets for " + expected.packets.size() + ", damaged " + damaged + " of "
                    + HexFormat.of().formatHex(input));
        }
        return !damaged;
    }

    @Test
    void shouldAllocateNothingForAPacket() throws IOException {
        List<Captures.Packet> packets = packets(Seed.random("reader allocation"), 2000, 200);
        Path file = folder.resolve("file");
        Files.write(file, Captures.pcap(ByteOrder.BIG_ENDIAN, true, packets));
        try (PcapReader reader = PcapReader.open(file)) {
            long[] left = new long[1];
            Runnable readAll = () -> {
                try {
                    reader.rewind();
                    while (reader.next()) {
                        left[0] += reader.capturedLength();
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            };
            readAll.run();
            readAll.run();
            assertTrue(Allocation.bytesOf(readAll) < 1000, "2000 packets");
        }
    }
}
