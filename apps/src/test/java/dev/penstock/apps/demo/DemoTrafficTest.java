package dev.penstock.apps.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.pcap.PcapReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTrafficTest {
    @TempDir
    private Path folder;

    @Test
    void shouldWriteTheSameThousandPacketsOfManyKindsEachTime() throws Exception {
        Path first = folder.resolve("first.pcap");
        Path second = folder.resolve("second.pcap");
        int written = DemoTraffic.write(first);
        assertEquals(written, DemoTraffic.write(second));
        Map<String, Integer> kinds = DemoTraffic.kinds();
        assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
        assertEquals(12, kinds.size(), kinds.toString());
        int packets = 0;
        long last = 0;
        try (PcapReader reader = PcapReader.open(first)) {
            for (; reader.next(); packets++) {
                assertTrue(reader.capturedLength() >= 60 && reader.capturedLength() <= 1514 + 8, "a frame's length");
                assertTrue(reader.timestampNs() >= last, "in the order of time");
                last = reader.timestampNs();
            }
        }
        assertEquals(written, packets);
        assertEquals(kinds.values().stream().mapToInt(Integer::intValue).sum(), packets);
        assertTrue(packets > 900 && packets < 1500, packets + " packets");
    }

    @Test
    void shouldSatisfyTsharkInEachPacketAndChecksum() throws Exception {
        Path tshark = Path.of("/usr/bin/tshark");
        Assumptions.assumeTrue(Files.exists(tshark), "no tshark; apt-get install tshark");
        Path file = folder.resolve("demo.pcap");
        DemoTraffic.write(file);
        String bad = tshark(tshark, file, "_ws.malformed or _ws.expert.severity >= 6291456 or ip.checksum.status == 0"
                + " or tcp.checksum.status == 0 or udp.checksum.status == 0 or icmp.checksum.status == 0"
                + " or icmpv6.checksum.status == 0 or sctp.checksum.status == 0");
        assertEquals("", bad);
        String protocols = tshark(tshark, file, "frame", "-T", "fields", "-e", "frame.protocols");
        for (String stack : new String[] {"eth:ethertype:arp", "ip:icmp:data", "ipv6:icmpv6:data", "ethertype:ip:udp", "ipv6:udp", "ip:tcp:http",
            "ipv6:tcp:http", "ip:sctp:data", "ip:gre:ip:icmp", "udp:vxlan:eth:ethertype:ip:udp", "eth:ethertype:vlan:ethertype:ip:udp",
            "ieee8021ad:ethertype:vlan:ethertype:ip:udp"}) {
            assertTrue(protocols.contains(stack), stack);
        }
    }

    private static String tshark(Path tshark, Path file, String filter, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(tshark.toString(), "-r", file.toString(), "-o", "ip.check_checksum:TRUE",
                "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "sctp.checksum:CRC32C", "-Y", filter));
        command.addAll(List.of(more));
        Process run = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String out = new String(run.getInputStream().readAllBytes());
        assertEquals(0, run.waitFor(), filter);
        return out;
    }

    /** "No space left on device", of which nobody knew. */
    @Test
    void shouldNameTheFileThatHadNoRoom() throws Exception {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.isWritable(full), "SKIPPED: there is no /dev/full");
        Path file = Files.createSymbolicLink(folder.resolve("in.pcap"), full);
        IOException e = assertThrows(IOException.class, () -> new MemoryDemo(new Screen(System.out), folder, 1).run());
        assertTrue(e.getMessage().startsWith(file + ": ") && e.getMessage().endsWith("; name another folder with --output"), e.getMessage());
    }

    @Test
    void shouldDrawWithWhatTheCharacterSetHas() {
        for (String set : List.of("UTF-8", "ISO-8859-1", "US-ASCII")) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            PrintStream out = new PrintStream(bytes, true, Charset.forName(set));
            new Screen(out).line("\u2500\u25b6 %s", Screen.bar(0.05));
            assertEquals(set.equals("UTF-8") ? "\u2500\u25b6 \u2588\u2588" : "-> ##", bytes.toString(out.charset()).strip());
        }
    }
}
