package dev.penstock.apps.testpmd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
    private static Session with(String... options) {
        String[] all = new String[options.length + 6];
        System.arraycopy(new String[] {"--vdev", "net_null0", "--vdev", "net_null1", "--", "--total-num-mbufs=4095"}, 0, all, 0, 6);
        System.arraycopy(options, 0, all, 6, options.length);
        return Session.script(List.of(), all);
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
}
