package dev.penstock.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.testkit.RandomFrames;
import dev.penstock.testkit.Seed;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another judge of what is computed here. */
class WiresharkTest {
    private static final String BAD = "0";
    private static final String GOOD = "1";

    @Test
    void shouldHaveItsChecksumsCalledGoodByTshark(@TempDir Path folder) throws Exception {
        assumeTrue(Arrays.stream(System.getenv("PATH").split(File.pathSeparator)).anyMatch(p -> new File(p, "tshark").canExecute()),
                "SKIPPED: tshark is not installed (apt-get install tshark)");
        Path pcap = folder.resolve("frames.pcap");
        Files.write(pcap, capture());
        // Not put together: random fragments may be of one packet by chance, whose checksum is then wrong.
        Process tshark = new ProcessBuilder("tshark", "-n", "-r", pcap.toString(), "-o", "ip.defragment:FALSE", "-o",
                "ipv6.defragment:FALSE", "-o", "ip.check_checksum:TRUE", "-o",
                "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-T", "fields", "-e", "ip.checksum.status", "-e",
                "udp.checksum.status", "-e", "tcp.checksum.status")
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String[] said = new String(tshark.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("[\\s,]+");
        assertEquals(0, tshark.waitFor());
        assertEquals(0, Arrays.stream(said).filter(BAD::equals).count(), "bad checksums");
        long good = Arrays.stream(said).filter(GOOD::equals).count();
        assertTrue(good > 500, "only " + good + " good checksums");
    }

    /** Random frames whose outer checksums were cleared and computed anew by {@link Checksum}. */
    private static byte[] capture() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream pcap = new DataOutputStream(bytes);
        for (int word : new int[] {0xa1b2c3d4, 2 << 16 | 4, 0, 0, 65_535, 1}) {
            pcap.writeInt(word);
        }
        RandomFrames frames = new RandomFrames(Seed.random("wireshark"), 16);
        PacketLengths lengths = new PacketLengths();
        try (TestPackets packets = new TestPackets()) {
            for (int i = 0; i < 500; i++) {
                Mbuf m = packets.of(frames.valid());
                sign(m, PacketType.parse(m, lengths), lengths.l2Len(), lengths.l2Len() + lengths.l3Len());
                for (int word : new int[] {i, 0, m.dataLen(), m.dataLen()}) {
                    pcap.writeInt(word);
                }
                pcap.write(TestPackets.bytes(m));
            }
        }
        return bytes.toByteArray();
    }

    private static void sign(Mbuf m, int type, int ip, int l4) {
        int l4Type = type & PacketType.L4_MASK;
        boolean isUdp = l4Type == PacketType.L4_UDP;
        boolean isIpv6 = (type & PacketType.L3_IPV6) != 0;
        int field = l4 + (isUdp ? Udp.CHECKSUM : Tcp.CHECKSUM);
        if (isUdp || l4Type == PacketType.L4_TCP) {
            m.putShort(field, (short) 0);
            m.putShort(field, (short) (isIpv6 ? Checksum.ipv6(m, ip, isUdp ? IpProtocol.UDP : IpProtocol.TCP, l4)
                    : Checksum.udpTcpIpv4(m, ip, l4)));
        }
        if ((type & PacketType.L3_IPV4) != 0 && !isIpv6) {
            Ipv4.checksum(m, ip, 0);
            Ipv4.checksum(m, ip, Checksum.ipv4(m, ip));
        }
    }
}
