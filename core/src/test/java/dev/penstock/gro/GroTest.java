package dev.penstock.gro;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.gso.Gso;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Checksum;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Ipv6Address;
import dev.penstock.net.Tcp;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.RandomFrames;
import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GroTest {
    private static final int POOL = 2047;
    private static final Ipv6Address A = Ipv6Address.parse("2001:db8::1");
    private static final Ipv6Address B = Ipv6Address.parse("2001:db8::2");

    private final SplittableRandom random = Seed.random("GroTest");
    private final Mbuf[] cut = new Mbuf[256];
    private Eal eal;
    private MbufPool pool;

    /** One direction of a connection. */
    private final class Flow {
        final boolean v4 = random.nextBoolean();
        final int port = random.nextInt(1, 3);
        final int l2 = random.nextBoolean() ? 14 : 18;
        final int options = 4 * random.nextInt(3);
        int id = random.nextInt(65536);
        long seq = random.nextLong() & 0xffffffffL;

        /** The next segment. */
        Mbuf next(int bytes, int flags) {
            int ip = l2;
            int l4 = ip + (v4 ? 20 : 40);
            int headers = l4 + 20 + options;
            Mbuf m = pool.alloc();
            m.append(headers + bytes);
            for (int i = 0; i < m.dataLen(); i++) {
                m.putByte(i, (byte) (i < l4 + 20 ? 0 : i < headers ? 1 : random.nextInt()));
            }
            if (l2 == 18) {
                m.putInt(12, 0x81000000 | port);
            }
            m.putShort(l2 - 2, (short) (v4 ? 0x0800 : 0x86dd));
            if (v4) {
                Ipv4.write(m, ip, 0, headers - ip + bytes, id++ & 0xffff, 0, 64, IpProtocol.TCP, 1, 2);
            } else {
                Ipv6.write(m, ip, 0, 0, headers - ip - 40 + bytes, IpProtocol.TCP, 64, A, B);
            }
            Tcp.write(m, l4, port, 80, seq, 7, flags, 1000);
            Tcp.dataOffset(m, l4, (20 + options) / 4 << 4);
            seq = seq + bytes & 0xffffffffL;
            Tcp.checksum(m, l4, v4 ? Checksum.udpTcpIpv4(m, ip, l4) : Checksum.ipv6(m, ip, IpProtocol.TCP, l4));
            return m;
        }
    }

    @BeforeEach
    void start() {
        eal = Eal.start(l -> { }, "--no-huge", "--in-memory", "--no-telemetry");
        pool = MbufPool.create(eal, "pool", POOL, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
    }

    @AfterEach
    void stop() {
        assertEquals(POOL, pool.availCount(), "packets given back");
        eal.close();
    }

    private static byte[] bytes(Mbuf m) {
        byte[] all = new byte[m.pktLen()];
        int at = 0;
        for (Mbuf s = m; s != null; s = s.next()) {
            s.read(0, all, at, s.dataLen());
            at += s.dataLen();
        }
        assertEquals(all.length, at);
        return all;
    }

    private static boolean sound(Mbuf m, int l2, boolean v4) {
        int l4 = l2 + (v4 ? 20 : 40);
        return v4 ? Checksum.verifyIpv4(m, l2) && Checksum.verifyUdpTcpIpv4(m, l2, l4) : Checksum.verifyIpv6(m, l2, IpProtocol.TCP, l4);
    }

    /** The frames as they were before the merge, each packet taken apart again. */
    private List<String> apart(Mbuf[] burst, int n) {
        List<String> frames = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            Mbuf m = burst[i];
            if ((m.olFlags() & OlFlags.RX_LRO) == 0) {
                frames.add(Arrays.toString(bytes(m)));
                continue;
            }
            boolean v4 = m.l3Len() == 20;
            assertTrue(sound(m, m.l2Len(), v4), "checksums of the merged packet");
            m.olFlags(OlFlags.TX_TCP_SEG | (v4 ? OlFlags.TX_IPV4 | OlFlags.TX_IP_CKSUM : OlFlags.TX_IPV6));
            int count = Gso.segment(m, pool, cut);
            assertTrue(count > 1, "really merged");
            for (int k = 0; k < count; k++) {
                frames.add(Arrays.toString(bytes(cut[k])));
            }
            Mbuf.freeBulk(cut, 0, count);
        }
        return frames;
    }

    @Test
    void shouldMergeWhatCanBeTakenApartIntoTheSameSegments() {
        Gro gro = new Gro();
        for (int round = 0; round < 500; round++) {
            Flow[] flows = {new Flow(), new Flow(), new Flow()};
            int size = random.nextInt(1, 1400);
            int n = random.nextInt(1, 65);
            Mbuf[] burst = new Mbuf[n];
            List<String> before = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                Flow flow = flows[random.nextInt(3)];
                int bytes = random.nextInt(8) == 0 ? random.nextInt(size + 3) : size;
                int flags = random.nextInt(12) == 0 ? random.nextInt(64) : Tcp.ACK | (random.nextInt(6) == 0 ? Tcp.PSH : 0);
                if (random.nextInt(10) == 0) {
                    flow.seq++;
                }
                burst[i] = flow.next(bytes, flags);
                before.add(Arrays.toString(bytes(burst[i])));
            }
            int left = gro.merge(burst, 0, n);
            List<String> after = apart(burst, left);
            // the order among flows may change, that within each may not
            assertEquals(perFlow(before), perFlow(after));
            Mbuf.freeBulk(burst, 0, left);
        }
        assertTrue(gro.merged() > 1000, "merged " + gro.merged());
    }

    /** Frames by the bytes that name their flow: Ethernet type, tag and ports. */
    private static Map<String, List<String>> perFlow(List<String> frames) {
        return frames.stream().collect(Collectors.groupingBy(f -> {
            String[] b = f.substring(1).split(", ");
            int l2 = b[12].equals("-127") ? 18 : 14;
            int l4 = l2 + (b[l2].equals("69") ? 20 : 40);
            return l2 + b[l2] + b[l4 + 1];
        }));
    }

    @Test
    void shouldMergeABurstOfOneFlowAndSayItsSize() {
        Flow flow = new Flow();
        Mbuf[] burst = new Mbuf[32];
        for (int i = 0; i < 32; i++) {
            burst[i] = flow.next(i == 31 ? 5 : 1001, Tcp.ACK | (i == 31 ? Tcp.PSH : 0));
        }
        assertEquals(1, new Gro().merge(burst, 0, 32));
        Mbuf m = burst[0];
        assertEquals(31 * 1001 + 5, m.pktLen() - m.l2Len() - m.l3Len() - m.l4Len());
        assertEquals(32, m.nbSegs());
        assertEquals(1001, m.tsoSegsz());
        assertEquals(Tcp.ACK | Tcp.PSH, Tcp.flags(m, m.l2Len() + m.l3Len()));
        assertTrue(sound(m, m.l2Len(), flow.v4));
        m.free();
    }

    @Test
    void shouldNotHideADamagedSegment() {
        for (int round = 0; round < 200; round++) {
            Flow flow = new Flow();
            Mbuf[] burst = {flow.next(101, Tcp.ACK), flow.next(101, Tcp.ACK), flow.next(101, Tcp.ACK)};
            Mbuf hurt = burst[random.nextInt(3)];
            int at = hurt.dataLen() - 1 - random.nextInt(101);
            hurt.putByte(at, (byte) (hurt.getByte(at) ^ 1 << random.nextInt(8)));
            assertEquals(1, new Gro().merge(burst, 0, 3));
            assertFalse(sound(burst[0], burst[0].l2Len(), flow.v4));
            burst[0].free();
            Mbuf[] known = {flow.next(10, Tcp.ACK), flow.next(10, Tcp.ACK)};
            known[1].olFlags(OlFlags.RX_L4_CKSUM_BAD);
            assertEquals(2, new Gro().merge(known, 0, 2));
            Mbuf.freeBulk(known, 0, 2);
        }
    }

    @Test
    void shouldCutOffPaddingAndKeepToTheLongestPacket() {
        Flow flow = new Flow();
        Mbuf[] burst = {flow.next(1, Tcp.ACK), flow.next(1, Tcp.ACK)};
        byte[] first = bytes(burst[0]);
        for (Mbuf m : burst) {
            m.append(9);
        }
        assertEquals(1, new Gro().merge(burst, 0, 2));
        assertEquals(first.length + 1, burst[0].pktLen());
        assertTrue(sound(burst[0], burst[0].l2Len(), flow.v4));
        burst[0].free();
        Mbuf[] many = new Mbuf[64];
        for (int i = 0; i < 64; i++) {
            many[i] = flow.next(1400, Tcp.ACK);
        }
        int left = new Gro().merge(many, 0, 64);
        assertEquals(2, left);
        assertTrue(many[0].pktLen() - many[0].l2Len() <= 65535 && many[0].pktLen() > 64000);
        Mbuf.freeBulk(many, 0, left);
    }

    @Test
    void shouldLeaveEveryByteOfOtherTrafficAlone() {
        RandomFrames frames = new RandomFrames(Seed.random("GroTest frames"), 64);
        Gro gro = new Gro();
        Mbuf[] burst = new Mbuf[16];
        for (int round = 0; round < 20_000; round++) {
            byte[][] was = new byte[16][];
            for (int i = 0; i < 16; i++) {
                was[i] = frames.any();
                if (random.nextBoolean() && was[i].length > 14) {
                    was[i][random.nextInt(12, was[i].length)] = (byte) random.nextInt();
                }
                burst[i] = pool.alloc();
                burst[i].append(was[i].length);
                burst[i].write(0, was[i], 0, was[i].length);
            }
            int left = gro.merge(burst, 0, 16);
            for (int i = 0; left == 16 && i < 16; i++) {
                byte[] now = bytes(burst[i]);
                assertArrayEquals(Arrays.copyOf(was[i], now.length), now, "at most padding is cut off");
            }
            Mbuf.freeBulk(burst, 0, left);
        }
    }

    @Test
    void shouldAllocateNothing() {
        Gro gro = new Gro();
        Mbuf[] burst = new Mbuf[8];
        Mbuf[] originals = new Mbuf[8];
        Flow flow = new Flow();
        for (int i = 0; i < 8; i++) {
            originals[i] = flow.next(500, Tcp.ACK);
        }
        assertEquals(0, Allocation.steadyBytesOf(() -> {
            for (int k = 0; k < 200; k++) {
                for (int i = 0; i < 8; i++) {
                    burst[i] = originals[i].copy(pool, 0, 2000);
                }
                Mbuf.freeBulk(burst, 0, gro.merge(burst, 0, 8));
            }
        }));
        Mbuf.freeBulk(originals, 0, 8);
    }
}
