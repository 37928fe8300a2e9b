package dev.penstock.apps.l3fwd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.jit.Vectors;
import dev.penstock.testkit.Frames;
import dev.penstock.testkit.Seed;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both twins against RFC 1812 and RFC 1624 spelt out, on headers that are right or nearly so. */
class HeadersTest {
    private static final int ROUNDS = 4000;

    private final SplittableRandom random = Seed.random("IPv4 headers");

    private byte[] frame() {
        byte[] f = new byte[34];
        random.nextBytes(f);
        f[12] = 8;
        f[13] = 0;
        f[14] = 0x45;
        f[16] = 0;
        f[17] = (byte) random.nextInt(18, 70);
        f[22] = (byte) random.nextInt(-3, 4);
        if (random.nextInt(8) == 0) {
            // Sums of all zeros and all ones are where carries go wrong.
            Arrays.fill(f, 26, 34, (byte) random.nextInt(-1, 1));
        }
        f[24] = 0;
        f[25] = 0;
        System.arraycopy(Frames.number(Frames.checksum(Arrays.copyOfRange(f, 14, 34)), 2), 0, f, 24, 2);
        if (random.nextInt(3) == 0) {
            f[random.nextInt(12, 34)] ^= (byte) (1 << random.nextInt(8));
        }
        return f;
    }

    private static boolean right(byte[] f, long length) {
        int total = (f[16] & 0xff) << 8 | f[17] & 0xff;
        return f[12] == 8 && f[13] == 0 && f[14] == 0x45 && Frames.checksum(Arrays.copyOfRange(f, 14, 34)) == 0 && total >= 20
                && total <= length - 14 && (f[22] & 0xff) > 1;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeWhatIsRightAndSayTheNextHopsWord(boolean vector) {
        // Where the Vector API is not there, the class that needs it must not be loaded.
        assumeTrue(!vector || Vectors.module().isPresent());
        Headers headers = new Headers();
        byte[][] frames = new byte[Router.BURST][];
        int taken = 0;
        for (int round = 0; round < ROUNDS; round++) {
            int n = random.nextInt(1, Router.BURST + 1);
            for (int i = 0; i < n; i++) {
                frames[i] = frame();
                ByteBuffer b = ByteBuffer.wrap(frames[i]).order(ByteOrder.LITTLE_ENDIAN);
                headers.first[i] = b.getLong(10);
                headers.second[i] = b.getLong(18);
                headers.third[i] = b.getLong(26);
                headers.lengths[i] = random.nextInt(30, 90);
            }
            int good = vector ? HeadersVector.check(headers, n) : headers.check(n);
            for (int i = 0; i < n; i++) {
                assertEquals(right(frames[i], headers.lengths[i]), (good >>> i & 1) != 0, "packet " + i);
                if ((good >>> i & 1) != 0) {
                    taken++;
                    same(frames[i], headers, i);
                }
            }
        }
        assertTrue(taken > ROUNDS, "too few right headers to mean anything: " + taken);
    }

    private static void same(byte[] frame, Headers headers, int i) {
        assertEquals(ByteBuffer.wrap(frame).getInt(30), headers.destinations[i]);
        byte[] wanted = frame.clone();
        wanted[22]--;
        wanted[24] = 0;
        wanted[25] = 0;
        System.arraycopy(Frames.number(Frames.checksum(Arrays.copyOfRange(wanted, 14, 34)), 2), 0, wanted, 24, 2);
        byte[] found = frame.clone();
        ByteBuffer.wrap(found).order(ByteOrder.LITTLE_ENDIAN).putInt(22, headers.words[i]);
        assertArrayEquals(wanted, found);
    }

    @Test
    void shouldCarryAsTheSumSaysForEveryChecksum() {
        for (int word = 0; word < 1 << 16; word++) {
            int next = Headers.oneHop(word << 16 | 0x1140) >>> 16;
            int old = Short.reverseBytes((short) word) & 0xffff;
            // Both are the complement of a sum that has 0x100 less in it: equal modulo 0xffff.
            assertEquals((old + 0x100) % 0xffff, (Short.reverseBytes((short) next) & 0xffff) % 0xffff);
        }
    }
}
