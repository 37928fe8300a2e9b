package dev.penstock.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.testkit.Seed;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ToeplitzTest {
    private final TestPackets packets = new TestPackets();
    private final Toeplitz toeplitz = new Toeplitz(Toeplitz.defaultKey());

    @AfterEach
    void close() {
        packets.close();
    }

    /** The definition: slide the key over the input, bit by bit. */
    private static int naive(byte[] key, byte[] input) {
        int hash = 0;
        for (int bit = 0; bit < input.length * 8; bit++) {
            if ((input[bit / 8] >> 7 - bit % 8 & 1) != 0) {
                for (int i = 0; i < 32; i++) {
                    int k = bit + i;
                    hash ^= (key[k / 8] >> 7 - k % 8 & 1) << 31 - i;
                }
            }
        }
        return hash;
    }

    @Test
    void shouldGiveTheHashesOfTheVerificationSuiteForIpv4() {
        ipv4("161.142.100.80", 1766, "66.9.149.187", 2794, 0x323e8fc2, 0x51ccc178);
        ipv4("65.69.140.83", 4739, "199.92.111.2", 14230, 0xd718262a, 0xc626b0ea);
        ipv4("12.22.207.184", 38024, "24.19.198.95", 12898, 0xd2d0a5de, 0x5c2b394a);
        ipv4("209.142.163.6", 2217, "38.27.205.30", 48228, 0x82989176, 0xafc7327f);
        ipv4("202.188.127.2", 1303, "153.39.163.191", 44251, 0x5d1809c5, 0x10e828a2);
    }

    private void ipv4(String dst, int dstPort, String src, int srcPort, int addresses, int withPorts) {
        Mbuf m = packets.of(new byte[40]);
        Ipv4.write(m, 0, 0, 40, 0, 0, 64, IpProtocol.TCP, Ipv4Address.parse(src), Ipv4Address.parse(dst));
        Tcp.write(m, 20, srcPort, dstPort, 0, 0, 0, 0);
        assertEquals(addresses, toeplitz.ipv4(m, 0));
        assertEquals(withPorts, toeplitz.ipv4Ports(m, 0, 20));
    }

    @Test
    void shouldGiveTheHashesOfTheVerificationSuiteForIpv6() {
        ipv6("3ffe:2501:200:3::1", 1766, "3ffe:2501:200:1fff::7", 2794, 0x2cc18cd5, 0x40207d3d);
        ipv6("ff02::1", 4739, "3ffe:501:8::260:97ff:fe40:efab", 14230, 0x0f0c461c, 0xdde51bbf);
        ipv6("fe80::200:f8ff:fe21:67cf", 38024, "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251, 0x4b61e985, 0x02d1feef);
    }

    private void ipv6(String dst, int dstPort, String src, int srcPort, int addresses, int withPorts) {
        Mbuf m = packets.of(new byte[60]);
        Ipv6.write(m, 0, 0, 0, 20, IpProtocol.TCP, 64, Ipv6Address.parse(src), Ipv6Address.parse(dst));
        Tcp.write(m, 40, srcPort, dstPort, 0, 0, 0, 0);
        assertEquals(addresses, toeplitz.ipv6(m, 0));
        assertEquals(withPorts, toeplitz.ipv6Ports(m, 0, 40));
    }

    @Test
    void shouldAgreeWithTheDefinitionForAnyKey() {
        SplittableRandom random = Seed.random("toeplitz");
        for (int i = 0; i < 500; i++) {
            byte[] key = new byte[40 + random.nextInt(13)];
            random.nextBytes(key);
            byte[] input = new byte[random.nextInt(37)];
            random.nextBytes(input);
            assertEquals(naive(key, input), new Toeplitz(key).hash(input));
        }
    }

    @Test
    void shouldRefuseAShortKey() {
        assertThrows(IllegalArgumentException.class, () -> new Toeplitz(new byte[39]));
    }
}
