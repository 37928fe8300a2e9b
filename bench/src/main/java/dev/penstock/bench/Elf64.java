package dev.penstock.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads what a shared library exports: System V ABI, ELF-64, little-endian. */
final class Elf64 {
    private static final int SECTIONS_AT = 0x28;
    private static final int SECTION_COUNT_AT = 0x3c;
    private static final int SECTION_BYTES = 64;
    private static final int DYNAMIC_SYMBOLS = 11;
    private static final int SYMBOL_BYTES = 24;

    private Elf64() {}

    /**
     * Looks a symbol up.
     *
     * @param library the file
     * @param name the symbol's
     * @return its address, from where the library begins in memory
     * @throws IOException when the library can't be read or has none of this name
     */
    static long symbol(Path library, String name) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(library)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] wanted = (name + "\0").getBytes(StandardCharsets.US_ASCII);
        int sections = (int) file.getLong(SECTIONS_AT);
        for (int i = 0; i < file.getShort(SECTION_COUNT_AT); i++) {
            int section = sections + i * SECTION_BYTES;
            if (file.getInt(section + 4) == DYNAMIC_SYMBOLS) {
                int names = (int) file.getLong(sections + file.getInt(section + 0x28) * SECTION_BYTES + 0x18);
                int symbols = (int) file.getLong(section + 0x18);
                int end = symbols + (int) file.getLong(section + 0x20);
                for (int symbol = symbols; symbol < end; symbol += SYMBOL_BYTES) {
                    if (file.slice(names + file.getInt(symbol), wanted.length).equals(ByteBuffer.wrap(wanted))) {
                        return file.getLong(symbol + 8);
                    }
                }
            }
        }
        throw new IOException(library + " exports no " + name);
    }
}
