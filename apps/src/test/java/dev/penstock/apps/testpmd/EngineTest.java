package dev.penstock.apps.testpmd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.pcap.PcapReader;
import dev.penstock.drivers.pcap.PcapWriter;
import dev.penstock.net.MacAddress;
import dev.penstock.testkit.Frames;
import dev.penstock.testkit.RandomFrames;
import dev.penstock.testkit.Seed;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each mode does with packets, judged by naive code on byte arrays. */
class EngineTest {
    private static final int COUNT = 2000;
    private static final byte[] PEER = {2, 0, 0, 0, 0, 0};

    @TempDir Path folder;
    private Session session;

    /** Sends frames through a mode and reads what comes out. */
    private List<byte[]> through(String mode, List<byte[]> frames, String... commands) throws IOException {
        Path in = folder.resolve("in-" + mode + ".pcap");
        Path out = folder.resolve("out-" + mode + ".pcap");
        try (PcapWriter writer = PcapWriter.create(in)) {
            for (byte[] frame : frames) {
                writer.write(MemorySegment.ofArray(frame), 0, frame.length, 0);
            }
        }
        List<String> script = new ArrayList<>(List.of(commands));
        script.addAll(List.of("set fwd " + mode, "start", "WAIT", "stop"));
        session = Session.script(script, "--vdev", "net_pcap0,rx_pcap=" + in + ",tx_pcap=" + out, "--", "-i", "--port-topology=loop",
                "--total-num-mbufs=2047", "--no-flush-rx");
        assertEquals(0, session.code(), session.err());
        List<byte[]> sent = new ArrayList<>();
        try (PcapReader reader = PcapReader.open(out)) {
            while (reader.next()) {
                sent.add(reader.data().asSlice(reader.dataOffset(), reader.capturedLength()).toArray(ValueLayout.JAVA_BYTE));
            }
        }
        return sent;
    }

    /** The address that the port said it has. */
    private long ownMac() {
        Matcher m = Pattern.compile("(?m)^Port 0: ((?:[0-9A-F]{2}:){5}[0-9A-F]{2})$").matcher(session.out());
        assertTrue(m.find(), session.out());
        return MacAddress.parse(m.group(1));
    }

    private static List<byte[]> anyFrames(String test) {
        RandomFrames random = new RandomFrames(Seed.random(test), 8);
        List<byte[]> frames = new ArrayList<>();
        while (frames.size() < COUNT) {
            byte[] frame = random.any();
            if (frame.length > 0 && frame.length <= 1900) {
                frames.add(frame);
            }
        }
        return frames;
    }

    private void same(List<byte[]> expected, List<byte[]> sent) {
        assertEquals(expected.size(), sent.size(), session.out());
        for (int i = 0; i < sent.size(); i++) {
            assertArrayEquals(expected.get(i), sent.get(i), "frame " + i);
        }
    }

    private static void swap(byte[] b, int one, int other, int n) {
        for (int i = 0; i < n; i++) {
            byte kept = b[one + i];
            b[one + i] = b[other + i];
            b[other + i] = kept;
        }
    }

    private static int u16(byte[] b, int at) {
        return at + 2 <= b.length ? (b[at] & 0xff) << 8 | b[at + 1] & 0xff : 0;
    }

    @Test
    void shouldForwardEveryFrameUnchangedInIo() throws IOException {
        List<byte[]> frames = anyFrames("io");
        same(frames, through("io", frames));
        assertEquals(COUNT, session.forwarded(0, "RX-packets"));
        assertEquals(COUNT, session.forwarded(0, "TX-total"));
    }

    @Test
    void shouldExchangeAddressesInMacswap() throws IOException {
        List<byte[]> frames = anyFrames("macswap");
        List<byte[]> expected = frames.stream().map(byte[]::clone).toList();
        expected.stream().filter(f -> f.length >= 14).forEach(f -> swap(f, 0, 6, 6));
        same(expected, through("macswap", frames));
    }

    @Test
    void shouldWriteAddressesInMac() throws IOException {
        List<byte[]> frames = anyFrames("mac");
        List<byte[]> expected = frames.stream().map(byte[]::clone).toList();
        List<byte[]> sent = through("mac", frames);
        byte[] own = Frames.number(ownMac(), 6);
        for (byte[] f : expected) {
            if (f.length >= 14) {
                System.arraycopy(PEER, 0, f, 0, 6);
                System.arraycopy(own, 0, f, 6, 6);
            }
        }
        same(expected, sent);
    }

