package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.EalProgram;
import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.jit.JitQuiet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Warms the path up before a port opens: the forwarding lcores run their engine between ports in memory, on frames of
 * many kinds. What the path never met is compiled away, and the first packet that meets it throws the code out: so
 * ports are opened anew for each lap, and every other lap has bursts that are empty or partly filled. It ends with the
 * first lap in which the JIT had next to nothing to do.
 */
final class Rehearsal {
    private static final Duration QUIET = Duration.ofMillis(40);
    private static final int LEAST_LAPS = 4;
    /** What the rest of the program has compiled meanwhile. */
    private static final long SETTLED_MS = 2;
    private static final int[] SIZES = {60, 124, 1514};

    private final Testpmd app;
    private final CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();

    Rehearsal(Testpmd app) {
        this.app = app;
    }

    void run() {
        long begun = System.nanoTime();
        long end = begun + app.settings.warmUpMs * 1_000_000L;
        int laps = 0;
        try {
            Path frames = Files.createTempFile("penstock-warm-up", ".pcap");
            try {
                Files.write(frames, frames());
                long compiling;
                do {
                    compiling = compilingMs();
                    lap(frames, laps++ % 2 == 1, end - System.nanoTime());
                } while ((laps < LEAST_LAPS || compilingMs() - compiling > SETTLED_MS) && System.nanoTime() < end);
            } finally {
                Files.delete(frames);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the warm-up's frames", e);
        }
        app.console.error("testpmd: warmed up in " + (System.nanoTime() - begun) / 1_000_000 + " ms, " + laps + " laps");
    }

    private long compilingMs() {
        return compiler == null ? 0 : compiler.getTotalCompilationTime();
    }

    private void lap(Path frames, boolean idle, long leftNs) {
        try (Ports ports = new Ports(app.eal)) {
            Port own = open(ports, own());
            List<Stream> streams = new ArrayList<>(List.of(new Stream(own, 0, own, 0)));
            if (!idle) {
                Port traffic = open(ports, "net_pcap_warm,infinite_rx=1,rx_pcap=" + frames);
                streams.add(new Stream(traffic, 0, own, 0));
            }
            if (!known()) {
                // Call sites that met three kinds of port take a fourth as well. Nobody fills the ring of an idle lap.
                Port ring = open(ports, "net_ring_warm");
                streams.add(new Stream(ring, 0, own, 0));
                if (!idle) {
                    streams.add(new Stream(own, 0, ring, 0));
                }
            }
            forward(streams.toArray(Stream[]::new), leftNs);
        }
    }

    /** Whether the user's ports are all of the two kinds that every lap has. */
    private boolean known() {
        return app.eal.options().vdevs().stream().allMatch(v -> v.startsWith("net_null") || v.startsWith("net_pcap"));
    }

    /** A port like the user's own where that has no other end that would notice. */
    private String own() {
        for (String device : app.eal.options().vdevs()) {
            if (device.startsWith("net_null")) {
                int comma = device.indexOf(',');
                return "net_null_warm" + (comma < 0 ? "" : device.substring(comma));
            }
        }
        return "net_null_warm,size=60";
    }

    private Port open(Ports ports, String device) {
        Port port = ports.attach(device);
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(app.pools.get(0)));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        return port;
    }

    private void forward(Stream[] streams, long leftNs) {
        PortSettings settings = app.portSettings.values().iterator().next();
        // One lcore: what it has compiled, all run.
        Lcore lcore = app.forwarding.lcores().getFirst();
        for (Stream stream : streams) {
            app.forwarding.prepare(stream, settings);
            stream.lcore = lcore.id();
        }
        Settings s = app.settings;
        EalProgram.freeWorkers(app.eal);
        lcore.launch(new ForwardTask(s.mode.engine(s), streams, s.recordCycles, false, s.adaptive));
        JitQuiet.await(QUIET, Duration.ofNanos(Math.max(1, leftNs)));
        lcore.requestStop();
        lcore.await();
    }

    /** A capture of UDP and TCP over IPv4 and IPv6, plain and in a VLAN, of several sizes. */
    private static byte[] frames() {
        ByteBuffer file = ByteBuffer.allocate(1 << 15).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4).putLong(0).putInt(65535).putInt(1);
        for (int size : SIZES) {
            for (int protocol : List.of(17, 6)) {
                for (int tag : new int[] {0, 4}) {
                    put(file, frame(Math.max(size, 78), tag, 0x86dd, protocol));
                    put(file, frame(size, tag, 0x0800, protocol));
                }
            }
        }
        return Arrays.copyOf(file.array(), file.position());
    }

    private static void put(ByteBuffer file, byte[] frame) {
        file.putLong(0).putInt(frame.length).putInt(frame.length).put(frame);
    }

    private static byte[] frame(int size, int tag, int type, int protocol) {
        ByteBuffer f = ByteBuffer.allocate(size).putLong(0x0200_0000_0002_0200L).putInt(1);
        if (tag > 0) {
            f.putInt(0x8100_0001);
        }
        f.putShort((short) type);
        int payload = size - f.position();
        int l4;
        if (type == 0x0800) {
            f.putInt(0x4500_0000 | payload).putInt(0).putInt(64 << 24 | protocol << 16).putInt(0xc612_0001).putInt(0xc613_0001);
            l4 = payload - 20;
        } else {
            f.putInt(0x6000_0000).putInt(payload - 40 << 16 | protocol << 8 | 64);
            f.putLong(0x2001_0db8_0000_0000L).putLong(1).putLong(0x2001_0db8_0000_0000L).putLong(2);
            l4 = payload - 40;
        }
        f.putShort((short) 1024).putShort((short) 9);
        if (protocol == 17) {
            f.putShort((short) l4);
        } else {
            f.putLong(0).put((byte) 0x50);
        }
        return f.array();
    }
}
