package dev.penstock.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.testkit.Seed;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AddressTest {
    @Test
    void shouldReadAndWriteMacAddresses() {
        assertEquals(0x02_00_00_00_00_0aL, MacAddress.parse("02:00:00:00:00:0a"));
        assertEquals(0xff_ee_dd_cc_bb_aaL, MacAddress.parse("FF-EE-dd-cc-bb-aa"));
        assertEquals("02:00:00:00:00:0A", MacAddress.format(0x02_00_00_00_00_0aL));
        assertTrue(MacAddress.isMulticast(0x0100_5e00_0001L));
        assertTrue(MacAddress.isBroadcast(MacAddress.BROADCAST));
        assertFalse(MacAddress.isValidUnicast(0));
        assertTrue(MacAddress.isLocal(0x02_00_00_00_00_0aL));
        assertEquals(0x0100_5e01_0203L, MacAddress.ofIpv4Group(Ipv4Address.parse("224.129.2.3")));
    }

    @Test
    void shouldRefuseOtherTextsAndQuoteThem() {
        for (String text : new String[] {"", "02:00:00:00:00", "02:00:00:00:00:0g", "02:00-00:00:00:0a", "020000:00:00:000"}) {
            String said = assertThrows(IllegalArgumentException.class, () -> MacAddress.parse(text)).getMessage();
            assertTrue(said.contains("\"" + text + "\""), said);
        }
        for (String text : new String[] {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "1..3.4", "a.b.c.d"}) {
            assertThrows(IllegalArgumentException.class, () -> Ipv4Address.parse(text), text);
        }
        for (String text : new String[] {
            "", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "::1%lo", "1:2:3:4:5:6:7::8",
            "::1.2.3", "1.2.3.4::", "1.2.3.4::1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", ":1::", "::1:",
        }) {
            assertThrows(IllegalArgumentException.class, () -> Ipv6Address.parse(text), text);
        }
    }

    @Test
    void shouldWriteIpv6AsRfc5952Asks() {
        String[][] pairs = {
            {"2001:0db8::0001", "2001:db8::1"}, {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
            {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"}, {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
            {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"}, {"2001:DB8::ABCD", "2001:db8::abcd"}, {"::", "::"}, {"::1", "::1"},
            {"1::", "1::"}, {"::ffff:198.18.0.1", "::ffff:198.18.0.1"}, {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
        };
        for (String[] pair : pairs) {
            assertEquals(pair[1], Ipv6Address.parse(pair[0]).toString(), pair[0]);
        }
    }

    @Test
    void shouldReadBackWhatItWroteAndAgreeWithTheJdk() throws Exception {
        SplittableRandom random = Seed.random("addresses");
        for (int i = 0; i < 20_000; i++) {
            int ipv4 = random.nextInt();
            assertEquals(ipv4, Ipv4Address.parse(Ipv4Address.format(ipv4)));
            long mac = random.nextLong() >>> 16;
            assertEquals(mac, MacAddress.parse(MacAddress.format(mac)));
            long high = random.nextLong() & zeroGroups(random);
            long low = random.nextLong() & zeroGroups(random);
            String text = Ipv6Address.format(high, low);
            assertEquals(new Ipv6Address(high, low), Ipv6Address.parse(text), text);
            byte[] bytes = InetAddress.getByName(text).getAddress();
            if (bytes.length == 16) {
                assertEquals(high, ByteBuffer.wrap(bytes).getLong(0), text);
                assertEquals(low, ByteBuffer.wrap(bytes).getLong(8), text);
            }
        }
    }

    private static long zeroGroups(SplittableRandom random) {
        long mask = 0;
        for (int i = 0; i < 4; i++) {
            mask = mask << 16 | (random.nextBoolean() ? 0xffff : 0);
        }
        return mask;
    }

    @Test
    void shouldKnowPrefixesAndGroups() {
        assertEquals(0, Ipv4Address.mask(0));
        assertEquals(0xfffe0000, Ipv4Address.mask(15));
        assertEquals(-1, Ipv4Address.mask(32));
        for (int bits = 0; bits <= 128; bits++) {
            assertEquals(bits, Long.bitCount(Ipv6Address.highMask(bits)) + Long.bitCount(Ipv6Address.lowMask(bits)));
            assertEquals(Math.min(bits, 64), Long.numberOfLeadingZeros(~Ipv6Address.highMask(bits)));
            assertEquals(Math.max(0, bits - 64), Long.numberOfLeadingZeros(~Ipv6Address.lowMask(bits)));
        }
        assertTrue(Ipv4Address.isMulticast(Ipv4Address.of(224, 0, 0, 1)));
        assertTrue(Ipv6Address.isMulticast(Ipv6Address.parse("ff02::1").high()));
        assertTrue(Ipv6Address.isLinkLocal(Ipv6Address.parse("fe80::1").high()));
        assertEquals(Ipv6Address.parse("ff02::1:ff00:1").low(), Ipv6Address.solicitedNodeLow(Ipv6Address.parse("2001:db8::1").low()));
    }
}
