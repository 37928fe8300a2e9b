package dev.penstock.drivers.afxdp;

import dev.penstock.testkit.Frames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Builds eBPF object files byte by byte, as clang would compile them, so that tests need no clang. */
public final class BpfObjects {
    private static final int SECTION_BYTES = 64;

    private record Section(String name, int type, int link, int info, byte[] bytes) {}

    private BpfObjects() {}

    /** What clang made of take.c, which stands beside it: a program that counts frames and takes all. */
    public static byte[] compiled() {
        try (InputStream in = BpfObjects.class.getResourceAsStream("take.o")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] ints(int... values) {
        ByteBuffer b = buffer(4 * values.length);
        for (int v : values) {
            b.putInt(v);
        }
        return b.array();
    }

    private static byte[] longs(long... values) {
        ByteBuffer b = buffer(8 * values.length);
        for (long v : values) {
            b.putLong(v);
        }
        return b.array();
    }

    private static byte[] symbol(int name, int info, int section, long size) {
        return buffer(24).putInt(name).put((byte) info).put((byte) 0).putShort((short) section).putLong(0).putLong(size).array();
    }

    /**
     * A program {@code take} that sends each frame to the socket of its queue in the map {@code xsks_map}, or passes it.
     *
     * @param section the section that holds it, such as {@code xdp}
     * @param types whether the map is declared with type information, section {@code .maps}, or in section {@code maps}
     * @param entries of the map
     * @return the file
     */
    static byte[] redirect(String section, boolean types, int entries) {
        // r2 = *(u32 *)(r1 + 16); r1 = map (two slots); r3 = 2; call 51; exit
        byte[] code = longs(0x0000_0000_0010_1261L, 0x118L, 0, 0x2_0000_03b7L, 0x33_0000_0085L, 0x95L);
        byte[] map = types ? new byte[32] : ints(17, 4, 4, entries, 0);
        byte[] names = "\0take\0xsks_map\0".getBytes(StandardCharsets.US_ASCII);
        byte[] symbols = Frames.join(new byte[24], symbol(1, 0x12, 1, code.length), symbol(6, 0x11, 3, map.length));
        List<Section> all = new ArrayList<>(List.of(
                new Section("", 0, 0, 0, new byte[0]),
                new Section(section, 1, 0, 0, code),
                new Section("license", 1, 0, 0, "GPL\0".getBytes(StandardCharsets.US_ASCII)),
                new Section(types ? ".maps" : "maps", 1, 0, 0, map),
                new Section(".symtab", 2, 5, 1, symbols),
                new Section(".strtab", 3, 0, 0, names),
                new Section(".rel" + section, 9, 4, 1, longs(8, 2L << 32 | 1))));
        if (types) {
            all.add(new Section(".BTF", 1, 0, 0, btf(entries)));
        }
        return elf(all);
    }

    /** Types: 1 int, 2 index, 3 and 5 arrays for numbers, 4 and 6 pointers to them, 7 pointer to int, 8 the struct, 9 the variable. */
    private static byte[] btf(int entries) {
        byte[] names = "\0int\0type\0key\0value\0max_entries\0xsks_map\0".getBytes(StandardCharsets.US_ASCII);
        byte[] types = ints(
                1, 1 << 24, 4, 0x0100_0020,
                0, 10 << 24, 1,
                0, 3 << 24, 0, 1, 2, 17,
                0, 2 << 24, 3,
                0, 3 << 24, 0, 1, 2, entries,
                0, 2 << 24, 5,
                0, 2 << 24, 1,
                0, 4 << 24 | 4, 32, 5, 4, 0, 10, 7, 64, 14, 7, 128, 20, 6, 192,
                32, 14 << 24, 8, 1);
        return Frames.join(ints(0x0001_eb9f, 24, 0, types.length, types.length, names.length), types, names);
    }

    private static byte[] elf(List<Section> sections) {
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        List<Section> all = new ArrayList<>(sections);
        all.add(new Section(".shstrtab", 3, 0, 0, null));
        int[] at = new int[all.size()];
        for (int i = 0; i < all.size(); i++) {
            at[i] = names.size();
            names.writeBytes((all.get(i).name + "\0").getBytes(StandardCharsets.US_ASCII));
        }
        for (int i = 0; i < all.size(); i++) {
            Section s = all.get(i);
            byte[] bytes = s.bytes == null ? names.toByteArray() : s.bytes;
            table.writeBytes(buffer(SECTION_BYTES).putInt(at[i]).putInt(s.type).putLong(0).putLong(0).putLong(SECTION_BYTES + body.size())
                    .putLong(bytes.length).putInt(s.link).putInt(s.info).putLong(8).putLong(0).array());
            body.writeBytes(bytes);
            body.writeBytes(new byte[-bytes.length & 7]);
        }
        ByteBuffer header = buffer(64).putInt(0x464c457f).put((byte) 2).put((byte) 1).put((byte) 1).putLong(0).put((byte) 0);
        header.putShort((short) 1).putShort((short) 247).putInt(1).putLong(0).putLong(0).putLong(64 + body.size()).putInt(0);
        header.putShort((short) 64).putShort((short) 0).putShort((short) 0).putShort((short) SECTION_BYTES)
                .putShort((short) all.size()).putShort((short) (all.size() - 1));
        return Frames.join(header.array(), body.toByteArray(), table.toByteArray());
    }
}
