package dev.penstock.meter;

import static dev.penstock.meter.Color.GREEN;
import static dev.penstock.meter.Color.RED;
import static dev.penstock.meter.Color.YELLOW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Seed;
import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The cases of DPDK's meter_autotest, and each RFC's words over exact numbers as the oracle. */
class MeterTest {
    private static final long SECOND = 1_000_000_000;
    private static final long CIR = 46_000_000;
    private static final long CBS = 2048;
    private static final long EBS = 4096;

    @Test
    void shouldRefuseBadParameters() {
        assertThrows(IllegalArgumentException.class, () -> new SrTcm(0, CBS, EBS, 0));
        assertThrows(IllegalArgumentException.class, () -> new SrTcm(CIR, 0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new SrTcm(-1, CBS, EBS, 0));
        assertThrows(IllegalArgumentException.class, () -> new SrTcm((1L << 40) + 1, CBS, EBS, 0));
        assertThrows(IllegalArgumentException.class, () -> new SrTcm(CIR, -1, EBS, 0));
        long most = 1L << 40;
        assertThrows(IllegalArgumentException.class, () -> new SrTcm(CIR, CBS, most + 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new TrTcm(CIR, most + 1, CBS, EBS, 0));
        assertThrows(IllegalArgumentException.class, () -> new TrTcm4115(CIR, most + 1, CBS, EBS, 0));
        assertEquals(GREEN, new TrTcm4115(most, most, most, most, 0).check(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new TrTcm(0, CIR, CBS, EBS, 0));
        assertThrows(IllegalArgumentException.class, () -> new TrTcm(CIR, CIR - 1, CBS, EBS, 0));
        assertThrows(IllegalArgumentException.class, () -> new TrTcm(CIR, CIR, 0, EBS, 0));
        assertThrows(IllegalArgumentException.class, () -> new TrTcm(CIR, CIR, CBS, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new TrTcm4115(0, 0, CBS, EBS, 0));
        assertThrows(IllegalArgumentException.class, () -> new TrTcm4115(CIR, CIR, 0, 0, 0));
        assertEquals(GREEN, new TrTcm4115(CIR, 0, CBS, 0, 0).check(0, 1));
    }

    @Test
    void shouldColourAtTheEdgesOfTheBursts() {
        for (int over = 0; over <= 1; over++) {
            int bytes = (int) CBS + over;
            assertEquals(over == 0 ? GREEN : YELLOW, new SrTcm(CIR, CBS, EBS, 5).check(5, bytes));
            assertEquals(over == 0 ? GREEN : YELLOW, new TrTcm(CIR, 2 * CIR, CBS, EBS, 5).check(5, bytes));
            assertEquals(over == 0 ? GREEN : YELLOW, new TrTcm4115(CIR, CIR, CBS, EBS, 5).check(5, bytes));
            bytes = (int) EBS + over;
            assertEquals(over == 0 ? YELLOW : RED, new SrTcm(CIR, CBS, EBS, 5).check(5, bytes));
            assertEquals(over == 0 ? YELLOW : RED, new TrTcm(CIR, 2 * CIR, CBS, EBS, 5).check(5, bytes));
            assertEquals(over == 0 ? YELLOW : RED, new TrTcm4115(CIR, CIR, CBS, EBS, 5).check(5, bytes));
        }
    }

    /** What comes in so long a time has more bits than a number, when a billionth of a byte is counted. */
    @Test
    void shouldFillLargeBucketsInOneStep() {
        long gib = 1L << 30;
        for (long timeNs : new long[] {SECOND, 1000 * SECOND, Long.MAX_VALUE}) {
            SrTcm meter = new SrTcm(600 * gib, 1L << 40, 1L << 40, 0);
            for (int i = 0; i < 2048; i++) {
                assertEquals(i < 1024 ? GREEN : YELLOW, meter.check(0, 1 << 30));
            }
            assertEquals(RED, meter.check(0, 1 << 30));
            int green = timeNs == SECOND ? 600 : 1024;
            int yellow = timeNs == SECOND ? 0 : 1024;
            for (int i = 0; i < green + yellow; i++) {
                assertEquals(i < green ? GREEN : YELLOW, meter.check(timeNs, 1 << 30), timeNs + " ns, GiB " + i);
            }
            assertEquals(RED, meter.check(timeNs, 1 << 30));
        }
    }

    @Test
    void shouldNeverMakeAColourBetter() {
        for (Color before : Color.values()) {
            assertEquals(before, new SrTcm(CIR, CBS, EBS, 0).check(0, 64, before));
            assertEquals(before, new TrTcm(CIR, CIR, CBS, EBS, 0).check(0, 64, before));
            assertEquals(before, new TrTcm4115(CIR, CIR, CBS, EBS, 0).check(0, 64, before));
        }
    }

    @Test
    void shouldTakeNothingBackWhenTimeGoesBack() {
        SrTcm meter = new SrTcm(1000, 100, 100, 0);
        assertEquals(GREEN, meter.check(SECOND, 50));
        assertEquals(GREEN, meter.check(SECOND / 2, 50));
    }

    @Test
    void shouldFillExcessOnlyWithWhatCommittedCanNotTake() {
        SrTcm meter = new SrTcm(1000, 100, 100, 0);
        assertEquals(GREEN, meter.check(0, 100));
        assertEquals(YELLOW, meter.check(0, 100));
        assertEquals(RED, meter.check(0, 1));
        assertEquals(RED, meter.check(SECOND / 1000 - 1, 1));
        assertEquals(GREEN, meter.check(SECOND / 1000, 1));
        assertEquals(YELLOW, meter.check(SECOND / 1000 + 150 * SECOND / 1000, 50, YELLOW));
        assertEquals(RED, meter.check(SECOND / 1000 + 150 * SECOND / 1000, 1, YELLOW));
        assertEquals(GREEN, meter.check(SECOND / 1000 + 150 * SECOND / 1000, 100));
    }

    @Test
    void shouldNotLoseTimeBetweenManyPacketsNorOverflowAfterYears() {
        TrTcm4115 meter = new TrTcm4115(3, 0, 3, 0, 0);
        long green = 0;
        for (long t = 0; t < 100 * SECOND; t += 1_000_003) {
            green += meter.check(t, 1) == GREEN ? 1 : 0;
        }
        assertEquals(3 + 299, green);
        SrTcm fast = new SrTcm(1L << 40, 1L << 40, 1L << 40, Long.MIN_VALUE / 2);
        assertEquals(GREEN, fast.check(Long.MAX_VALUE / 4, 1 << 30));
        assertEquals(GREEN, fast.check(Long.MAX_VALUE / 4 - 5, 1 << 30));
    }

    /** The RFCs' bucket: whole tokens, each at the moment when the rate makes it full. */
    private static final class Exact {
        final long rate;
        final long size;
        long tokens;
        long made;

        Exact(long rate, long size) {
            this.rate = rate;
            this.size = size;
            tokens = size;
        }

        long fill(long time) {
            long total = BigInteger.valueOf(time).multiply(BigInteger.valueOf(rate)).divide(BigInteger.valueOf(SECOND))
                    .longValueExact();
            long sum = tokens + total - made;
            made = total;
            tokens = Math.min(sum, size);
            return sum - tokens;
        }

        boolean take(int bytes) {
            if (tokens < bytes) {
                return false;
            }
            tokens -= bytes;
            return true;
        }
    }

    @Test
    void shouldAgreeWithTheRfcsInExactNumbers() {
        SplittableRandom random = Seed.random("MeterTest");
        for (int run = 0; run < 170; run++) {
            long cir = random.nextLong(1, 1L << random.nextInt(4, 34));
            long other = cir + random.nextLong(1L << 20);
            long cbs = random.nextLong(1, 20_000);
            long ebs = random.nextLong(1, 20_000);
            SrTcm sr = new SrTcm(cir, cbs, ebs, 0);
            TrTcm tr = new TrTcm(cir, other, cbs, ebs, 0);
            TrTcm4115 rfc4115 = new TrTcm4115(cir, other, cbs, ebs, 0);
            Exact[] srExact = {new Exact(cir, cbs), new Exact(0, ebs)};
            Exact[] trExact = {new Exact(cir, cbs), new Exact(other, ebs)};
            Exact[] rfc4115Exact = {new Exact(cir, cbs), new Exact(other, ebs)};
            long time = 0;
            for (int i = 0; i < 2000; i++) {
                time += random.nextLong(1 + 2000 * SECOND / Math.max(cir, 2000));
                int bytes = random.nextInt(1, 2000);
                Color before = Color.values()[random.nextInt(3)];
                srExact[1].tokens = Math.min(ebs, srExact[1].tokens + srExact[0].fill(time));
                assertEquals(excess(srExact, bytes, before), sr.check(time, bytes, before));
                trExact[0].fill(time);
                trExact[1].fill(time);
                assertEquals(peak(trExact, bytes, before), tr.check(time, bytes, before));
                rfc4115Exact[0].fill(time);
                rfc4115Exact[1].fill(time);
                assertEquals(excess(rfc4115Exact, bytes, before), rfc4115.check(time, bytes, before));
            }
        }
    }

    private static Color excess(Exact[] buckets, int bytes, Color before) {
        return before == GREEN && buckets[0].take(bytes) ? GREEN : before != RED && buckets[1].take(bytes) ? YELLOW : RED;
    }

    private static Color peak(Exact[] buckets, int bytes, Color before) {
        if (before == RED || !buckets[1].take(bytes)) {
            return RED;
        }
        return before == YELLOW || !buckets[0].take(bytes) ? YELLOW : GREEN;
    }

    @Test
    void shouldNotAllocate() {
        SrTcm sr = new SrTcm(CIR, CBS, EBS, 0);
        TrTcm tr = new TrTcm(CIR, CIR, CBS, EBS, 0);
        TrTcm4115 rfc4115 = new TrTcm4115(CIR, CIR, CBS, EBS, 0);
        assertEquals(0, Allocation.steadyBytesOf(() -> {
            for (int i = 0; i < 1000; i++) {
                sr.check(i, 64);
                tr.check(i, 64);
                rfc4115.check(i, 64);
            }
        }));
    }
}
