package dev.penstock.vswitch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.apps.Main;
import dev.penstock.testkit.Guest;
import dev.penstock.testkit.GuestImage;
import dev.penstock.testkit.NetNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code vswitch}, a process of its own, is killed under a machine's traffic and started again: the traffic goes on by itself. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.GuestImage#available")
class GuestOutlivesSwitchTest {
    @TempDir
    private Path folder;

    private Process start(NetNamespace hub, boolean client) throws IOException {
        Path yaml = folder.resolve("switch.yaml");
        Files.writeString(yaml, """
                ports:
                  - {name: vm, vdev: "net_vhost0,iface=%s%s,state=%s"}
                  - {name: box, vdev: "net_af_packet0,iface=vbox"}
                """.formatted(folder.resolve("vm"), client ? ",client=1" : "", folder.resolve("vm.state")));
        List<String> command = List.of(System.getProperty("java.home") + "/bin/java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), Main.class.getName(), "vswitch", "-l", "0", "--no-huge", "--in-memory",
                "--no-telemetry", "--", "--no-prompt", "--mbufs=4096", "-c", yaml.toString());
        return new ProcessBuilder(hub.inside(command.toArray(String[]::new))).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile())).start();
    }

    /** Answers that the pings in the background have got. */
    private static int answers(Guest guest) {
        return Integer.parseInt(guest.run("grep -c 'bytes from' /tmp/pings || true").strip().lines().toList().getLast());
    }

    private void awaitAnswers(Guest guest, int more) throws IOException {
        int until = answers(guest) + more;
        for (int i = 0; answers(guest) < until; i++) {
            assertTrue(i < 200, () -> {
                try {
                    return "no answers: " + Files.readString(folder.resolve("log"));
                } catch (IOException e) {
                    return e.toString();
                }
            });
            guest.run("sleep 0.2");
        }
    }

    /** QEMU listens or connects again, rings are split or packed. */
    @ParameterizedTest
    @CsvSource({"false,''", "true,',packed=on'"})
    void shouldGoOnAfterTheSwitchWasKilled(boolean qemuListens, String options) throws IOException, InterruptedException {
        kill(qemuListens, options);
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"true,''", "false,',packed=on'", "false,',mrg_rxbuf=off'", "true,',packed=on,mrg_rxbuf=off'"})
    void shouldGoOnInOtherShapesToo(boolean qemuListens, String options) throws IOException, InterruptedException {
        kill(qemuListens, options);
    }

    private void kill(boolean qemuListens, String options) throws IOException, InterruptedException {
        try (NetNamespace hub = NetNamespace.create(); NetNamespace box = NetNamespace.create()) {
            NamespacesTest.machine(hub, box, "vbox", GuestBed.BOX + "/24");
            Process life = start(hub, qemuListens);
            try (Guest guest = Guest.boot(GuestImage.prepare(), new Guest.Nic(folder.resolve("vm").toString(), qemuListens, 1, options))) {
                GuestBed.up(guest, 1);
                GuestBed.meet(guest, GuestBed.BOX);
                guest.run("(ping -i 0.1 " + GuestBed.BOX + " > /tmp/pings 2>&1 &)");
                for (int kill = 0; kill < 3; kill++) {
                    awaitAnswers(guest, 10);
                    life.destroyForcibly().waitFor();
                    life = start(hub, qemuListens);
                }
                awaitAnswers(guest, 20);
            } finally {
                life.destroyForcibly().waitFor();
            }
        }
    }
}
