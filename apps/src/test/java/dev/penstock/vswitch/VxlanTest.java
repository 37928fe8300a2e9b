package dev.penstock.vswitch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Ipv4Address;
import dev.penstock.testkit.Frames;
import dev.penstock.testkit.Seed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two hosts' switches with a wire between their underlays, and what a third party may put on it. */
class VxlanTest {
    private static final long A = 0x0200_0000_000aL;
    private static final long B = 0x0200_0000_000bL;
    private static final long ALL = 0xffff_ffff_ffffL;
    private static final int ONE = Ipv4Address.parse("198.18.0.1");
    private static final int TWO = Ipv4Address.parse("198.18.0.2");
    private static final int SECOND = 1_000_000_000;

    private final TestSwitch one = new TestSwitch(1, 1000, 300);
    private final TestSwitch two = new TestSwitch(1, 1000, 300);

    @BeforeEach
    void join() {
        host(one, ONE, TWO);
        host(two, TWO, ONE);
    }

    private static void host(TestSwitch host, int ip, int peer) {
        host.vswitch.addUnderlay("wan", host.ringPort("wan"), new Underlay(ip, 24, 0, 1500));
        host.vswitch.addTunnel("tun", "wan", 100, peer, new PortSettings().domain("blue").access(5));
        host.add("vm", new PortSettings().domain("blue").access(5));
        host.add("red", new PortSettings().domain("red").access(5));
    }

    @AfterEach
    void shouldLoseNothing() {
        for (TestSwitch host : List.of(one, two)) {
            // Requests of ARP that nobody took.
            host.take("wan");
            assertEquals(0, host.imbalance());
            assertEquals(0, host.inUse());
            host.close();
        }
    }

    /** Lets both work, and carries frames between them, until all rests. */
    private void settle() {
        for (int i = 0; i < 6; i++) {
            one.poll();
            two.poll();
            one.take("wan").forEach(f -> two.send("wan", f));
            two.take("wan").forEach(f -> one.send("wan", f));
        }
        one.poll();
        two.poll();
    }

    private static byte[] frame(long dst, long src, int bytes) {
        return Frames.ethernet(dst, src, 0x88b5, new byte[bytes - 14]);
    }

    @Test
    void shouldCarryFramesBothWaysAfterAskingForTheOtherHost() {
        settle();
        assertTrue(one.vswitch.port("tun").tunnel().nextHopMac() != 0, "ARP");
        one.send("vm", frame(ALL, A, 60));
        settle();
        assertArrayEquals(frame(ALL, A, 60), two.take("vm").getFirst());
        assertEquals(0, two.take("red").size(), "another tenant's");
        two.send("vm", frame(A, B, 1450));
        settle();
        assertArrayEquals(frame(A, B, 1450), one.take("vm").getFirst());
        assertEquals(1, two.stats("tun").txPackets());
        assertEquals(1, one.stats("tun").rxPackets());
        assertEquals(1450, two.stats("tun").txBytes(), "without what is around it");
        assertEquals(1450, one.stats("tun").rxBytes());
    }

    @Test
    void shouldCountAllSegmentsOfWhatComesThroughTheTunnel() {
        settle();
        one.send("vm", frame(ALL, A, 200));
        one.poll();
        byte[] outer = one.take("wan").getFirst();
        Mbuf m = two.mbuf(Arrays.copyOf(outer, 100));
        assertTrue(m.chain(two.mbuf(Arrays.copyOfRange(outer, 100, outer.length))));
        assertTrue(two.in.get("wan").enqueue(m));
        long before = two.stats("wan").rxBytes();
        two.poll();
        assertArrayEquals(frame(ALL, A, 200), two.take("vm").getFirst());
        assertEquals(200, two.stats("tun").rxBytes());
        assertEquals(outer.length, two.stats("wan").rxBytes() - before);
    }

    @Test
    void shouldMirrorWhatIsInTheTunnel(@TempDir Path folder) throws IOException {
        settle();
        Mirror mirror = new Mirror(folder.resolve("m.pcapng"), MbufPool.create(one.eal, "mirror", 1023, 0, MbufPool.DEFAULT_DATA_ROOM, -1));
        one.vswitch.mirror(mirror, "tun", true, true);
        one.send("vm", frame(ALL, A, 60));
        settle();
        two.send("vm", frame(A, B, 100));
        settle();
        two.take("vm");
        one.take("vm");
        one.vswitch.unmirror("tun");
        mirror.close();
        assertEquals(2, mirror.captured());
    }

