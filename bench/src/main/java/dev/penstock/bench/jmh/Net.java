package dev.penstock.bench.jmh;

import dev.penstock.eal.Eal;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.net.Checksum;
import dev.penstock.net.PacketLengths;
import dev.penstock.net.PacketType;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Sums and packet types of a frame of some size. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class Net {
    @Param({"60", "508", "1514"})
    private int bytes;

    private final PacketLengths lengths = new PacketLengths();
    private Eal eal;
    private Mbuf packet;

    /** For JMH. */
    public Net() {}

    /** Makes an IPv4 frame. */
    @Setup
    public void make() {
        eal = Eal.start("--in-memory", "--no-huge", "--no-telemetry", "--log-level", "error");
        packet = MbufPool.create(eal, "net", 63, 0, MbufPool.DEFAULT_DATA_ROOM, -1).alloc();
        packet.append(bytes);
        for (int i = 0; i < bytes; i++) {
            packet.putByte(i, (byte) (i * 31));
        }
        packet.putInt(12, 0x0800_4500);
        packet.putShort(16, (short) (bytes - 14));
        packet.putInt(20, 0x0000_4011);
    }

    /** Gives the memory back. */
    @TearDown
    public void end() {
        packet.free();
        eal.close();
    }

    /** @return the sum of all bytes */
    @Benchmark
    public int checksum() {
        return Checksum.raw(packet, 0, bytes);
    }

    /** @return the packet type */
    @Benchmark
    public int packetType() {
        return PacketType.parse(packet, lengths);
    }
}
