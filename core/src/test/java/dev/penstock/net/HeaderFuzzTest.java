package dev.penstock.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.testkit.RandomFrames;
import dev.penstock.testkit.Seed;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A million hostile inputs to each parser: every one is valid or rejected by name, and nothing else happens. */
class HeaderFuzzTest {
    private static final int INPUTS = Integer.getInteger("penstock.fuzz", 1_000_000);
    private static final int[] USUAL = {0, 14, 18, 20, 34, 38, 42, 54, 62};

    /** These do not give a length and are checked in their own way. */
    private static final Set<String> OWN_CHECK = Set.of("walk", "packet type");

    private static TestPackets packets;
    private static byte[][] corpus;

    /** A parser and everything that may be called after it has accepted. */
    private interface Parser {
        long check(Mbuf m, int at);
    }

    private interface Fields {
        long read(Mbuf m, int at, int length);
    }

    @BeforeAll
    static void start() {
        packets = new TestPackets();
        RandomFrames frames = new RandomFrames(Seed.random("header corpus"), 64);
        corpus = new byte[8192][];
        for (int i = 0; i < corpus.length; i++) {
            corpus[i] = frames.any();
        }
    }

    @AfterAll
    static void stop() {
        packets.close();
    }

    private void fuzz(String name, Parser parser, Fields fields) {
        SplittableRandom random = Seed.random(name);
        int[] outcomes = new int[10];
        long sink = 0;
        for (int i = 0; i < INPUTS; i++) {
            byte[] frame = corpus[random.nextInt(corpus.length)];
            int length = random.nextInt(4) == 0 ? random.nextInt(frame.length + 1) : frame.length;
            Mbuf m = packets.of(frame, Math.min(length, 220));
            for (int n = random.nextInt(4); n > 0 && length > 0; n--) {
                m.putByte(random.nextInt(m.dataLen()), (byte) random.nextInt());
            }
            int at = random.nextInt(4) == 0 ? random.nextInt(-2, m.dataLen() + 2) : USUAL[random.nextInt(USUAL.length)];
            try {
                long outcome = parser.check(m, at);
                if (outcome < 0) {
                    assertTrue(outcome >= Reject.ABSENT, "no code of Reject");
                    outcomes[(int) -outcome]++;
                } else {
                    assertTrue(at >= 0 && (int) outcome + at <= m.dataLen() || OWN_CHECK.contains(name), "reaches past the end");
                    sink += fields.read(m, at, (int) outcome);
                    outcomes[0]++;
                }
            } catch (RuntimeException | Error e) {
                fail(name + " at " + at + " of " + HexFormat.of().formatHex(TestPackets.bytes(m)), e);
            }
        }
        assertTrue(outcomes[0] > 0, name + " accepted nothing: " + Arrays.toString(outcomes));
        assertTrue(outcomes[1] > 0, name + " met no truncated input");
        assertNotEquals(1, sink);
    }

    private static void option(int found) {
        assertTrue(found >= 0 || found == Reject.ABSENT || found == Reject.OPTION, "no outcome of a search: " + found);
    }

    @Test
    void shouldSurviveHostileLinkHeaders() {
        fuzz("ethernet", Ethernet::check, (m, at, n) -> Ethernet.dst(m, at) + Ethernet.src(m, at) + Ethernet.etherType(m, at));
        fuzz("vlan", Vlan::check, (m, at, n) -> Vlan.tci(m, at) + Vlan.etherType(m, at));
        fuzz("arp", Arp::check, (m, at, n) -> Arp.operation(m, at) + Arp.senderMac(m, at) + Arp.senderIp(m, at)
                + Arp.targetMac(m, at) + Arp.targetIp(m, at));
        fuzz("mpls", Mpls::check, (m, at, n) -> Mpls.label(m, at) + Mpls.ttl(m, at + n - 4));
    }

    @Test
    void shouldSurviveHostileIpv4Headers() {
        fuzz("ipv4", Ipv4::check, (m, at, n) -> {
            option(Ipv4.option(m, at, 148));
            option(Ipv4.option(m, at, m.getByte(at + 1) & 0xff));
            assertEquals(n, Ipv4.headerLength(m, at));
            int l4 = Checksum.udpTcpIpv4(m, at, at + n);
            assertTrue(l4 <= 0xffff && (l4 >= 0 || l4 == Reject.PACKET_LENGTH));
            Checksum.verifyUdpTcpIpv4(m, at, at + n);
            Ipv4.decrementTtl(m, at);
            return Ipv4.src(m, at) + Ipv4.dst(m, at) + Checksum.ipv4(m, at) + Ipv4.id(m, at) + Ipv4.fragment(m, at);
        });
    }