    private void hear(int operation, long mac, int ip, int target) {
        one.send("wan", Frames.ethernet(ALL, A, 0x0806, Frames.arp(operation, mac, ip, 0, target)));
        one.poll();
    }

    /** What anybody on the wire may say of addresses. */
    @Test
    void shouldBelieveAnAnswerOnlyOfTheNextHopAndToItself() {
        one.take("wan");
        Tunnel tunnel = one.vswitch.port("tun").tunnel();
        hear(2, A, TWO + 1, ONE);
        hear(2, A, TWO, ONE + 1);
        hear(2, 0, TWO, ONE);
        hear(2, A | 1L << 40, TWO, ONE);
        hear(1, A, ONE, ONE);
        assertEquals(0, tunnel.nextHopMac());
        assertEquals(5, one.dropped("wan", Drop.ARP_DONE));
        one.take("wan");
        hear(1, A, TWO + 1, ONE);
        assertEquals(1, one.take("wan").size(), "who asks is answered");
        assertEquals(0, tunnel.nextHopMac());
        hear(2, B, TWO, ONE);
        assertEquals(B, tunnel.nextHopMac());
        for (int i = 0; i < 200; i++) {
            one.nanos += SECOND;
            one.vswitch.tick();
            if (i % 100 == 0) {
                hear(2, B, TWO, ONE);
            }
            one.poll();
        }
        assertEquals(B, tunnel.nextHopMac(), "heard of 100 s ago");
        one.take("wan");
    }

    /** What a router sends that takes over another's address: to nobody, about itself (RFC 826; RFC 5227, section 3). */
    @Test
    void shouldFollowANextHopThatSaysWhereItIsNow() {
        one.poll();
        one.take("wan");
        Tunnel tunnel = one.vswitch.port("tun").tunnel();
        for (int operation = 1; operation <= 2; operation++) {
            hear(operation, A, TWO, TWO);
            assertEquals(0, tunnel.nextHopMac(), "it was not asked");
        }
        hear(2, A, TWO, ONE);
        for (int operation = 1; operation <= 2; operation++) {
            hear(operation, B + operation, TWO, TWO);
            assertEquals(B + operation, tunnel.nextHopMac());
            hear(operation, A, TWO + 1, TWO + 1);
            assertEquals(B + operation, tunnel.nextHopMac(), "another host");
        }
        assertEquals(7, one.dropped("wan", Drop.ARP_DONE), "none is answered");
        assertEquals(0, one.take("wan").size());
    }

    @Test
    void shouldWrapAsTheStandardSays() {
        settle();
        byte[] inner = frame(ALL, A, 77);
        one.send("vm", inner);
        one.poll();
        byte[] outer = one.take("wan").getFirst();
        int port = (outer[34] & 0xff) << 8 | outer[35] & 0xff;
        assertTrue(port >= 49152, "source port " + port);
        long mac1 = one.vswitch.port("wan").port().filters().mac();
        long mac2 = two.vswitch.port("wan").port().filters().mac();
        byte[] datagram = Frames.join(Frames.number(port, 2), Frames.number(4789, 2), Frames.number(8 + 8 + 77, 2), new byte[2],
                Frames.vxlan(100, inner));
        byte[] expected = Frames.ethernet(mac2, mac1, 0x0800, Frames.ipv4(ONE, TWO, 17, 0x4000, new byte[0], datagram));
        // Its identification is 0 here (RFC 6864: it means nothing in packets that are not to be fragmented).
        System.arraycopy(outer, 18, expected, 18, 2);
        System.arraycopy(outer, 24, expected, 24, 2);
        assertArrayEquals(expected, outer);
        assertEquals(0, Frames.checksum(Arrays.copyOfRange(outer, 14, 34)), "IPv4 checksum");
    }

    @Test
    void shouldDropWhatIsTooLongAndWhatHasNoNextHopYet() {
        one.send("vm", frame(ALL, A, 60));
        one.poll();
        assertEquals(1, one.dropped("tun", Drop.NO_NEIGHBOUR));
        settle();
        one.send("vm", frame(ALL, A, 1464));
        one.send("vm", frame(ALL, A, 1465));
        settle();
        assertEquals(1, one.dropped("tun", Drop.TOO_LONG));
        assertEquals(1, two.take("vm").size());
    }

