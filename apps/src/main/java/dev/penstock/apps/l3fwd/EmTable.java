package dev.penstock.apps.l3fwd;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.net.Ipv4;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The IPv4 flows of exact match, which do not change once they are read: open addressing, at most a third of it used, so that most
 * flows are where they are first looked for. A key is two words as they lie in a frame with a header of 20 bytes: from the time to
 * live to the source, of which time to live and checksum are masked; destination and ports. Any lcore may look up, each with its own columns.
 */
final class EmTable {
    /** Where the two words begin. */
    private static final int FROM = Lookup.IP + Ipv4.TTL;
    private static final long MASK = 0xffff_ffff_0000_ff00L;
    /** Words of a place: the key's two, and the port or {@link Lookup#NO_ROUTE} where there is no flow. */
    private static final int SHIFT = 2;
    private static final long FIRST = 0x9e37_79b9_7f4a_7c15L;
    private static final long SECOND = 0xc2b2_ae3d_27d4_eb4fL;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long[] words;

    /** A burst's keys; one lcore's own. */
    static final class Columns {
        private final long[] first = new long[Router.BURST];
        private final long[] second = new long[Router.BURST];
        private final long[] beyond = new long[Router.BURST];
        private final byte[] key = new byte[FlowKeys.IPV4];

        /** Takes the keys of a burst. */
        void load(Mbuf[] packets, int n) {
            for (int i = 0; i < n; i++) {
                Mbuf m = packets[i];
                if ((m.getByte(Lookup.IP) & 0xf) != 5 || !m.getColumns(FROM, first, second, beyond, i)) {
                    FlowKeys.ipv4(m, key, 0);
                    put(i, key);
                }
            }
        }

        /** Takes a key as {@link FlowKeys} makes it. */
        void put(int i, byte[] made) {
            first[i] = EmTable.first(made);
            second[i] = EmTable.second(made);
        }
    }

    /** Makes the table; of two flows with one key the last counts. */
    EmTable(List<FlowRoutes.Flow> flows) {
        int places = Integer.highestOneBit(Math.max(8, 3 * flows.size() - 1)) << 1;
        words = new long[places << SHIFT];
        for (int i = 2; i < words.length; i += 1 << SHIFT) {
            words[i] = Lookup.NO_ROUTE;
        }
        for (FlowRoutes.Flow flow : flows) {
            long first = first(flow.key());
            long second = second(flow.key());
            int at = start(first, second);
            while (words[at + 2] != Lookup.NO_ROUTE && (words[at] != first || words[at + 1] != second)) {
                at = next(at);
            }
            words[at] = first;
            words[at + 1] = second;
            words[at + 2] = flow.port();
        }
    }

    private static long first(byte[] key) {
        return (long) (int) INT.get(key, 0) << 32 | (key[15] & 0xff) << 8;
    }

    private static long second(byte[] key) {
        return (long) LONG.get(key, 4);
    }

    private int start(long first, long second) {
        long a = first ^ FIRST;
        long b = second ^ SECOND;
        long hash = a * b ^ Math.multiplyHigh(a, b);
        return (int) (hash ^ hash >>> 32) << SHIFT & words.length - 1;
    }

    private int next(int at) {
        return at + (1 << SHIFT) & words.length - 1;
    }

    /**
     * Finds where a burst goes: a pass without a branch over the places where keys are first looked for, then the few that are elsewhere.
     *
     * @param columns the keys
     * @param hops gets the ports, or {@link Lookup#NO_ROUTE}
     * @param n how many
     */
    void find(Columns columns, int[] hops, int n) {
        long[] firsts = columns.first;
        long[] seconds = columns.second;
        long[] table = words;
        int others = 0;
        for (int i = 0; i < n; i++) {
            long first = firsts[i] & MASK;
            long second = seconds[i];
            int at = start(first, second);
            long difference = table[at] ^ first | table[at + 1] ^ second;
            // All bits where another flow is.
            int other = (int) ((difference | -difference) >> 63);
            int port = (int) table[at + 2];
            hops[i] = port | other;
            others |= (other & ~(port >> 31) & 1) << i;
        }
        for (int left = others; left != 0; left &= left - 1) {
            int i = Integer.numberOfTrailingZeros(left);
            hops[i] = findFurther(firsts[i] & MASK, seconds[i]);
        }
    }

    private int findFurther(long first, long second) {
        int at = start(first, second);
        while (words[at + 2] != Lookup.NO_ROUTE) {
            if (words[at] == first && words[at + 1] == second) {
                return (int) words[at + 2];
            }
            at = next(at);
        }
        return Lookup.NO_ROUTE;
    }
}
