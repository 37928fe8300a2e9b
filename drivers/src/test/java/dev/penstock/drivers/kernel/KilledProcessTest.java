package dev.penstock.drivers.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Command;
import java.io.BufferedReader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class KilledProcessTest {
    private static final String[] PORTS = {"net_tap0,iface=t0", "net_af_packet0,iface=l0,qpairs=2"};
    private Rig rig;

    @BeforeEach
    void make() {
        rig = new Rig(MbufPool.DEFAULT_DATA_ROOM).wired();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static List<String> untilReady(BufferedReader output) throws Exception {
        List<String> lines = new ArrayList<>();
        for (String line = output.readLine(); line != null && !line.equals("ready"); line = output.readLine()) {
            lines.add(line);
        }
        return lines;
    }

    @Test
    void shouldLeaveNothingBehindWhenKilledAndStartAgain() throws Exception {
        for (int round = 0; round < 2; round++) {
            Process victim = new ProcessBuilder(rig.left.inside(Victim.command(PORTS))).redirectErrorStream(true).start();
            try (BufferedReader output = victim.inputReader()) {
                List<String> lines = untilReady(output);
                assertEquals(2, lines.stream().filter(l -> l.startsWith("started")).count(), lines.toString());
                String links = rig.left.run("ip", "-d", "link");
                assertTrue(links.contains("t0:") && links.contains("promiscuity 1"), links);
            } finally {
                victim.destroyForcibly();
                victim.waitFor();
            }
            Rig.await("t0 gone", () -> !rig.left.run("ip", "link").contains("t0:"));
            assertFalse(rig.left.run("ip", "-d", "link").contains("promiscuity 1"));
        }
    }

    @Test
    void shouldSayWhichPrivilegeIsMissing() throws Exception {
        String[] bare = Stream.concat(Stream.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"),
                Stream.of(Victim.command(PORTS))).toArray(String[]::new);
        Process victim = new ProcessBuilder(rig.left.inside(bare)).redirectErrorStream(true).start();
        try (BufferedReader output = victim.inputReader()) {
            String text = String.join("\n", untilReady(output));
            assertTrue(text.contains("refused net_tap0") && text.contains("EPERM") && text.contains("CAP_NET_ADMIN"), text);
            assertTrue(text.contains("refused net_af_packet0") && text.contains("CAP_NET_RAW"), text);
        } finally {
            victim.destroyForcibly();
            victim.waitFor();
        }
        assertTrue(Command.run("ip", "netns", "list").contains(rig.left.name()));
    }
}
