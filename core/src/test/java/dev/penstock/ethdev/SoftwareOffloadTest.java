package dev.penstock.ethdev;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.TestDriver.TestDevice;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.EtherType;
import dev.penstock.net.Ethernet;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Tcp;
import dev.penstock.net.Checksum;
import dev.penstock.net.Vlan;
import dev.penstock.net.Udp;
import dev.penstock.testkit.Seed;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SoftwareOffloadTest {
    private static final int IP = Ethernet.LENGTH;
    private static final int L4 = IP + Ipv4.LENGTH;

    private final SplittableRandom random = Seed.random("SoftwareOffloadTest");
    private Eal eal;
    private Ports ports;
    private MbufPool pool;

    @BeforeEach
    void start() {
        eal = Eal.start("--no-huge", "--in-memory");
        ports = new Ports(eal);
        pool = MbufPool.create(eal, "pool", 2047, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
    }

    @AfterEach
    void stop() {
        ports.close();
        assertEquals(2047, pool.availCount(), "packets given back");
        eal.close();
    }

    private Port started(PortConfig config) {
        Port port = ports.attach("net_test0");
        port.configure(config);
        for (int q = 0; q < config.rxQueues(); q++) {
            port.setupRxQueue(q, RxQueueConfig.of(pool));
        }
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        return port;
    }

    /** A UDP packet with random payload and no checksums yet. */
    private Mbuf udp(int src, int srcPort, int payload) {
        Mbuf m = pool.alloc();
        m.append(L4 + Udp.LENGTH + payload);
        Ethernet.write(m, 0, 0x0200_0000_0002L, 0x0200_0000_0001L, EtherType.IPV4);
        Ipv4.write(m, IP, 0, Ipv4.LENGTH + Udp.LENGTH + payload, 1, 0, 64, IpProtocol.UDP, src, 0xc613_0001);
        Udp.write(m, L4, srcPort, 9, Udp.LENGTH + payload);
        for (int i = 0; i < payload; i++) {
            m.putByte(L4 + Udp.LENGTH + i, (byte) random.nextInt());
        }
        Ipv4.checksum(m, IP, 0);
        return m;
    }

    private static Mbuf ask(Mbuf m, long flags) {
        m.l2Len(Ethernet.LENGTH);
        m.l3Len(Ipv4.LENGTH);
        m.olFlags(flags);
        return m;
    }

    private static void assertChecksums(Port port, Mbuf m, long ip, long l4) {
        TestDevice device = (TestDevice) port.device();
        device.arriving.add(m);
        Mbuf[] burst = new Mbuf[1];
        assertEquals(1, port.rxBurst(0, burst, 1));
        assertEquals(ip, burst[0].olFlags() & OlFlags.RX_IP_CKSUM_MASK);
        assertEquals(l4, burst[0].olFlags() & OlFlags.RX_L4_CKSUM_MASK);
    }

    @Test
    void shouldFillInChecksumsThatVerifyAndFindEveryDamagedByte() {
        Port port = started(PortConfig.of(1, 1).withOffloads(RxOffload.IPV4_CKSUM | RxOffload.UDP_CKSUM,
                TxOffload.IPV4_CKSUM | TxOffload.UDP_CKSUM));
        TestDevice device = (TestDevice) port.device();
        for (int i = 0; i < 500; i++) {
            Mbuf m = ask(udp(0xc612_0001, 1024 + i, random.nextInt(0, 1400)), OlFlags.TX_IPV4 | OlFlags.TX_IP_CKSUM | OlFlags.TX_UDP_CKSUM);
            assertEquals(1, port.txBurst(0, new Mbuf[] {m}, 0, 1));
            assertEquals(0, m.olFlags() & (OlFlags.TX_IP_CKSUM | OlFlags.TX_L4_MASK), "done, so not asked of anyone again");
            device.sent.clear();
            m.olFlags(0);
            assertChecksums(port, m, OlFlags.RX_IP_CKSUM_GOOD, OlFlags.RX_L4_CKSUM_GOOD);
            int at = random.nextInt(L4 + Udp.LENGTH, Math.max(L4 + Udp.LENGTH + 1, m.dataLen()));
            if (at < m.dataLen()) {
                m.putByte(at, (byte) (m.getByte(at) ^ 1 << random.nextInt(8)));
                assertChecksums(port, m, OlFlags.RX_IP_CKSUM_GOOD, OlFlags.RX_L4_CKSUM_BAD);
            }
            Ipv4.ttl(m, IP, 63);
            m.olFlags(0);
            assertNotEquals(OlFlags.RX_IP_CKSUM_GOOD, flagsAfter(port, m) & OlFlags.RX_IP_CKSUM_MASK);
            m.free();
        }
    }

    private static long flagsAfter(Port port, Mbuf m) {
        ((TestDevice) port.device()).arriving.add(m);
        port.rxBurst(0, new Mbuf[1], 1);
        return m.olFlags();
    }

    @Test
    void shouldStopBeforeAPacketThatCannotBeServed() {
        Port port = started(PortConfig.of(1, 1).withOffloads(0, TxOffload.UDP_CKSUM | TxOffload.IPV4_CKSUM));
        Mbuf good = ask(udp(1, 2, 10), OlFlags.TX_IPV4 | OlFlags.TX_UDP_CKSUM);
        Mbuf lies = ask(udp(1, 2, 10), OlFlags.TX_IPV4 | OlFlags.TX_UDP_CKSUM);
        Ipv4.totalLength(lies, IP, 1500);
        assertEquals(1, port.txBurst(0, new Mbuf[] {good, lies}, 0, 2));
        good.free();
        lies.free();
    }

    @Test
    void shouldTakeAndPutVlanTagsAndFilterThem() {
        Port port = started(PortConfig.of(1, 1).withOffloads(RxOffload.VLAN_STRIP | RxOffload.VLAN_FILTER, TxOffload.VLAN_INSERT));
        TestDevice device = (TestDevice) port.device();
        port.filters().vlan(7, true);
        Mbuf m = udp(1, 2, 30);
        byte[] before = new byte[m.dataLen()];
        m.read(0, before, 0, before.length);
        m.vlanTci(0x6007);
        m.olFlags(OlFlags.TX_VLAN);
        assertEquals(1, port.txBurst(0, new Mbuf[] {m}, 0, 1));
        device.sent.clear();
        assertEquals(before.length + 4, m.pktLen());
        assertEquals(0x8100_6007, m.getInt(12));
        m.vlanTci(0);
        device.arriving.add(m);
        Mbuf[] burst = new Mbuf[4];
        assertEquals(1, port.rxBurst(0, burst, 4));
        assertEquals(0x6007, m.vlanTci());
        assertTrue((m.olFlags() & OlFlags.RX_VLAN_STRIPPED) != 0);
        byte[] after = new byte[m.dataLen()];
        m.read(0, after, 0, after.length);
        org.junit.jupiter.api.Assertions.assertArrayEquals(before, after);
        m.vlanTci(8);
        m.olFlags(OlFlags.TX_VLAN);
        assertEquals(1, port.txBurst(0, new Mbuf[] {m}, 0, 1));
        device.sent.clear();
        device.arriving.add(m);
        assertEquals(0, port.rxBurst(0, burst, 4), "VLAN 8 is not in the filter");
        assertTrue(port.xstats().contains(new Xstat("rx_vlan_filtered", 1)));
    }

    @Test
    void shouldFreeNoPacketTwiceWhenItFailsBehindOneThatItDropped() {
        Port port = started(PortConfig.of(1, 1).withOffloads(RxOffload.VLAN_FILTER, 0));
        int before = pool.availCount();
        port.addFirstRxCallback(0, (p, q, packets, n, max) -> {
            packets[1].free();
            packets[1] = null;
            return n;
        });
        for (int i = 0; i < 2; i++) {
            Mbuf m = udp(1, 2, 30);
            m.putInt(12, 0x8100_0008);
            ((TestDevice) port.device()).arriving.add(m);
        }
        assertThrows(NullPointerException.class, () -> port.rxBurst(0, new Mbuf[4], 4));
        assertEquals(before, pool.availCount());
        assertTrue(port.xstats().contains(new Xstat("rx_vlan_filtered", 1)));
        assertTrue(port.xstats().stream().noneMatch(x -> x.name().equals("rx_callback_errors")), "nothing was left");
    }

    @Test
    void shouldJoinSegmentsForADeviceThatTakesOne() {
        Port port = started(PortConfig.of(1, 1).withOffloads(0, TxOffload.MULTI_SEGS));
        Mbuf head = udp(1, 2, 100);
        Mbuf tail = pool.alloc();
        tail.append(50);
        assertTrue(head.chain(tail));
        assertEquals(1, port.txBurst(0, new Mbuf[] {head}, 0, 1));
        assertEquals(1, head.nbSegs());
        assertEquals(L4 + 8 + 150, head.dataLen());
        head.free();
    }

    @Test
    void shouldSpreadFlowsOfAOneQueueDeviceAndKeepEachInOneQueue() {
        Port one = ports.attach("net_test0,queues=1");
        one.configure(PortConfig.of(4, 1).withRss(RssType.IP | RssType.UDP));
        for (int q = 0; q < 4; q++) {
            one.setupRxQueue(q, RxQueueConfig.of(pool));
        }
        one.setupTxQueue(0, TxQueueConfig.DEFAULT);
        one.start();
        TestDevice device = (TestDevice) one.device();
        int[] queueOf = new int[64];
        int[] load = new int[4];
        int[] sources = random.ints(64).toArray();
        int sent = 0;
        int received = 0;
        Mbuf[] burst = new Mbuf[32];
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < 30; i++, sent++) {
                int flow = random.nextInt(64);
                device.arriving.add(udp(sources[flow], 1000 + flow, 20));
            }
            for (int q = 0; q < 4; q++) {
                int n = one.rxBurst(q, burst, 32);
                for (int i = 0; i < n; i++) {
                    int flow = Udp.srcPort(burst[i], L4) - 1000;
                    assertTrue(queueOf[flow] == 0 || queueOf[flow] == q + 1, "flow " + flow + " changed its queue");
                    queueOf[flow] = q + 1;
                    load[q]++;
                    received++;
                    burst[i].free();
                }
            }
        }
        for (int q = 0; q < 8; q++) {
            int n = one.rxBurst(q % 4, burst, 32);
            Mbuf.freeBulk(burst, 0, n);
            received += n;
        }
        assertEquals(sent, received + one.stats().rxMissed());
        for (int l : load) {
            assertTrue(l > 0);
        }
    }

    /** A TCP packet of several buffers that asks to be cut. */
    private Mbuf tcp(int payload, int size) {
        Mbuf m = pool.alloc();
        m.append(L4 + Tcp.LENGTH);
        Ethernet.write(m, 0, 0x0200_0000_0002L, 0x0200_0000_0001L, EtherType.IPV4);
        Ipv4.write(m, IP, 0, 0, 7, Ipv4.DONT_FRAGMENT, 64, IpProtocol.TCP, 1, 2);
        Tcp.write(m, L4, 1, 2, 1000, 5, Tcp.ACK | Tcp.PSH, 100);
        for (int left = payload; left > 0; left -= Math.min(left, 1500)) {
            Mbuf more = pool.alloc();
            more.append(Math.min(left, 1500));
            assertTrue(m.chain(more));
        }
        m.l4Len(Tcp.LENGTH);
        m.tsoSegsz(size);
        return ask(m, OlFlags.TX_IPV4 | OlFlags.TX_IP_CKSUM | OlFlags.TX_TCP_SEG);
    }

    @Test
    void shouldCutTcpPacketsForADeviceThatCannotAndKeepTheOrder() {
        Port port = started(PortConfig.of(1, 1).withOffloads(0, TxOffload.TCP_TSO | TxOffload.IPV4_CKSUM | TxOffload.TCP_CKSUM
                | TxOffload.MULTI_SEGS | TxOffload.VLAN_INSERT));
        TestDevice device = (TestDevice) port.device();
        device.room = 2;
        Mbuf tagged = tcp(2900, 1000);
        tagged.vlanTci(9);
        tagged.olFlags(tagged.olFlags() | OlFlags.TX_VLAN);
        Mbuf[] burst = {udp(1, 2, 10), tagged, udp(1, 2, 20), tcp(700, 1000)};
        int sent = 0;
        for (int calls = 0; sent < 4; calls++) {
            assertTrue(calls < 10);
            sent += port.txBurst(0, burst, sent, 4 - sent);
        }
        assertEquals(0, port.txBurst(0, burst, 0, 0), "takes what waits along");
        assertEquals(6, device.sent.size());
        assertEquals(6, port.stats().txPackets());
        int[] lengths = device.sent.stream().mapToInt(Mbuf::pktLen).toArray();
        assertArrayEquals(new int[] {52, 1058, 1058, 958, 62, 754}, lengths);
        int i = 0;
        for (Mbuf m : device.sent) {
            int ip = i >= 1 && i <= 3 ? IP + Vlan.LENGTH : IP;
            if (i != 0 && i != 4) {
                assertTrue(Checksum.verifyIpv4(m, ip) && Checksum.verifyUdpTcpIpv4(m, ip, ip + Ipv4.LENGTH), "segment " + i);
                assertEquals(1000 + (i == 5 ? 0 : (i - 1) * 1000), Tcp.seq(m, ip + Ipv4.LENGTH));
            }
            i++;
        }
        device.sent.forEach(Mbuf::free);
    }

    @Test
    void shouldOwnEachPacketOnceWhenTheDeviceThrowsBehindSegments() {
        Port port = started(PortConfig.of(1, 1).withOffloads(0, TxOffload.TCP_TSO));
        TestDevice device = (TestDevice) port.device();
        int before = pool.availCount();
        device.failure = new IllegalStateException("the device's");
        Mbuf[] burst = {tcp(5000, 1000), tcp(5000, 1000)};
        assertEquals(1, port.txBurst(0, burst, 0, 2), "it is cut, and its segments wait");
        assertThrows(IllegalStateException.class, () -> port.txBurst(0, burst, 1, 1));
        burst[1].free();
        port.stop();
        assertEquals(5, port.stats().txErrors());
        assertEquals(before, pool.availCount());
    }

    @Test
    void shouldGiveBackSegmentsThatTheDeviceNeverTook() {
        Port port = started(PortConfig.of(1, 1).withOffloads(0, TxOffload.TCP_TSO));
        TestDevice device = (TestDevice) port.device();
        device.room = 1;
        Mbuf[] burst = {tcp(5000, 1000), tcp(5000, 1000)};
        assertEquals(1, port.txBurst(0, burst, 0, 2));
        assertEquals(0, port.txBurst(0, burst, 1, 1));
        burst[1].free();
        port.stop();
        assertEquals(2, port.stats().txPackets());
        assertEquals(3, port.stats().txErrors());
        device.sent.forEach(Mbuf::free);
    }

    @Test
    void shouldFindPacketsThatAskForWhatTheQueueWasNotMadeFor() {
        Port port = started(PortConfig.of(1, 1).withOffloads(0, TxOffload.IPV4_CKSUM | TxOffload.UDP_CKSUM | TxOffload.TCP_TSO
                | TxOffload.MULTI_SEGS));
        Mbuf good = ask(udp(1, 2, 10), OlFlags.TX_IPV4 | OlFlags.TX_IP_CKSUM | OlFlags.TX_UDP_CKSUM);
        Mbuf cut = tcp(3000, 1000);
        Mbuf other = udp(1, 2, 10);
        Mbuf[] burst = {good, cut, other};
        assertEquals(3, port.txPrepare(0, burst, 0, 3));
        for (long flags : new long[] {OlFlags.TX_VLAN, OlFlags.TX_QINQ, OlFlags.TX_IPV4 | OlFlags.TX_TCP_CKSUM,
            OlFlags.TX_IPV4 | OlFlags.TX_SCTP_CKSUM, OlFlags.TX_UDP_CKSUM, OlFlags.TX_IPV6 | OlFlags.TX_IP_CKSUM,
            OlFlags.TX_OUTER_IPV4 | OlFlags.TX_OUTER_IP_CKSUM, OlFlags.TX_UDP_SEG, OlFlags.TX_OUTER_UDP_CKSUM}) {
            other.olFlags(flags);
            assertEquals(2, port.txPrepare(0, burst, 0, 3), Long.toHexString(flags));
        }
        cut.tsoSegsz(0);
        assertEquals(1, port.txPrepare(0, burst, 0, 3));
        port.stop();
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        cut.olFlags(0);
        assertEquals(0, port.txPrepare(0, burst, 1, 1), "several segments");
        Mbuf.freeBulk(burst, 0, 3);
    }

    @Test
    void shouldPutNoTagIntoDataThatAnotherPacketShows() {
        Port port = started(PortConfig.of(1, 1).withOffloads(0, TxOffload.VLAN_INSERT));
        Mbuf m = udp(1, 2, 30);
        byte[] before = new byte[m.dataLen()];
        m.read(0, before, 0, before.length);
        Mbuf clone = m.clone(pool);
        clone.vlanTci(7);
        clone.olFlags(clone.olFlags() | OlFlags.TX_VLAN);
        assertEquals(0, port.txBurst(0, new Mbuf[] {clone}, 0, 1));
        byte[] after = new byte[m.dataLen()];
        m.read(0, after, 0, after.length);
        assertArrayEquals(before, after);
        clone.free();
        m.free();
    }

    /** Lets a frame of a VLAN arrive. */
    private void tagged(Port port, int vlan) {
        Mbuf m = pool.alloc();
        m.append(60);
        Ethernet.write(m, 0, 0x0200_0000_0002L, 0x0200_0000_0001L, EtherType.VLAN);
        Vlan.write(m, Ethernet.LENGTH, vlan, EtherType.IPV4);
        ((TestDevice) port.device()).arriving.add(m);
        Mbuf[] burst = new Mbuf[1];
        Mbuf.freeBulk(burst, 0, port.rxBurst(0, burst, 1));
    }

    /** Drops and counts all that comes. */
    private static final class Dropping implements RxCallback {
        private long dropped;

        @Override
        public int received(Port port, int queue, Mbuf[] packets, int n, int max) {
            Mbuf.freeBulk(packets, 0, n);
            dropped += n;
            return 0;
        }

        @Override
        public List<Xstat> xstats() {
            return List.of(new Xstat("rx_callback_dropped", dropped));
        }
    }

    private static void assertDropped(Port port, Long expected) {
        assertEquals(expected, port.xstats().stream().filter(x -> x.name().equals("rx_callback_dropped")).map(Xstat::value).findFirst().orElse(null));
    }

    @Test
    void shouldShowWhatCallbacksCountAndForgetNothingWhenTheyGoAndCome() {
        Port port = started(PortConfig.of(1, 1));
        Dropping first = new Dropping();
        Dropping second = new Dropping();
        assertDropped(port, null);
        port.addRxCallback(0, first);
        tagged(port, 8);
        tagged(port, 8);
        assertDropped(port, 2L);
        port.removeRxCallback(0, first);
        port.removeRxCallback(0, first);
        assertDropped(port, null);
        port.addFirstRxCallback(0, second);
        tagged(port, 8);
        assertDropped(port, 3L);
        port.addRxCallback(0, first);
        assertDropped(port, 3L);
        port.removeRxCallback(0, second);
        tagged(port, 8);
        assertDropped(port, 4L);
        port.stop();
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        assertDropped(port, null);
        port.start();
        port.addRxCallback(0, new Dropping());
        assertDropped(port, 4L);
        port.resetStats();
        tagged(port, 8);
        assertDropped(port, 1L);
    }

    @Test
    void shouldTellOfFilteredPacketsWhateverCallbackIsFirstAndHoweverOftenTheFilterIsSwitched() {
        Port port = started(PortConfig.of(1, 1).withOffloads(RxOffload.VLAN_FILTER, 0));
        tagged(port, 8);
        port.addFirstRxCallback(0, (p, q, packets, n, max) -> n);
        assertTrue(port.xstats().contains(new Xstat("rx_vlan_filtered", 1)));
        port.vlanOffloads(0);
        port.vlanOffloads(RxOffload.VLAN_FILTER);
        tagged(port, 8);
        assertTrue(port.xstats().contains(new Xstat("rx_vlan_filtered", 2)));
        port.resetStats();
        port.vlanOffloads(0);
        port.vlanOffloads(RxOffload.VLAN_FILTER);
        assertTrue(port.xstats().contains(new Xstat("rx_vlan_filtered", 0)));
    }

    @Test
    void shouldKeepTheFirstCallbackBeforeVlanOffloadsThatChange() {
        Port port = started(PortConfig.of(1, 1).withOffloads(RxOffload.VLAN_STRIP, 0));
        int[] seen = new int[1];
        port.addFirstRxCallback(0, (p, q, packets, n, max) -> {
            seen[0] = Ethernet.etherType(packets[0], 0);
            return n;
        });
        tagged(port, 8);
        assertEquals(EtherType.VLAN, seen[0]);
        port.filters().vlan(8, true);
        port.vlanOffloads(RxOffload.VLAN_STRIP | RxOffload.VLAN_FILTER);
        tagged(port, 8);
        assertEquals(EtherType.VLAN, seen[0]);
    }

    @Test
    void shouldRunTheQueueOfAOneQueueDeviceAsLongAsAnyThatItIsSpreadOver() {
        Port port = ports.attach("net_test0,queues=1");
        port.configure(PortConfig.of(2, 1).withRss(RssType.IP | RssType.UDP));
        port.setupRxQueue(0, new RxQueueConfig(pool, 0, 0, true, 0));
        port.setupRxQueue(1, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        TestDevice device = (TestDevice) port.device();
        assertTrue(device.calls.contains("rx0 start"), "for queue 1");
        port.startRxQueue(0);
        port.stopRxQueue(0);
        assertFalse(device.calls.contains("rx0 stop"));
        for (int i = 0; i < 32; i++) {
            device.arriving.add(udp(random.nextInt(), i, 20));
        }
        Mbuf[] burst = new Mbuf[32];
        int n = port.rxBurst(1, burst, 32);
        assertTrue(n > 0 && n < 32, n + " of both queues' packets");
        Mbuf.freeBulk(burst, 0, n);
        port.stopRxQueue(1);
        assertTrue(device.calls.contains("rx0 stop"));
        assertEquals(2047, pool.availCount(), "also those of the queue that nobody polled");
        port.startRxQueue(1);
        assertEquals(2, device.calls.stream().filter("rx0 start"::equals).count());
        device.arriving.add(udp(1, 1, 20));
        Mbuf.freeBulk(burst, 0, port.rxBurst(1, burst, 32));
        assertTrue(device.arriving.isEmpty());
    }
}