    @Test
    void shouldNotPassFromTunnelToTunnel() {
        one.vswitch.addTunnel("tun3", "wan", 100, Ipv4Address.parse("198.18.0.3"), new PortSettings().domain("blue").access(5));
        settle();
        two.send("vm", frame(ALL, B, 60));
        settle();
        assertEquals(1, one.take("vm").size());
        assertEquals(0, one.stats("tun3").txPackets() + one.dropped("tun3", Drop.NO_NEIGHBOUR), "split horizon");
    }

    /** A tunnel that was said to be isolated was not. */
    @Test
    void shouldKeepIsolatedPortsApartAlsoBetweenHosts() {
        one.vswitch.set("tun", new PortSettings().domain("blue").access(5).isolated(true));
        one.add("apart", new PortSettings().domain("blue").access(5).isolated(true));
        settle();
        two.send("vm", frame(ALL, B, 60));
        settle();
        assertEquals(0, one.take("apart").size());
        assertEquals(1, one.take("vm").size());
        one.send("apart", frame(B, A, 60));
        settle();
        assertEquals(1, one.dropped("apart", Drop.ISOLATED));
        one.send("vm", frame(B, A + 7, 60));
        one.send("vm", frame(ALL, A + 7, 60));
        settle();
        assertEquals(2, two.take("vm").size());
        assertEquals(1, one.take("apart").size());
    }

    @Test
    void shouldAskAgainAndForgetAHostThatIsSilent() {
        settle();
        long asked = one.stats("wan").originated();
        for (int i = 0; i < 130; i++) {
            one.nanos += SECOND;
            one.vswitch.tick();
            one.poll();
        }
        one.take("wan");
        assertTrue(one.stats("wan").originated() > asked, "asks again");
        assertEquals(0, one.vswitch.port("tun").tunnel().nextHopMac(), "forgets");
        settle();
    }

    private long asked(int seconds) {
        long before = one.stats("wan").originated();
        for (int i = 0; i < seconds; i++) {
            one.nanos += SECOND;
            one.vswitch.tick();
            one.poll();
            one.poll();
        }
        one.take("wan");
        return one.stats("wan").originated() - before;
    }

    @Test
    void shouldAskAgainBeforeItForgets() {
        settle();
        assertEquals(0, asked(29));
        assertEquals(2, asked(2), "once a second");
        assertTrue(one.vswitch.port("tun").tunnel().nextHopMac() != 0, "and goes on meanwhile");
        hear(2, B, TWO, ONE);
        assertEquals(0, asked(29));
        one.vswitch.addTunnel("new", "wan", 7, Ipv4Address.parse("198.18.0.3"), new PortSettings());
        one.poll();
        assertEquals(1, one.take("wan").size(), "at once for one that is new");
        one.poll();
        assertEquals(0, one.take("wan").size());
    }

    @Test
    void shouldAskByTheForwarderOfTheUnderlayAlone() {
        try (TestSwitch several = new TestSwitch(3, 100, 300)) {
            host(several, ONE, TWO);
            several.poll();
            assertEquals(1, several.take("wan").size());
        }
    }

    /** The answer is made of the question, and that is somebody else's too. */
    @Test
    void shouldNotWriteAnAnswerIntoAQuestionThatOthersHold() {
        one.poll();
        one.take("wan");
        byte[] question = Frames.ethernet(ALL, A, 0x0806, Frames.arp(1, A, TWO, 0, ONE));
        Mbuf m = one.mbuf(question);
        assertTrue(one.in.get("wan").enqueue(m.clone(one.pool)));
        one.poll();
        assertEquals(0, one.take("wan").size());
        assertEquals(1, one.dropped("wan", Drop.ARP_DONE));
        assertEquals(A, one.vswitch.port("tun").tunnel().nextHopMac(), "it is believed all the same");
        m.refCnt(2);
        assertTrue(one.in.get("wan").enqueue(m));
        one.poll();
        assertEquals(2, one.dropped("wan", Drop.ARP_DONE));
        byte[] after = new byte[question.length];
        m.read(0, after, 0, after.length);
        assertArrayEquals(question, after);
        m.free();
    }

