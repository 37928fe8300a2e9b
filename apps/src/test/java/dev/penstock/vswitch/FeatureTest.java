package dev.penstock.vswitch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.pcap.PcapReader;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4Address;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Frames;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureTest {
    private static final long A = 0x0200_0000_000aL;
    private static final long B = 0x0200_0000_000bL;
    private static final long ALL = 0xffff_ffff_ffffL;
    private static final int SECOND = 1_000_000_000;

    private final TestSwitch real = new TestSwitch(1, 1000, 300);

    @AfterEach
    void shouldLoseNothing() {
        assertEquals(0, real.imbalance(), "received + copies - sent - dropped");
        assertEquals(0, real.inUse(), "packets that are nowhere");
        real.close();
    }

    private static byte[] frame(long dst, long src, int bytes) {
        return Frames.ethernet(dst, src, 0x88b5, new byte[bytes - 14]);
    }

    private static byte[] udp(String src, String dst, int srcPort, int dstPort) {
        return Frames.ethernet(ALL, A, 0x0800,
                Frames.udp4(Ipv4Address.parse(src), Ipv4Address.parse(dst), srcPort, dstPort, new byte[20]));
    }

    private int sent(String from, String to, byte[] frame) {
        real.send(from, frame);
        real.poll();
        return real.take(to).size();
    }

    @Test
    void shouldPoliceToTheRateInBothDirections() {
        real.add("in", new PortSettings().rxRate(100_000, 10_000).flood(PortSettings.Flood.BROADCAST, PortSettings.UNLIMITED));
        real.add("out", new PortSettings().txRate(50_000, 5_000));
        int received = 0;
        for (int ms = 0; ms < 2000; ms++) {
            received += sent("in", "out", frame(ALL, A, 1000));
            real.nanos += 1_000_000;
        }
        // 2 s at 50 kB/s and a burst of 5 kB are 105 frames; 205 pass the first bucket.
        assertTrue(received >= 103 && received <= 105, received + " frames");
        long passed = 2000 - real.dropped("in", Drop.POLICED_IN);
        assertTrue(passed >= 208 && passed <= 210, passed + " frames");
        assertEquals(passed - received, real.dropped("out", Drop.POLICED_OUT));
    }

    @Test
    void shouldLimitFloodsByKind() {
        real.add("in", new PortSettings().flood(PortSettings.Flood.BROADCAST, 100).flood(PortSettings.Flood.MULTICAST, 0)
                .flood(PortSettings.Flood.UNKNOWN, PortSettings.UNLIMITED));
        real.add("out", new PortSettings());
        int broadcasts = 0;
        for (int i = 0; i < 50; i++) {
            broadcasts += sent("in", "out", frame(ALL, A, 60));
            assertEquals(0, sent("in", "out", frame(0x0100_5e00_0001L, A, 60)));
            assertEquals(1, sent("in", "out", frame(B, A, 60)));
        }
        assertEquals(10, broadcasts);
        assertEquals(40, real.dropped("in", Drop.BROADCAST_LIMIT));
        assertEquals(50, real.dropped("in", Drop.MULTICAST_LIMIT));
        real.nanos += SECOND;
        assertEquals(1, sent("in", "out", frame(ALL, A, 60)));
    }

    @Test
    void shouldCountAPacketThatIsToBeCutAsManyFloods() {
        real.add("in", new PortSettings().flood(PortSettings.Flood.BROADCAST, 1000).flood(PortSettings.Flood.UNKNOWN, 20));
        real.add("out", new PortSettings());
        assertEquals(7, floods(ALL), "100 at once are 7 times 13");
        assertEquals(1, floods(B), "2 at once are less than one, which passes when none went before");
        real.nanos += SECOND;
        assertEquals(1, floods(B));
    }

    private int floods(long dst) {
        int passed = 0;
        for (int i = 0; i < 20; i++) {
            Mbuf m = real.mbuf(Frames.ethernet(dst, A, 0x0800, new byte[40 + 1250]));
            m.olFlags(OlFlags.TX_TCP_SEG | OlFlags.TX_TCP_CKSUM | OlFlags.TX_IPV4);
            m.l2Len(14);
            m.l3Len(20);
            m.l4Len(20);
            m.tsoSegsz(100);
            assertTrue(real.in.get("in").enqueue(m));
            real.poll();
            passed += real.take("out").size();
        }
        return passed;
    }

    @Test
    void shouldForgetAddressesThatAreSilent() {
        real.add("a", new PortSettings());
        real.add("b", new PortSettings());
        real.add("c", new PortSettings());
        sent("a", "b", frame(ALL, A, 60));
        real.take("c");
        sent("b", "a", frame(A, B, 60));
        assertEquals(0, real.take("c").size(), "a known address is not flooded");
        real.nanos += 200L * SECOND;
        real.vswitch.tick();
        sent("b", "a", frame(A, B, 60));
        real.nanos += 150L * SECOND;
        assertEquals(1, real.vswitch.tick(), "A was silent for 350 s, B for 150");
        assertEquals(1, sent("b", "c", frame(A, B, 60)), "an unknown address is flooded");
        real.take("a");
    }

    @Test
    void shouldKeepIsolatedPortsApartAndLetThemReachOthers() {
        real.add("a", new PortSettings().isolated(true));
        real.add("b", new PortSettings().isolated(true));
        real.add("up", new PortSettings());
        sent("a", "up", frame(ALL, A, 60));
        sent("b", "up", frame(ALL, B, 60));
        assertEquals(0, real.take("a").size() + real.take("b").size());
        assertEquals(0, sent("a", "b", frame(B, A, 60)));
        assertEquals(1, real.dropped("a", Drop.ISOLATED));
        assertEquals(1, sent("up", "b", frame(B, 0x0200_0000_0001L, 60)));
        assertEquals(0, real.take("a").size());
    }

    @Test
    void shouldFilterByAccessListsInOrder() {
        AccessList in = new AccessList(List.of(
                new AccessRule(true, AccessRule.ANY, AccessRule.ANY, AccessRule.ANY, IpPrefix.parse("198.18.0.0/24"), null,
                        IpProtocol.UDP, null, new AccessRule.PortRange(53, 53)),
                new AccessRule(false, AccessRule.ANY, AccessRule.ANY, AccessRule.ANY, null, null, IpProtocol.UDP, null, null),
                new AccessRule(false, B, AccessRule.ANY, AccessRule.ANY, null, null, AccessRule.ANY, null, null)));
        AccessList out = new AccessList(List.of(
                new AccessRule(false, AccessRule.ANY, AccessRule.ANY, 0x88b5, null, null, AccessRule.ANY, null, null)));
        real.add("in", new PortSettings().aclIn(in));
        real.add("out", new PortSettings());
        real.add("deaf", new PortSettings().aclOut(out));
        assertEquals(1, sent("in", "out", udp("198.18.0.9", "198.19.0.1", 4000, 53)));
        assertEquals(0, sent("in", "out", udp("198.18.1.9", "198.19.0.1", 4000, 53)));
        assertEquals(0, sent("in", "out", udp("198.18.0.9", "198.19.0.1", 4000, 54)));
        assertEquals(0, sent("in", "out", frame(ALL, B, 60)));
        assertEquals(3, real.dropped("in", Drop.ACL_IN));
        assertEquals(1, real.take("deaf").size());
        assertEquals(1, sent("in", "out", frame(ALL, A, 60)));
        assertEquals(0, real.take("deaf").size());
        assertEquals(1, real.dropped("deaf", Drop.ACL_OUT));
    }

    @Test
    void shouldNotLetFragmentsOrDamagedPacketsPassADenyRule() {
        AccessList in = new AccessList(List.of(
                new AccessRule(true, AccessRule.ANY, AccessRule.ANY, AccessRule.ANY, null, null, IpProtocol.UDP,
                        null, new AccessRule.PortRange(53, 53)),
                new AccessRule(false, AccessRule.ANY, AccessRule.ANY, AccessRule.ANY, null, IpPrefix.parse("198.19.0.0/16"),
                        AccessRule.ANY, null, null)));
        real.add("in", new PortSettings().aclIn(in));
        real.add("out", new PortSettings());
        int s = 0xc612_0001;
        int d = 0xc613_0001;
        byte[] fragment = Frames.ethernet(ALL, A, 0x0800, Frames.ipv4(s, d, 17, 100, new byte[0], Frames.number(0x0035_0035L << 32, 8)));
        assertEquals(0, sent("in", "out", fragment), "what looks like a port in a later fragment is none");
        byte[] damaged = udp("198.18.0.9", "198.19.0.1", 1, 53);
        damaged[14] = 0x4f;
        damaged[17] = 30;
        assertEquals(0, sent("in", "out", damaged), "a deny rule that looks at IP takes what can't be read as IP");
        assertEquals(2, real.dropped("in", Drop.ACL_IN));
    }

    /** A peer of memif chooses where segments end, and so could hide all behind a tag. */
    @Test
    void shouldNotLetATagThatIsCutHideAPacketFromADenyRule() {
        byte[] tcp = Frames.ethernet(ALL, A, 0x88a8, Frames.vlan(0, 0x0800, Frames.ipv4(1, 2, 6, new byte[40])));
        for (AccessRule rule : List.of(
                new AccessRule(false, AccessRule.ANY, AccessRule.ANY, AccessRule.ANY, null, null, IpProtocol.TCP, null, null),
                new AccessRule(false, AccessRule.ANY, AccessRule.ANY, 0x0800, null, null, AccessRule.ANY, null, null))) {
            real.add("in", new PortSettings().aclIn(new AccessList(List.of(rule))));
            real.add("out", new PortSettings());
            assertEquals(0, sent("in", "out", tcp));
            Mbuf m = real.mbuf(Arrays.copyOf(tcp, 14));
            assertTrue(m.chain(real.mbuf(Arrays.copyOfRange(tcp, 14, tcp.length))));
            assertTrue(real.in.get("in").enqueue(m));
            real.poll();
            assertEquals(0, real.take("out").size());
            assertEquals(2, real.dropped("in", Drop.ACL_IN));
            real.remove("in");
            real.remove("out");
        }
    }

    /** Where the outer tag goes, the one behind it would count for who is at the other end. */
    @Test
    void shouldNotLetAFrameIntoAnotherVlanBehindATagThatIsTakenOff() {
        BitSet vlans = new BitSet();
        vlans.set(20);
        real.add("in", new PortSettings());
        real.add("trunk", new PortSettings().trunk(vlans, 1));
        byte[] hidden = Frames.vlan(20, 0x88b5, new byte[46]);
        assertEquals(0, sent("in", "trunk", Frames.ethernet(ALL, A, 0x8100, Frames.vlan(0, 0x8100, hidden))));
        assertEquals(1, real.dropped("in", Drop.VLAN_REFUSED));
        assertEquals(1, sent("in", "trunk", Frames.ethernet(ALL, A, 0x8100, Frames.vlan(0, 0x88b5, new byte[46]))));
    }

    @Test
    void shouldCloseThePoolOfAMirrorThatCannotBeMade(@TempDir Path folder) {
        MbufPool pool = MbufPool.create(real.eal, "mirror", 1023, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
        assertThrows(IOException.class, () -> new Mirror(folder.resolve("none/m.pcapng"), pool));
        MbufPool.create(real.eal, "mirror", 1023, 0, MbufPool.DEFAULT_DATA_ROOM, -1).close();
    }

    @Test
    void shouldCountThePacketsOfEachAddress() {
        real.add("a", new PortSettings().flood(PortSettings.Flood.UNKNOWN, PortSettings.UNLIMITED));
        real.add("b", new PortSettings());
        sent("b", "a", frame(ALL, B, 60));
        for (int from : new int[] {0, 0, 0, 0, 1, 0, 1, 1, 2, 0, 0}) {
            real.send("a", frame(B, A + 256 * from, 60));
        }
        real.poll();
        assertEquals(11, real.take("b").size());
        sent("a", "b", frame(B, A, 60));
        Map<Long, Long> packets = new HashMap<>();
        real.vswitch.forEachAddress((mac, _, _, _, _, count) -> packets.put(mac, count));
        assertEquals(Map.of(B, 1L, A, 8L, A + 256, 3L, A + 512, 1L), packets);
    }

    @Test
    void shouldStopLearningAtTheLimitAndForwardOn() {
        real.add("a", new PortSettings().macLimit(5).flood(PortSettings.Flood.UNKNOWN, PortSettings.UNLIMITED));
        real.add("b", new PortSettings());
        for (int i = 0; i < 50; i++) {
            assertEquals(1, sent("a", "b", frame(B, A + 256 + i, 60)));
        }
        assertEquals(5, real.vswitch.macs().size());
        assertEquals(45, real.stats("a").learnRefused());
    }

    @Test
    void shouldLearnEveryTenantsAddressesWhileAnotherMakesThemUp() {
        int made = 0;
        for (String name : List.of("evil1", "evil2", "evil3")) {
            real.add(name, new PortSettings().domain("evil").macLimit(2000));
        }
        real.add("a", new PortSettings());
        real.add("b", new PortSettings());
        real.add("c", new PortSettings());
        for (int i = 0; i < 3000; i++) {
            // Each is moved to another port, which frees a place behind the first.
            sent("evil" + (1 + i % 3), "evil1", frame(A, 0x0400_0000_0000L + made, 60));
            sent("evil" + (1 + (i + 1) % 3), "evil1", frame(A, 0x0400_0000_0000L + made++, 60));
            real.take("evil2");
            real.take("evil3");
        }
        assertTrue(real.vswitch.macs().size() <= 1000, real.vswitch.macs().size() + " of 1000");
        for (int i = 0; i < 16; i++) {
            sent("a", "b", frame(ALL, A + 256 + i, 60));
            real.take("c");
        }
        for (int i = 0; i < 16; i++) {
            assertEquals(1, sent("b", "a", frame(A + 256 + i, B, 60)));
            assertEquals(0, real.take("c").size(), "station " + i + " is known, so nothing is flooded");
        }
        assertEquals(0, real.stats("a").learnRefused() + real.stats("b").learnRefused());
    }

    @Test
    void shouldNameWhatAPeerThatDoesNotReadLoses() {
        real.add("a", new PortSettings());
        real.add("slow", new PortSettings());
        sent("slow", "a", frame(ALL, B, 60));
        int total = 0;
        for (int i = 0; i < 50; i++) {
            for (int j = 0; j < 32; j++) {
                real.send("a", frame(B, A, 60));
                total++;
            }
            real.poll();
        }
        Mbuf chain = real.mbuf(frame(B, A, 60));
        assertTrue(chain.chain(real.mbuf(new byte[100])));
        assertTrue(real.in.get("a").enqueue(chain));
        real.poll();
        assertEquals(total + 1 - (TestSwitch.RING - 1), real.dropped("slow", Drop.TX_FULL));
        assertEquals(TestSwitch.RING - 1, real.take("slow").size());
        assertEquals(60L * total + 160, real.stats("a").rxBytes());
        assertEquals(60L * (TestSwitch.RING - 1), real.stats("slow").txBytes(), "of what was sent");
    }

    @Test
    void shouldNameEachReasonForADrop() {
        real.add("in", new PortSettings().flood(PortSettings.Flood.UNKNOWN, 0));
        real.add("out", new PortSettings());
        real.add("alone", new PortSettings().access(9));
        byte[] tagged = Frames.ethernet(ALL, A, 0x8100, Frames.vlan(7, 0x88b5, new byte[46]));
        Map<Drop, byte[]> frames = new EnumMap<>(Map.of(Drop.SHORT_FRAME, Arrays.copyOf(frame(ALL, A, 60), 13),
                Drop.BAD_SOURCE, frame(ALL, A | 1L << 40, 60), Drop.RESERVED_ADDRESS, frame(0x0180_c200_000fL, A, 60),
                Drop.VLAN_REFUSED, tagged, Drop.SAME_PORT, frame(A, A, 60), Drop.UNKNOWN_LIMIT, frame(B, A, 60)));
        frames.forEach((reason, frame) -> {
            long before = real.stats("in").dropped();
            assertEquals(0, sent("in", "out", frame));
            assertEquals(1, real.dropped("in", reason), reason.counter());
            assertEquals(before + 1, real.stats("in").dropped());
        });
        assertEquals(0, sent("in", "out", Arrays.copyOf(tagged, 17)));
        assertEquals(2, real.dropped("in", Drop.SHORT_FRAME), "a tag that is cut");
        assertEquals(0, sent("alone", "out", frame(ALL, A, 60)));
        assertEquals(1, real.dropped("alone", Drop.NO_MEMBER));
    }

    @Test
    void shouldLeaveAllAsItWasWhenThereAreTooManyVlans() {
        BitSet all = new BitSet();
        all.set(1, PortSettings.MAX_VLAN + 1);
        for (int i = 0; i < 16; i++) {
            real.add("t" + i, new PortSettings().domain("d" + i).trunk(all, 0));
        }
        PortSettings more = new PortSettings().domain("more").trunk(all, 0);
        assertThrows(IllegalArgumentException.class, () -> real.add("more", more));
        assertThrows(IllegalArgumentException.class, () -> real.vswitch.port("more"));
        real.add("a", new PortSettings());
        assertThrows(IllegalArgumentException.class, () -> real.vswitch.set("a", more));
        assertEquals("access 1", real.vswitch.port("a").settings().vlanText());
        real.add("b", new PortSettings());
        assertEquals(1, sent("a", "b", frame(ALL, A, 60)));
    }

    /** Frames of a row have their addresses in common, and not what else a list or a policer asks for. */
    @Test
    void shouldFilterAndPoliceEachFrameOfARow() {
        AccessRule deny = new AccessRule(false, AccessRule.ANY, AccessRule.ANY, AccessRule.ANY, null, null, IpProtocol.UDP, null,
                new AccessRule.PortRange(53, 54));
        real.add("in", new PortSettings().aclIn(new AccessList(List.of(deny))));
        real.add("slow", new PortSettings().rxRate(1, 200));
        real.add("out", new PortSettings());
        sent("out", "in", frame(ALL, B, 60));
        for (int port : new int[] {52, 53, 55, 54}) {
            real.send("in", Frames.ethernet(B, A, 0x0800, Frames.udp4(1, 2, 4000, port, new byte[20])));
            real.send("slow", frame(B, A + 256, 60));
        }
        real.poll();
        assertEquals(2 + 3, real.take("out").size());
        assertEquals(2, real.dropped("in", Drop.ACL_IN));
        assertEquals(1, real.dropped("slow", Drop.POLICED_IN));
        real.take("slow");
    }

    @Test
    void shouldPoliceOnlyWhatMayPassAndAllItsSegments() {
        real.add("in", new PortSettings().rxRate(1, 150));
        real.add("free", new PortSettings());
        real.add("out", new PortSettings().txRate(1, 150));
        assertEquals(0, sent("in", "out", frame(ALL, A | 1L << 40, 60)));
        assertEquals(1, real.dropped("in", Drop.BAD_SOURCE));
        for (String from : List.of("in", "free")) {
            Mbuf m = real.mbuf(frame(ALL, A, 60));
            assertTrue(m.chain(real.mbuf(new byte[100])));
            assertTrue(real.in.get(from).enqueue(m));
            real.poll();
        }
        assertEquals(1, real.dropped("in", Drop.POLICED_IN));
        assertEquals(1, real.dropped("out", Drop.POLICED_OUT));
        assertEquals(1, real.take("in").size());
    }

    @Test
    void shouldFillABucketNoMoreThanFullHoweverLongItRests() {
        TokenBucket bucket = new TokenBucket(1000, 1000);
        assertTrue(bucket.take(1, 1));
        assertTrue(bucket.take(1000, 900_000_001));
        assertFalse(bucket.take(1, 900_000_001));
        TokenBucket fast = new TokenBucket(10_000_000_000L, 1000);
        assertTrue(fast.take(1000, 1));
        assertTrue(fast.take(1000, 1_000_000_001), "more came than a number holds");
        TokenBucket early = new TokenBucket(1000, 1000);
        assertTrue(early.take(1000, -5L * SECOND), "a clock may begin anywhere");
        assertTrue(early.take(1000, -4L * SECOND));
        assertFalse(early.take(1, -5L * SECOND), "asked by who read the clock before");
        assertFalse(early.take(1, -4L * SECOND), "no time is counted twice");
    }

    /** Of one rule each, that denies: what it takes and what it lets pass. */
    @Test
    void shouldReadOfAPacketWhatAnAccessListAsksFor() {
        byte[] one = Frames.ipv6Address(1);
        byte[] two = Frames.ipv6Address(2);
        byte[] ports = Frames.number(0x0035_0035L << 32, 8);
        AccessRule tcp = rule(AccessRule.ANY, null, IpProtocol.TCP, null);
        AccessRule dns = rule(AccessRule.ANY, null, IpProtocol.UDP, new AccessRule.PortRange(53, 60));
        assertTaken(true, dns, 0x86dd, Frames.ipv6(one, two, 17, Frames.udp(one, two, 1, 60, new byte[8])));
        assertTaken(false, dns, 0x86dd, Frames.ipv6(one, two, 17, Frames.udp(one, two, 1, 61, new byte[8])));
        assertTaken(true, dns, 0x0800, Frames.ipv4(1, 2, 17, new byte[2]));
        assertTaken(true, tcp, 0x86dd, Frames.ipv6(one, two, 0, new byte[4]));
        assertTaken(true, tcp, 0x86dd, Arrays.copyOf(Frames.ipv6(one, two, 6, new byte[20]), 30));
        byte[] behindTags = Frames.vlan(1, 0x8100, Frames.vlan(2, 0x0800, Frames.ipv4(1, 2, 6, new byte[20])));
        assertTaken(true, tcp, 0x8100, behindTags);
        assertTaken(false, dns, 0x8100, behindTags);
        assertTaken(false, rule(AccessRule.ANY, IpPrefix.parse("32.1.13.0/24"), AccessRule.ANY, null), 0x86dd, Frames.ipv6(one, two, 6, new byte[20]));
        assertTaken(true, rule(ALL, null, AccessRule.ANY, null), 0x88b5, new byte[46]);
        assertTaken(false, rule(B, null, AccessRule.ANY, null), 0x88b5, new byte[46]);
        AccessRule pass = new AccessRule(true, AccessRule.ANY, AccessRule.ANY, AccessRule.ANY, null, null, IpProtocol.UDP, null,
                new AccessRule.PortRange(53, 53));
        Mbuf later = real.mbuf(Frames.ethernet(ALL, A, 0x86dd, Frames.ipv6(one, two, 44, Frames.fragment(17, 8, ports))));
        assertFalse(new AccessList(List.of(pass, rule(AccessRule.ANY, null, IpProtocol.UDP, null))).permits(later, new AccessList.Fields()));
        later.free();
    }

    private static AccessRule rule(long dstMac, IpPrefix src, int protocol, AccessRule.PortRange ports) {
        return new AccessRule(false, AccessRule.ANY, dstMac, AccessRule.ANY, src, null, protocol, null, ports);
    }

    private void assertTaken(boolean taken, AccessRule rule, int type, byte[] payload) {
        Mbuf m = real.mbuf(Frames.ethernet(ALL, A, type, payload));
        assertEquals(!taken, new AccessList(List.of(rule)).permits(m, new AccessList.Fields()), rule.text());
        m.free();
    }

    @Test
    void shouldSurviveFloodsWithoutPacketsForCopies() {
        for (int i = 0; i < 4; i++) {
            real.add("p" + i, new PortSettings().flood(PortSettings.Flood.BROADCAST, PortSettings.UNLIMITED));
        }
        Mbuf[] all = new Mbuf[real.copies.size()];
        assertTrue(real.copies.allocBulk(all, 0, all.length));
        assertEquals(0, sent("p0", "p1", frame(ALL, A, 60)));
        assertEquals(1, real.take("p3").size(), "the last one gets the packet itself");
        assertEquals(2, real.dropped("p0", Drop.NO_MBUF));
        Mbuf.freeBulk(all, 0, all.length);
    }

    @Test
    void shouldTagSharedPacketsInCopies() {
        BitSet vlans = new BitSet();
        vlans.set(7);
        real.add("a", new PortSettings().access(7));
        real.add("t", new PortSettings().trunk(vlans, 0));
        byte[] frame = frame(ALL, A, 60);
        Mbuf m = real.mbuf(frame);
        Mbuf shown = m.clone(real.pool);
        real.in.get("a").enqueue(shown);
        real.poll();
        byte[] tagged = Frames.ethernet(ALL, A, 0x8100, Frames.vlan(7, 0x88b5, new byte[46]));
        assertArrayEquals(tagged, real.take("t").getFirst());
        byte[] before = new byte[60];
        m.read(0, before, 0, 60);
        assertArrayEquals(frame, before, "the packet that shares the data is as it was");
        m.free();
    }

    @Test
    void shouldMirrorIntoPcapng(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("m.pcapng");
        Mirror mirror = new Mirror(file, MbufPool.create(real.eal, "mirror", 1023, 0, MbufPool.DEFAULT_DATA_ROOM, -1));
        real.add("a", new PortSettings());
        real.add("b", new PortSettings());
        real.vswitch.mirror(mirror, "a", true, true);
        real.vswitch.mirror(mirror, "b", false, true);
        assertThrows(IllegalArgumentException.class, () -> real.vswitch.mirror(mirror, "b", true, true));
        byte[] ask = frame(ALL, A, 60);
        byte[] answer = frame(A, B, 101);
        sent("a", "b", ask);
        sent("b", "a", answer);
        real.vswitch.unmirror("a");
        real.vswitch.unmirror("b");
        sent("a", "b", frame(B, A, 70));
        mirror.close();
        assertEquals(3, mirror.captured());
        assertEquals(0, mirror.lost());
        List<byte[]> frames = frames(file);
        assertEquals(3, frames.size());
        assertArrayEquals(ask, frames.get(0));
        assertArrayEquals(ask, frames.get(1));
        assertArrayEquals(answer, frames.get(2));
    }

    private static List<byte[]> frames(Path file) throws IOException {
        List<byte[]> frames = new ArrayList<>();
        try (PcapReader reader = PcapReader.open(file)) {
            while (reader.next()) {
                frames.add(reader.data().asSlice(reader.dataOffset(), reader.capturedLength()).toArray(ValueLayout.JAVA_BYTE));
            }
        }
        return frames;
    }

    @Test
    void shouldAllocateNothingForAPacket() {
        real.add("a", new PortSettings().rxRate(1 << 30, 1 << 30).flood(PortSettings.Flood.BROADCAST, PortSettings.UNLIMITED));
        real.add("b", new PortSettings().txRate(1 << 30, 1 << 30));
        real.add("c", new PortSettings());
        Mbuf[] burst = new Mbuf[32];
        byte[] known = frame(B, A, 60);
        byte[] all = frame(ALL, A, 60);
        sent("b", "a", frame(A, B, 60));
        String[] outs = {"b", "c"};
        Runnable traffic = () -> {
            for (int i = 0; i < 16; i++) {
                Mbuf m = real.pool.alloc();
                m.append(60);
                m.write(0, i % 4 == 0 ? all : known, 0, 60);
                real.in.get("a").enqueue(m);
            }
            real.vswitch.forwarder(0).poll();
            for (String name : outs) {
                Mbuf.freeBulk(burst, 0, real.out.get(name).dequeueBurst(burst, 0, 32));
            }
        };
        assertEquals(0, Allocation.steadyBytesOf(() -> {
            for (int i = 0; i < 1000; i++) {
                traffic.run();
            }
        }));
        real.take("c");
    }

    @Test
    void shouldLetPortsComeAndGoUnderTraffic() throws InterruptedException {
        try (TestSwitch busy = new TestSwitch(2, 1000, 300)) {
            PortSettings free = new PortSettings();
            for (PortSettings.Flood kind : PortSettings.Flood.values()) {
                free.flood(kind, PortSettings.UNLIMITED);
            }
            busy.add("a", free);
            busy.add("b", free);
            AtomicBoolean done = new AtomicBoolean();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread[] threads = new Thread[2];
            for (int i = 0; i < 2; i++) {
                Forwarder forwarder = busy.vswitch.forwarder(i);
                String name = i == 0 ? "a" : "b";
                byte[][] frames = {frame(i == 0 ? B : A, i == 0 ? A : B, 60), frame(ALL, i == 0 ? A : B, 60)};
                threads[i] = Thread.ofPlatform().start(() -> {
                    forwarder.begin();
                    try {
                        for (int k = 0; !done.get(); k++) {
                            Mbuf m = busy.pool.alloc();
                            if (m != null) {
                                m.append(60);
                                m.write(0, frames[k % 8 == 0 ? 1 : 0], 0, 60);
                                if (!busy.in.get(name).enqueue(m)) {
                                    m.free();
                                }
                            }
                            forwarder.poll();
                            for (String port : List.of("a", "b")) {
                                Mbuf got = busy.out.get(port).dequeue();
                                if (got != null) {
                                    got.free();
                                }
                            }
                        }
                    } catch (Throwable e) {
                        failure.set(e);
                    } finally {
                        forwarder.end();
                    }
                });
            }
            for (int i = 0; i < 60; i++) {
                busy.vswitch.add("x" + i, busy.ringPort("x"), free.copy().forwarder(i % 2));
                busy.send("x", frame(ALL, 0x0200_0000_1000L + i, 60));
                busy.vswitch.set("a", free.copy().isolated(i % 3 == 0));
                busy.vswitch.remove("x" + i).close();
                // What the port still held is the test's: the switch does not touch it any more.
                busy.take("x");
                for (Mbuf m = busy.in.get("x").dequeue(); m != null; m = busy.in.get("x").dequeue()) {
                    m.free();
                }
            }
            done.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(null, failure.get());
            busy.poll();
            busy.take("a");
            busy.take("b");
            assertEquals(0, busy.inUse(), "packets that are nowhere");
            assertEquals(2, busy.vswitch.macs().size(), "addresses of ports that are gone");
        }
    }
}
