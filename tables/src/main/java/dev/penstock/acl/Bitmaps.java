package dev.penstock.acl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Few rules as bits, those of Lakshman and Stiliadis: a field is cut into pieces of at most 16 bits; a table says of each value
 * of a piece in which class it is, and a row of bits which rules values of that class agree with. What agrees in all pieces
 * matches, and the lowest bit is the rule that wins. No branch, no load that waits for more than one other, and the same for all
 * packets; but each 64 rules are a word more in each row.
 */
final class Bitmaps {
    /** Most rules, and most pieces: methods that are written for them stay small, and tables in the caches. */
    static final int MAX_RULES = Blocks.VECTOR ? 1024 : 256;
    static final int MAX_PIECES = 32;
    /** So many words are looked at one after the other; more are a multiple of it, to be looked at so many at once. */
    static final int FEW_WORDS = 4;
    /** Most words that are looked at for a packet: more than a tree costs. */
    private static final int MAX_WORDS = 128;
    private static final int PIECE = Short.SIZE;
    /** Classes that a byte can number. */
    private static final int BYTE_CLASSES = 1 << Byte.SIZE;

    /**
     * Some bits of a field.
     *
     * @param field whose
     * @param shift by how much they are above the field's lowest bit
     * @param bits how many they are
     * @param narrow whether their classes are numbered by bytes
     * @param classesAt where their classes are, by value
     * @param rowsAt where the rows of bits are, by class
     * @param rows as many rows as a power of two
     */
    record Piece(int field, int shift, int bits, boolean narrow, int classesAt, int rowsAt, int rows) {
        long mask() {
            return (1L << bits) - 1;
        }
    }

    final RuleSet set;
    /** Words of a row. */
    final int words;
    final List<Piece> pieces = new ArrayList<>();
    /** Classes of pieces that have few of them, and of the others. */
    byte[] narrow = new byte[0];
    char[] wide = new char[0];
    long[] rows = new long[0];
    /** Where in the rows that of the first category is; -1 when all rules count in it. */
    private int firstCategoryAt = -1;

    private Bitmaps(RuleSet set) {
        this.set = set;
        int least = (set.size + Long.SIZE - 1) / Long.SIZE;
        words = least <= FEW_WORDS ? least : (least + FEW_WORDS - 1) / FEW_WORDS * FEW_WORDS;
        for (int f = 0; f < set.fields.length; f++) {
            int bits = set.fields[f].bits();
            int step = Math.min(bits, set.fields[f].type() == AclFieldType.BITMASK ? Byte.SIZE : PIECE);
            for (int shift = bits - step; shift >= 0; shift -= step) {
                if (matters(f, shift, step)) {
                    add(f, shift, step);
                }
            }
        }
        for (int w = 0; w < words; w++) {
            if (ofFirstCategory(w) != ofRules(w)) {
                addFirstCategory();
                break;
            }
        }
    }

    private void addFirstCategory() {
        firstCategoryAt = rows.length;
        rows = Arrays.copyOf(rows, rows.length + words);
        for (int w = 0; w < words; w++) {
            rows[firstCategoryAt + w] = ofFirstCategory(w);
        }
    }

    int firstCategoryAt() {
        return firstCategoryAt;
    }

    /**
     * Makes those of a rule set.
     *
     * @param set the rules
     * @return them; null when there are too many rules or pieces, or some rule's range is not that of its pieces
     */
    static Bitmaps of(RuleSet set) {
        if (set.size > MAX_RULES || Arrays.stream(set.fields).mapToInt(AclField::bits).sum() > MAX_PIECES * Byte.SIZE) {
            return null;
        }
        for (int rank = 0; rank < set.size; rank++) {
            for (int f = 0; f < set.fields.length; f++) {
                if (set.fields[f].type() != AclFieldType.BITMASK && !isProduct(set, rank, f)) {
                    return null;
                }
            }
        }
        Bitmaps bitmaps = new Bitmaps(set);
        return bitmaps.pieces.size() * bitmaps.words > MAX_WORDS ? null : bitmaps;
    }

    /** Whether a rule's range of a field is all that its pieces' ranges have: below a piece that is open all are open. */
    private static boolean isProduct(RuleSet set, int rank, int field) {
        long differs = lo(set, rank, field) ^ hi(set, rank, field);
        if (differs == 0) {
            return true;
        }
        int below = (Long.SIZE - 1 - Long.numberOfLeadingZeros(differs)) / PIECE * PIECE;
        long low = (1L << below) - 1;
        return (lo(set, rank, field) & low) == 0 && (hi(set, rank, field) & low) == low;
    }