    @Test
    void shouldRefuseSettingsThatCanNotWork() {
        assertThrows(IllegalArgumentException.class, () -> one.vswitch.remove("wan"), "tunnels go over it");
        assertThrows(IllegalArgumentException.class, () -> one.vswitch.addTunnel("x", "wan", 1, ONE, new PortSettings()), "itself");
        assertThrows(IllegalArgumentException.class, () -> one.vswitch.addTunnel("x", "wan", 1, -1, new PortSettings()), "all");
        assertTrue(assertThrows(IllegalArgumentException.class, () -> one.vswitch.addTunnel("x", "wan", 1, 0xe000_0001, new PortSettings()))
                .getMessage().contains("no address of a host"));
        assertThrows(IllegalArgumentException.class, () -> one.vswitch.addTunnel("x", "wan", 1 << 24, TWO, new PortSettings()));
        assertThrows(IllegalArgumentException.class, () -> one.vswitch.addTunnel("x", "wan", -1, TWO, new PortSettings()));
        assertThrows(IllegalArgumentException.class, () -> one.add("x", new PortSettings().forwarder(1)));
        assertThrows(IllegalArgumentException.class,
                () -> one.vswitch.addUnderlay("x", one.ringPort("x", 2), new Underlay(ONE, 24, 0, 1500)), "two queues");
        assertThrows(IllegalArgumentException.class, () -> one.vswitch.addTunnel("x", "vm", 1, TWO, new PortSettings()));
        assertThrows(IllegalArgumentException.class, () -> one.vswitch.addTunnel("x", "wan", 100, TWO, new PortSettings()));
        assertThrows(IllegalArgumentException.class, () -> one.vswitch.addTunnel("x", "wan", 1, 0x08080808, new PortSettings()),
                "beyond the network without a gateway");
    }

    private byte[] outer(byte[] vxlan, int src, int dst, int port, byte[] padding) {
        return Frames.ethernet(two.vswitch.port("wan").port().filters().mac(), A, 0x0800,
                Frames.join(Frames.udp4(src, dst, 50000, port, vxlan), padding));
    }

    @Test
    void shouldAcceptChecksumsAndPaddingAndNameEachRejection() {
        byte[] inner = frame(ALL, A, 60);
        byte[] good = outer(Frames.vxlan(100, inner), ONE, TWO, 4789, new byte[7]);
        two.send("wan", good);
        two.poll();
        assertArrayEquals(inner, two.take("vm").getFirst(), "padding is taken off");
        byte[] broken = good.clone();
        broken[60] ^= 1;
        reject(broken, Drop.VXLAN_CHECKSUM);
        byte[] header = good.clone();
        header[22] ^= 1;
        reject(header, Drop.VXLAN_CHECKSUM);
        reject(outer(Frames.vxlan(101, inner), ONE, TWO, 4789, new byte[0]), Drop.VXLAN_UNKNOWN);
        reject(outer(Frames.vxlan(100, inner), ONE + 8, TWO, 4789, new byte[0]), Drop.VXLAN_UNKNOWN);
        reject(outer(Frames.vxlan(100, new byte[13]), ONE, TWO, 4789, new byte[20]), Drop.VXLAN_MALFORMED);
        reject(outer(new byte[8 + 60], ONE, TWO, 4789, new byte[0]), Drop.VXLAN_MALFORMED);
        reject(outer(Frames.vxlan(100, inner), ONE, TWO, 4790, new byte[0]), Drop.UNDERLAY_OTHER);
        reject(outer(Frames.vxlan(100, inner), ONE, TWO + 1, 4789, new byte[0]), Drop.UNDERLAY_OTHER);
        reject(Arrays.copyOf(good, 13), Drop.SHORT_FRAME);
        reject(Arrays.copyOf(good, 40), Drop.VXLAN_MALFORMED);
        byte[] alien = good.clone();
        alien[5] ^= 1;
        reject(alien, Drop.UNDERLAY_OTHER);
        byte[] datagram = Arrays.copyOfRange(good, 34, good.length - 7);
        reject(ip(Frames.ipv4(ONE, TWO, 6, datagram)), Drop.UNDERLAY_OTHER);
        reject(ip(Frames.ipv4(ONE, TWO, 17, 0x2000, new byte[0], datagram)), Drop.UNDERLAY_OTHER);
        byte[] longer = Frames.ipv4(ONE, TWO, 17, Arrays.copyOf(datagram, datagram.length - 1));
        reject(ip(Frames.join(longer, new byte[9])), Drop.VXLAN_MALFORMED);
        Mbuf cut = two.mbuf(good);
        split(cut, 60);
        arrive(cut);
        assertEquals(4 + 1, two.dropped("wan", Drop.VXLAN_MALFORMED), "the inner header is in two parts");
    }

