package dev.penstock.member;

import dev.penstock.hash.Hash;
import dev.penstock.hash.HashConfig;
import java.util.Arrays;

/**
 * Which keys come most, in fixed memory (DPDK: rte_member, type sketch): a count-min sketch (Cormode and Muthukrishnan),
 * and a heap of the keys with the greatest counts. With sampling each row counts only now and then, and more at once
 * (Liu and others, "NitroSketch", SIGCOMM 2019). For one thread.
 */
public final class HeavyHitters {
    private static final int ROWS = 5;

    private final int keyLength;
    private final int mask;
    private final long[] counts;
    private final double logOfSkip;
    private final double perCount;
    private long random;
    private long skip;
    /** The greatest: a heap with the smallest first, of positions in the hash; the hash's data are places in the heap. */
    private final Hash top;
    private final int[] heap;
    private final long[] estimate;
    private final byte[] scratch;
    private int size;

    /**
     * Makes an empty sketch.
     *
     * @param top how many keys to keep, 8 to 65536
     * @param keyLength bytes of a key, 1 to 1024
     * @param errorRate a count is too great by at most this part of all counts, nearly always: 0.000001 to 0.5
     * @param sampleRate how much of the counting is done, more than 0, to 1; less than 1 is faster and may also be too low
     * @param seed of the sampling
     * @throws IllegalArgumentException when a number is out of range
     */
    public HeavyHitters(int top, int keyLength, double errorRate, double sampleRate, long seed) {
        if (top < 8 || top > 65_536 || keyLength < 1 || keyLength > 1024 || !(errorRate >= 1e-6 && errorRate <= 0.5) || !(sampleRate > 0 && sampleRate <= 1)) {
            throw new IllegalArgumentException("sketch of the " + top + " greatest keys of " + keyLength + " bytes, error rate " + errorRate + ", sample rate "
                    + sampleRate + "; give 8 to 65536 keys of 1 to 1024 bytes, an error of 0.000001 to 0.5, a sample rate above 0 and up to 1");
        }
        this.keyLength = keyLength;
        scratch = new byte[keyLength];
        this.top = new Hash(HashConfig.of(top, keyLength));
        int columns = Integer.highestOneBit((int) Math.ceil(Math.E / errorRate) - 1) * 2;
        mask = columns - 1;
        counts = new long[ROWS * columns];
        logOfSkip = Math.log1p(-sampleRate);
        perCount = 1 / sampleRate;
        random = seed;
        heap = new int[top];
        estimate = new long[top];
        skip = nextSkip();
    }

    /**
     * Counts a key.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @param count how much, 1 for a packet, or its bytes; 0 or more
     */
    public void add(byte[] key, int offset, long count) {
        if (skip >= ROWS) {
            skip -= ROWS;
            return;
        }
        long hash = KeyHash.of(key, offset, keyLength, 0);
        while (skip < ROWS) {
            counts[at(hash, (int) skip)] += Math.round(count * perCount);
            skip += 1 + nextSkip();
        }
        skip -= ROWS;
        keep(key, offset, least(hash));
    }

    /** Rows to leave out before the next one that counts: geometric. */
    private long nextSkip() {
        if (perCount == 1) {
            return 0;
        }
        random = random * 0x5851_f42d_4c95_7f2dL + 0x1405_7b7e_f767_814fL;
        return (long) (Math.log(((random >>> 11) + 1) * 0x1p-53) / logOfSkip);
    }

    private int at(long hash, int row) {
        int walked = (int) hash + row * ((int) (hash >>> Integer.SIZE) | 1);
        return row * (mask + 1) + ((walked ^ walked >>> 15) & mask);
    }

    private long least(long hash) {
        long least = Long.MAX_VALUE;
        for (int row = 0; row < ROWS; row++) {
            least = Math.min(least, counts[at(hash, row)]);
        }
        return least;
    }

    /**
     * Estimates a key's count.
     *
     * @param key array that holds it
     * @param offset of its first byte
     * @return the count
     */
    public long count(byte[] key, int offset) {
        return least(KeyHash.of(key, offset, keyLength, 0));
    }

    private void keep(byte[] key, int offset, long count) {
        int hash = top.hash(key, offset);
        int position = top.lookup(key, offset, hash);
        if (position < 0) {
            if (size == heap.length) {
                if (count <= estimate[heap[0]]) {
                    return;
                }
                top.key(heap[0], scratch, 0);
                top.delete(scratch);
                heap[0] = heap[--size];
                down(0);
            }
            position = top.add(key, offset, hash, size);
            estimate[position] = count;
            heap[size++] = position;
            up(size - 1);
            return;
        }
        estimate[position] = count;
        down((int) top.data(position));
    }

    private void place(int at, int position) {
        heap[at] = position;
        top.data(position, at);
    }

    private void up(int from) {
        int at = from;
        int position = heap[at];
        while (at > 0 && estimate[heap[(at - 1) / 2]] > estimate[position]) {
            place(at, heap[(at - 1) / 2]);
            at = (at - 1) / 2;
        }
        place(at, position);
    }

    private void down(int from) {
        int at = from;
        int position = heap[at];
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && estimate[heap[child + 1]] < estimate[heap[child]]) {
                child++;
            }
            if (estimate[heap[child]] >= estimate[position]) {
                break;
            }
            place(at, heap[child]);
            at = child;
        }
        if (size > 0) {
            place(at, position);
        }
    }

    /** Forgets all keys. */
    public void reset() {
        Arrays.fill(counts, 0);
        top.clear();
        size = 0;
    }

    /**
     * Gives the keys with the greatest counts, in no order (rte_member_report_heavyhitter).
     *
     * @param keys gets them, one behind the other
     * @param estimates gets their counts
     * @return how many, up to the number kept and what the arrays hold
     */
    public int report(byte[] keys, long[] estimates) {
        int n = Math.min(size, Math.min(estimates.length, keys.length / keyLength));
        for (int i = 0; i < n; i++) {
            top.key(heap[i], keys, i * keyLength);
            estimates[i] = estimate[heap[i]];
        }
        return n;
    }
}
