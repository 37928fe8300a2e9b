package dev.penstock.eal;

import java.util.function.IntUnaryOperator;

/** Bytes as rte_hexdump prints them. */
public final class HexDump {
    private static final int LINE = 16;

    private HexDump() {}

    /**
     * Adds lines of sixteen bytes: offset, values, and the characters that they are.
     *
     * @param text gets them, each with its end of line
     * @param bytes how many bytes
     * @param byteAt the byte at an offset; its lower 8 bits count
     */
    public static void append(StringBuilder text, int bytes, IntUnaryOperator byteAt) {
        for (int start = 0; start < bytes; start += LINE) {
            text.append(String.format("%08X:", start));
            StringBuilder ascii = new StringBuilder();
            for (int i = start; i < start + LINE; i++) {
                if (i < bytes) {
                    int value = byteAt.applyAsInt(i) & 0xff;
                    text.append(String.format(" %02X", value));
                    ascii.append(value < ' ' || value > '~' ? '.' : (char) value);
                } else {
                    text.append("   ");
                }
            }
            text.append(" | ").append(ascii).append('\n');
        }
    }
}
