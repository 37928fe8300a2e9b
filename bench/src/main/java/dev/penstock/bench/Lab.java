package dev.penstock.bench;

import dev.penstock.testkit.NetNamespace;
import dev.penstock.testkit.VethPair;
import dev.penstock.threads.AtExit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A generator and a device under test (RFC 2544: tester and DUT), each a network namespace, with two wires between:
 * the tester's ends are g0 and g1, the device's d0 and d1. All of it goes with the bench, however that ends.
 */
final class Lab implements AutoCloseable {
    /** Longer than any run: a device prints its statistics once. */
    static final int QUIET_SECONDS = 3600;

    private static final int READY_SECONDS = 20;

    private final NetNamespace tester = NetNamespace.create();
    private final NetNamespace device = NetNamespace.create();
    private final AtExit undo = new AtExit(this::remove);

    Lab() {
        for (NetNamespace space : List.of(tester, device)) {
            space.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");
        }
        for (int i = 0; i < 2; i++) {
            VethPair.create(tester, "g" + i, device, "d" + i);
        }
    }

    /** @return why there can be none here, with the remedy; or null */
    static String lacks() {
        return "root".equals(System.getProperty("user.name")) ? null : "it makes network namespaces; run it with sudo";
    }

    NetNamespace tester() {
        return tester;
    }

    /** The command that runs a program as the device. */
    List<String> device(List<String> command) {
        return List.of(device.inside(command.toArray(String[]::new)));
    }

    /** The command that runs a program as the tester, or as the device's kernel, once an interface is there. */
    static Process startWhen(NetNamespace space, String device, List<String> command) throws IOException {
        List<String> all = new ArrayList<>(List.of("sh", "-c",
                "until ip link show " + device + " up 2>/dev/null | grep -q UP; do sleep 0.1; done; exec \"$@\"", "sh"));
        all.addAll(command);
        return new ProcessBuilder(space.inside(all.toArray(String[]::new))).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    }

    NetNamespace device() {
        return device;
    }

    /** A testpmd that forwards as the device until it is closed. */
    Dut forward(List<String> program, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(program);
        command.addAll(arguments);
        return new Dut(device(command));
    }

    /** A running device under test. */
    static final class Dut implements AutoCloseable {
        private final Path output = Scratch.file("output", ".txt");
        private final Process process;
        private final AtExit undo;

        Dut(List<String> command) throws IOException, InterruptedException {
            process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
            undo = new AtExit(process::destroyForcibly);
            long end = System.nanoTime() + READY_SECONDS * 1_000_000_000L;
            while (lines().stream().noneMatch(l -> l.contains("Port statistics ===="))) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    String printed = String.join("\n", lines());
                    close();
                    throw new IOException("never forwarded: " + String.join(" ", command) + "\n" + printed);
                }
                Thread.sleep(50);
            }
        }

        /** @return what it printed till now */
        List<String> lines() throws IOException {
            return Files.exists(output) ? Files.readAllLines(output, StandardCharsets.ISO_8859_1) : List.of();
        }

        @Override
        public void close() throws IOException {
            process.destroy();
            process.onExit().completeOnTimeout(process, 5, TimeUnit.SECONDS).join();
            process.destroyForcibly().onExit().join();
            undo.close();
            Files.delete(output);
        }
    }

    @Override
    public void close() {
        undo.close();
    }

    private void remove() {
        tester.close();
        device.close();
    }
}
