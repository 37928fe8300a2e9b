package dev.penstock.apps.l3fwd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.net.Ipv4Address;
import dev.penstock.net.Ipv6Address;
import dev.penstock.testkit.Frames;
import dev.penstock.testkit.RandomFrames;
import dev.penstock.testkit.Seed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A capture file in, capture files out, and each packet compared with what an oracle says. */
class CaptureTest {
    private static final int PORTS = 3;
    private static final int FLOWS = 60;
    private static final int FRAMES = 6000;

    @TempDir
    private Path folder;
    private SplittableRandom random;
    private List<byte[]> frames;
    private final List<String> lines4 = new ArrayList<>();
    private final List<String> lines6 = new ArrayList<>();

    @BeforeEach
    void frames() throws IOException {
        random = Seed.random("l3fwd on captures");
        RandomFrames source = new RandomFrames(random, FLOWS);
        frames = new ArrayList<>();
        while (frames.size() < FRAMES) {
            byte[] frame = random.nextInt(4) == 0 ? source.any() : random.nextInt(8) == 0 ? oldAge(source.valid()) : source.valid();
            if (frame.length > 0) {
                frames.add(frame);
            }
        }
        PcapFiles.write(folder.resolve("in.pcap"), frames);
        PcapFiles.write(folder.resolve("none.pcap"), List.of());
    }

    /** The same frame with hardly any hops left, its checksum right. */
    private byte[] oldAge(byte[] frame) {
        if (frame[12] == 8 && frame[13] == 0) {
            frame[22] = (byte) random.nextInt(4);
            frame[24] = 0;
            frame[25] = 0;
            byte[] sum = Frames.number(Frames.checksum(Arrays.copyOfRange(frame, 14, 14 + (frame[14] & 0xf) * 4)), 2);
            System.arraycopy(sum, 0, frame, 24, 2);
        } else if (frame[12] == (byte) 0x86) {
            frame[21] = (byte) random.nextInt(4);
        }
        return frame;
    }

