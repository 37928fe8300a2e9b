package dev.penstock.drivers;

import static dev.penstock.drivers.kernel.Rig.xstat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.pcap.PcapReader;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.TxCallback;
import dev.penstock.ethdev.PortEvent;
import dev.penstock.ethdev.Ports;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ports that stand on others: fault, trace, pcap tap. */
class StackedPortTest extends MemoryPorts {
    private static final int BURST = 32;

    @TempDir
    private Path folder;

    private final Mbuf[] burst = new Mbuf[BURST];
    private int sequence;

    StackedPortTest() {
        super(4096);
    }

    /** Sends numbered packets, all of them or as many as are taken. */
    private int send(Port port, int n) {
        assertTrue(pool.allocBulk(burst, 0, n));
        for (int i = 0; i < n; i++) {
            burst[i].append(60);
            burst[i].putLong(0, 0x0200_0000_0002_0200L);
            burst[i].putInt(8, 1);
            burst[i].putShort(12, (short) 0x88b5);
            burst[i].putInt(14, sequence++);
            burst[i].putInt(18, 0);
        }
        int sent = port.txBurst(0, burst, 0, n);
        Mbuf.freeBulk(burst, sent, n - sent);
        return sent;
    }

    private List<Integer> receive(Port port) {
        List<Integer> numbers = new ArrayList<>();
        for (int n; (n = port.rxBurst(0, burst, BURST)) > 0;) {
            for (int i = 0; i < n; i++) {
                assertEquals(port.id(), burst[i].port());
                numbers.add(burst[i].getInt(14));
            }
            Mbuf.freeBulk(burst, 0, n);
        }
        // What waits to change places comes when nothing else does.
        int last = port.rxBurst(0, burst, BURST);
        for (int i = 0; i < last; i++) {
            numbers.add(burst[i].getInt(14));
            burst[i].free();
        }
        return numbers;
    }

    @Test
    void shouldTellNothingMoreOfThePortBelowOnceItIsClosed() {
        Port lower = ports.attach("net_null7");
        List<PortEvent> told = new ArrayList<>();
        Port upper = ports.attach("net_trace0,on=net_null7");
        upper.addListener((port, event) -> told.add(event));
        lower.fire(PortEvent.LINK_CHANGED);
        upper.close();
        lower.fire(PortEvent.LINK_CHANGED);
        assertEquals(List.of(PortEvent.LINK_CHANGED, PortEvent.DESTROYED), told);
    }

    @Test
    void shouldGiveThePortBelowBackWhenAFileCannotBeNamedSo() {
        for (String driver : List.of("net_trace0", "net_pcaptap0")) {
            Port lower = ports.attach("net_null7");
            assertThrows(IllegalArgumentException.class, () -> ports.attach(driver + ",on=net_null7,file=a\0b"));
            assertNull(lower.owner(), driver);
            lower.close();
        }
    }

    /** Whoever polls gets the error, and nobody waits for the file for ever. */
    @Test
    @Timeout(60)
    void shouldCloseTheFileAlthoughAPacketWasLongerThanItsSegments() throws IOException {
        Path file = folder.resolve("bad.pcap");
        Port port = started("net_pcaptap0,on=[net_ring0],file=" + file);
        assertEquals(3, send(port, 3));
        assertEquals(3, receive(port).size());
        assertEquals(1, send(port, 1));
        assertEquals(1, ports.byName("net_ring0").rxBurst(0, burst, 1));
        burst[0].pktLen(100);
        Mbuf bad = burst[0];
        assertThrows(RuntimeException.class, () -> port.txBurst(0, burst, 0, 1));
        ports.byName("net_ring0").txBurst(0, burst, 0, 1);
        assertThrows(RuntimeException.class, () -> port.rxBurst(0, burst, BURST));
        bad.pktLen(60);
        bad.free();
        assertEquals(2, send(port, 2));
        assertEquals(2, receive(port).size());
        port.close();
        try (PcapReader reader = PcapReader.open(file)) {
            int n = 0;
            while (reader.next()) {
                n++;
            }
            assertEquals(11, n);
        }
    }