    @Test
    void shouldExchangeAllLayersInFiveTupleSwap() throws IOException {
        List<byte[]> frames = anyFrames("5tswap");
        List<byte[]> expected = frames.stream().map(byte[]::clone).toList();
        for (byte[] f : expected) {
            if (f.length < 14) {
                continue;
            }
            swap(f, 0, 6, 6);
            int at = 14;
            int type = u16(f, 12);
            while ((type == 0x8100 || type == 0x88a8) && at + 4 <= f.length) {
                type = u16(f, at + 2);
                at += 4;
            }
            int l4 = -1;
            int protocol = 0;
            if (type == 0x0800 && at + 20 <= f.length) {
                swap(f, at + 12, at + 16, 4);
                l4 = at + (f[at] & 15) * 4;
                protocol = f[at + 9];
            } else if (type == 0x86dd && at + 40 <= f.length) {
                swap(f, at + 8, at + 24, 16);
                l4 = at + 40;
                protocol = f[at + 6];
            }
            if (l4 >= 0 && (protocol == 6 || protocol == 17) && l4 + 4 <= f.length) {
                swap(f, l4, l4 + 2, 2);
            }
        }
        same(expected, through("5tswap", frames));
    }

    /** Checksums that were right are right again after they were destroyed; what is no packet passes. */
    @Test
    void shouldMendChecksumsInCsum() throws IOException {
        RandomFrames random = new RandomFrames(Seed.random("csum"), 8);
        List<byte[]> expected = new ArrayList<>();
        List<byte[]> broken = new ArrayList<>();
        while (expected.size() < COUNT) {
            byte[] f = random.valid();
            boolean tagged = u16(f, 12) == 0x8100;
            int ip = tagged ? 18 : 14;
            int type = u16(f, ip - 2);
            if (f.length > 1900 || type != 0x0800 && type != 0x86dd) {
                continue;
            }
            byte[] b = f.clone();
            int protocol = type == 0x0800 ? f[ip + 9] : f[ip + 6];
            int l4 = type == 0x0800 ? ip + (f[ip] & 15) * 4 : ip + 40;
            if (type == 0x0800) {
                b[ip + 10] ^= 0x55;
            }
            boolean fragment = type == 0x0800 && (u16(f, ip + 6) & 0x3fff) != 0;
            int field = protocol == 6 ? l4 + 16 : protocol == 17 && u16(f, l4 + 6) != 0 ? l4 + 6 : (protocol & 0xff) == 132 ? l4 + 8 : -1;
            if (!fragment && field > 0) {
                b[field] = (byte) (b[field] == 0x11 ? 0x22 : 0x11);
            }
            expected.add(f);
            broken.add(b);
        }
        same(expected, through("csum", broken, "csum mac-swap off 0"));
    }

    /** The packet in a tunnel, and the header of IP around it, are mended; the offsets are those of the broken bytes. */
    @Test
    void shouldMendChecksumsWithinTunnelsInCsum() throws IOException {
        byte[] packet = Frames.ipv4(0xc6130001, 0xc6130002, 6, Frames.tcp(Frames.number(0xc6130001, 4), Frames.number(0xc6130002, 4), 1, 2, 16,
                new byte[0], new byte[99]));
        byte[] frame = Frames.ethernet(1, 2, 0x0800, packet);
        List<byte[]> good = Stream.of(Frames.udp4(0xc6120001, 0xc6120002, 1, 4789, Frames.vxlan(5, frame)),
                Frames.udp4(0xc6120001, 0xc6120002, 1, 6081, Frames.geneve(0x6558, 5, new byte[8], frame)),
                Frames.udp4(0xc6120001, 0xc6120002, 1, 2152, Frames.gtpU(5, true, packet)),
                Frames.ipv4(0xc6120001, 0xc6120002, 47, Frames.gre(0x6558, true, frame)),
                Frames.ipv4(0xc6120001, 0xc6120002, 47, Frames.gre(0x0800, false, packet)),
                Frames.ipv4(0xc6120001, 0xc6120002, 4, packet)).map(outer -> Frames.ethernet(1, 2, 0x0800, outer)).toList();
        List<byte[]> bad = good.stream().map(byte[]::clone).toList();
        for (byte[] f : bad) {
            int inner = f.length - packet.length;
            f[14 + 10] ^= 1;
            f[inner + 10] ^= 1;
            f[inner + 20 + 16] ^= 1;
        }
        same(good, through("csum", bad, "csum parse-tunnel on 0", "csum mac-swap off 0"));
        // what is in a tunnel is not cut
        same(good, through("csum", bad, "csum parse-tunnel on 0", "csum mac-swap off 0", "set port 0 gso on", "set gso segsz 100"));
    }