    private byte[] ip(byte[] packet) {
        return Frames.ethernet(two.vswitch.port("wan").port().filters().mac(), A, 0x0800, packet);
    }

    /** Linux leaves the sum of UDP to a device that can do it, of which nothing came through. */
    @Test
    void shouldTakePacketsWhoseChecksumIsLeftToOthers() {
        byte[] inner = frame(ALL, A, 60);
        byte[] frame = outer(Frames.vxlan(100, inner), ONE, TWO, 4789, new byte[0]);
        frame[40] ^= 0x55;
        arrive(undone(frame, 20));
        assertArrayEquals(inner, two.take("vm").getFirst());
        arrive(undone(frame, 20));
        Mbuf bare = two.out.get("vm").dequeue();
        assertEquals(0, bare.olFlags(), "what was said of the packet around it");
        bare.free();
        // nobody would do one of the frame within
        arrive(undone(frame, 20 + 8 + 8 + 14 + 20));
        assertEquals(1, two.dropped("wan", Drop.BAD_OFFLOAD));
        reject(frame, Drop.VXLAN_CHECKSUM);
    }

    private Mbuf undone(byte[] frame, int l3Len) {
        Mbuf m = two.mbuf(frame);
        m.olFlags(OlFlags.RX_L4_CKSUM_NONE | OlFlags.TX_UDP_CKSUM | OlFlags.TX_IPV4);
        m.l2Len(14);
        m.l3Len(l3Len);
        return m;
    }

    private void arrive(Mbuf m) {
        assertTrue(two.in.get("wan").enqueue(m));
        two.poll();
    }

    private void reject(byte[] frame, Drop reason) {
        long before = two.dropped("wan", reason);
        two.send("wan", frame);
        two.poll();
        assertEquals(before + 1, two.dropped("wan", reason), reason.counter());
        assertEquals(0, two.take("vm").size());
    }

    @Test
    void shouldWithstandAnythingFromTheUnderlay() {
        SplittableRandom random = Seed.random("Vxlan");
        byte[] inner = Frames.ethernet(ALL, A, 0x0800, Frames.ipv4(ONE, TWO, 17, new byte[40]));
        for (int i = 0; i < 60_000; i++) {
            byte[] frame = random.nextInt(5) == 0
                    ? Frames.ethernet(ALL, A, 0x0806, Frames.arp(random.nextInt(4), A, ONE, 0, TWO))
                    : outer(Frames.vxlan(100, Arrays.copyOf(inner, random.nextInt(inner.length + 1))), ONE, TWO, 4789, new byte[random.nextInt(9)]);
            for (int n = random.nextInt(4); n > 0; n--) {
                frame[random.nextInt(frame.length)] = (byte) random.nextInt();
            }
            if (random.nextInt(3) == 0) {
                frame = Arrays.copyOf(frame, random.nextInt(frame.length + 1));
            }
            // The checksum is made right again, so that more is looked at than it.
            if (frame.length >= 34 && random.nextInt(4) != 0) {
                frame[24] = 0;
                frame[25] = 0;
                int sum = Frames.checksum(Arrays.copyOfRange(frame, 14, 34));
                frame[24] = (byte) (sum >>> 8);
                frame[25] = (byte) sum;
                if (frame.length > 41) {
                    frame[40] = 0;
                    frame[41] = 0;
                }
            }
            Mbuf m = two.mbuf(frame);
            if (random.nextInt(4) == 0 && frame.length > 2) {
                split(m, 1 + random.nextInt(frame.length - 1));
            }
            two.in.get("wan").enqueue(m);
            two.poll();
            two.take("vm");
            two.take("wan");
            assertEquals(0, two.take("red").size(), "another tenant's");
        }
        assertTrue(two.stats("tun").rxPackets() > 1000, two.stats("tun").toString());
    }

    /** Moves what is behind a place into a second segment. */
    private void split(Mbuf m, int at) {
        Mbuf tail = two.pool.alloc();
        int rest = m.pktLen() - at;
        tail.append(rest);
        tail.write(0, m, at, rest);
        m.trim(rest);
        m.chain(tail);
    }
}
