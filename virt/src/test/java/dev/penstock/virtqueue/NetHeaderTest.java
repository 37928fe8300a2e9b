package dev.penstock.virtqueue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Tcp;
import dev.penstock.testkit.Frames;
import dev.penstock.testkit.Seed;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checksums and segmentation that one side leaves to the other, in both directions. */
class NetHeaderTest {
    private static final long DRIVER = Feature.VERSION_1 | Feature.INDIRECT_DESC;
    private static final long CHECKSUMS = Feature.CSUM | Feature.GUEST_CSUM;
    private static final long SEGMENTATION = Feature.HOST_TSO4 | Feature.HOST_TSO6 | Feature.HOST_USO | Feature.GUEST_TSO4
            | Feature.GUEST_TSO6 | Feature.GUEST_USO4 | Feature.GUEST_USO6;

    private final Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory");
    private final SplittableRandom random = Seed.random("net header");

    @AfterEach
    void stop() {
        eal.close();
    }

    private record Packet(byte[] frame, int l3, boolean tcp, boolean v4) {
        int field() {
            return 14 + l3 + (tcp ? 16 : 6);
        }

        byte[] withoutChecksum() {
            byte[] bare = frame.clone();
            bare[field()] = (byte) 0x5a;
            bare[field() + 1] = (byte) 0xa5;
            return bare;
        }

        void ask(Mbuf m, int segment) {
            m.l2Len(14);
            m.l3Len(l3);
            m.l4Len(tcp ? 20 : 8);
            m.tsoSegsz(segment);
            m.olFlags((tcp ? OlFlags.TX_TCP_CKSUM : OlFlags.TX_UDP_CKSUM) | (v4 ? OlFlags.TX_IPV4 : OlFlags.TX_IPV6)
                    | (segment == 0 ? 0 : tcp ? OlFlags.TX_TCP_SEG : OlFlags.TX_UDP_SEG));
        }
    }

    private Packet packet(int kind, int payload) {
        boolean v4 = (kind & 1) != 0;
        boolean tcp = (kind & 2) != 0;
        byte[] data = new byte[payload];
        random.nextBytes(data);
        byte[] src = v4 ? Frames.number(0xc6120001L, 4) : Frames.ipv6Address(1);
        byte[] dst = v4 ? Frames.number(0xc6120002L, 4) : Frames.ipv6Address(2);
        byte[] l4 = tcp ? Frames.tcp(src, dst, 1, 2, 16, new byte[0], data) : Frames.udp(src, dst, 1, 2, data);
        byte[] ip = v4 ? Frames.ipv4(0xc6120001, 0xc6120002, tcp ? 6 : 17, l4) : Frames.ipv6(src, dst, tcp ? 6 : 17, l4);
        return new Packet(Frames.ethernet(0x020000000001L, 0x020000000002L, v4 ? 0x0800 : 0x86dd, ip), v4 ? 20 : 40, tcp, v4);
    }

    private Mbuf pass(QueuePair pair, boolean up, Packet packet, int segment) {
        return pass(pair, up, packet, segment, packet.tcp ? 20 : 8);
    }