    @Test
    void shouldSayTheLengthsOfATunnelsHeadersAsDpdkDoes() throws IOException {
        byte[] frame = Frames.ethernet(1, 2, 0x8100, Frames.vlan(3, 0x0800, Frames.udp4(1, 2, 3, 4, new byte[9])));
        through("rxonly", List.of(Frames.ethernet(1, 2, 0x0800, Frames.ipv4(1, 2, 47, Frames.gre(0x6558, true, frame)))), "set verbose 1");
        assertTrue(session.out().contains(" - l2_len=14 - l3_len=20 - tunnel_len=8 - inner_l2_len=18 - inner_l3_len=20 - inner_l4_len=8 - "),
                session.out());
    }

    @Test
    void shouldAskTheDeviceForChecksumsInCsumWhenToldSo() throws IOException {
        byte[] good = Frames.ethernet(1, 2, 0x0800, Frames.udp4(0xc6120001, 0xc6120002, 1, 2, new byte[99]));
        byte[] bad = good.clone();
        bad[24] ^= 1;
        bad[40] ^= 1;
        List<byte[]> sent = through("csum", List.of(bad), "port stop all", "csum set ip hw 0", "csum set udp hw 0", "port start all",
                "csum mac-swap off 0");
        assertTrue(session.out().contains("IP checksum offload is hw\nUDP checksum offload is hw\nTCP checksum offload is sw"));
        same(List.of(good), sent);
    }

    @Test
    void shouldAnswerArpAndPingInIcmpecho() throws IOException {
        long asker = 0x020000000007L;
        byte[] arp = Frames.ethernet(0xffffffffffffL, asker, 0x0806, Frames.arp(1, asker, 0xc6120001, 0, 0xc6120002));
        byte[] ping = Frames.ethernet(0x02aa00000001L, asker, 0x0800, Frames.ipv4(0xc6120001, 0xc6120002, 1,
                Frames.icmp(8, 3, 4, new byte[56])));
        byte[] other = Frames.ethernet(1, 2, 0x1234, new byte[50]);
        List<byte[]> sent = through("icmpecho", List.of(other, arp, other, ping));
        long own = ownMac();
        List<byte[]> expected = List.of(
                Frames.ethernet(asker, own, 0x0806, Frames.arp(2, own, 0xc6120002, asker, 0xc6120001)),
                Frames.ethernet(asker, 0x02aa00000001L, 0x0800, Frames.ipv4(0xc6120002, 0xc6120001, 1,
                        Frames.icmp(0, 3, 4, new byte[56]))));
        same(expected, sent);
    }

