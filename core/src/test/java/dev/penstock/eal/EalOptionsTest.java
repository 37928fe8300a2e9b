package dev.penstock.eal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EalOptionsTest {
    private static EalOptions parse(String line) {
        return EalOptions.parse(line.isEmpty() ? new String[0] : line.split(" "));
    }

    private static String refusal(String line) {
        return assertThrows(IllegalArgumentException.class, () -> parse(line), line).getMessage();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-l 0,1", "-l0,1", "-c 3", "-c3", "--lcores 0,1", "--lcores=0,1", "--lco 0-1", "-vl 0,1"})
    void shouldReadEachWayToGiveAValue(String line) {
        assertEquals(Set.of(0, 1), parse(line).lcores().keySet());
    }

    @Test
    void shouldReadAllThatDpdkTakes() {
        EalOptions o = parse("-l 0-3 --main-lcore 1 -S 2 -n 4 -r 2 -m 64 --in-memory --huge-dir /x --huge-unlink"
                + " --single-file-segments --match-allocations --huge-worker-stack --huge-worker-stack=64"
                + " --base-virtaddr=0x100000000 --file-prefix p1 --proc-type=auto --no-shconf --vdev net_null0,size=64"
                + " --vdev=net_null1 -a 0000:00:01.0 --allow=00:02.0 -a net_null2,copy=1 --no-pci -d /lib --iova-mode=va"
                + " --vfio-intr msix --vfio-vf-token 14d63f20-8445-11ea-8900-1f9ce7d5650d --create-uio-dev"
                + " --mbuf-pool-ops-name stack --force-max-simd-bitwidth=256 --log-level=8 --log-level=pmd.*:debug"
                + " --log-level lib\\..*,7 --syslog --syslog=user --trace=.* --trace-dir=/x --trace-bufsz=1M"
                + " --trace-mode=o --no-telemetry --no-hpet --vmware-tsc-map --socket-limit=0,128 -v -- -i --nb-cores=1");
        assertEquals(1, o.mainLcore());
        assertEquals(4, o.channels());
        assertEquals(2, o.ranks());
        assertEquals(64L << 20, o.memory());
        assertArrayEquals(new long[] {0, 128L << 20}, o.socketLimit());
        assertEquals(List.of("net_null0,size=64", "net_null1", "net_null2,copy=1"), o.vdevs());
        assertEquals(List.of("0000:00:01.0", "00:02.0", "net_null2,copy=1"), o.allowed());
        assertEquals("p1", o.filePrefix());
        assertEquals("stack", o.mbufPoolOps());
        assertEquals(256, o.maxSimdBitwidth());
        assertFalse(o.telemetry());
        assertTrue(o.inMemory());
        assertEquals(List.of("-i", "--nb-cores=1"), o.remaining());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-n", "-n e", "-n 0", "-n -1", "-r error", "-r 0", "-r -1", "-r 17", "-m 0", "-m x", "-m -1",
        "--main-lcore X", "--main-lcore -1", "--main-lcore 128", "--proc-type=other", "--proc-type=secondary",
        "--iova-mode=xx", "--vfio-intr=x", "--huge-unlink=sometimes", "--log-level=foo", "--log-level=9x",
        "--log-level=[,7", "--log-level=a:", "--socket-mem=1,,2", "--socket-mem=1,", "--socket-mem=x", "--file-prefix=a%b",
        "--file-prefix=../x", "--force-max-simd-bitwidth=100", "--base-virtaddr=zz", "--vdev=", "--vdev=a,b=[",
        "--trace-mode=x", "--huge-worker-stack=0", "--no-huge=1", "-l", "-l --", "--invalid-opt", "-z", "stray"})
    void shouldRefuseWhatDpdkRefuses(String line) {
        assertFalse(refusal(line).isBlank());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-c 3 -l 0", "-l 0 --lcores 0", "-s 1 -S 1", "-m 64 --socket-mem 64",
        "--no-huge --socket-mem=64", "--no-huge --huge-unlink", "--no-huge --huge-worker-stack",
        "-a 0:0.0 -b 0:0.1", "--legacy-mem --match-allocations", "--legacy-mem --in-memory", "-c 3 --main-lcore 2",
        "--main-lcore 2 -c 3", "-l 0,1 -S 1 --main-lcore 1", "--telemetry --no-telemetry"})
    void shouldRefuseWhatDoesNotGoTogether(String line) {
        assertFalse(refusal(line).isBlank());
    }

    @Test
    void shouldMakeOneDeviceOfOneName() {
        EalOptions o = parse("--vdev net_null0,size=64 --vdev net_ring0 -a net_null0 --vdev net_null0,size=128 -a net_ring0");
        assertEquals(List.of("net_null0,size=128", "net_ring0"), o.vdevs());
    }

    @Test
    void shouldTakeTheFolderOfHugePagesAlsoWithoutThem() {
        assertTrue(parse("--no-huge --huge-dir /x").noHuge());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--no-hug | ", // the start of one alone: taken
        "--vdef net_null0 | unknown option --vdef, argument 1; did you mean --vdev?",
        "-l 0 --socket-men 1 | unknown option --socket-men, argument 3; did you mean --socket-mem?",
        "--no | unknown option --no, argument 1; it is the start of --no-huge, --no-shconf, --no-pci, --no-telemetry,"
            + " --no-hpet",
        "-vdev net_null0 | unknown option -vdev, argument 1; did you mean --vdev?"})
    void shouldSuggestTheNearestOption(String line, String expected) {
        if (expected == null) {
            assertTrue(parse(line).noHuge());
        } else {
            assertEquals(expected, refusal(line));
        }
    }

    @Test
    void shouldExplainEveryOption() {
        String help = Eal.help();
        for (Option option : Option.values()) {
            assertTrue(help.contains(option.dashed()), option.dashed());
        }
    }
}