    @Test
    void shouldLoseNothingUncountedWhateverTheFaults() {
        for (String faults : List.of("", ",drop=0.1", ",duplicate=0.3", ",reorder=0.5", ",corrupt=0.2",
                ",drop=0.2,duplicate=0.2,reorder=0.2,corrupt=0.2,rate=100kpps")) {
            for (String dir : List.of("rx", "tx", "both")) {
                Port port = started("net_fault0,on=[net_ring0],dir=" + dir + faults);
                int taken = 0;
                int received = 0;
                for (int i = 0; i < 100; i++) {
                    taken += send(port, BURST);
                    received += receive(port).size();
                }
                port.stop();
                long[] sum = new long[4];
                for (String way : List.of("rx", "tx")) {
                    String q = way + "_q0_fault_";
                    sum[0] += xstat(port, q + "dropped");
                    sum[1] += xstat(port, q + "rate_dropped");
                    sum[2] += xstat(port, q + "duplicated");
                    sum[3] += xstat(port, q + "discarded");
                }
                long below = xstat(port, "lower_tx_good_packets") - xstat(port, "lower_rx_good_packets");
                assertTrue(below <= 1, "at most the one that waited to change places");
                assertEquals(taken + sum[2], received + sum[0] + sum[1] + sum[3] + below, dir + faults);
                assertEquals(received, port.stats().rxPackets());
                assertEquals(taken, port.stats().txPackets() + port.stats().txErrors());
                assertEquals(xstat(port, "rx_q0_fault_dropped") + xstat(port, "rx_q0_fault_rate_dropped"), port.stats().rxMissed());
                assertTrue(faults.isEmpty() || !faults.startsWith(",drop=0.1") || sum[0] > 200 && sum[0] < 800, "a tenth or a fifth: " + sum[0]);
                port.close();
            }
        }
    }