    private Mbuf pass(QueuePair pair, boolean up, Packet packet, int segment, int l4) {
        Mbuf[] burst = new Mbuf[4];
        burst[0] = QueuePair.packet(up ? pair.shared : pair.host, packet.withoutChecksum(), 1500);
        packet.ask(burst[0], segment);
        burst[0].l4Len(l4);
        if (up) {
            assertEquals(1, pair.driver.transmit(burst, 0, 1));
            return pair.device.dequeue(pair.host, 0, burst, 0, 4) == 1 ? burst[0] : null;
        }
        pair.driver.fill(pair.shared);
        assertEquals(1, pair.device.enqueue(burst, 0, 1));
        burst[0].free();
        return pair.driver.receive(pair.shared, 0, burst, 0, 4) == 1 ? burst[0] : null;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void shouldCompleteChecksumsBeforeOrBehindTheRing(int kind) {
        for (long features : new long[] {DRIVER, DRIVER | CHECKSUMS, DRIVER | CHECKSUMS | Feature.RING_PACKED | Feature.MRG_RXBUF}) {
            try (QueuePair pair = new QueuePair(eal, "p", features, 16, 64, 2176, 1)) {
                for (int payload = 0; payload < 200; payload += 1 + random.nextInt(20)) {
                    Packet packet = packet(kind & 3, payload);
                    Mbuf m = pass(pair, (kind & 4) != 0, packet, 0);
                    assertArrayEquals(packet.frame(), QueuePair.bytes(m));
                    m.free();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void shouldPassOnWhatIsUndoneWithWhatIsNeededToDoIt(int kind) {
        boolean up = (kind & 4) != 0;
        try (QueuePair pair = new QueuePair(eal, "p", DRIVER | CHECKSUMS | SEGMENTATION | Feature.MRG_RXBUF, 32, 64, 2176, 1)) {
            pair.device.completeChecksums(false);
            pair.driver.completeChecksums(false);
            for (int segment : new int[] {0, 1000}) {
                Packet packet = packet(kind & 3, 4000);
                Mbuf m = pass(pair, up, packet, segment);
                Mbuf asked = pair.host.alloc();
                packet.ask(asked, segment);
                assertEquals(asked.olFlags() | OlFlags.RX_L4_CKSUM_NONE | (segment == 0 ? 0 : OlFlags.RX_LRO), m.olFlags());
                assertEquals(14 + packet.l3(), m.l2Len() + m.l3Len());
                assertEquals(segment, m.tsoSegsz());
                asked.free();
                m.free();
            }
        }
    }

    /** Datagrams (USO) and fragments (UFO) are told apart by the header's length that the pieces have, and agreed on apart. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void shouldTellDatagramsFromFragments(int kind) {
        boolean v4 = (kind & 1) != 0;
        boolean up = (kind & 2) != 0;
        long datagrams = Feature.HOST_USO | Feature.GUEST_USO4 | Feature.GUEST_USO6;
        long fragments = Feature.HOST_UFO | Feature.GUEST_UFO;
        for (long agreed : new long[] {datagrams, fragments, datagrams | fragments}) {
            for (boolean whole : new boolean[] {false, true}) {
                try (QueuePair pair = new QueuePair(eal, "p", DRIVER | CHECKSUMS | agreed | Feature.MRG_RXBUF, 32, 64, 2176, 1)) {
                    pair.device.completeChecksums(false);
                    pair.driver.completeChecksums(false);
                    Packet packet = packet(v4 ? 1 : 0, 4000);
                    Mbuf m = pass(pair, up, packet, 1000, whole ? 0 : 8);
                    if ((agreed & (whole ? fragments : datagrams)) == 0) {
                        assertTrue(m == null);
                        assertEquals(1, up ? pair.driver.undeliverable() : pair.device.undeliverable());
                    } else {
                        assertEquals(whole ? 0 : 8, m.l4Len());
                        assertEquals(1000, m.tsoSegsz());
                        assertTrue((m.olFlags() & OlFlags.TX_UDP_SEG) != 0);
                        m.free();
                    }
                }
            }
        }
    }

    private boolean receives(long features, byte[] frame, int gso, int size, int start, int offset) {
        try (MbufPool pool = MbufPool.with(eal, "frames", 7).create()) {
            Mbuf m = QueuePair.packet(pool, frame, 2048);
            boolean good = NetHeader.device(features).receive(m, 1 | gso << 8 | (long) size << 32 | (long) start << 48, offset);
            m.free();
            return good;
        }
    }

    /** What is said of a sound packet, and of one whose header is not. */
    @Test
    void shouldRefuseSegmentationThatCannotBe() {
        long four = DRIVER | Feature.CSUM | Feature.HOST_TSO4;
        byte[] tcp = packet(3, 400).frame;
        assertTrue(receives(four, tcp, 1, 100, 34, 16));
        assertFalse(receives(four, tcp, 1, 0, 34, 16), "pieces of nothing");
        assertFalse(receives(four, tcp, 1, 100, 34, 6), "the checksum of UDP");
        assertFalse(receives(four | Feature.HOST_TSO6, tcp, 4, 100, 34, 16), "IPv4");
        assertFalse(receives(DRIVER | Feature.CSUM | Feature.HOST_TSO6, tcp, 1, 100, 34, 16), "not agreed");
        assertFalse(receives(four, Arrays.copyOf(tcp, 34 + 19), 1, 100, 34, 16), "a header that is cut");
        byte[] options = Arrays.copyOf(tcp, 34 + 40);
        for (int words = 0; words < 16; words++) {
            options[34 + 12] = (byte) (words << 4);
            assertEquals(words >= 5 && words <= 10, receives(four, options, 1, 100, 34, 16), words + " words");
        }
    }

    /** A header of a network longer than a packet says is finished here. */
    @Test
    void shouldCompleteAChecksumFarBehindTheNetworksHeader() {
        try (MbufPool pool = MbufPool.with(eal, "frames", 7).create()) {
            Mbuf m = QueuePair.packet(pool, Frames.ethernet(1, 2, 0x86dd, new byte[700]), 2048);
            NetHeader header = NetHeader.device(DRIVER | Feature.CSUM);
            header.complete = false;
            assertTrue(header.receive(m, 1 | 14L + 512 << 48, 6));
            assertEquals(OlFlags.RX_L4_CKSUM_GOOD, m.olFlags());
            assertEquals(-1, m.getShort(14 + 512 + 6), "of nothing but 0");
            m.free();
        }
    }

    @Test
    void shouldSendNothingOfWhichTheLengthsCannotBe() {
        try (MbufPool pool = MbufPool.with(eal, "frames", 7).create()) {
            NetHeader header = NetHeader.device(DRIVER | CHECKSUMS | SEGMENTATION);
            for (int cut = 0; cut <= 20; cut++) {
                Packet packet = packet(3, 0);
                Mbuf m = QueuePair.packet(pool, Arrays.copyOf(packet.frame, 54 - cut), 2048);
                packet.ask(m, 0);
                assertEquals(cut == 0, header.send(m) != -1, cut + " bytes less");
                m.free();
            }
            Packet packet = packet(3, 100);
            for (int size : new int[] {99, 100}) {
                Mbuf m = QueuePair.packet(pool, packet.frame, 2048);
                packet.ask(m, size);
                assertEquals(size == 100 ? 0 : 1, header.send(m) >>> 8 & 0xff, "pieces of " + size);
                m.putByte(14, (byte) 0x46);
                assertEquals(-1, header.send(m), "options that are left out");
                m.free();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCountSegmentationThatTheOtherSideDoesNotTake(boolean up) {
        try (QueuePair pair = new QueuePair(eal, "p", DRIVER | CHECKSUMS | Feature.MRG_RXBUF, 32, 64, 2176, 1)) {
            assertTrue(pass(pair, up, packet(3, 4000), 1000) == null);
            assertEquals(1, up ? pair.driver.undeliverable() : pair.device.undeliverable());
        }
    }

    /** A driver must not say that a checksum is right, and a device must not rely on it (5.1.6.2); a device may say so. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeADevicesWordForAChecksumAndNotADrivers(boolean up) {
        try (QueuePair pair = new QueuePair(eal, "p", DRIVER | CHECKSUMS, 16, 64, 2176, 1)) {
            Mbuf[] burst = new Mbuf[4];
            burst[0] = QueuePair.packet(up ? pair.shared : pair.host, packet(3, 100).withoutChecksum(), 1500);
            if (up) {
                assertEquals(1, pair.driver.transmit(burst, 0, 1));
            } else {
                pair.driver.fill(pair.shared);
                assertEquals(1, pair.device.enqueue(burst, 0, 1));
                burst[0].free();
            }
            long header = pair.ring.descriptors().get(Descriptor.LONG, 0) - pair.poolMemory.address();
            pair.poolMemory.set(ValueLayout.JAVA_BYTE, header, (byte) 2);
            assertEquals(1, up ? pair.device.dequeue(pair.host, 0, burst, 0, 4) : pair.driver.receive(pair.shared, 0, burst, 0, 4));
            assertEquals(up ? 0 : OlFlags.RX_L4_CKSUM_GOOD, burst[0].olFlags());
            burst[0].free();
        }
    }

    /** Segmentation has to know of the CWR flag, which only the first segment may have, when that was agreed on (5.1.6.2.1). */
    @Test
    void shouldSayThatTheWindowWasReduced() {
        for (long more : new long[] {0, Feature.GUEST_ECN}) {
            try (QueuePair pair = new QueuePair(eal, "p", DRIVER | CHECKSUMS | SEGMENTATION | Feature.MRG_RXBUF | more, 32, 64, 2176, 1)) {
                pair.driver.fill(pair.shared);
                for (int flags : new int[] {Tcp.ACK, Tcp.ACK | Tcp.CWR}) {
                    Packet packet = packet(3, 4000);
                    Mbuf[] burst = {QueuePair.packet(pair.host, packet.frame(), 1500)};
                    Tcp.flags(burst[0], 14 + packet.l3(), flags);
                    packet.ask(burst[0], 1000);
                    long second = pair.ring.device().get(Descriptor.SHORT, 2) & 0xffff;
                    assertEquals(1, pair.device.enqueue(burst, 0, 1));
                    burst[0].free();
                    int head = pair.ring.device().get(Descriptor.INT, 4 + 8 * second);
                    long header = pair.ring.descriptors().get(Descriptor.LONG, 16L * head) - pair.poolMemory.address();
                    int type = pair.poolMemory.get(ValueLayout.JAVA_BYTE, header + 1) & 0xff;
                    assertEquals(more != 0 && (flags & Tcp.CWR) != 0 ? 0x81 : 1, type);
                }
            }
        }
    }

    @Test
    void shouldKeepNoCopyOfWhatTheOtherSideDoesNotTake() {
        try (QueuePair pair = new QueuePair(eal, "p", DRIVER | CHECKSUMS, 32, 64, 2176, 1)) {
            Packet packet = packet(3, 4000);
            Mbuf[] burst = {QueuePair.packet(pair.host, packet.frame, 1500)};
            packet.ask(burst[0], 1000);
            assertEquals(1, pair.driver.transmit(burst, 0, 1));
            assertEquals(1, pair.driver.undeliverable());
            assertEquals(0, pair.bounce.inUseCount());
        }
    }
}