    @Test
    void shouldAnswerNothingButRequestsInIcmpecho() throws IOException {
        List<byte[]> frames = anyFrames("icmpecho");
        List<byte[]> sent = through("icmpecho", frames);
        assertEquals(COUNT, session.forwarded(0, "RX-packets"), session.out());
        assertTrue(sent.size() < COUNT / 2, sent.size() + " answers");
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

    @ParameterizedTest
    @ValueSource(strings = {"30,34", "64"})
    void shouldSendTheFramesOfDpdkInTxonly(String pieces) throws IOException {
        Path out = folder.resolve("txonly.pcap");
        Session s = Session.script(List.of("set fwd txonly", "set burst 4", "set txpkts " + pieces, "start", "stop"), "--vdev",
                "net_pcap0,tx_pcap=" + out, "--", "-i", "--port-topology=loop", "--total-num-mbufs=2047");
        byte[] headers = Frames.join(PEER);
        List<byte[]> sent = frames(out);
        assertTrue(!sent.isEmpty() && sent.size() % 4 == 0, s.out());
        byte[] udp = Frames.join(Frames.number(9, 2), Frames.number(9, 2), Frames.number(30, 2), new byte[2 + 22]);
        byte[] ip = Frames.ipv4(0xc6120001, 0xc6120002, 17, udp);
        for (byte[] f : sent) {
            assertEquals(64, f.length);
            assertArrayEquals(headers, Arrays.copyOf(f, 6));
            assertArrayEquals(Arrays.copyOf(ip, 2), Arrays.copyOfRange(f, 14, 16));
            assertEquals(0, Frames.checksum(Arrays.copyOfRange(f, 14, 34)));
            assertArrayEquals(Arrays.copyOfRange(ip, 12, 28), Arrays.copyOfRange(f, 26, 42));
        }
    }

    @Test
    void shouldSendEachPortsOwnHeadersInTxonly() throws IOException {
        List<Path> out = List.of(folder.resolve("0.pcap"), folder.resolve("1.pcap"));
        Session s = Session.script(List.of("set fwd txonly", "set burst 4", "set eth-peer 0 02:00:00:00:00:0a",
                "set eth-peer 1 02:00:00:00:00:0b", "start", "stop"), "--vdev", "net_pcap0,tx_pcap=" + out.get(0), "--vdev",
                "net_pcap1,tx_pcap=" + out.get(1), "--", "-i", "--port-topology=loop", "--nb-cores=1", "--total-num-mbufs=2047");
        for (int port = 0; port < 2; port++) {
            List<byte[]> sent = frames(out.get(port));
            assertTrue(!sent.isEmpty(), s.out());
            for (byte[] f : sent) {
                assertEquals(0x0a + port, f[5]);
                assertArrayEquals(Arrays.copyOfRange(sent.getFirst(), 6, 42), Arrays.copyOfRange(f, 6, 42));
            }
        }
    }

    @Test
    void shouldCountFlowsUpInFlowgen() throws IOException {
        Path out = folder.resolve("flowgen.pcap");
        Session.script(List.of("set fwd flowgen", "start", "stop"), "--vdev", "net_pcap0,tx_pcap=" + out, "--", "-i",
                "--port-topology=loop", "--total-num-mbufs=2047", "--flowgen-flows=5", "--txpkts=70");
        try (PcapReader reader = PcapReader.open(out)) {
            for (int i = 0; i < 32; i++) {
                assertTrue(reader.next());
                byte[] f = reader.data().asSlice(reader.dataOffset(), reader.capturedLength()).toArray(ValueLayout.JAVA_BYTE);
                assertEquals(66, f.length);
                assertEquals(0x0afd0000 + i % 5, ByteBuffer.wrap(f).getInt(30));
                assertEquals(0, Frames.checksum(Arrays.copyOfRange(f, 14, 34)));
            }
        }
    }

    @Test
    void shouldDelayButNotReorderInNoisy() throws IOException {
        List<byte[]> frames = anyFrames("noisy");
        Path in = folder.resolve("noisy-in.pcap");
        Path out = folder.resolve("noisy-out.pcap");
        try (PcapWriter writer = PcapWriter.create(in)) {
            for (byte[] frame : frames) {
                writer.write(MemorySegment.ofArray(frame), 0, frame.length, 0);
            }
        }
        session = Session.script(List.of("start", "WAIT", "stop"), "--vdev", "net_pcap0,rx_pcap=" + in + ",tx_pcap=" + out, "--",
                "-i", "--port-topology=loop", "--total-num-mbufs=2047", "--no-flush-rx", "--forward-mode=noisy",
                "--noisy-tx-sw-buffer-size=100", "--noisy-lkup-memory=1", "--noisy-lkup-num-reads-writes=2");
        List<byte[]> sent = new ArrayList<>();
        try (PcapReader reader = PcapReader.open(out)) {
            while (reader.next()) {
                sent.add(reader.data().asSlice(reader.dataOffset(), reader.capturedLength()).toArray(ValueLayout.JAVA_BYTE));
            }
        }
        assertTrue(sent.size() >= COUNT - 100, sent.size() + " sent");
        same(frames.subList(0, sent.size()), sent);
        assertEquals(COUNT, session.forwarded(0, "TX-total"));
    }

    @Test
    void shouldCutLongTcpPacketsAndMergeThemAgain() throws IOException {
        ByteBuffer b = ByteBuffer.allocate(1800);
        b.putLong(0x0200_0000_0001_0200L).putInt(2).putShort((short) 0x0800);
        b.putShort((short) 0x4500).putShort((short) 1786).putShort((short) 7).putShort((short) 0).putShort((short) 0x4006);
        b.putShort((short) 0).putInt(0xc6120001).putInt(0xc6120002);
        b.putShort((short) 1000).putShort((short) 80).putInt(-5).putInt(9).putShort((short) 0x5010).putShort((short) 100).putInt(0);
        while (b.hasRemaining()) {
            b.put((byte) (b.position() * 31 >> 3));
        }
        String keep = "csum mac-swap off 0";
        List<byte[]> whole = through("csum", List.of(b.array()), keep);
        List<byte[]> cut = through("csum", whole, keep, "set port 0 gso on", "set gso segsz 600");
        assertEquals(List.of(600, 600, 600, 162), cut.stream().map(frame -> frame.length).toList(), session.out());
        same(whole, through("csum", cut, keep, "set port 0 gro on"));
    }
}
