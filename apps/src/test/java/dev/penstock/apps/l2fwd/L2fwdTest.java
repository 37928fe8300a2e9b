package dev.penstock.apps.l2fwd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.apps.cli.Console;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class L2fwdTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** Runs on four ports, the first two of which receive without end, for a while and until it has printed that. */
    private int run(String options, String until) throws InterruptedException {
        List<String> args = new ArrayList<>(List.of("-l", "0,1", "--no-huge", "--in-memory", "--no-telemetry", "--vdev", "net_null0", "--vdev",
                "net_null1", "--vdev", "net_null2,no-rx=1", "--vdev", "net_null3,no-rx=1", "--"));
        args.addAll(List.of(options.split(" ")));
        int[] code = {-1};
        Thread thread = Thread.ofPlatform().start(() -> code[0] = L2fwdCommand.run(args.toArray(String[]::new), new Console(out, err)));
        boolean ended = thread.join(Duration.ofMillis(1500));
        for (int i = 0; i < 300 && !ended && !out.toString().contains(until); i++) {
            ended = thread.join(Duration.ofMillis(100));
        }
        if (!ended) {
            thread.interrupt();
            thread.join();
        }
        return code[0];
    }

    private long count(String pattern) {
        Matcher m = Pattern.compile(pattern).matcher(out.toString());
        assertTrue(m.find(), out + "\n" + err);
        return Long.parseLong(m.group(1));
    }

    @Test
    void shouldForwardBetweenThePairsOfAMap() throws InterruptedException {
        assertEquals(0, run("-p f -q2 -T 1 --portmap=(0,2),(1,3)", "\033[2J"));
        assertTrue(out.toString().contains("Lcore 0: RX port 0 TX port 2\nLcore 0: RX port 2 TX port 0\nLcore 1: RX port 1 TX port 3"),
                out.toString());
        long received = count("(?s).*Total packets received: +(\\d+)");
        assertTrue(received > 0);
        assertEquals(received, count("(?s).*Total packets sent: +(\\d+)") + count("(?s).*Total packets dropped: +(\\d+)"));
        assertTrue(out.toString().contains("\033[2J"), "no statistics after a second");
    }

    /** It would take packets that nobody takes from it. */
    @Test
    void shouldLeaveAPortThatIsInNoPairAsItIs() throws InterruptedException {
        assertEquals(0, run("-p f -q2 -T 0 --portmap=(1,3)", ""));
        assertTrue(out.toString().contains("Initializing port 1") && out.toString().contains("Initializing port 3"), out.toString());
        assertFalse(out.toString().contains("Initializing port 0") || out.toString().contains("Initializing port 2"), out.toString());
    }

    @Test
    void shouldForwardToNeighboursWithoutAMap() throws InterruptedException {
        assertEquals(0, run("-p 0x7 -q 3 --no-mac-updating -T 0", ""));
        assertTrue(out.toString().contains("Notice: odd number of ports in portmask."), out.toString());
        assertTrue(out.toString().contains("RX port 2 TX port 2"), out.toString());
        assertEquals(count("(?s).*Statistics for port 0.*?received: +(\\d+)"), count("(?s).*Statistics for port 1.*?sent: +(\\d+)"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "-p 0;invalid portmask",
        "-p 10;port 4 is not there",
        "-q 16;invalid queue number",
        "-T 86401;invalid timer period",
        "-p f;Not enough cores: 2 for 4 ports, 1 each; give more with -l, or -q 2",
        "-q 4 --portmap=(0,1),(1,2);port 1 is used in other port pairs",
        "-p 3 --portmap=(0,2);port 2 is not enabled in port mask",
        "--portmap=(0);give (port,port)",
        "-z;Invalid option: -z",
    })
    void shouldRefuseWithReason(String options, String error) throws InterruptedException {
        assertEquals(1, run(options, ""));
        assertTrue(err.toString().contains(error), err.toString());
    }
}
