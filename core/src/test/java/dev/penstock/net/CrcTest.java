package dev.penstock.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.testkit.Seed;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CrcTest {
    private final TestPackets packets = new TestPackets();

    @AfterEach
    void close() {
        packets.close();
    }

    @Test
    void shouldGiveTheCatalogueCheckValues() {
        Mbuf m = packets.of("123456789".getBytes(StandardCharsets.US_ASCII));
        assertEquals(0xe3069283, Crc.crc32c(m, 0, 9));
        assertEquals(0xcbf43926, Crc.crc32Eth(m, 0, 9));
        assertEquals(0x906e, Crc.crc16Ccitt(m, 0, 9));
    }

    @Test
    void shouldGiveTheValuesOfDpdksTest() {
        Mbuf m = packets.of("0123456789abcdefghijABCDEFGHIJKL".getBytes(StandardCharsets.US_ASCII));
        assertEquals(0xb491aab4, Crc.crc32Eth(m, 0, 32));
        assertEquals(0x6bec, Crc.crc16Ccitt(m, 0, 32));
    }

    @Test
    void shouldAgreeWithTheJdkAtEveryLength() {
        SplittableRandom random = Seed.random("crc");
        byte[] bytes = new byte[2000];
        for (int length = 0; length < 1600; length++) {
            random.nextBytes(bytes);
            int offset = random.nextInt(100);
            Mbuf m = packets.of(bytes);
            CRC32 crc32 = new CRC32();
            crc32.update(bytes, offset, length);
            assertEquals((int) crc32.getValue(), Crc.crc32Eth(m, offset, length));
            CRC32C crc32c = new CRC32C();
            crc32c.update(bytes, offset, length);
            assertEquals((int) crc32c.getValue(), Crc.crc32c(m, offset, length));
            assertEquals(naive16(bytes, offset, length), Crc.crc16Ccitt(m, offset, length));
        }
    }

    private static int naive16(byte[] bytes, int offset, int length) {
        int crc = 0xffff;
        for (int i = offset; i < offset + length; i++) {
            crc ^= bytes[i] & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0x8408 : crc >> 1;
            }
        }
        return ~crc & 0xffff;
    }

    @Test
    void shouldSignSctpWhateverStandsInTheField() {
        SplittableRandom random = Seed.random("sctp");
        byte[] bytes = new byte[77];
        random.nextBytes(bytes);
        Mbuf m = packets.of(bytes);
        Sctp.checksum(m, 5, (int) Crc.sctp(m, 5, 60));
        assertTrue(Crc.verifySctp(m, 5, 60));
        m.putByte(20, (byte) ~m.getByte(20));
        assertFalse(Crc.verifySctp(m, 5, 60));
        assertFalse(Crc.verifySctp(m, 5, 11));
        assertEquals(Reject.PACKET_LENGTH, Crc.sctp(m, 5, 11));
    }
}
