package dev.penstock.drivers.afxdp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.drivers.kernel.Victim;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Command;
import java.io.BufferedReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class AfXdpKilledTest {
    private static final String PORT = "net_af_xdp0,iface=l0";
    private static final Pattern PROGRAM = Pattern.compile("prog/xdp id (\\d+)");
    private Rig rig;

    @BeforeEach
    void make() {
        rig = new Rig(MbufPool.DEFAULT_DATA_ROOM).wired();
        rig.left.run("ip", "address", "add", "198.18.0.1/24", "dev", "l0");
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private String link() {
        return rig.left.run("ip", "-d", "link", "show", "l0");
    }

    private static String untilReady(BufferedReader output) throws Exception {
        StringBuilder text = new StringBuilder();
        for (String line = output.readLine(); line != null && !line.equals("ready"); line = output.readLine()) {
            text.append(line).append('\n');
        }
        return text.toString();
    }

    private static void cycles(AfXdpKilledTest test, int count) throws Exception {
        try (DatagramChannel left = Rig.socket(test.rig.left, "198.18.0.1", 9);
                DatagramChannel right = Rig.socket(test.rig.right, "198.18.0.2", 9)) {
            for (int round = 0; round < count; round++) {
                test.cycle(left, right, (byte) round);
            }
        }
    }

    private void cycle(DatagramChannel left, DatagramChannel right, byte round) throws Exception {
        InetSocketAddress to = new InetSocketAddress("198.18.0.1", 9);
        Process victim = new ProcessBuilder(rig.left.inside(Victim.command(PORT))).redirectErrorStream(true).start();
        String id;
        List<String> maps;
        try (BufferedReader output = victim.inputReader()) {
            String said = untilReady(output);
            assertTrue(said.contains("started"), said);
            Matcher program = PROGRAM.matcher(link());
            assertTrue(program.find(), link());
            id = program.group(1);
            maps = maps(id);
            assertFalse(maps.isEmpty());
            for (int i = 0; i < 100; i++) {
                right.send(ByteBuffer.wrap(new byte[] {-1}), to);
            }
        } finally {
            victim.destroyForcibly();
            victim.waitFor();
        }
        Rig.await("the program gone from l0", () -> !PROGRAM.matcher(link()).find());
        assertFalse(link().contains("promiscuity 1"));
        Rig.await("program " + id + " unloaded", () -> !loaded(id));
        Rig.await("maps " + maps + " gone", () -> maps.stream().noneMatch(AfXdpKilledTest::mapThere));
        assertFalse(sockets().contains("l0"), sockets());
        right.send(ByteBuffer.wrap(new byte[] {round}), to);
        byte[] came = Rig.datagram(left);
        while (came[0] == -1) {
            came = Rig.datagram(left);
        }
        assertArrayEquals(new byte[] {round}, came);
    }

    /** The numbers of the maps that a program uses. */
    private static List<String> maps(String program) {
        Matcher ids = Pattern.compile("map_ids ([\\d,]+)").matcher(Command.run("bpftool", "prog", "show", "id", program));
        return ids.find() ? List.of(ids.group(1).split(",")) : List.of();
    }

    private static boolean mapThere(String id) {
        return Stream.of(Command.run("bpftool", "map", "list").split("\n")).anyMatch(line -> line.startsWith(id + ":"));
    }

    /** XDP sockets in the namespace, with their umem. */
    private String sockets() {
        return rig.left.run("ss", "--xdp", "-a", "-n");
    }

    private static boolean loaded(String id) {
        return Stream.of(Command.run("bpftool", "prog", "list").split("\n")).anyMatch(line -> line.startsWith(id + ":"));
    }

    @Test
    void shouldLeaveNoProgramBehindWhenKilledUnderTrafficFiveTimes() throws Exception {
        cycles(this, 5);
    }

    @Test
    @Tag("slow")
    void shouldLeaveNoProgramBehindWhenKilledUnderTrafficAHundredTimes() throws Exception {
        cycles(this, 100);
    }

    @Test
    void shouldSayThatTheLimitOfLockedMemoryIsTooLow() throws Exception {
        String[] bare = Stream.concat(Stream.of("prlimit", "--memlock=65536:65536", "setpriv", "--bounding-set=-ipc_lock",
                "--inh-caps=-ipc_lock"), Stream.of(Victim.command(PORT))).toArray(String[]::new);
        Process victim = new ProcessBuilder(rig.left.inside(bare)).redirectErrorStream(true).start();
        try (BufferedReader output = victim.inputReader()) {
            String said = untilReady(output);
            assertTrue(said.contains("refused") && said.contains("ulimit -l") && said.contains("CAP_IPC_LOCK"), said);
        } finally {
            victim.destroyForcibly();
            victim.waitFor();
        }
        Rig.await("no program", () -> !link().contains("xdp"));
    }

    @Test
    void shouldSayWhichPrivilegeIsMissing() throws Exception {
        String[] bare = Stream.concat(Stream.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"),
                Stream.of(Victim.command(PORT))).toArray(String[]::new);
        Process victim = new ProcessBuilder(rig.left.inside(bare)).redirectErrorStream(true).start();
        try (BufferedReader output = victim.inputReader()) {
            String said = untilReady(output);
            assertTrue(said.contains("refused") && said.contains("CAP_"), said);
        } finally {
            victim.destroyForcibly();
            victim.waitFor();
        }
        assertFalse(link().contains("xdp"));
    }
}
