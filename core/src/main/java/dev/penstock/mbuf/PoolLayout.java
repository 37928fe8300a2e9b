package dev.penstock.mbuf;

/**
 * How a pool lays its packets out: what goes before a buffer, and from one packet to the next. The stride
 * in cache lines has no divisor in common with the number of channels times ranks, so that consecutive
 * packets start on different ones and the load spreads over all of them (DPDK: rte_mempool).
 *
 * @param front bytes before the buffer, a multiple of the cache line
 * @param stride bytes from one packet to the next
 */
record PoolLayout(int front, long stride) {
    private static final int LINE = 64;
    private static final int DEFAULT_CHANNELS = 4;

    static PoolLayout of(int front, int buffer, int channels, int ranks) {
        int parts = (channels == 0 ? DEFAULT_CHANNELS : channels) * (ranks == 0 ? 1 : ranks);
        int frontLines = lines(front);
        int lines = frontLines + lines(buffer);
        while (gcd(lines, parts) != 1) {
            lines++;
        }
        return new PoolLayout(frontLines * LINE, (long) lines * LINE);
    }

    private static int lines(int bytes) {
        return (bytes + LINE - 1) / LINE;
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