    private static long lo(RuleSet set, int rank, int field) {
        return set.lo[rank * set.fields.length + field];
    }

    private static long hi(RuleSet set, int rank, int field) {
        return set.hi[rank * set.fields.length + field];
    }

    private boolean isMasked(int field) {
        return set.fields[field].type() == AclFieldType.BITMASK;
    }

    /** Whether any rule says anything about some bits. */
    private boolean matters(int field, int shift, int bits) {
        long mask = (1L << bits) - 1;
        for (int rank = 0; rank < set.size; rank++) {
            int at = rank * set.fields.length + field;
            if (isMasked(field) ? (set.second[at] >>> shift & mask) != 0
                    : (set.lo[at] >>> shift & mask) != 0 || (set.hi[at] >>> shift & mask) != mask) {
                return true;
            }
        }
        return false;
    }

    private boolean agrees(int rank, int field, int shift, long mask, long value) {
        int at = rank * set.fields.length + field;
        return isMasked(field) ? ((set.first[at] >>> shift ^ value) & set.second[at] >>> shift & mask) == 0
                : value >= (set.lo[at] >>> shift & mask) && value <= (set.hi[at] >>> shift & mask);
    }

    private void add(int field, int shift, int bits) {
        int mask = (1 << bits) - 1;
        Map<BitSet, Integer> known = new HashMap<>();
        List<BitSet> found = new ArrayList<>();
        char[] classes = new char[mask + 1];
        List<Integer> starts = new ArrayList<>(starts(field, shift, mask));
        for (int i = 0; i < starts.size(); i++) {
            BitSet agreeing = new BitSet();
            for (int rank = 0; rank < set.size; rank++) {
                agreeing.set(rank, agrees(rank, field, shift, mask, starts.get(i)));
            }
            Integer number = known.putIfAbsent(agreeing, found.size());
            if (number == null) {
                number = found.size();
                found.add(agreeing);
            }
            Arrays.fill(classes, starts.get(i), i + 1 < starts.size() ? starts.get(i + 1) : mask + 1, (char) (int) number);
        }
        boolean few = found.size() <= BYTE_CLASSES;
        int count = few ? BYTE_CLASSES : Integer.highestOneBit(found.size() * 2 - 1);
        pieces.add(new Piece(field, shift, bits, few, few ? narrow.length : wide.length, rows.length, count));
        if (few) {
            int at = narrow.length;
            narrow = Arrays.copyOf(narrow, at + classes.length);
            for (int i = 0; i < classes.length; i++) {
                narrow[at + i] = (byte) classes[i];
            }
        } else {
            wide = Arrays.copyOf(wide, wide.length + classes.length);
            System.arraycopy(classes, 0, wide, wide.length - classes.length, classes.length);
        }
        int at = rows.length;
        rows = Arrays.copyOf(rows, at + count * words);
        for (int i = 0; i < found.size(); i++) {
            long[] row = found.get(i).toLongArray();
            System.arraycopy(row, 0, rows, at + i * words, row.length);
        }
    }

    /** The values of a piece at which what agrees may change, ascending, from 0. */
    private TreeSet<Integer> starts(int field, int shift, int mask) {
        TreeSet<Integer> starts = new TreeSet<>(List.of(0));
        if (isMasked(field)) {
            for (int value = 1; value <= mask; value++) {
                starts.add(value);
            }
            return starts;
        }
        for (int rank = 0; rank < set.size; rank++) {
            starts.add((int) (lo(set, rank, field) >>> shift) & mask);
            int next = ((int) (hi(set, rank, field) >>> shift) & mask) + 1;
            if (next <= mask) {
                starts.add(next);
            }
        }
        return starts;
    }

    /** By rank, and behind all bits of the words {@link Acl#NO_MATCH}. */
    int[] userdata() {
        return Arrays.copyOf(set.userdata, words * Long.SIZE + 1);
    }

    /** Bits of a word's rules that count in the first category. */
    long ofFirstCategory(int word) {
        long bits = 0;
        for (int rank = word * Long.SIZE; rank < Math.min(set.size, (word + 1) * Long.SIZE); rank++) {
            bits |= (set.categories[rank] & 1L) << rank;
        }
        return bits;
    }

    /** Bits of a word's rules. */
    long ofRules(int word) {
        int rules = set.size - word * Long.SIZE;
        return rules <= 0 ? 0 : rules >= Long.SIZE ? -1 : (1L << rules) - 1;
    }

    /** Bytes that they take. */
    long bytes() {
        return narrow.length + (long) Character.BYTES * wide.length + (long) Long.BYTES * rows.length;
    }
}
