package dev.penstock.bench;

import dev.penstock.testkit.Frames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** The frames that both sides replay, written as a plain pcap. */
final class Traffic {
    private static final int FLOWS = 256;
    private static final int SOURCE = 0xc612_0001;
    private static final int SOURCE_PORT = 1024;

    private Traffic() {}

    /** A file of 64-byte UDP frames of 256 flows with right checksums, deleted at exit. */
    static Path udp64() throws IOException {
        return udp(64);
    }

    /** A file of UDP frames of 256 flows with right checksums, deleted at exit. */
    static Path udp(int frameBytes) throws IOException {
        return udp(frameBytes, FLOWS);
    }

    /** A file of UDP frames, one of each flow, with right checksums, deleted at exit. */
    static Path udp(int frameBytes, int flows) throws IOException {
        ByteBuffer file = ByteBuffer.allocate(24 + flows * (16 + frameBytes)).order(ByteOrder.LITTLE_ENDIAN);
        header(file);
        for (int flow = 0; flow < flows; flow++) {
            file.putInt(1_700_000_000).putInt(flow).putInt(frameBytes).putInt(frameBytes).put(frame(frameBytes, flow));
        }
        return written(file, Integer.toString(frameBytes));
    }

    private static void header(ByteBuffer file) {
        file.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4).putInt(0).putInt(0).putInt(65535).putInt(1);
    }

    private static Path written(ByteBuffer file, String name) throws IOException {
        Path path = Scratch.file("penstock-bench-" + name + "-", ".pcap");
        return Files.write(path, file.array());
    }

    /** A file of 64-byte UDP frames from one address and port to these addresses, deleted at exit. */
    static Path to(int[] destinations) throws IOException {
        int bytes = 64;
        ByteBuffer file = ByteBuffer.allocate(24 + destinations.length * (16 + bytes)).order(ByteOrder.LITTLE_ENDIAN);
        header(file);
        for (int destination : destinations) {
            file.putInt(1_700_000_000).putInt(0).putInt(bytes).putInt(bytes).put(frame(bytes, SOURCE, destination, SOURCE_PORT));
        }
        return written(file, "routed");
    }

    static byte[] frame(int bytes, int flow) {
        return frame(bytes, 0xc612_0000 | flow + 1, 0xc613_0000 | flow + 1, 1024 + flow);
    }

    private static byte[] frame(int bytes, int src, int dst, int srcPort) {
        return Frames.ethernet(0x0200_0000_0002L, 0x0200_0000_0001L, 0x0800,
                Frames.udp4(src, dst, srcPort, 9, new byte[bytes - 42]));
    }
}