    @Test
    void shouldGiveTheSameFaultsForTheSameSeed() {
        List<List<Integer>> runs = new ArrayList<>();
        for (String seed : List.of("7", "7", "8")) {
            sequence = 0;
            Port port = started("net_fault0,on=[net_ring0],dir=tx,drop=0.3,reorder=0.3,duplicate=0.1,seed=" + seed);
            List<Integer> numbers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                send(port, BURST);
                numbers.addAll(receive(port));
            }
            runs.add(numbers);
            port.close();
        }
        assertEquals(runs.get(0), runs.get(1));
        assertFalse(runs.get(0).equals(runs.get(2)));
    }

    @Test
    void shouldChangePlacesAndBitsOnlyWhenAsked() {
        Port plain = started("net_fault0,on=[net_ring0]");
        send(plain, BURST);
        List<Integer> numbers = receive(plain);
        for (int i = 0; i < BURST; i++) {
            assertEquals(i, numbers.get(i));
        }
        Port swap = started("net_fault1,on=[net_ring1],reorder=1,dir=rx");
        sequence = 0;
        send(swap, 4);
        assertEquals(List.of(1, 0, 3, 2), receive(swap));
        Port flip = started("net_fault2,on=[net_ring2],corrupt=1,dir=tx");
        assertTrue(pool.allocBulk(burst, 0, 1));
        burst[0].append(200);
        for (int i = 0; i < 200; i++) {
            burst[0].putByte(i, (byte) 0);
        }
        assertEquals(1, flip.txBurst(0, burst, 0, 1));
        assertEquals(1, flip.rxBurst(0, burst, BURST));
        int bits = 0;
        for (int i = 0; i < 200; i++) {
            bits += Integer.bitCount(burst[0].getByte(i) & 0xff);
        }
        assertEquals(1, bits);
        burst[0].free();
    }

    @Test
    void shouldHoldTheRate() {
        Port port = started("net_fault0,on=[net_null0],dir=rx,rate=10kpps");
        long start = System.nanoTime();
        long packets = 0;
        while (System.nanoTime() - start < 200_000_000) {
            int n = port.rxBurst(0, burst, BURST);
            packets += n;
            Mbuf.freeBulk(burst, 0, n);
        }
        double most = (System.nanoTime() - start) * 1e-9 * 10_000 + 200;
        assertTrue(packets <= most && packets > 100, packets + " of at most " + most);
    }

    @Test
    void shouldHaveAPacketOwnedOnceWhenThePortBelowThrows() {
        TxCallback broken = (p, q, packets, from, n) -> {
            throw new IllegalStateException("of the port below");
        };
        Port faulty = started("net_fault0,on=[net_ring0]");
        int all = pool.availCount();
        ports.byName("net_ring0").addTxCallback(0, broken);
        assertEquals(2, send(faulty, 2), "they wait, since they may be harmed already");
        assertThrows(IllegalStateException.class, () -> send(faulty, 2));
        Mbuf.freeBulk(burst, 0, 2);
        ports.byName("net_ring0").removeTxCallback(0, broken);
        send(faulty, 1);
        assertEquals(3, receive(faulty).size());
        assertEquals(all, pool.availCount());

        Port captured = started("net_pcaptap0,on=[net_ring1],file=" + folder.resolve("tap.pcap"));
        ports.byName("net_ring1").addTxCallback(0, broken);
        assertThrows(IllegalStateException.class, () -> send(captured, 2));
        Mbuf.freeBulk(burst, 0, 2);
        assertEquals(0, xstat(captured, "tap_captured"));
        assertEquals(all, pool.availCount());
    }

    @Test
    void shouldHideThePortBelowAndGiveItBack() {
        Port below = ports.attach("net_ring0");
        Port above = ports.attach("net_trace0,on=net_ring0");
        assertEquals(List.of(above), ports.list());
        assertEquals("net_trace0", below.owner());
        assertEquals(below.filters().mac(), above.info().mac());
        assertEquals(below.info().maxRxQueues(), above.info().maxRxQueues());
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ports.attach("net_fault0,on=net_ring0")).getMessage()
                .contains("taken by net_trace0"));
        above.close();
        assertEquals(List.of(below), ports.list());
        ports.attach("net_trace0,on=[net_ring1],count=0");
        Port third = ports.attach("net_fault0,on=net_trace0");
        assertEquals(List.of(below, third), ports.list(), "of four ports");
        third.close();
        ports.byName("net_trace0").close();
        assertNull(ports.byName("net_ring1"), "closed with what it was made for");
        assertNotNull(ports.byName("net_ring0"));
    }

    @Test
    void shouldSayWhatIsWrongWithArguments() {
        ports.attach("net_ring0");
        for (String wrong : List.of("net_fault0", "net_fault0,on=net_ring7", "net_fault0,on=net_ring0,drop=2", "net_fault0,on=net_ring0,drop=x",
                "net_fault0,on=net_ring0,rate=0pps", "net_fault0,on=net_ring0,rate=fast", "net_fault0,on=net_ring0,dir=up",
                "net_fault0,on=net_ring0,seed=x", "net_trace0,on=net_ring0,file=/nowhere/x", "net_pcaptap0,on=net_ring0",
                "net_pcaptap0,on=net_ring0,file=/nowhere/x")) {
            String message = assertThrows(IllegalArgumentException.class, () -> ports.attach(wrong)).getMessage();
            assertTrue(message.startsWith(wrong.substring(0, wrong.indexOf('0') + 1) + ": "), message);
            assertNull(ports.byName("net_ring0").owner(), "given back after: " + message);
        }
    }

    @Test
    void shouldPrintALineForEachPacket() throws IOException {
        Path file = folder.resolve("trace");
        Port port = started("net_trace0,on=[net_ring0],count=3,file=" + file);
        assertTrue(pool.allocBulk(burst, 0, 3));
        int[][] heads = {{0x0800, 14}, {0x8100, 18}, {0x86dd, 14}};
        for (int i = 0; i < 3; i++) {
            Mbuf m = burst[i];
            m.append(80);
            for (int b = 0; b < 80; b++) {
                m.putByte(b, (byte) 0);
            }
            m.putShort(12, (short) heads[i][0]);
            int ip = heads[i][1];
            if (i == 1) {
                m.putShort(14, (short) 100);
                m.putShort(16, (short) 0x0800);
            }
            if (i < 2) {
                m.putByte(ip, (byte) 0x45);
                m.putByte(ip + 9, (byte) (i == 0 ? 17 : 1));
                m.putInt(ip + 12, 0xc6120001);
                m.putInt(ip + 16, 0xc6130002);
                m.putShort(ip + 20, (short) 1000);
                m.putShort(ip + 22, (short) 53);
            } else {
                m.putByte(ip + 6, (byte) 6);
                m.putInt(ip + 8, 0x20010db8);
            }
        }
        assertEquals(3, port.txBurst(0, burst, 0, 3));
        assertEquals(3, port.rxBurst(0, burst, BURST));
        Mbuf.freeBulk(burst, 0, 3);
        assertEquals(3, xstat(port, "trace_lines"));
        port.close();
        assertEquals(List.of(
                "tx q0 80 00:00:00:00:00:00 > 00:00:00:00:00:00 IPv4 198.18.0.1.1000 > 198.19.0.2.53 UDP",
                "tx q0 80 00:00:00:00:00:00 > 00:00:00:00:00:00 VLAN 100 IPv4 198.18.0.1 > 198.19.0.2 ICMP",
                "tx q0 80 00:00:00:00:00:00 > 00:00:00:00:00:00 IPv6 2001:0db8:0000:0000:0000:0000:0000:0000.0 > "
                        + "0000:0000:0000:0000:0000:0000:0000:0000.0 TCP"), Files.readAllLines(file));
    }

    @Test
    void shouldPrintAnyBytesWithoutHarm() throws IOException {
        Port port = started("net_trace0,on=[net_ring0],file=" + folder.resolve("trace"));
        SplittableRandom random = Seed.random("trace bytes");
        int[] types = {0x0800, 0x86dd, 0x8100, 0x88a8, 0x0806, 0};
        for (int i = 0; i < 100_000; i++) {
            assertTrue(pool.allocBulk(burst, 0, 1));
            Mbuf m = burst[0];
            m.append(random.nextInt(90));
            for (int b = 0; b < m.dataLen(); b++) {
                m.putByte(b, (byte) random.nextInt());
            }
            if (m.dataLen() >= 14) {
                m.putShort(12, (short) types[random.nextInt(types.length)]);
            }
            port.txBurst(0, burst, 0, 1);
            assertEquals(1, port.rxBurst(0, burst, 1));
            burst[0].free();
        }
        assertEquals(200_000, xstat(port, "trace_lines"));
    }

    @Test
    void shouldCaptureExactlyWhatPassesBothWays() throws IOException {
        Path file = folder.resolve("tap.pcap");
        Port port = started("net_pcaptap0,on=[net_ring0],snaplen=40,file=" + file);
        int sent = 0;
        for (int i = 0; i < 40; i++) {
            sent += send(port, BURST);
        }
        assertEquals(1023, sent, "a full ring refuses, and what it refuses is not captured");
        List<Integer> received = receive(port);
        assertEquals(1023, received.size());
        assertEquals(2046, xstat(port, "tap_captured"));
        assertEquals(0, xstat(port, "tap_uncaptured"));
        port.close();
        int n = 0;
        try (PcapReader reader = PcapReader.open(file)) {
            for (; reader.next(); n++) {
                assertEquals(40, reader.capturedLength());
                assertEquals(60, reader.originalLength());
                int number = Integer.reverseBytes(reader.data().get(java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED, reader.dataOffset() + 14));
                assertEquals(n % 1023, number);
            }
        }
        assertEquals(2046, n);
    }

    @Test
    void shouldCountWhatTheTapCannotKeepUpWith() throws IOException {
        Path file = folder.resolve("tap.pcap");
        Port port = started("net_pcaptap0,on=[net_null0,size=1500],dir=rx,file=" + file);
        for (int i = 0; i < 20_000; i++) {
            int n = port.rxBurst(0, burst, BURST);
            port.txBurst(0, burst, 0, n);
        }
        long passed = port.stats().rxPackets();
        port.stop();
        long captured = xstat(port, "tap_captured");
        assertEquals(passed, captured + xstat(port, "tap_uncaptured"));
        port.close();
        long n = 0;
        try (PcapReader reader = PcapReader.open(file)) {
            while (reader.next()) {
                n++;
            }
        }
        assertEquals(captured, n);
    }

    @Test
    void shouldAllocateNothingForAPacket() {
        Port fault = started("net_fault0,on=[net_null0],drop=0.1,duplicate=0.1,reorder=0.1,corrupt=0.1,rate=1Gpps");
        Port trace = started("net_trace0,on=[net_null1],file=" + folder.resolve("trace"));
        Port tap = started("net_pcaptap0,on=[net_null2],file=" + folder.resolve("tap.pcap"));
        for (Port port : List.of(fault, trace, tap)) {
            Runnable loop = () -> {
                for (int i = 0; i < 200; i++) {
                    int n = port.rxBurst(0, burst, BURST);
                    int sent = port.txBurst(0, burst, 0, n);
                    Mbuf.freeBulk(burst, sent, n - sent);
                }
            };
            assertEquals(0, Allocation.steadyBytesOf(loop), port.name());
        }
    }
}
