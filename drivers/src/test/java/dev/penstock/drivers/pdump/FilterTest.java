package dev.penstock.drivers.pdump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.drivers.pcap.PcapReader;
import dev.penstock.testkit.Command;
import dev.penstock.testkit.Frames;
import dev.penstock.testkit.RandomFrames;
import dev.penstock.testkit.Seed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilterTest {
    private static final int FRAMES = 400;
    private static final int EXPRESSIONS = 120;
    private static final String[] PROTOCOLS = {"ip", "ip6", "arp", "rarp", "tcp", "udp", "sctp", "icmp", "icmp6", "igmp", "esp", "ah"};

    @TempDir
    private Path folder;

    static boolean matches(String filter, byte[] frame) {
        byte[] head = new byte[PacketTest.HEAD];
        int there = Math.min(frame.length, head.length);
        System.arraycopy(frame, 0, head, 0, there);
        return FilterParser.parse(filter).test(head, there, frame.length);
    }

    /** An expression that libpcap knows too, over what {@link RandomFrames} makes. */
    private static String expression(SplittableRandom random, int depth) {
        return switch (random.nextInt(depth > 0 ? 8 : 4)) {
            case 4 -> "not " + expression(random, 0);
            case 5 -> "(" + expression(random, depth - 1) + ")";
            case 6 -> expression(random, depth - 1) + " and " + expression(random, depth - 1);
            case 7 -> expression(random, depth - 1) + " || " + expression(random, depth - 1);
            default -> primitive(random);
        };
    }

    private static String primitive(SplittableRandom random) {
        String side = new String[] {"", "src ", "dst "}[random.nextInt(3)];
        int flow = random.nextInt(4);
        String four = "198." + (18 + random.nextInt(2)) + "." + random.nextInt(2) + "." + 2 * flow;
        String six = "2001:db8::" + (random.nextBoolean() ? "1:" + 2 * flow : 2 * flow + 1);
        String port = Integer.toString(random.nextBoolean() ? 1024 + flow : new int[] {80, 53, 54, 2152, 36412}[random.nextInt(5)]);
        return switch (random.nextInt(14)) {
            case 0 -> PROTOCOLS[random.nextInt(PROTOCOLS.length)];
            case 1 -> side + "host " + four;
            case 2 -> side + "host " + six;
            case 3 -> side + "net 198.18.0.0/" + random.nextInt(15, 33);
            case 4 -> side + "net 2001:db8::/" + random.nextInt(32, 129);
            case 5 -> (random.nextBoolean() ? new String[] {"tcp ", "udp ", "sctp "}[random.nextInt(3)] : "") + side + "port " + port;
            case 6 -> side + "portrange 53-" + port;
            case 7 -> "vlan" + (random.nextBoolean() ? "" : " " + (100 + flow));
            case 8 -> "ether " + (side.isEmpty() ? "host " : side) + "02:00:00:0" + random.nextInt(2) + ":00:0" + flow;
            case 9 -> (random.nextBoolean() ? "less " : "greater ") + random.nextInt(1500);
            case 10 -> (random.nextBoolean() ? "ip proto " : "ip6 proto ") + new int[] {1, 6, 17, 58, 132}[random.nextInt(5)];
            case 11 -> "ether proto " + new String[] {"0x0800", "0x86dd", "0x8847", "\\arp"}[random.nextInt(4)];
            case 12 -> "port 80 or " + port;
            default -> (random.nextBoolean() ? "ip host " : "arp host ") + four;
        };
    }

    private static byte[] capture(List<byte[]> frames) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(24).putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4).putLong(0).putInt(65535)
                .putInt(1).array());
        for (int i = 0; i < frames.size(); i++) {
            int length = frames.get(i).length;
            out.writeBytes(ByteBuffer.allocate(16).putInt(0).putInt(i).putInt(length).putInt(length).array());
            out.writeBytes(frames.get(i));
        }
        return out.toByteArray();
    }

    @Test
    @EnabledIf("dev.penstock.testkit.Root#here")
    void shouldMatchWhatTcpdumpMatches() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/tcpdump")), "needs tcpdump: apt-get install tcpdump");
        SplittableRandom random = Seed.random("filters");
        RandomFrames source = new RandomFrames(random, 4);
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            frames.add(source.valid());
        }
        Path in = Files.write(folder.resolve("in"), capture(frames));
        Path out = folder.resolve("out");
        int some = 0;
        for (int e = 0; e < EXPRESSIONS; e++) {
            String filter = expression(random, 3);
            BitSet expected = new BitSet();
            try {
                // -O: libpcap 1.10.3's optimizer makes other filters of some expressions
                Command.run("tcpdump", "-O", "-n", "-r", in.toString(), "-w", out.toString(), filter);
            } catch (IllegalStateException refused) {
                // such as 'arp and tcp', which libpcap finds can't be
                assertTrue(refused.getMessage().contains("expression rejects all packets"), refused.getMessage());
                Files.write(out, capture(List.of()));
            }
            try (PcapReader reader = PcapReader.open(out)) {
                while (reader.next()) {
                    expected.set((int) (reader.timestampNs() / 1000));
                }
            }
            BitSet actual = new BitSet();
            for (int i = 0; i < FRAMES; i++) {
                actual.set(i, matches(filter, frames.get(i)));
            }
            assertEquals(expected, actual, filter);
            some += actual.isEmpty() || actual.cardinality() == FRAMES ? 0 : 1;
        }
        assertTrue(some > EXPRESSIONS / 4, "only " + some + " filters told packets apart");
    }

    @Test
    void shouldTakeValuesAloneBehindOr() {
        byte[] frame = Frames.ethernet(2, 1, 0x0800, Frames.ipv4(0xc6120001, 0xc6120002, 17, 0, new byte[0],
                Frames.udp(new byte[4], new byte[4], 1000, 443, new byte[20])));
        assertTrue(matches("udp port 80 or 443", frame));
        assertFalse(matches("tcp port 80 or 443", frame));
        assertTrue(matches("host 198.18.0.9 or 198.18.0.2 and udp", frame));
        assertTrue(matches("", frame));
        assertTrue(matches("net 198.18 and !arp && (dst portrange 400-500)", frame));
    }

    @Test
    void shouldFindNothingInWhatIsNotThere() {
        SplittableRandom random = Seed.random("short frames");
        RandomFrames source = new RandomFrames(random, 4);
        for (int i = 0; i < 20_000; i++) {
            byte[] frame = source.any();
            String filter = primitive(random);
            boolean matches = matches(filter, frame);
            assertFalse(matches && frame.length < 12 && !filter.startsWith("less") && !filter.startsWith("greater"), filter);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tcp prt 80           | at word 2, 'prt': nothing may follow here but 'and' or 'or'
            host                 | at its end
            host www             | at word 2, 'www'
            port http            | at word 2, 'http': a port from 0 to 65535 is wanted
            port 70000           | a port from 0 to 65535 is wanted
            icmp port 7          | 'icmp' has no ports
            (tcp                 | a parenthesis is not closed
            tcp and              | something is missing
            net 198.18.0.1/15    | bits behind the prefix are set; write 198.18.0.0/15
            net 2001:db8::1/32   | bits behind the prefix are set; write 2001:db8::/32
            host 198.18.0.0/15   | 'net' takes a network
            tcp host 198.18.0.1  | say 'tcp and host ...'
            ether host 198.18.0.1| a MAC address
            80                   | not known; known are
            ip[8] < 5            | at word 1, 'ip[8]'
            portrange 80         | a range of ports
            proto 6              | 'proto' follows
            vlan 5000            | a VLAN from 0 to 4095""")
    void shouldSayWhereAFilterIsWrong(String filter, String words) {
        String message = assertThrows(IllegalArgumentException.class, () -> FilterParser.parse(filter)).getMessage();
        assertTrue(message.contains(words), message);
    }

    @Test
    void shouldTakeOrRefuseAnyText() {
        SplittableRandom random = Seed.random("texts");
        String[] words = ("host net port portrange src dst ether vlan ip ip6 arp tcp udp icmp less greater and or not ( ) ! && || proto "
                + "broadcast multicast 80 198.18.0.1 198.18.0.0/15 2001:db8::1 ::/0 02:00:00:00:00:01 1-2 - / : x 99999999999 -1").split(" ");
        byte[] head = new byte[PacketTest.HEAD];
        int valid = 0;
        for (int i = 0; i < 100_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(8); n >= 0; n--) {
                text.append(words[random.nextInt(words.length)]).append(random.nextInt(8) == 0 ? "" : " ");
            }
            try {
                FilterParser.parse(text.toString()).test(head, random.nextInt(head.length + 1), 60);
                valid++;
            } catch (IllegalArgumentException e) {
                assertTrue(e.getMessage().startsWith("filter '" + text + "' is wrong at"), e.getMessage());
            }
        }
        assertTrue(valid > 100, "only " + valid + " were filters");
        assertThrows(IllegalArgumentException.class, () -> FilterParser.parse("(".repeat(5000) + "tcp" + ")".repeat(5000)));
        assertThrows(IllegalArgumentException.class, () -> FilterParser.parse("not ".repeat(5000) + "tcp"));
    }
}
