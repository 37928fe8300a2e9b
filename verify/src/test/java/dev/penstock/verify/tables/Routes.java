package dev.penstock.verify.tables;

import dev.penstock.fib.Fib;
import dev.penstock.lpm6.Lpm6;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The tables that all samples of a test share, since one table takes tens of megabytes: each sample has a network of its
 * own, which it makes as it was when its turn comes again. Samples are made while no actor runs, one at a time.
 */
final class Routes {
    /** Next hops: none, that of a network, that of a part of it. */
    static final int NONE = 0;
    static final int NETWORK = 1;
    static final int PART = 2;

    private static final int NETWORKS = 1 << 14;
    private static final AtomicInteger NEXT = new AtomicInteger();

    private Routes() {}

    /** Loaded by tests of IPv4 alone. */
    static final class V4 {
        static final Fib FIB = new Fib(4 * NETWORKS, 2, 2 * NETWORKS - 1, NONE);

        private V4() {}
    }

    /** Loaded by tests of IPv6 alone. */
    static final class V6 {
        static final Lpm6 LPM = new Lpm6(4 * NETWORKS, 4 * NETWORKS);

        private V6() {}
    }

    private static int next() {
        return NEXT.getAndIncrement() & NETWORKS - 1;
    }

    /** A network of 256 IPv4 addresses with a route, and with or without one to its address 7. */
    static int network4(boolean part) {
        synchronized (V4.FIB) {
            int ip = 0x0a00_0000 + (next() << 8);
            V4.FIB.add(ip, 24, NETWORK);
            if (part) {
                V4.FIB.add(ip + 7, 32, PART);
            } else {
                V4.FIB.delete(ip + 7, 32);
            }
            return ip;
        }
    }

    /** The first eight bytes of an IPv6 network of 64 bits with a route, and with or without one beside it in its first 32 bits. */
    static long network6(boolean other) {
        synchronized (V6.LPM) {
            long high = 0x2001_0000_0000_0000L + ((long) next() << 32);
            V6.LPM.add(high, 0, 64, NETWORK);
            if (other) {
                V6.LPM.add(beside(high), 0, 64, PART);
            } else {
                V6.LPM.delete(beside(high), 0, 64);
            }
            return high;
        }
    }

    static long beside(long high) {
        return high | 1L << 20;
    }

    static int find4(int ip) {
        int[] ips = {ip};
        long[] hops = new long[1];
        V4.FIB.lookupBulk(ips, hops, 1);
        return (int) hops[0];
    }
}
