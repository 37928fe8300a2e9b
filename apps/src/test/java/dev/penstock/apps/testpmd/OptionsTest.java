package dev.penstock.apps.testpmd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
    private static Session with(String... options) {
        String[] all = new String[options.length + 6];
        System.arraycopy(new String[] {"--vdev", "net_null0", "--vdev", "net_null1", "--", "--total-num-mbufs=4095"}, 0, all, 0, 6);
        System.arraycopy(options, 0, all, 6, options.length);
        return Session.script(List.of(), all);
    }

    @Test
    void shouldShowHelpWithAnExample() {
        Session s = with("--help");
        assertEquals(0, s.code(), s.err());
        assertTrue(s.out().contains("--forward-mode=") && s.out().contains("Example: ./penstock testpmd"), s.out());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--burst=9999 | burst must be between1 and 512",
        "--forward-mod=io --nb-cores=7 | nb-cores should be > 0 and <= 1",
        "--port-topology=star | port-topology star invalid - must be: paired, chained or loop",
        "--total-num-mbufs=12 | total-num-mbufs should be > 1024",
        "--rxq=5000 | rxq 5000 invalid - must be >= 0 && <= 1024",
        "--mbcache=600 | mbcache must be >= 0 and <= 512",
        "--tx-ip=1.2.3.4,5 | Invalid destination IP address: 5",
        "--tx-udp=70000 | Invalid UDP port: 70000",
        "--eth-peer=0,zz | Invalid ethernet address: zz",
        "-i --tx-first | --tx-first cannot be used on interactive mode.",
        "--latencystats=-1 | invalid lcore id -1 for latencystats must be >= 0",
        "--bitrate-stats=-3 | invalid lcore id -3 for bitrate stats must be >= 0",
        "--eth-peers-configfile=/nonexistent | Cannot open logfile",
        "--burst=0 | PMD does not recommend a burst size. Provided value must be between 1 and 512",
        "--burst=32x | burst must be between1 and 512",
        "--burst=4294967328 | burst must be between1 and 512",
        "--rxq=x | rxq x invalid - must be >= 0 && <= 1024",
        "--txq=1x | txq 1x invalid - must be >= 0 && <= 1024",
        "--rxq=18446744073709551617 | rxq 18446744073709551617 invalid - must be >= 0 && <= 1024",
        "--rxq=-1 | rxq -1 invalid - must be >= 0 && <= 1024",
        "--rxd=512foo | rxd(512foo) invalid - must be > 0",
        "--txd=x | txd must be in > 0",
        "--mbcache=x | mbcache must be >= 0 and <= 512",
        "--rxfreet=x | rxfreet must be >= 0",
        "--nb-cores=x | nb-cores should be > 0 and <= 1",
        "--nb-ports=two | Invalid port two",
        "--max-pkt-len=x | Invalid max-pkt-len=x - should be > 64",
        "--warm-up=x | warm-up must be 0 to 60000 milliseconds",
        "--flowgen-clones=x | clones must be >= 0 and <= current burst",
        "--noisy-lkup-memory=x | noisy-lkup-memory must be >= 0",
        "--noisy-tx-sw-buffer-size=9999999999 | noisy-tx-sw-buffer-size must be >= 0",
        "--latencystats=x | invalid lcore id x for latencystats must be >= 0",
        "--eth-peer=x,02:00:00:00:00:01 | eth-peer: port x >= RTE_MAX_ETHPORTS(1024)",
        "--portmask=x | Invalid fwd port mask",
        "--coremask=zz | Invalid fwd core mask",
        "--stats-period=x | Invalid stats-period value"})
    void shouldRefuseAWrongValueAsDpdkDoes(String options, String cause) {
        Session s = with(options.strip().split(" "));
        assertEquals(1, s.code());
        assertTrue(s.err().contains("EAL: Error - exiting with code: 1\n  Cause: " + cause + "\n"), s.err());
    }

    @Test
    void shouldNameTheNearestOptionWhenOneIsUnknown() {
        Session s = with("--forward-node=io");
        assertEquals(1, s.code());
        assertTrue(s.err().contains("Invalid option: --forward-node=io (did you mean --forward-mode?)"), s.err());
        assertTrue(s.err().contains("Cause: Command line is incomplete or incorrect"), s.err());
        assertTrue(s.out().contains("Usage: "), s.out());
    }

    @Test
    void shouldRefuseAPortWithoutDriver() {
        Session s = Session.script(List.of(), "--vdev", "net_nothing0", "--", "-i");
        assertEquals(1, s.code());
        assertTrue(s.err().contains("Cause: Cannot init EAL: no driver for 'net_nothing0'"), s.err());
    }

    @Test
    void shouldForwardWithoutPromptAndEndByItselfAtAKey() {
        Session s = with("--forward-mode=macswap", "--burst=16", "--record-burst-stats");
        assertEquals(0, s.code());
        assertTrue(s.out().contains("macswap packet forwarding packets/burst=16\n"), s.out());
        assertTrue(s.out().contains("Press enter to exit\n"), s.out());
        assertTrue(s.out().contains("% of 16 pkts]"), s.out());
        assertEquals(s.forwarded(-1, "RX-total"), s.forwarded(-1, "TX-total"));
    }

    @Test
    void shouldSpreadStreamsOverQueues() {
        Session s = Session.script(List.of("start", "WAIT", "stop"), "--vdev", "net_null0", "--vdev", "net_null1", "--", "-i",
                "--total-num-mbufs=4095", "--rxq=3", "--txq=2", "--port-topology=chained");
        assertTrue(s.out().contains("streams=4"), s.out());
        assertTrue(s.out().contains("------- Forward Stats for RX Port= 1/Queue= 1 -> TX Port= 0/Queue= 1 -------"), s.out());
    }

    @Test
    void shouldMeasureLatenciesAndBitRates() {
        Session s = Session.script(List.of("show metrics", "start", "WAIT", "WAIT", "WAIT", "WAIT", "stop", "show metrics"), "-l", "0,1",
                "--vdev", "net_null0", "--vdev", "net_null1", "--", "-i", "--total-num-mbufs=4095", "--latencystats=1",
                "--bitrate-stats=1");
        assertTrue(s.err().contains("Latencystats running on lcore 1\n"), s.err());
        String before = s.out().substring(0, s.out().indexOf("io packet forwarding"));
        assertTrue(before.contains("###### Non port specific metrics  #########\n" + "#".repeat(52) + "\nmin_latency_ns: 0\n"), before);
        String after = s.out().substring(s.out().indexOf("Telling cores"));
        assertTrue(after.contains("###### metrics for port 1  #########\n"), after);
        String whole = after.substring(after.indexOf("Non port specific"));
        long min = metric(whole, "min_latency_ns");
        long max = metric(whole, "max_latency_ns");
        assertTrue(0 < min && min <= metric(whole, "avg_latency_ns") && metric(whole, "avg_latency_ns") <= max, whole);
        assertTrue(metric(after, "mean_bits_in") > 0 && metric(after, "peak_bits_out") >= metric(after, "mean_bits_out"), after);
    }

    private static long metric(String text, String name) {
        Matcher m = Pattern.compile("(?m)^" + name + ": (\\d+)$").matcher(text);
        assertTrue(m.find(), text);
        return Long.parseLong(m.group(1));
    }

    @Test
    void shouldTakePeersFromAFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("peers"), "02:00:00:00:aa:01\n02:00:00:00:AA:02\n");
        Session s = with("--forward-mode=mac", "--eth-peers-configfile=" + file);
        assertTrue(s.out().contains("-> TX P=1/Q=0 (socket 0) peer=02:00:00:00:AA:02\n"), s.out());
        assertTrue(s.out().contains("-> TX P=0/Q=0 (socket 0) peer=02:00:00:00:AA:01\n"), s.out());
        Files.writeString(file, "02:00:00:00:aa:01\nzz\n");
        Session bad = with("--eth-peers-configfile=" + file);
        assertEquals(1, bad.code());
        assertTrue(bad.err().contains("Bad MAC address format on line 2\n"), bad.err());
    }
}
