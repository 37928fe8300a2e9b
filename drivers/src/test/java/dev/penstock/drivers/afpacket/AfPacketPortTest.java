package dev.penstock.drivers.afpacket;

import static dev.penstock.drivers.kernel.Rig.payload;
import static dev.penstock.drivers.kernel.Rig.random;
import static dev.penstock.drivers.kernel.Rig.send;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.PortEvent;
import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.RxWaiter;
import dev.penstock.ethdev.TxOffload;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Descriptors;
import dev.penstock.testkit.Seed;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class AfPacketPortTest {
    private static final String PORT = "net_af_packet0,iface=l0";
    private Rig rig;

    @BeforeEach
    void make() {
        rig = new Rig(MbufPool.DEFAULT_DATA_ROOM).wired();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /** The kernel takes a frame and throws it away when there is no carrier, unless it goes past the queueing discipline: then it leaves it. */
    @ParameterizedTest
    @ValueSource(strings = {",qdisc_bypass=0", ",qdisc_bypass=1"})
    void shouldCountWhatTheKernelTookAndDidNotSend(String more) throws Exception {
        Port port = rig.started(PORT + more);
        BlockingQueue<PortEvent> events = new LinkedBlockingQueue<>();
        port.addListener((p, event) -> events.add(event));
        rig.right.run("ip", "link", "set", "r0", "down");
        assertEquals(PortEvent.LINK_CHANGED, events.poll(30, TimeUnit.SECONDS));
        int taken = rig.give(port, 100);
        assertEquals(taken, Rig.xstat(port, "tx_unsent"));
        assertEquals(more.endsWith("0") ? 100 : 0, taken);
        assertEquals(taken, port.stats().txPackets());
    }

    @Test
    void shouldReceiveWhatTheKernelSendsByteForByteWithTheChecksumDone() throws Exception {
        SplittableRandom random = Seed.random("afpacket receive");
        Port port = rig.started(PORT);
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            for (int length : new int[] {18, 19, 20, 63, 64, 65, 511, 1000, 1471, 1472}) {
                byte[] payload = random(random, length);
                send(kernel, payload);
                byte[] frame = Rig.receive(port, 0, 1, Rig::isUdp).getFirst();
                assertArrayEquals(payload, payload(frame));
                assertEquals(Rig.ETHER_IP_UDP + length, frame.length);
                assertEquals(0xffff, udpSum(frame), "checksum of " + length);
            }
        }
        assertEquals(10, port.stats().rxPackets());
        assertEquals(0, port.stats().rxMissed());
    }

    private static int udpSum(byte[] frame) {
        ByteBuffer b = ByteBuffer.wrap(Arrays.copyOf(frame, frame.length + 1));
        int udp = b.getShort(38) & 0xffff;
        int sum = 17 + udp;
        for (int i = 26; i < 34 + udp; i += 2) {
            sum += b.getShort(i) & 0xffff;
        }
        return sum % 0xffff == 0 ? 0xffff : sum % 0xffff;
    }

    @Test
    void shouldSendToTheKernelByteForByteInOneSegmentOrMore() throws Exception {
        SplittableRandom random = Seed.random("afpacket send");
        Port port = rig.started(PORT);
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            for (int length : new int[] {1, 18, 64, 1000, 1472}) {
                byte[] payload = random(random, length);
                assertEquals(1, port.txBurst(0, new Mbuf[] {rig.packet(Rig.udp(9, payload))}, 0, 1));
                assertArrayEquals(payload, Rig.datagram(kernel));
                Mbuf chained = rig.packet(Rig.udp(9, payload));
                Mbuf tail = rig.pool.alloc();
                int half = chained.dataLen() / 2;
                tail.append(chained.dataLen() - half);
                tail.write(0, chained, half, tail.dataLen());
                chained.trim(tail.dataLen());
                chained.chain(tail);
                assertEquals(1, port.txBurst(0, new Mbuf[] {chained}, 0, 1));
                assertArrayEquals(payload, Rig.datagram(kernel));
            }
        }
        assertEquals(10, port.stats().txPackets());
    }

    @Test
    void shouldKeepWhatTheKernelHasNotReadYetThoughTheRingGoesOn() throws Exception {
        SplittableRandom random = Seed.random("afpacket ring reuse");
        Port port = rig.started(PORT + ",framecnt=8");
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            byte[][] sent = new byte[64][];
            for (int i = 0; i < 64; i++) {
                sent[i] = random(random, 500);
                assertEquals(1, port.txBurst(0, new Mbuf[] {rig.packet(Rig.udp(9, sent[i]))}, 0, 1));
            }
            for (int i = 0; i < 64; i++) {
                assertArrayEquals(sent[i], Rig.datagram(kernel), "datagram " + i);
            }
        }
    }

    @Test
    void shouldRefuseWhatIsTooMuchForTheRingAndTakeItLater() throws Exception {
        Port port = rig.started(PORT + ",framecnt=8");
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            Mbuf[] burst = new Mbuf[20];
            for (int i = 0; i < 20; i++) {
                burst[i] = rig.packet(Rig.udp(9, new byte[] {(byte) i}));
            }
            int done = 0;
            while (done < 20) {
                int n = port.txBurst(0, burst, done, 20 - done);
                assertTrue(n > 0 && n <= 8, "took " + n);
                done += n;
            }
            for (int i = 0; i < 20; i++) {
                assertEquals(i, Rig.datagram(kernel)[0]);
            }
        }
        assertEquals(20, port.stats().txPackets());
    }

    @Test
    void shouldCountAndDropWhatNoInterfaceCanSendAndSendTheRest() throws Exception {
        Port port = rig.started(PORT);
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            Mbuf[] burst = {rig.packet(new byte[13]), rig.packet(Rig.udp(9, new byte[] {1})), rig.packet(new byte[1700]),
                rig.packet(Rig.udp(9, new byte[] {2})), rig.packet(new byte[5])};
            assertEquals(5, port.txBurst(0, burst, 0, 5));
            assertEquals(1, Rig.datagram(kernel)[0]);
            assertEquals(2, Rig.datagram(kernel)[0]);
        }
        assertEquals(2, port.stats().txPackets());
        assertEquals(3, port.stats().txErrors());
        assertEquals(2, Rig.xstat(port, "tx_too_short"));
        assertEquals(1, Rig.xstat(port, "tx_too_long"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldInsertAVlanTagAndStripOrRestoreItAtTheOtherEnd(boolean strip) {
        Port out = rig.started(PORT, PortConfig.of(1, 1).withOffloads(0, TxOffload.VLAN_INSERT));
        Port in = rig.right.within(() -> rig.start(rig.ports.attach("net_af_packet1,iface=r0"),
                PortConfig.of(1, 1).withOffloads(strip ? RxOffload.VLAN_STRIP : 0, 0)));
        byte[] plain = Rig.udp(9, random(Seed.random("afpacket vlan"), 1472));
        Mbuf[] one = {rig.packet(plain)};
        one[0].olFlags(OlFlags.TX_VLAN);
        one[0].vlanTci(0x6005);
        assertEquals(1, out.txBurst(0, one, 0, 1));
        assertEquals(plain.length + 4, out.stats().txBytes());
        Rig.await("the frame", () -> in.rxBurst(0, one, 1) == 1);
        assertEquals(0x6005, one[0].vlanTci());
        assertEquals(strip ? OlFlags.RX_VLAN | OlFlags.RX_VLAN_STRIPPED : OlFlags.RX_VLAN, one[0].olFlags());
        ByteBuffer tagged = ByteBuffer.allocate(plain.length + 4).put(plain, 0, 12).putInt(0x8100_6005)
                .put(plain, 12, plain.length - 12);
        assertArrayEquals(strip ? plain : tagged.array(), Rig.bytes(one[0]));
        one[0].free();
    }

    @Test
    void shouldSpreadFlowsOverQueuesAndLoseNone() throws Exception {
        Port port = rig.started(PORT + ",qpairs=2,fanout_mode=hash", PortConfig.of(2, 2));
        for (int i = 0; i < 64; i++) {
            try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 1000 + i)) {
                send(kernel, new byte[] {(byte) i});
            }
        }
        Mbuf[] burst = new Mbuf[64];
        int[] counts = new int[2];
        Rig.await("all frames", () -> {
            for (int q = 0; q < 2; q++) {
                int n = port.rxBurst(q, burst, 64);
                counts[q] += n;
                Mbuf.freeBulk(burst, 0, n);
            }
            return counts[0] + counts[1] == 64;
        });
        assertTrue(counts[0] > 0 && counts[1] > 0, Arrays.toString(counts));
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            for (int q = 0; q < 2; q++) {
                assertEquals(1, port.txBurst(q, new Mbuf[] {rig.packet(Rig.udp(9, new byte[] {7}))}, 0, 1));
                assertEquals(7, Rig.datagram(kernel)[0]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hash", "lb", "cpu", "rollover", "rnd", "qm"})
    void shouldKnowEachFanoutModeOfDpdk(String mode) throws Exception {
        Port port = rig.started(PORT + ",qpairs=2,fanout_mode=" + mode, PortConfig.of(2, 2));
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            for (int i = 0; i < 10; i++) {
                send(kernel, new byte[] {1});
            }
        }
        Mbuf[] burst = new Mbuf[32];
        int[] sum = new int[1];
        Rig.await("ten frames by " + mode, () -> {
            int n = port.rxBurst(0, burst, 32);
            Mbuf.freeBulk(burst, 0, n);
            sum[0] += n;
            n = port.rxBurst(1, burst, 32);
            Mbuf.freeBulk(burst, 0, n);
            return (sum[0] += n) == 10;
        });
    }

    @Test
    void shouldCountWhatTheRingHadNoRoomForAsMissed() throws Exception {
        Port port = rig.started(PORT + ",framecnt=8");
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            for (int i = 0; i < 20; i++) {
                send(kernel, new byte[] {(byte) i});
            }
        }
        assertEquals(8, Rig.receive(port, 0, 8, Rig::isUdp).size());
        assertEquals(12, port.stats().rxMissed());
        port.resetStats();
        assertEquals(0, port.stats().rxMissed());
    }

    @Test
    void shouldChainAFrameThatIsLongerThanADataRoomAndCountATruncatedOne() throws Exception {
        Port port = rig.started(PORT + ",framesz=4096");
        Port small = rig.started("net_af_packet1,iface=l0,framesz=1024");
        rig.left.run("ip", "link", "set", "l0", "mtu", "3900");
        rig.right.run("ip", "link", "set", "r0", "mtu", "3900");
        byte[] payload = random(Seed.random("afpacket jumbo"), 3800);
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            send(kernel, payload);
            Mbuf[] one = new Mbuf[1];
            Rig.await("the frame", () -> port.rxBurst(0, one, 1) == 1);
            assertEquals(2, one[0].nbSegs());
            assertArrayEquals(payload, payload(Rig.bytes(one[0])));
            one[0].free();
            Rig.await("the truncated frame", () -> {
                assertEquals(0, small.rxBurst(0, one, 1));
                return Rig.xstat(small, "rx_truncated") == 1;
            });
            assertEquals(1, small.stats().rxErrors());
            port.txBurst(0, new Mbuf[] {rig.packet(Rig.udp(9, payload))}, 0, 1);
            assertArrayEquals(payload, Rig.datagram(kernel));
        }
    }

    @Test
    void shouldSetAddressMtuAndModesOfTheInterface() {
        Port port = rig.started(PORT);
        assertEquals(0x020000000001L, port.filters().mac());
        port.filters().mac(0x020000000077L);
        port.filters().mtu(1280);
        port.filters().promiscuous(true);
        port.filters().allMulticast(true);
        String text = rig.left.run("ip", "-d", "link", "show", "l0");
        assertTrue(text.contains("02:00:00:00:00:77") && text.contains("mtu 1280"), text);
        assertTrue(text.contains("promiscuity 1") && text.contains("allmulti 1"), text);
        port.filters().promiscuous(false);
        assertTrue(rig.left.run("ip", "-d", "link", "show", "l0").contains("promiscuity 0"));
        assertThrows(IllegalArgumentException.class, () -> port.filters().mtu(5000));
    }

    @Test
    void shouldTellOfLinkChangesAndGoOnWhenTheInterfaceComesUpAgain() throws Exception {
        Port port = rig.started(PORT);
        List<PortEvent> events = new CopyOnWriteArrayList<>();
        port.addListener((p, event) -> events.add(event));
        assertTrue(port.link().up());
        rig.left.run("ip", "link", "set", "l0", "down");
        Rig.await("link down", () -> events.contains(PortEvent.LINK_CHANGED));
        assertFalse(port.link().up());
        Mbuf[] one = {rig.packet(Rig.udp(9, new byte[] {1}))};
        assertEquals(0, port.txBurst(0, one, 0, 1));
        assertEquals(0, port.txBurst(0, one, 0, 1));
        events.clear();
        port.linkUp(true);
        Rig.await("link up", () -> events.contains(PortEvent.LINK_CHANGED) && port.link().up());
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            Rig.await("sending again", () -> port.txBurst(0, one, 0, 1) == 1);
            assertEquals(1, Rig.datagram(kernel)[0]);
            send(kernel, new byte[] {3});
            assertEquals(1, Rig.receive(port, 0, 1, Rig::isUdp).size());
        }
        assertEquals(1, port.stats().txPackets());
    }

    @Test
    void shouldSayThatTheInterfaceWasDeletedAndStayDefined() {
        Port port = rig.started(PORT);
        List<PortEvent> events = new CopyOnWriteArrayList<>();
        port.addListener((p, event) -> events.add(event));
        rig.left.run("ip", "link", "delete", "l0");
        Mbuf[] burst = new Mbuf[32];
        Rig.await("REMOVED", () -> {
            assertEquals(0, port.rxBurst(0, burst, 32));
            return events.contains(PortEvent.REMOVED);
        });
        assertFalse(port.link().up());
        int taken = 0;
        for (int i = 0; i < 5; i++) {
            burst[0] = rig.packet(Rig.udp(9, new byte[] {1}));
            int n = port.txBurst(0, burst, 0, 1);
            taken += n;
            if (n == 0) {
                burst[0].free();
            }
        }
        assertEquals(taken, port.stats().txErrors());
        assertEquals(taken, Rig.xstat(port, "tx_no_device"));
        assertEquals(0, port.stats().txPackets());
        port.stop();
        port.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "net_af_packet1 | iface=",
        "net_af_packet1,iface=nosuch | nosuch",
        "net_af_packet1,iface=averyveryverylongname | 15 bytes",
        "net_af_packet1,iface=l0,qpairs=0 | qpairs=0",
        "net_af_packet1,iface=l0,qpairs=x | qpairs=x",
        "net_af_packet1,iface=l0,blocksz=0 | blocksz=0",
        "net_af_packet1,iface=l0,blocksz=5000 | page size",
        "net_af_packet1,iface=l0,framesz=8192 | exceeds blocksz",
        "net_af_packet1,iface=l0,framesz=1000 | multiple of 16",
        "net_af_packet1,iface=l0,framesz=1536 | divide",
        "net_af_packet1,iface=l0,framecnt=0 | framecnt=0",
        "net_af_packet1,iface=l0,framecnt=511 | framecnt=512",
        "net_af_packet1,iface=l0,qdisc_bypass=2 | qdisc_bypass=2",
        "net_af_packet1,iface=l0,qpairs=2,fanout_mode=magic | fanout_mode=magic",
        "net_af_packet1,iface=l0,frames=1 | frames",
    })
    void shouldRefuseABadArgumentInClearWords(String devargs, String words) {
        String message = assertThrows(IllegalArgumentException.class, () -> rig.attach(devargs)).getMessage();
        assertTrue(message.contains(words), message);
    }

    @Test
    void shouldLeaveNoDescriptorBehind() throws Exception {
        rig.started(PORT).close();
        long before = Descriptors.count();
        for (int i = 0; i < 3; i++) {
            rig.started(PORT + ",qpairs=2", PortConfig.of(2, 2)).close();
            assertThrows(IllegalArgumentException.class, () -> rig.attach("net_af_packet1,iface=nosuch"));
        }
        assertEquals(before, Descriptors.count());
    }

    @Test
    void shouldSleepUntilAFrameComes() throws Exception {
        Port port = rig.started(PORT);
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9);
                RxWaiter waiter = new RxWaiter()) {
            assertTrue(waiter.add(port, 0));
            long start = System.nanoTime();
            Thread later = Thread.ofPlatform().start(() -> {
                try {
                    Thread.sleep(100);
                    send(kernel, new byte[] {1});
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            waiter.await(10_000);
            long waited = System.nanoTime() - start;
            later.join();
            assertEquals(1, Rig.receive(port, 0, 1, Rig::isUdp).size());
            assertTrue(waited > 50_000_000L && waited < 9_000_000_000L, "slept " + waited + " ns");
        }
    }

    @Test
    void shouldForgetWhatCameWhileItWasStopped() throws Exception {
        Port port = rig.started(PORT);
        port.stop();
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            send(kernel, new byte[] {1});
            port.start();
            send(kernel, new byte[] {2});
            assertEquals(2, payload(Rig.receive(port, 0, 1, Rig::isUdp).getFirst())[0]);
        }
    }

    @Test
    void shouldAllocateNothingAPacket() throws Exception {
        Port out = rig.started(PORT);
        rig.right.run("ip", "address", "flush", "dev", "r0");
        Port in = rig.right.within(() -> rig.start(rig.ports.attach("net_af_packet1,iface=r0"), PortConfig.of(1, 1)));
        Mbuf[] burst = new Mbuf[32];
        long[] moved = new long[1];
        byte[] frame = Rig.udp(9, new byte[100]);
        Runnable round = () -> {
            for (int i = 0; i < 300; i++) {
                rig.pool.allocBulk(burst, 0, 32);
                for (int k = 0; k < 32; k++) {
                    burst[k].append(frame.length);
                    burst[k].write(0, frame, 0, frame.length);
                }
                int sent = out.txBurst(0, burst, 0, 32);
                Mbuf.freeBulk(burst, sent, 32 - sent);
                int n = in.rxBurst(0, burst, 32);
                moved[0] += n;
                Mbuf.freeBulk(burst, 0, n);
            }
        };
        assertEquals(0, Allocation.steadyBytesOf(round));
        assertTrue(moved[0] > 9000, "moved " + moved[0]);
    }

    @Test
    void shouldSleepAgainAfterTheInterfaceWasDown() throws Exception {
        Port port = rig.started(PORT);
        Mbuf[] burst = new Mbuf[32];
        try (RxWaiter waiter = new RxWaiter()) {
            assertTrue(waiter.add(port, 0));
            for (String state : new String[] {"down", "up"}) {
                rig.left.run("ip", "link", "set", "l0", state);
                long before = waiter.sleeps();
                long end = System.nanoTime() + 300_000_000L;
                while (System.nanoTime() < end) {
                    Mbuf.freeBulk(burst, 0, port.rxBurst(0, burst, 32));
                    waiter.await(100);
                }
                assertTrue(waiter.sleeps() - before < 50, state + ", slept " + (waiter.sleeps() - before) + " times");
            }
        }
    }

    @Test
    void shouldReceiveAllByTheQueuesThatItHasAndSendByTheOthers() throws Exception {
        Port port = rig.attach(PORT + ",qpairs=4");
        Mbuf[] burst = new Mbuf[64];
        try (DatagramChannel answers = Rig.socket(rig.right, "198.18.0.2", 9)) {
            for (int queues : new int[] {1, 3, 0, 4}) {
                rig.left.within(() -> rig.start(port, PortConfig.of(queues, 4)));
                for (int i = 0; i < 64; i++) {
                    try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 1000 + i)) {
                        send(kernel, new byte[] {(byte) i});
                    }
                }
                int[] count = new int[1];
                Rig.await("all frames on " + queues, () -> {
                    for (int q = 0; q < queues; q++) {
                        int n = port.rxBurst(q, burst, 64);
                        count[0] += n;
                        Mbuf.freeBulk(burst, 0, n);
                    }
                    return count[0] == 64 || queues == 0;
                });
                for (int q = 0; q < 4; q++) {
                    assertEquals(1, port.txBurst(q, new Mbuf[] {rig.packet(Rig.udp(9, new byte[] {(byte) q}))}, 0, 1));
                    assertEquals(q, Rig.datagram(answers)[0]);
                }
                port.stop();
            }
        }
        assertEquals(192, port.stats().rxPackets());
        assertEquals(16, port.stats().txPackets());
    }
}
