package dev.penstock.acl;

import dev.penstock.acl.Bitmaps.Piece;
import dev.penstock.mbuf.Mbuf;
import java.util.Arrays;

/** Looks into {@link Bitmaps} of whatever pieces there are: a burst goes through one piece after the other. */
final class InterpretedBitmaps extends Classifier {
    private static final int BURST = 64;

    private final Bitmaps bitmaps;
    private final int keyLength;
    private final int words;
    private final Piece[] pieces;
    /** By piece, how far its bytes are behind the key's first. */
    private final int[] offsets;
    /** By rank, and for all words without a bit {@link Acl#NO_MATCH}. */
    private final int[] userdata;
    private final ThreadLocal<Burst> bursts;

    /** One thread's: values of a piece, then where their rows begin, and what has agreed so far, a row for each packet. */
    private static final class Burst {
        final int[] values = new int[BURST];
        final long[] matching;

        Burst(int words) {
            matching = new long[BURST * words];
        }
    }

    InterpretedBitmaps(Bitmaps bitmaps, int keyLength) {
        this.bitmaps = bitmaps;
        this.keyLength = keyLength;
        words = bitmaps.words;
        pieces = bitmaps.pieces.toArray(new Piece[0]);
        offsets = new int[pieces.length];
        for (int p = 0; p < pieces.length; p++) {
            AclField field = bitmaps.set.fields[pieces[p].field()];
            offsets[p] = field.offset() + (field.bits() - pieces[p].shift() - pieces[p].bits()) / Byte.SIZE;
        }
        userdata = bitmaps.userdata();
        bursts = ThreadLocal.withInitial(() -> new Burst(bitmaps.words));
    }

    @Override
    void classify(byte[] keys, int stride, int n, int categories, int[] results) {
        Burst burst = bursts.get();
        int[] values = burst.values;
        for (int done = 0; done < n; done += BURST) {
            int count = Math.min(BURST, n - done);
            begin(burst.matching, count, categories);
            for (int p = 0; p < pieces.length; p++) {
                int at = done * stride + offsets[p];
                if (pieces[p].bits() == Byte.SIZE) {
                    for (int i = 0; i < count; i++) {
                        values[i] = field1(keys, at + i * stride);
                    }
                } else {
                    for (int i = 0; i < count; i++) {
                        values[i] = field2(keys, at + i * stride);
                    }
                }
                agree(pieces[p], burst, count);
            }
            end(burst.matching, count, categories, results, done);
        }
    }

    @Override
    void classify(Mbuf[] packets, int at, int n, int categories, int[] results) {
        Burst burst = bursts.get();
        for (int done = 0; done < n; done += BURST) {
            int count = Math.min(BURST, n - done);
            begin(burst.matching, count, categories);
            for (int p = 0; p < pieces.length; p++) {
                read(packets, done, count, at, p, burst.values);
                agree(pieces[p], burst, count);
            }
            for (int i = 0; i < count; i++) {
                if (packets[done + i].dataLen() - keyLength < at) {
                    Arrays.fill(burst.matching, i * words, (i + 1) * words, 0);
                }
            }
            end(burst.matching, count, categories, results, done);
        }
    }

    /** Takes a piece out of packets, 0 out of short ones. */
    private void read(Mbuf[] packets, int done, int count, int at, int p, int[] values) {
        for (int i = 0; i < count; i++) {
            Mbuf packet = packets[done + i];
            values[i] = packet.dataLen() - keyLength < at ? 0
                    : pieces[p].bits() == Byte.SIZE ? field1(packet, at + offsets[p]) : field2(packet, at + offsets[p]);
        }
    }

    private void begin(long[] matching, int count, int categories) {
        for (int w = 0; w < words; w++) {
            long bits = categories == 1 ? bitmaps.ofFirstCategory(w) : bitmaps.ofRules(w);
            for (int i = 0; i < count; i++) {
                matching[i * words + w] = bits;
            }
        }
    }

    private void agree(Piece piece, Burst burst, int count) {
        int[] values = burst.values;
        int from = piece.classesAt();
        if (piece.narrow()) {
            byte[] classes = bitmaps.narrow;
            for (int i = 0; i < count; i++) {
                values[i] = piece.rowsAt() + (classes[from + values[i]] & 0xff) * words;
            }
        } else {
            char[] classes = bitmaps.wide;
            for (int i = 0; i < count; i++) {
                values[i] = piece.rowsAt() + classes[from + values[i]] * words;
            }
        }
        long[] matching = burst.matching;
        long[] rows = bitmaps.rows;
        if (words == 2) {
            for (int i = 0; i < count; i++) {
                matching[2 * i] &= rows[values[i]];
                matching[2 * i + 1] &= rows[values[i] + 1];
            }
            return;
        }
        int w = 0;
        for (; w + 1 < words; w += 2) {
            for (int i = 0; i < count; i++) {
                matching[i * words + w] &= rows[values[i] + w];
                matching[i * words + w + 1] &= rows[values[i] + w + 1];
            }
        }
        if (w < words) {
            for (int i = 0; i < count; i++) {
                matching[i * words + w] &= rows[values[i] + w];
            }
        }
    }

    private void end(long[] matching, int count, int categories, int[] results, int done) {
        if (categories > 1) {
            for (int i = 0; i < count; i++) {
                each(matching, i * words, words, bitmaps.set.categories, userdata, categories, results, (done + i) * categories);
            }
            return;
        }
        for (int i = 0; i < count; i++) {
            int first = 0;
            for (int w = words - 1; w >= 0; w--) {
                first = firstOf(matching[i * words + w], first);
            }
            results[done + i] = userdata[first];
        }
    }
}
