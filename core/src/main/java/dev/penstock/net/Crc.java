package dev.penstock.net;

import dev.penstock.mbuf.Mbuf;

/**
 * Cyclic redundancy checks over packet data, eight bytes a step (DPDK: rte_net_crc, rte_hash_crc).
 *
 * <p>All three are the reflected kind: start with ones, take bits lowest first, complement at the end.
 */
public final class Crc {
    private static final int[] CRC32C = tables(0x82f6_3b78);
    private static final int[] CRC32 = tables(0xedb8_8320);
    private static final int[] CRC16 = tables(0x8408);

    private Crc() {}

    /** Eight tables of 256: what a byte becomes when 0 to 7 zero bytes follow it. */
    private static int[] tables(int polynomial) {
        int[] tables = new int[8 * 256];
        for (int i = 0; i < 256; i++) {
            int crc = i;
            for (int bit = 0; bit < 8; bit++) {
                crc = crc >>> 1 ^ ((crc & 1) != 0 ? polynomial : 0);
            }
            tables[i] = crc;
        }
        for (int i = 256; i < tables.length; i++) {
            int crc = tables[i - 256];
            tables[i] = crc >>> 8 ^ tables[crc & 0xff];
        }
        return tables;
    }

    /**
     * CRC-32C (Castagnoli; RFC 9260, appendix A): SCTP, iSCSI.
     *
     * @param m the packet
     * @param offset where the range starts, in the first segment
     * @param length bytes, in the first segment
     * @return the check
     */
    public static int crc32c(Mbuf m, int offset, int length) {
        return ~run(CRC32C, -1, m, offset, length);
    }

    /**
     * CRC-32 of Ethernet's frame check sequence (IEEE 802.3, clause 3.2.9; DPDK: RTE_NET_CRC32_ETH).
     *
     * @param m the packet
     * @param offset where the range starts, in the first segment
     * @param length bytes, in the first segment
     * @return the check, to be sent lowest byte first
     */
    public static int crc32Eth(Mbuf m, int offset, int length) {
        return ~run(CRC32, -1, m, offset, length);
    }

    /**
     * CRC-16-CCITT (ITU-T V.42, clause 8.1.1.6.1; DPDK: RTE_NET_CRC16_CCITT).
     *
     * @param m the packet
     * @param offset where the range starts, in the first segment
     * @param length bytes, in the first segment
     * @return the check
     */
    public static int crc16Ccitt(Mbuf m, int offset, int length) {
        return ~run(CRC16, 0xffff, m, offset, length) & 0xffff;
    }

    /**
     * The checksum of an SCTP packet, whatever stands in its checksum field now.
     *
     * @param m the packet
     * @param sctp where the SCTP header starts
     * @param length bytes of the SCTP packet, header included, in the first segment
     * @return the four bytes to be written with {@link Sctp#checksum(Mbuf, int, int)}, or
     *     {@link Reject#PACKET_LENGTH} widened when the length is too short
     */
    public static long sctp(Mbuf m, int sctp, int length) {
        if (length < Sctp.LENGTH) {
            return Reject.PACKET_LENGTH;
        }
        int crc = run(CRC32C, -1, m, sctp, Sctp.CHECKSUM);
        for (int i = 0; i < 4; i++) {
            crc = CRC32C[crc & 0xff] ^ crc >>> 8;
        }
        crc = ~run(CRC32C, crc, m, sctp + Sctp.LENGTH, length - Sctp.LENGTH);
        return Integer.reverseBytes(crc) & 0xffff_ffffL;
    }

    /**
     * Whether an SCTP packet is intact.
     *
     * @param m the packet
     * @param sctp where the SCTP header starts
     * @param length bytes of the SCTP packet, header included, in the first segment
     * @return true when its checksum is right
     */
    public static boolean verifySctp(Mbuf m, int sctp, int length) {
        return length >= Sctp.LENGTH && sctp(m, sctp, length) == (Sctp.checksum(m, sctp) & 0xffff_ffffL);
    }

    private static int run(int[] tables, int start, Mbuf m, int offset, int length) {
        int crc = start;
        int i = 0;
        for (; i <= length - 8; i += 8) {
            long bytes = Long.reverseBytes(m.getLong(offset + i)) ^ crc & 0xffff_ffffL;
            int low = (int) bytes;
            int high = (int) (bytes >>> 32);
            crc = tables[1792 + (low & 0xff)] ^ tables[1536 + (low >>> 8 & 0xff)] ^ tables[1280 + (low >>> 16 & 0xff)]
                    ^ tables[1024 + (low >>> 24)] ^ tables[768 + (high & 0xff)] ^ tables[512 + (high >>> 8 & 0xff)]
                    ^ tables[256 + (high >>> 16 & 0xff)] ^ tables[high >>> 24];
        }
        for (; i < length; i++) {
            crc = tables[(crc ^ m.getByte(offset + i)) & 0xff] ^ crc >>> 8;
        }
        return crc;
    }
}