    @ParameterizedTest
    @ValueSource(strings = {"lpm", "fib"})
    void shouldSendEachPacketByItsLongestPrefix(String lookup) throws IOException {
        record Rule(byte[] prefix, int depth, int port) {}
        List<Rule> rules4 = new ArrayList<>();
        List<Rule> rules6 = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            byte[] ip4 = Frames.number(0xc613_0000 + random.nextInt(2 * FLOWS), 4);
            byte[] ip6 = Frames.ipv6Address(0x1_0000 + random.nextInt(2 * FLOWS));
            rules4.add(new Rule(ip4, 10 + random.nextInt(23), random.nextInt(PORTS)));
            rules6.add(new Rule(ip6, 20 + random.nextInt(109), random.nextInt(PORTS)));
            lines4.add("R" + text(ip4) + "/" + rules4.get(i).depth + (random.nextBoolean() ? " " : "\t") + rules4.get(i).port);
            lines6.add("R" + text(ip6) + "/" + rules6.get(i).depth + " 0x" + rules6.get(i).port + " and more");
        }
        compare(lookup, (frame, ipv6) -> {
            int port = -1;
            int depth = -1;
            for (Rule rule : ipv6 ? rules6 : rules4) {
                // Of two rules for the same prefix the later one holds.
                if (rule.depth >= depth && Oracle.agrees(frame, ipv6 ? 38 : 30, rule.prefix, rule.depth)) {
                    depth = rule.depth;
                    port = rule.port;
                }
            }
            return port;
        });
    }

    @Test
    void shouldSendJustTheFlowsOfExactMatch() throws IOException {
        List<byte[]> keys = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        for (byte[] frame : frames.subList(0, FRAMES / 4)) {
            boolean ipv6 = frame.length > 60 && frame[12] == (byte) 0x86 && frame[14] >> 4 == 6;
            if (!ipv6 && (frame.length < 46 || frame[12] != 8 || frame[13] != 0 || frame[14] != 0x45)) {
                continue;
            }
            byte[] key = key(frame, ipv6);
            int port = random.nextInt(PORTS);
            keys.add(key);
            ports.add(port);
            int half = ipv6 ? 16 : 4;
            (ipv6 ? lines6 : lines4).add("R" + text(Arrays.copyOfRange(key, half, 2 * half)) + " " + text(Arrays.copyOf(key, half)) + " "
                    + number(key, 2 * half + 2) + " " + number(key, 2 * half) + " 0x" + Integer.toHexString(key[2 * half + 4] & 0xff)
                    + " " + port);
        }
        assertTrue(lines4.size() > 100 && lines6.size() > 100, "too few flows to mean anything");
        compare("em", (frame, ipv6) -> {
            byte[] key = key(frame, ipv6);
            for (int i = keys.size() - 1; i >= 0; i--) {
                if (Arrays.equals(key, keys.get(i))) {
                    return ports.get(i);
                }
            }
            return -1;
        });
    }

    @Test
    void shouldDoWhatTheFirstMatchingRuleSays() throws IOException {
        record Rule(byte[] src, int srcDepth, byte[] dst, int dstDepth, int[] ports, int protocol, int mask, int port) {}
        List<Rule> rules4 = new ArrayList<>();
        List<Rule> rules6 = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            boolean ipv6 = (i & 1) == 1;
            int flow = 2 * random.nextInt(FLOWS);
            byte[] src = ipv6 ? Frames.ipv6Address(flow + 1) : Frames.number(0xc612_0000 + flow, 4);
            byte[] dst = ipv6 ? Frames.ipv6Address(0x1_0000 + flow) : Frames.number(0xc613_0000 + flow, 4);
            int bits = ipv6 ? 128 : 32;
            int[] ports = {0, 65535, 0, 65535};
            for (int p = 0; p < 4; p += 2) {
                if (random.nextInt(3) == 0) {
                    ports[p] = random.nextInt(1100);
                    ports[p + 1] = ports[p] + random.nextInt(1100);
                }
            }
            Rule rule = new Rule(src, depth(bits), dst, depth(bits), ports, random.nextBoolean() ? 6 : 17, random.nextBoolean() ? 0xff : 0,
                    random.nextInt(-1, PORTS));
            (ipv6 ? rules6 : rules4).add(rule);
            (ipv6 ? lines6 : lines4).add((rule.port < 0 ? "@" : "R") + text(src) + "/" + rule.srcDepth + " " + text(dst) + "/" + rule.dstDepth
                    + " " + ports[0] + " : " + ports[1] + "\t" + ports[2] + " : " + ports[3] + " 0x" + Integer.toHexString(rule.protocol)
                    + "/0x" + Integer.toHexString(rule.mask) + (rule.port < 0 ? "" : " " + rule.port));
        }
        compare("acl", (frame, ipv6) -> {
            byte[] key = key(frame, ipv6);
            int half = ipv6 ? 16 : 4;
            int srcPort = number(key, 2 * half);
            int dstPort = number(key, 2 * half + 2);
            for (Rule r : ipv6 ? rules6 : rules4) {
                if (Oracle.agrees(key, 0, r.src, r.srcDepth) && Oracle.agrees(key, half, r.dst, r.dstDepth) && srcPort >= r.ports[0]
                        && srcPort <= r.ports[1] && dstPort >= r.ports[2] && dstPort <= r.ports[3]
                        && ((key[2 * half + 4] ^ r.protocol) & r.mask) == 0) {
                    return r.port < 0 ? -2 : r.port;
                }
            }
            return -1;
        });
    }

    private int depth(int bits) {
        return random.nextInt(3) == 0 ? random.nextInt(bits + 1) : random.nextBoolean() ? bits : bits - 5;
    }

    /** Source, destination, source port, destination port, protocol: from the frame's bytes. */
    private static byte[] key(byte[] frame, boolean ipv6) {
        int l4 = ipv6 ? 54 : 14 + (frame[14] & 0xf) * 4;
        byte[] ports = l4 + 4 <= frame.length ? Arrays.copyOfRange(frame, l4, l4 + 4) : new byte[4];
        byte[] addresses = ipv6 ? Arrays.copyOfRange(frame, 22, 54) : Arrays.copyOfRange(frame, 26, 34);
        return Frames.join(addresses, ports, new byte[] {frame[ipv6 ? 20 : 23]});
    }

    private static int number(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
    }

    private static String text(byte[] address) {
        ByteBuffer b = ByteBuffer.wrap(address);
        return address.length == 4 ? Ipv4Address.format(b.getInt()) : Ipv6Address.format(b.getLong(), b.getLong());
    }

    private void compare(String lookup, Oracle.Rules rules) throws IOException {
        Files.write(folder.resolve("rules4"), Frames.join("# comment\n\n".getBytes(), String.join("\n", lines4).getBytes()));
        Files.write(folder.resolve("rules6"), String.join("\n", lines6).getBytes());
        Session run = Session.until(ports -> ports.port(0).stats().rxPackets() == FRAMES,
                "--vdev", "net_pcap0,rx_pcap=" + folder.resolve("in.pcap") + ",tx_pcap=" + folder.resolve("out0.pcap"),
                "--vdev", "net_pcap1,rx_pcap=" + folder.resolve("none.pcap") + ",tx_pcap=" + folder.resolve("out1.pcap"),
                "--vdev", "net_pcap2,rx_pcap=" + folder.resolve("none.pcap") + ",tx_pcap=" + folder.resolve("out2.pcap"),
                "--", "-p", "7", "-P", "--lookup=" + lookup, "--config=(0,0,1),(1,0,1),(2,0,1)", "--rule_ipv4", "" + folder.resolve("rules4"),
                "--rule_ipv6=" + folder.resolve("rules6"), "--eth-dest=1,02:00:00:00:0a:0b", "--parse-ptype", "--max-pkt-len=9000");
        assertEquals(0, run.code(), run.err());

        Oracle oracle = new Oracle(rules, macs(run.out()));
        frames.forEach(oracle::route);
        long sent = 0;
        for (int port = 0; port < PORTS; port++) {
            List<byte[]> out = PcapFiles.read(folder.resolve("out" + port + ".pcap"));
            sent += out.size();
            for (String version : List.of("ipv4", "ipv6")) {
                same(oracle.sent.getOrDefault(port + version, List.of()),
                        out.stream().filter(f -> (f[12] == 8) == version.equals("ipv4")).toList(), version + " of port " + port);
            }
        }
        assertTrue(sent > FRAMES / 8, "too few packets forwarded to mean anything: " + sent);
        for (Drop why : Drop.values()) {
            String name = why.name().toLowerCase();
            assertEquals(oracle.drops.getOrDefault(name, 0L), run.count(name), name);
        }
        assertEquals(FRAMES, run.count("Total packets received"));
        assertEquals(sent, run.count("Total packets sent"));
        assertEquals(FRAMES, sent + run.count("Total packets dropped"));
    }

    private static void same(List<byte[]> wanted, List<byte[]> found, String what) {
        for (int i = 0; i < Math.min(wanted.size(), found.size()); i++) {
            assertArrayEquals(wanted.get(i), found.get(i), "packet " + i + " " + what);
        }
        assertEquals(wanted.size(), found.size(), "packets " + what);
    }

    /** What each port's frames begin with: the destination given or DPDK's, then the port's own address. */
    private static byte[][] macs(String out) {
        byte[][] macs = new byte[PORTS][];
        Matcher m = Pattern.compile("Port (\\d), MAC address: (\\S+)").matcher(out);
        while (m.find()) {
            int port = Integer.parseInt(m.group(1));
            byte[] own = HexFormat.ofDelimiter(":").parseHex(m.group(2));
            macs[port] = Frames.join(Frames.number(port == 1 ? 0x0200_0000_0a0bL : 0x0200_0000_0000L | port, 6), own);
        }
        return macs;
    }
}
