package dev.penstock.drivers.pcap;

/**
 * What an interface description block says.
 *
 * @param linkType LINKTYPE number
 * @param snaplen the most bytes captured of a packet, 0 for all
 * @param resolution if_tsresol: a power of ten, or of two with the highest bit set
 * @param offsetSeconds if_tsoffset: added to each time
 */
record PcapngInterface(int linkType, int snaplen, int resolution, long offsetSeconds) {
    private static final int MICROS = 6;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long[] POWERS = new long[20];

    static {
        POWERS[0] = 1;
        for (int i = 1; i < POWERS.length; i++) {
            POWERS[i] = POWERS[i - 1] * 10;
        }
    }

    static PcapngInterface parse(ByteSource in, int length) throws PcapException {
        if (length < 20) {
            throw in.damage("an interface block of " + length + " bytes is too short; the file is damaged from here on");
        }
        int resolution = MICROS;
        long offset = 0;
        int end = length - 4;
        for (int at = 16; at + 4 <= end && in.getShort(at) != PcapFormat.OPTION_END;) {
            int code = in.getShort(at);
            int bytes = in.getShort(at + 2);
            if (bytes > end - at - 4) {
                throw in.damage("an option of " + bytes + " bytes goes beyond its block; the file is damaged from here on");
            }
            if (code == PcapFormat.OPTION_TSRESOL && bytes == 1) {
                resolution = in.getByte(at + 4);
                checkResolution(in, resolution);
            } else if (code == PcapFormat.OPTION_TSOFFSET && bytes == 8) {
                offset = in.getLong(at + 4);
            }
            at += 4 + (bytes + 3 & ~3);
        }
        return new PcapngInterface(in.getShort(8), in.getInt(12), resolution, offset);
    }

    private static void checkResolution(ByteSource in, int resolution) throws PcapException {
        int exponent = resolution & 0x7f;
        if (exponent > ((resolution & 0x80) != 0 ? 63 : 19)) {
            throw in.damage("times in units of " + ((resolution & 0x80) != 0 ? "2^-" : "10^-") + exponent
                    + " s are too fine; the file is damaged, or convert it with editcap");
        }
    }

    /** Time in nanoseconds since 1970, of units since then; modulo 2^64. */
    long toNs(long units) {
        int exponent = resolution & 0x7f;
        long ns;
        if ((resolution & 0x80) == 0) {
            ns = exponent <= 9 ? units * POWERS[9 - exponent] : Long.divideUnsigned(units, POWERS[exponent - 9]);
        } else if (exponent == 0) {
            ns = units * SECOND_NS;
        } else {
            long fraction = units & (1L << exponent) - 1;
            long low = fraction * SECOND_NS;
            long high = Math.unsignedMultiplyHigh(fraction, SECOND_NS);
            ns = (units >>> exponent) * SECOND_NS + (high << 64 - exponent | low >>> exponent);
        }
        return ns + offsetSeconds * SECOND_NS;
    }
}
