package dev.penstock.apps.testpmd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class AdaptiveForwardTest {
    private static final Pattern TOTAL = Pattern.compile("Accumulated forward statistics.*?RX-packets: (\\d+).*?TX-packets: (\\d+)", Pattern.DOTALL);

    private static Session forward(String device) {
        return Session.script(List.of("start", "WAIT", "stop"), "--vdev", device, "--", "-i", "--adaptive", "--port-topology=loop",
                "--total-num-mbufs=2048");
    }

    @Test
    void shouldForwardAllUnderLoad() {
        Session s = forward("net_null0");
        Matcher m = TOTAL.matcher(s.out());
        assertTrue(m.find(), s.out() + s.err());
        assertTrue(Long.parseLong(m.group(1)) > 10_000, m.group());
        assertEquals(m.group(1), m.group(2));
    }

    @Test
    void shouldStopThoughItSleeps() {
        Session s = forward("net_null0,no-rx=1");
        Matcher m = TOTAL.matcher(s.out());
        assertTrue(m.find(), s.out() + s.err());
        assertEquals("0", m.group(1));
    }
}
