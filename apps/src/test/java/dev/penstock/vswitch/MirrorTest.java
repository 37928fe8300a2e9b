package dev.penstock.vswitch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Frames;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands in a mirror's file beside the packets, and what does not come into it. */
class MirrorTest {
    private static final long A = 0x0200_0000_000aL;
    private static final long ALL = 0xffff_ffff_ffffL;
    private static final int PACKET_BLOCK = 6;
    private static final int FLAGS = 2;
    private static final int PACKETS = 500;

    private final TestSwitch real = new TestSwitch(1, 1000, 300);
    @TempDir
    private Path folder;

    @BeforeEach
    void add() {
        real.add("a", new PortSettings());
        real.add("b", new PortSettings().txRate(1, 150));
    }

    @AfterEach
    void close() {
        assertEquals(0, real.imbalance());
        assertEquals(0, real.inUse());
        real.close();
    }

    private Mirror mirror(int packets) throws IOException {
        return new Mirror(folder.resolve("m.pcapng"), MbufPool.create(real.eal, "mirror", packets, 0, MbufPool.DEFAULT_DATA_ROOM, -1));
    }

    private void send(String from, int bytes) {
        real.send(from, Frames.ethernet(ALL, A, 0x88b5, new byte[bytes - 14]));
        real.poll();
    }

    /** Of each packet its interface, its direction, and its length. */
    private List<String> packets() throws IOException {
        return packets(Files.readAllBytes(folder.resolve("m.pcapng")));
    }

    private static List<String> packets(byte[] bytes) {
        List<String> found = new ArrayList<>();
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < file.limit(); at += file.getInt(at + 4)) {
            if (file.getInt(at) == PACKET_BLOCK) {
                int option = at + 28 + (file.getInt(at + 20) + 3 & ~3);
                assertEquals(FLAGS, file.getShort(option));
                found.add(file.getInt(at + 8) + " " + (file.getInt(option + 4) & 3) + " " + file.getInt(at + 24));
            }
        }
        return found;
    }

    @Test
    void shouldSayOfEachPacketWhichWayItWent() throws IOException {
        Mirror mirror = mirror(1023);
        real.vswitch.mirror(mirror, "b", false, true);
        real.vswitch.mirror(mirror, "a", true, false);
        send("a", 60);
        send("b", 70);
        send("a", 100);
        real.vswitch.unmirror("a");
        real.vswitch.unmirror("b");
        mirror.close();
        assertEquals(List.of("1 1 60", "0 2 60", "1 1 100"), packets(), "the last one was not sent, as a policer took it");
        assertEquals(1, real.dropped("b", Drop.POLICED_OUT));
        assertEquals(1, real.take("a").size());
        assertEquals(1, real.take("b").size());
    }

    @Test
    void shouldCountWhatItHasNoPacketFor() throws IOException {
        Mirror mirror = mirror(63);
        real.vswitch.mirror(mirror, "a", true, false);
        int n = 400;
        for (int i = 0; i < n; i++) {
            real.in.get("a").enqueue(real.mbuf(Frames.ethernet(A, A, 0x88b5, new byte[46])));
        }
        real.poll();
        real.vswitch.unmirror("a");
        mirror.close();
        assertEquals(n, mirror.captured() + mirror.lost());
        assertEquals(mirror.captured(), packets().size());
        assertEquals(n, real.dropped("a", Drop.SAME_PORT));
    }

    /** What waited for the disk became the packets of the port that got the number of the one that had gone. */
    @Test
    void shouldWriteWhatWaitsAsOfThePortThatItCameFrom() throws IOException, InterruptedException, ExecutionException {
        Path pipe = folder.resolve("m.pcapng");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
        CountDownLatch begin = new CountDownLatch(1);
        FutureTask<byte[]> reader = new FutureTask<>(() -> {
            try (InputStream in = Files.newInputStream(pipe)) {
                begin.await();
                return in.readAllBytes();
            }
        });
        Thread.ofPlatform().daemon().start(reader);
        Mirror mirror = mirror(1023);
        real.vswitch.mirror(mirror, "a", true, false);
        for (int i = 0; i < PACKETS; i++) {
            real.in.get("a").enqueue(real.mbuf(Frames.ethernet(A, A, 0x88b5, new byte[1400])));
        }
        real.poll();
        real.remove("a");
        assertEquals(0, real.add("c", new PortSettings()).index);
        Thread.ofPlatform().start(() -> {
            LockSupport.parkNanos(100_000_000);
            begin.countDown();
        });
        real.vswitch.mirror(mirror, "c", true, false);
        real.vswitch.unmirror("c");
        mirror.close();
        byte[] file = reader.get();
        assertEquals(Collections.nCopies(PACKETS, "0 1 1414"), packets(file));
    }
}
