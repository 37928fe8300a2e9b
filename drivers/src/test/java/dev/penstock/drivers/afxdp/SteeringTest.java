package dev.penstock.drivers.afxdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.linux.BpfCode;
import dev.penstock.linux.XdpProgram;
import dev.penstock.testkit.Seed;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class SteeringTest {
    private static final int TAKE = XdpProgram.XDP_DROP;

    private static XdpProgram program(String steer) {
        BpfCode code = new BpfCode();
        BpfCode.Label pass = new BpfCode.Label();
        Steering steering = Steering.parse("p", steer);
        code.move(6, 1);
        steering.emit(code, 6, pass);
        code.set(0, TAKE).exit().label(pass).set(0, XdpProgram.XDP_PASS).exit();
        return new XdpProgram(code, "penstock_test", false);
    }

    private static boolean takes(String steer, byte[] frame) {
        try (XdpProgram program = program(steer)) {
            return program.test(frame) == TAKE;
        }
    }

    /** What a frame is, as a slow reader sees it who goes byte by byte. */
    private record Seen(int ether, int protocol, int source, int destination, byte[] from, byte[] to) {
        static Seen of(byte[] f) {
            ByteBuffer b = ByteBuffer.wrap(f);
            int at = 12;
            int ether = b.getShort(at) & 0xffff;
            for (int tags = 0; tags < 2 && (ether == 0x8100 || ether == 0x88a8); tags++) {
                if (at + 6 > f.length) {
                    return new Seen(-1, -1, -1, -1, new byte[0], new byte[0]);
                }
                at += 4;
                ether = b.getShort(at) & 0xffff;
            }
            int ip = at + 2;
            boolean six = ether == 0x86dd;
            if (!six && ether != 0x800 || f.length < ip + (six ? 40 : 20)) {
                return new Seen(ether, -1, -1, -1, new byte[0], new byte[0]);
            }
            int size = six ? 16 : 4;
            byte[] from = Arrays.copyOfRange(f, ip + (six ? 8 : 12), ip + (six ? 8 : 12) + size);
            byte[] to = Arrays.copyOfRange(f, ip + (six ? 24 : 16), ip + (six ? 24 : 16) + size);
            int protocol = f[ip + (six ? 6 : 9)] & 0xff;
            int l4 = ip + (six ? 40 : (f[ip] & 15) * 4);
            boolean ports = (protocol == 6 || protocol == 17 || protocol == 132) && l4 + 4 <= f.length
                    && (six || (f[ip] & 15) >= 5 && (b.getShort(ip + 6) & 0x1fff) == 0);
            return new Seen(ether, protocol, ports ? b.getShort(l4) & 0xffff : -1, ports ? b.getShort(l4 + 2) & 0xffff : -1,
                    from, to);
        }

        private static boolean prefix(byte[] address, SteerRule r) {
            byte[] wanted = r.address().getAddress();
            if (address.length != wanted.length) {
                return false;
            }
            for (int i = 0; i < r.bits(); i++) {
                if ((address[i / 8] ^ wanted[i / 8]) << i % 8 << 24 < 0) {
                    return false;
                }
            }
            return true;
        }

        boolean named(SteerRule r) {
            boolean port = r.firstPort() < 0 || source >= r.firstPort() && source <= r.lastPort()
                    || destination >= r.firstPort() && destination <= r.lastPort();
            return port && (r.etherType() < 0 || ether == r.etherType()) && (r.protocol() < 0 || protocol == r.protocol())
                    && (r.address() == null || prefix(from, r) || prefix(to, r));
        }

        boolean taken(Steering steering) {
            for (SteerRule r : steering.rules()) {
                if (named(r)) {
                    return !r.leave();
                }
            }
            return steering.rules().isEmpty() || steering.rules().getLast().leave();
        }
    }

    private static byte[] frame(SplittableRandom random) {
        boolean six = random.nextInt(3) == 0;
        int tags = random.nextInt(4) == 0 ? random.nextInt(3) : 0;
        int ihl = random.nextInt(4) == 0 ? random.nextInt(16) : 5;
        ByteBuffer b = ByteBuffer.allocate(140);
        b.putLong(random.nextLong()).putInt(7);
        for (int i = 0; i < tags; i++) {
            b.putShort((short) (random.nextBoolean() ? 0x8100 : 0x88a8)).putShort((short) random.nextInt());
        }
        b.putShort((short) (random.nextInt(8) == 0 ? random.nextBoolean() ? 0x806 : 0x88cc : six ? 0x86dd : 0x800));
        int protocol = new int[] {6, 17, 132, 1, 58, 47}[random.nextInt(6)];
        int ip = b.position();
        if (six) {
            b.put(ip, (byte) 0x60).put(ip + 6, (byte) protocol);
            b.putInt(ip + 8, 0x20010db8).putInt(ip + 20, random.nextInt(4)).putInt(ip + 24, 0x20010db8)
                    .putInt(ip + 28, random.nextInt(3) << 30).putInt(ip + 36, random.nextInt(4));
        } else {
            b.put(ip, (byte) (0x40 | ihl)).put(ip + 9, (byte) protocol);
            b.putShort(ip + 6, (short) (random.nextInt(5) == 0 ? random.nextInt() : 0x4000));
            b.putInt(ip + 12, 0xc6120000 | random.nextInt(4) << random.nextInt(9)).putInt(ip + 16, 0xc6130000 | random.nextInt(4));
        }
        int l4 = ip + (six ? 40 : ihl * 4);
        b.putShort(l4, (short) (20 + random.nextInt(5))).putShort(l4 + 2, (short) (20 + random.nextInt(5)));
        int length = random.nextInt(3) == 0 ? 14 + random.nextInt(60) : 100;
        return Arrays.copyOf(b.array(), length);
    }

    private static String rule(SplittableRandom random) {
        String what = List.of("any", "arp", "ip4", "ip6", "tcp", "udp", "sctp", "icmp", "icmp6", "0x88cc")
                .get(random.nextInt(10));
        String text = random.nextBoolean() ? "!" + what : what;
        if (List.of("tcp", "udp", "sctp").contains(what) && random.nextBoolean()) {
            int port = 20 + random.nextInt(5);
            text += ":" + port + (random.nextBoolean() ? "-" + (port + random.nextInt(3)) : "");
        }
        boolean six = what.endsWith("6") || !what.endsWith("4") && !what.equals("icmp") && random.nextBoolean();
        if (!what.equals("arp") && !what.startsWith("0x") && random.nextInt(3) == 0) {
            text += six ? "@2001:db8::" + random.nextInt(4) + (random.nextBoolean() ? "/" + random.nextInt(129) : "")
                    : "@198.1" + (8 + random.nextInt(2)) + ".0." + random.nextInt(4)
                            + (random.nextBoolean() ? "/" + random.nextInt(33) : "");
        }
        return text;
    }

    @Test
    void shouldDecideAsTheNaiveReaderDoesForRandomRulesAndFrames() {
        SplittableRandom random = Seed.random("steering");
        int took = 0;
        for (int round = 0; round < 150; round++) {
            List<String> rules = new ArrayList<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                rules.add(rule(random));
            }
            String steer = "[" + String.join(",", rules) + "]";
            Steering steering = Steering.parse("p", steer);
            try (XdpProgram program = program(steer)) {
                for (int i = 0; i < 60; i++) {
                    byte[] frame = frame(random);
                    boolean taken = program.test(frame) == TAKE;
                    assertEquals(Seen.of(frame).taken(steering), taken, () -> steer + " " + HexFormat.of().formatHex(frame));
                    took += taken ? 1 : 0;
                }
            }
        }
        assertTrue(took > 1000 && took < 8000, "took " + took);
    }

    @Test
    void shouldFitThirtyTwoOfTheLongestRules() {
        List<String> rules = Collections.nCopies(32, "!tcp:1000-2000@2001:db8::1/127");
        byte[] frame = new byte[60];
        assertTrue(takes("[" + String.join(",", rules) + "]", frame));
        List<String> many = Collections.nCopies(33, "arp");
        assertThrows(IllegalArgumentException.class, () -> Steering.parse("p", "[" + String.join(",", many) + "]"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"tcp:22; [tcp:22]", "tcp:22-22; tcp:22", "!0x806; !arp", "any@2001:db8:0:0::1/128; any@2001:db8::1",
        "[arp,ip4@198.18.0.0/15]; [0x0806,0x800@198.18.0.0/15]"})
    void shouldTakeTwoWritingsForTheSameRules(String one, String other) {
        assertEquals(Steering.parse("p", one).rules(), Steering.parse("p", other).rules());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"tcp:22; !tcp:22", "tcp:22; udp:22", "tcp:22-23; tcp:22", "[arp,ip4]; [ip4,arp]",
        "any@198.18.0.1; any@198.18.0.2", "any@198.18.0.0/15; any@198.18.0.0/16", "any@0.0.0.0/0; any@::/0", "any; [any,any]"})
    void shouldTellRulesApart(String one, String other) {
        assertNotEquals(Steering.parse("p", one).rules(), Steering.parse("p", other).rules());
    }

    @ParameterizedTest
    @ValueSource(strings = {"!", "tcp:", "tcp:65536", "tcp:-1", "tcp:9-8", "arp:1", "tcp@", "tcp@host", "ip6@198.18.0.1",
        "tcp@198.18.0.1/33", "tcp@2001:db8::/129", "0x12345", "TCP", "tcp:22:23", "any@1.2.3", "[tcp,]"})
    void shouldRefuseWhatIsNoRuleAndSayHowToWriteOne(String text) {
        String message = assertThrows(IllegalArgumentException.class, () -> Steering.parse("p", text)).getMessage();
        assertTrue(message.contains("steer rule") && message.contains("!tcp:22"), message);
    }
}
