package dev.penstock.ethdev;

import dev.penstock.mbuf.Mbuf;
import java.lang.reflect.Array;
import java.util.Arrays;

/** Arrays of callbacks, null when empty so that a burst tests one reference; and what is done about one that throws. */
final class Callbacks {
    private Callbacks() {}

    @SuppressWarnings("unchecked")
    static <T> T[] with(T[] old, T added, Class<T> type) {
        int n = old == null ? 0 : old.length;
        T[] now = old == null ? (T[]) Array.newInstance(type, 1) : Arrays.copyOf(old, n + 1);
        now[n] = added;
        return now;
    }

    @SuppressWarnings("unchecked")
    static <T> T[] first(T added, T[] old, Class<T> type) {
        int n = old == null ? 0 : old.length;
        T[] now = (T[]) Array.newInstance(type, n + 1);
        now[0] = added;
        if (n > 0) {
            System.arraycopy(old, 0, now, 1, n);
        }
        return now;
    }

    static <T> T[] without(T[] old, T removed) {
        int at = old == null ? -1 : Arrays.asList(old).indexOf(removed);
        if (at < 0) {
            return old;
        }
        if (old.length == 1) {
            return null;
        }
        T[] now = Arrays.copyOf(old, old.length - 1);
        System.arraycopy(old, at + 1, now, at, now.length - at);
        return now;
    }

    /** Frees what a callback left when it threw, each once: it may have been closing a gap. Returns how many. */
    static int free(Mbuf[] packets, int n) {
        int freed = 0;
        for (int i = 0; i < n; i++) {
            Mbuf m = packets[i];
            if (m != null) {
                for (int j = i; j < n; j++) {
                    packets[j] = packets[j] == m ? null : packets[j];
                }
                m.free();
                freed++;
            }
        }
        return freed;
    }
}
