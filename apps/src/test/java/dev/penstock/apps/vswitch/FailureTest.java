package dev.penstock.apps.vswitch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.Input;
import dev.penstock.eal.Eal;
import dev.penstock.eal.LcoreException;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.DeviceInfo;
import dev.penstock.ethdev.Link;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
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

    private static final class Faulty extends Device {
        volatile boolean fault;

        @Override
        public DeviceInfo info() {
            return DeviceInfo.of("faulty", 0x0200_0000_00ffL);
        }

        @Override
        public Link link() {
            return Link.VIRTUAL.up(true);
        }

        @Override
        public RxQueue rxQueue(int queue, RxQueueConfig config) {
            return new RxQueue() {
                @Override
                protected int receive(Mbuf[] pkts, int max) {
                    if (fault) {
                        throw new IllegalStateException("a fault of its driver");
                    }
                    return 0;
                }
            };
        }

        @Override
        public TxQueue txQueue(int queue, TxQueueConfig config) {
            return new TxQueue() {
                @Override
                protected int transmit(Mbuf[] pkts, int from, int n) {
                    return 0;
                }
            };
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
