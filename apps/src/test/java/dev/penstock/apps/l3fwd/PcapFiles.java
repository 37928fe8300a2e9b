package dev.penstock.apps.l3fwd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Plain capture files, read and written here so that the driver under test has no part in the comparison. */
final class PcapFiles {
    private PcapFiles() {}

    static void write(Path file, List<byte[]> frames) throws IOException {
        int bytes = frames.stream().mapToInt(f -> 16 + f.length).sum();
        ByteBuffer all = ByteBuffer.allocate(24 + bytes).order(ByteOrder.LITTLE_ENDIAN);
        all.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4).putInt(0).putInt(0).putInt(65535).putInt(1);
        for (byte[] frame : frames) {
            all.putInt(1).putInt(2).putInt(frame.length).putInt(frame.length).put(frame);
        }
        Files.write(file, all.array());
    }

    static List<byte[]> read(Path file) throws IOException {
        ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        all.position(24);
        List<byte[]> frames = new ArrayList<>();
        while (all.hasRemaining()) {
            all.getLong();
            byte[] frame = new byte[all.getInt()];
            all.getInt();
            all.get(frame);
            frames.add(frame);
        }
        return frames;
    }
}
