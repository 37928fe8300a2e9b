package dev.penstock.efd;

import dev.penstock.efd.Efd.Update;
import dev.penstock.rcu.Qsbr;
import java.util.Arrays;

/** What updates need: the hashes and values of all keys, by bin. Makes the groups' words. */
final class EfdOffline {
    private static final int MAX_KEYS = 28;
    /** From this many on a group is nearly full. */
    private static final int MANY_KEYS = 26;
    private static final int FUNCTIONS = 1 << 15;

    private final EfdOnline online;
    /** By position: a key's hashes and value, and the next key of its bin, -1 for the last. */
    private final int[] firsts;
    private final int[] seconds;
    private final byte[] values;
    private final int[] next;
    /** By bin: its first key, and how many. */
    private final int[] heads;
    private final byte[] binKeys;
    private final int[] groupKeys;
    /** The keys at hand. */
    private final int[] some = new int[MAX_KEYS];
    private int count;
    private final int[] made = new int[EfdOnline.BITS];

    EfdOffline(EfdOnline online, int maxKeys) {
        this.online = online;
        firsts = new int[maxKeys];
        seconds = new int[maxKeys];
        values = new byte[maxKeys];
        next = new int[maxKeys];
        heads = new int[online.chunks * EfdOnline.BINS];
        Arrays.fill(heads, -1);
        binKeys = new byte[heads.length];
        groupKeys = new int[online.chunks * EfdOnline.GROUPS];
    }

    private int groupOf(int bin) {
        return EfdOnline.group(bin, online.choice(bin));
    }

    /** Changes the value of a key; false, and nothing is changed, when no functions were found. */
    boolean change(int position, int value) {
        byte before = values[position];
        values[position] = (byte) value;
        int group = groupOf(online.bin(firsts[position]));
        collect(group, -1);
        if (make(group)) {
            publish(group);
            return true;
        }
        values[position] = before;
        return false;
    }

    void remove(int position) {
        int bin = online.bin(firsts[position]);
        if (heads[bin] == position) {
            heads[bin] = next[position];
        } else {
            int at = heads[bin];
            while (next[at] != position) {
                at = next[at];
            }
            next[at] = next[position];
        }
        binKeys[bin]--;
        groupKeys[groupOf(bin)]--;
    }

    Update add(int position, int first, int second, int value, Qsbr readers) {
        int bin = online.bin(first);
        firsts[position] = first;
        seconds[position] = second;
        values[position] = (byte) value;
        next[position] = heads[bin];
        heads[bin] = position;
        binKeys[bin]++;
        int own = online.choice(bin);
        int group = EfdOnline.group(bin, own);
        groupKeys[group]++;
        if (groupKeys[group] <= MAX_KEYS && fits(group, -1)) {
            publish(group);
        } else if (!move(bin, own, readers)) {
            remove(position);
            return Update.FAILED;
        }
        return groupKeys[groupOf(bin)] >= MANY_KEYS ? Update.GROUP_FULL : Update.DONE;
    }

    /** Takes a bin to another of its groups, the emptiest first. */
    private boolean move(int bin, int own, Qsbr readers) {
        int tried = 1 << own;
        while (tried != 15) {
            int best = -1;
            for (int c = 0; c < 4; c++) {
                if ((tried >>> c & 1) == 0 && (best < 0 || keys(bin, c) < keys(bin, best))) {
                    best = c;
                }
            }
            tried |= 1 << best;
            int group = EfdOnline.group(bin, best);
            if (keys(bin, best) + binKeys[bin] <= MAX_KEYS && fits(group, bin)) {
                publish(group);
                online.choose(bin, best);
                if (readers != null) {
                    readers.synchronize(Qsbr.NO_READER);
                }
                groupKeys[group] += binKeys[bin];
                groupKeys[EfdOnline.group(bin, own)] -= binKeys[bin];
                return true;
            }
        }
        return false;
    }

    private int keys(int bin, int choice) {
        return groupKeys[EfdOnline.group(bin, choice)];
    }

    private boolean fits(int group, int moving) {
        collect(group, moving);
        return make(group);
    }

    /** The keys of a group, and of a bin that is to come to it unless that is -1. */
    private void collect(int group, int moving) {
        count = 0;
        int low = group & 63;
        int chunk = group >>> 6 << 8;
        for (int quarter = 0; quarter < EfdOnline.BINS; quarter += 64) {
            for (int c = 0; c < 4; c++) {
                // A group of its bin is the bin's low bits and a constant: so is the bin of its group.
                int bin = chunk | quarter | EfdOnline.group(quarter | low, c) & 63;
                if (online.choice(bin) == c) {
                    take(bin);
                }
            }
        }
        if (moving >= 0) {
            take(moving);
        }
    }

    private void take(int bin) {
        for (int at = heads[bin]; at >= 0; at = next[at]) {
            some[count++] = at;
        }
    }

    /** Finds a function for each bit of the value; those there are stay when they do. */
    private boolean make(int group) {
        for (int bit = 0; bit < EfdOnline.BITS; bit++) {
            int word = answers(online.word(group, bit) >>> 16, bit);
            for (int function = 0; word < 0 && function < FUNCTIONS; function++) {
                word = answers(function, bit);
            }
            if (word < 0) {
                return false;
            }
            made[bit] = word;
        }
        return true;
    }

    private void publish(int group) {
        for (int bit = 0; bit < EfdOnline.BITS; bit++) {
            online.word(group, bit, made[bit]);
        }
    }

    /** The word of a function, or -1 when it sends a 1 and a 0 to the same place. */
    private int answers(int function, int bit) {
        int ones = 0;
        int zeros = 0;
        for (int i = 0; i < count; i++) {
            int at = some[i];
            int place = 1 << EfdOnline.slot(function, firsts[at], seconds[at]);
            if ((values[at] >>> bit & 1) != 0) {
                ones |= place;
            } else {
                zeros |= place;
            }
            if ((ones & zeros) != 0) {
                return -1;
            }
        }
        return function << 16 | ones;
    }
}
