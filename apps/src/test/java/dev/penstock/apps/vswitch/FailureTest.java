package dev.penstock.apps.vswitch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.Input;
import dev.penstock.eal.Eal;
import dev.penstock.eal.LcoreException;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.Xstat;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.vswitch.FakeDevice;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A driver with a fault, which takes its lcore along. */
class FailureTest {
    private static final long PATIENCE_NS = 20_000_000_000L;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    @TempDir
    private Path folder;

    private static final class Faulty extends FakeDevice {
        volatile boolean fault;

        Faulty() {
            super(1);
        }

        @Override
        protected int receive(Mbuf[] pkts, int max) {
            if (fault) {
                throw new IllegalStateException("a fault of its driver");
            }
            return 0;
        }
    }

    /** Takes three packets from nowhere and loses them, one for a reason that it has no name for. */
    private static final class Lossy extends FakeDevice {
        Lossy() {
            super(1);
        }

        @Override
        protected int lost() {
            return 3;
        }

        @Override
        public List<Xstat> xstats() {
            return List.of(new Xstat("tx_copied", 7), new Xstat("tx_too_long", 2), new Xstat("tx_too_short", 0));
        }
    }

    /** Takes commands one by one, after something was done. */
    private record Typed(Deque<String> commands, Runnable before) implements Input {
        @Override
        public String line(Console console, String prompt) {
            before.run();
            return commands.poll();
        }

        @Override
        public void anyKey() {}
    }

    private void awaitError() {
        long end = System.nanoTime() + PATIENCE_NS;
        while (!err.toString().contains("a fault of its driver") && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    private static long mirrorThreads() {
        return Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().equals("mirror")).count();
    }

    @Test
    void shouldSayAtOnceThatAnLcoreFailedAndEndAsUsual() {
        Faulty faulty = new Faulty();
        Deque<String> commands = new ArrayDeque<>(List.of("mirror faulty both " + folder.resolve("m.pcapng"), "show ports", "quit"));
        try (Eal eal = Eal.start("-l", "0", "--no-huge", "--in-memory", "--no-telemetry"); Ports ports = new Ports(eal)) {
            ports.attach("faulty", faulty);
            Vswitch vswitch = new Vswitch(eal, ports, new Console(out, err), null);
            LcoreException e = assertThrows(LcoreException.class, () -> vswitch.run(new Typed(commands, () -> {
                if (commands.size() == 2) {
                    faulty.fault = true;
                    awaitError();
                }
            })));
            assertEquals("a fault of its driver", e.getCause().getMessage());
        }
        assertTrue(err.toString().contains("lcore 0 has failed"), err.toString());
        assertEquals(0, mirrorThreads(), "the mirror was ended");
    }

    @Test
    void shouldShowAmongTheDropsWhatADeviceLost() {
        Deque<String> commands = new ArrayDeque<>(List.of("show drops", "quit"));
        try (Eal eal = Eal.start("-l", "0", "--no-huge", "--in-memory", "--no-telemetry"); Ports ports = new Ports(eal)) {
            Port port = ports.attach("lossy", new Lossy());
            new Vswitch(eal, ports, new Console(out, err), null).run(new Typed(commands, () -> port.txBurst(0, new Mbuf[0], 0, 0)));
        }
        assertTrue(out.toString().contains("lossy  device tx_too_long        2\nlossy  device tx_errors          1\n"), out.toString());
        assertFalse(out.toString().contains("tx_copied"), out.toString());
    }

    /** Who supervises it starts it anew. */
    @Test
    void shouldEndWithoutAPromptWhenAnLcoreFails() throws InterruptedException {
        Faulty faulty = new Faulty();
        faulty.fault = true;
        try (Eal eal = Eal.start("-l", "0", "--no-huge", "--in-memory", "--no-telemetry", "--", "--no-prompt"); Ports ports = new Ports(eal)) {
            ports.attach("faulty", faulty);
            Vswitch vswitch = new Vswitch(eal, ports, new Console(out, err), null);
            Thread program = Thread.ofPlatform().start(() -> assertThrows(LcoreException.class,
                    () -> vswitch.run(new Typed(new ArrayDeque<>(), () -> {}))));
            boolean ended = program.join(Duration.ofNanos(PATIENCE_NS));
            program.interrupt();
            program.join();
            assertTrue(ended, "it waits for a signal");
            assertTrue(err.toString().contains("lcore 0 has failed"), err.toString());
        }
    }
}
