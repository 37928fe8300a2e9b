package dev.penstock.apps.doctor;

/** Writes amounts of memory for people. */
final class Amount {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB"};

    private Amount() {}

    /** Writes a number of bytes in the largest unit, powers of 1,024, that leaves at least 1: {@code 1.5 GB}. */
    static String bytes(long bytes) {
        int unit = 0;
        double value = bytes;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        long tenths = Math.round(value * 10);
        return (tenths % 10 == 0 ? String.valueOf(tenths / 10) : tenths / 10 + "." + tenths % 10) + " " + UNITS[unit];
    }
}
