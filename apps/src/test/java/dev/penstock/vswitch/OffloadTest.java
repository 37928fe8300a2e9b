package dev.penstock.vswitch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.RxOffload;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxOffload;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.gso.Gso;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Checksum;
import dev.penstock.testkit.Frames;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A machine (net_virtio_user) that leaves checksums and segmentation to its device (net_vhost), which is a port of the switch,
 * and a port that can do neither, or another machine that does or does not take them undone.
 */
@EnabledOnOs(OS.LINUX)
class OffloadTest {
    private static final long A = 0x0200_0000_000aL;
    private static final long B = 0x0200_0000_000bL;
    private static final int SOURCE = 0xc612_0001;
    private static final int TARGET = 0xc612_0002;
    private static final int MSS = 1000;

    @TempDir
    private Path folder;

    private final TestSwitch real = new TestSwitch(1, 1000, 300);
    private final Mbuf[] burst = new Mbuf[64];

    @AfterEach
    void shouldLoseNothing() {
        assertEquals(0, real.imbalance(), "received + copies - sent - dropped");
        real.close();
    }

    private Port port(String vdev, PortConfig config) {
        Port port = real.ports.attach(vdev);
        port.configure(config);
        port.setupRxQueue(0, RxQueueConfig.of(real.pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        return port;
    }

    /** A machine behind a port of the switch; it leaves to others what it can, or nothing. */
    private Port machine(int number, boolean leaves) {
        Path socket = folder.resolve("vm" + number);
        Port host = real.ports.attach("net_vhost" + number + ",tso=1,iface=" + socket);
        host.configure(VirtualSwitch.config(host, 1));
        host.setupRxQueue(0, RxQueueConfig.of(real.pool));
        host.setupTxQueue(0, TxQueueConfig.DEFAULT);
        host.start();
        real.vswitch.add("vm" + number, host, new PortSettings());
        Port guest = port("net_virtio_user" + number + ",path=" + socket, PortConfig.of(1, 1).withOffloads(
                leaves ? RxOffload.TCP_LRO | RxOffload.TCP_CKSUM | RxOffload.UDP_CKSUM : 0,
                TxOffload.TCP_CKSUM | TxOffload.UDP_CKSUM | TxOffload.TCP_TSO | TxOffload.MULTI_SEGS));
        long end = System.nanoTime() + 20_000_000_000L;
        while (!host.link().up()) {
            assertTrue(System.nanoTime() < end, "no link");
            Thread.onSpinWait();
        }
        return guest;
    }

    /** A UDP packet that is to be cut, into datagrams (USO) or into fragments (UFO). */
    private Mbuf udp(int bytes, boolean v6, boolean fragments) {
        Mbuf m = packet(bytes, v6, false, false);
        m.l4Len(fragments ? 0 : 8);
        m.olFlags((v6 ? OlFlags.TX_IPV6 : OlFlags.TX_IPV4) | OlFlags.TX_UDP_CKSUM | OlFlags.TX_UDP_SEG);
        return m;
    }

    /** A TCP packet whose checksum is left undone, and which is to be cut when it is longer than a segment. */
    private Mbuf tcp(int bytes, boolean v6, boolean vlan) {
        Mbuf m = packet(bytes, v6, vlan, true);
        m.l4Len(20);
        m.olFlags((v6 ? OlFlags.TX_IPV6 : OlFlags.TX_IPV4) | OlFlags.TX_TCP_CKSUM | (bytes > MSS ? OlFlags.TX_TCP_SEG : 0));
        return m;
    }

    private Mbuf packet(int bytes, boolean v6, boolean vlan, boolean tcp) {
        byte[] data = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            data[i] = (byte) (i * 7 + (i >> 8));
        }
        byte[] s = v6 ? Frames.ipv6Address(1) : Frames.number(SOURCE, 4);
        byte[] d = v6 ? Frames.ipv6Address(2) : Frames.number(TARGET, 4);
        byte[] l4 = tcp ? Frames.tcp(s, d, 4000, 80, 0x18, new byte[0], data) : Frames.udp(s, d, 4000, 53, data);
        byte[] ip = v6 ? Frames.ipv6(s, d, tcp ? 6 : 17, l4) : Frames.ipv4(SOURCE, TARGET, tcp ? 6 : 17, l4);
        int type = v6 ? 0x86dd : 0x0800;
        byte[] frame = vlan ? Frames.ethernet(B, A, 0x8100, Frames.vlan(7, type, ip)) : Frames.ethernet(B, A, type, ip);
        Mbuf m = real.pool.alloc();
        Mbuf last = m;
        for (int at = 0; at < frame.length;) {
            int part = Math.min(frame.length - at, last.tailroom());
            last.append(part);
            last.write(0, frame, at, part);
            at += part;
            if (at < frame.length) {
                last = real.pool.alloc();
                assertTrue(m.chain(last));
            }
        }
        if (last != m) {
            int sum = 0;
            int segments = 0;
            for (Mbuf x = m; x != null; x = x.next()) {
                sum += x.dataLen();
                segments++;
            }
            m.pktLen(sum);
            m.nbSegs(segments);
        }
        m.l2Len(vlan ? 18 : 14);
        m.l3Len(v6 ? 40 : 20);
        m.tsoSegsz(MSS);
        return m;
    }

    /** What is expected on a wire: segments as the library for that makes them, which has an oracle of its own. */
    private List<byte[]> segments(int bytes, boolean v6, boolean vlan) {
        Mbuf m = tcp(bytes, v6, vlan);
        m.olFlags(m.olFlags() | OlFlags.TX_TCP_SEG);
        return segments(m);
    }

    private List<byte[]> segments(Mbuf m) {
        List<byte[]> all = new ArrayList<>();
        int n = Gso.segment(m, real.pool, burst);
        for (int i = 0; i < n; i++) {
            all.add(bytes(burst[i]));
            burst[i].free();
        }
        m.free();
        return all;
    }

    private static byte[] bytes(Mbuf m) {
        byte[] all = new byte[m.pktLen()];
        m.readPacket(0, MemorySegment.ofArray(all), 0, all.length);
        return all;
    }

    private void send(Port guest, Mbuf m) {
        burst[0] = m;
        long end = System.nanoTime() + 20_000_000_000L;
        while (guest.txBurst(0, burst, 0, 1) == 0) {
            assertTrue(System.nanoTime() < end, "the machine can't send");
        }
    }

    private List<byte[]> arrivals(String port, int count) {
        List<byte[]> came = new ArrayList<>();
        long end = System.nanoTime() + 20_000_000_000L;
        while (came.size() < count) {
            assertTrue(System.nanoTime() < end, () -> came.size() + " of " + count + " frames; " + real.stats("vm1"));
            real.poll();
            came.addAll(real.take(port));
        }
        return came;
    }

    private static void same(List<byte[]> expected, List<byte[]> came) {
        assertEquals(expected.size(), came.size());
        for (int i = 0; i < came.size(); i++) {
            assertArrayEquals(expected.get(i), came.get(i), "frame " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({"100,false", "100,true", "20000,false", "20000,true", "60000,false"})
    void shouldFinishInSoftwareForAPortThatCannot(int bytes, boolean v6) {
        real.vswitch.add("wire", wire("wire"), new PortSettings());
        Port guest = machine(1, true);
        send(guest, tcp(bytes, v6, false));
        List<byte[]> expected = segments(bytes, v6, false);
        same(expected, arrivals("wire", expected.size()));
        guest.close();
    }

    @ParameterizedTest
    @CsvSource({"20000,false,false", "20000,true,false", "20000,false,true"})
    void shouldCutUdpInSoftwareForAPortThatCannot(int bytes, boolean v6, boolean fragments) {
        real.vswitch.add("wire", wire("wire"), new PortSettings());
        Port guest = machine(1, true);
        send(guest, udp(bytes, v6, fragments));
        List<byte[]> expected = segments(udp(bytes, v6, fragments));
        assertEquals((bytes + (fragments ? 8 : 0) + MSS - 1) / MSS, expected.size());
        same(expected, arrivals("wire", expected.size()));
        guest.close();
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void shouldPassUdpOnToAMachineThatTakesIt(boolean fragments) {
        Port guest = machine(1, true);
        Port other = machine(2, true);
        send(guest, udp(20_000, false, fragments));
        long end = System.nanoTime() + 20_000_000_000L;
        for (int n = 0; n == 0; n = other.rxBurst(0, burst, 32)) {
            assertTrue(System.nanoTime() < end, "nothing comes");
            real.poll();
        }
        assertEquals(OlFlags.TX_UDP_SEG, burst[0].olFlags() & OlFlags.TX_UDP_SEG);
        assertEquals(20_042, burst[0].pktLen());
        assertEquals(fragments ? 0 : 8, burst[0].l4Len());
        burst[0].free();
        guest.close();
        other.close();
    }

    /** A port that can do nothing itself. */
    private Port wire(String name) {
        Port ring = real.ringPort(name);
        ring.stop();
        ring.configure(VirtualSwitch.config(ring, 1));
        ring.setupRxQueue(0, RxQueueConfig.of(real.pool));
        ring.setupTxQueue(0, TxQueueConfig.DEFAULT);
        ring.start();
        return ring;
    }

    @Test
    void shouldTagWhatIsToBeCut() {
        BitSet vlans = new BitSet();
        vlans.set(7);
        real.vswitch.add("trunk", wire("trunk"), new PortSettings().trunk(vlans, 0));
        Port guest = machine(1, true);
        real.vswitch.set("vm1", new PortSettings().access(7));
        send(guest, tcp(20_000, false, false));
        List<byte[]> expected = segments(20_000, false, true);
        same(expected, arrivals("trunk", expected.size()));
        guest.close();
    }

    /** With the tag there was no room for its headers, and the port took neither it nor what was behind it in the burst. */
    @Test
    void shouldLetNoPacketThatATagMakesUnfitStandBeforeOthers() {
        BitSet vlans = new BitSet();
        vlans.set(7);
        real.vswitch.add("trunk", wire("trunk"), new PortSettings().trunk(vlans, 0));
        Port guest = machine(1, true);
        real.vswitch.set("vm1", new PortSettings().access(7));
        byte[] l4 = Frames.tcp(Frames.number(SOURCE, 4), Frames.number(TARGET, 4), 4000, 80, 0x18, new byte[32], new byte[1400]);
        byte[] frame = Frames.ethernet(B, A, 0x0800, Frames.ipv4(SOURCE, TARGET, 6, 0, new byte[40], l4));
        Mbuf m = real.mbuf(frame);
        m.l2Len(14);
        m.l3Len(60);
        m.l4Len(52);
        m.tsoSegsz(MSS);
        m.olFlags(OlFlags.TX_IPV4 | OlFlags.TX_TCP_CKSUM | OlFlags.TX_TCP_SEG);
        Mbuf[] two = {m, real.mbuf(Frames.ethernet(B, A, 0x88b5, new byte[46]))};
        assertEquals(2, guest.txBurst(0, two, 0, 2));
        assertEquals(64, arrivals("trunk", 1).getFirst().length);
        assertEquals(1, real.dropped("trunk", Drop.TX_FULL));
        guest.close();
    }

    /** A machine that takes it gets the packet as the other one sent it, in one piece; one that does not gets segments. */
    @ParameterizedTest
    @CsvSource({"true,100", "true,20000", "false,100", "false,20000"})
    void shouldPassOnToAMachineWhatItTakes(boolean takes, int bytes) {
        Port guest = machine(1, true);
        Port other = machine(2, takes);
        send(guest, tcp(bytes, false, false));
        int count = takes || bytes <= MSS ? 1 : (bytes + MSS - 1) / MSS;
        List<byte[]> expected = segments(bytes, false, false);
        List<byte[]> came = new ArrayList<>();
        long end = System.nanoTime() + 20_000_000_000L;
        while (came.size() < count) {
            assertTrue(System.nanoTime() < end, () -> came.size() + " frames of " + count);
            real.poll();
            int n = other.rxBurst(0, burst, 32);
            for (int i = 0; i < n; i++) {
                Mbuf m = burst[i];
                if (takes) {
                    assertEquals(bytes > MSS, (m.olFlags() & OlFlags.TX_TCP_SEG) != 0);
                    assertEquals(bytes + 54, m.pktLen());
                    assertEquals(OlFlags.TX_TCP_CKSUM, m.olFlags() & OlFlags.TX_L4_MASK);
                    assertEquals(bytes > MSS ? MSS : m.tsoSegsz(), m.tsoSegsz());
                } else {
                    assertTrue(Checksum.verifyUdpTcpIpv4(m, 14, 34));
                }
                came.add(bytes(m));
                m.free();
            }
        }
        if (!takes) {
            same(expected, came);
        }
        assertEquals(0, other.stats().rxErrors());
        guest.close();
        other.close();
    }

    /** What a machine says of its packets and is not so costs it these packets, and nobody's else. */
    @Test
    void shouldDropWhatCannotBeFinishedAndNothingBesideIt() {
        real.add("wire", new PortSettings());
        Port guest = machine(1, true);
        Mbuf tiny = tcp(20_000, false, false);
        tiny.tsoSegsz(8);
        Mbuf tooFar = tcp(100, false, false);
        tooFar.putShort(16, (short) 2000);
        for (Mbuf bad : List.of(tiny, tooFar)) {
            send(guest, bad);
        }
        byte[] good = Frames.ethernet(B, A, 0x88b5, new byte[46]);
        send(guest, real.mbuf(good));
        same(List.of(good), arrivals("wire", 1));
        assertEquals(2, real.dropped("vm1", Drop.BAD_OFFLOAD));
        guest.close();
    }
}