    @Test
    void shouldSurviveHostileIpv6Headers() {
        fuzz("ipv6", Ipv6::check, (m, at, n) -> {
            int l4 = Checksum.ipv6(m, at, Ipv6.nextHeader(m, at), at + n);
            assertTrue(l4 <= 0xffff && (l4 >= 0 || l4 == Reject.PACKET_LENGTH));
            Checksum.verifyIpv6(m, at, Ipv6.nextHeader(m, at), at + n);
            return Ipv6.srcHigh(m, at) + Ipv6.dstLow(m, at) + Ipv6.flowLabel(m, at) + Ipv6.trafficClass(m, at);
        });
        fuzz("walk", (m, at) -> at < 0 || at >= m.dataLen() ? Reject.TRUNCATED : Ipv6Extensions.walk(m, at, m.getByte(at) & 0xff),
                (m, at, offset) -> {
                    assertTrue(offset >= at && offset <= m.dataLen());
                    return offset;
                });
    }

    @Test
    void shouldSurviveHostileExtensionHeaders() {
        fuzz("options and routing", Ipv6Extensions::check, (m, at, n) -> {
            option(Ipv6Options.option(m, at, 5));
            return Ipv6Extensions.nextHeader(m, at) + Ipv6Extensions.extLength(m, at) + Ipv6Routing.type(m, at) + Ipv6Routing.segmentsLeft(m, at);
        });
        fuzz("fragment", Ipv6Fragment::check, (m, at, n) -> Ipv6Fragment.fragment(m, at) + Ipv6Fragment.id(m, at));
        fuzz("ah", Ah::check, (m, at, n) -> Ah.spi(m, at) + Ah.seq(m, at));
    }

    @Test
    void shouldSurviveHostileTransportHeaders() {
        fuzz("udp", Udp::check, (m, at, n) -> Udp.srcPort(m, at) + Udp.dstPort(m, at) + Udp.length(m, at));
        fuzz("tcp", Tcp::check, (m, at, n) -> {
            option(Tcp.option(m, at, Tcp.OPTION_TIMESTAMPS));
            return Tcp.seq(m, at) + Tcp.ack(m, at) + Tcp.flags(m, at) + Tcp.window(m, at) + Tcp.urgentPointer(m, at);
        });
        fuzz("sctp", Sctp::check, (m, at, n) -> Sctp.verificationTag(m, at) + Sctp.checksum(m, at));
    }

    @Test
    void shouldSurviveHostileControlMessages() {
        fuzz("icmp", Icmp::check, (m, at, n) -> Icmp.type(m, at) + Icmp.id(m, at) + Icmp.seq(m, at));
        fuzz("neighbor discovery", (m, at) -> {
            if (at >= 0 && at < m.dataLen() - 1) {
                m.putShort(at, (short) (133 + (m.getByte(at) & 7) << 8));
            }
            return NeighborDiscovery.check(m, at);
        }, (m, at, n) -> {
            option(NeighborDiscovery.option(m, at, m.dataLen() + 5, 1));
            return n >= 24 ? NeighborDiscovery.targetHigh(m, at) + NeighborDiscovery.targetLow(m, at) : 0;
        });
    }

    @Test
    void shouldSurviveHostileTunnels() {
        fuzz("gre", Gre::check, (m, at, n) -> (Gre.flags(m, at) & Gre.KEY_PRESENT) != 0 ? Gre.key(m, at) : Gre.protocol(m, at));
        fuzz("vxlan", Vxlan::check, (m, at, n) -> Vxlan.vni(m, at));
        fuzz("geneve", Geneve::check, (m, at, n) -> Geneve.vni(m, at) + Geneve.protocol(m, at));
        fuzz("gtp-u", GtpU::check, (m, at, n) -> GtpU.teid(m, at) + GtpU.type(m, at));
    }

    @Test
    void shouldSurviveHostilePackets() {
        PacketLengths lengths = new PacketLengths();
        fuzz("packet type", (m, at) -> {
            int type = PacketType.parse(m, lengths);
            return type == 0 ? Reject.TRUNCATED : 0;
        }, (m, at, n) -> {
            int end = lengths.l2Len() + lengths.l3Len();
            assertTrue(end + Math.max(lengths.l4Len(), lengths.innerL2Len() + lengths.innerL3Len() + lengths.innerL4Len())
                    <= m.dataLen(), lengths.toString());
            return end;
        });
    }
}
