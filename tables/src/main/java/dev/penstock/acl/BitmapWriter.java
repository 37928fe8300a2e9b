package dev.penstock.acl;

import dev.penstock.acl.Bitmaps.Piece;
import dev.penstock.mbuf.Mbuf;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Writes a {@link Classifier} for few rules from their {@link Bitmaps}. What it puts in place of the methods of
 * {@link CompiledBitmaps} that throw, for fields a of two bytes and b of four, and up to 128 rules:
 *
 * <pre>{@code
 * static int first(byte[] keys, int at) {
 *     int a = field2(keys, at), b = field4(keys, at + 2);
 *     int c0 = (NARROW[a] & 0xff) * 2, c1 = (NARROW[65536 + (b >>> 16)] & 0xff) * 2, c2 = ...;
 *     return firstOf(word0(c0, c1, c2), firstOf(word1(c0, c1, c2), 0));
 * }
 * static long word0(int c0, int c1, int c2) { return ROWS[c0] & ROWS[512 + c1] & ROWS[1024 + c2]; }
 * }</pre>
 */
final class BitmapWriter {
    private static final ClassDesc SELF = CompiledBitmaps.class.describeConstable().orElseThrow();
    private static final ClassDesc CLASSIFIER = Classifier.class.describeConstable().orElseThrow();
    private static final ClassDesc MBUF = Mbuf.class.describeConstable().orElseThrow();
    private static final ClassDesc BYTES = ConstantDescs.CD_byte.arrayType();
    private static final ClassDesc CHARS = ConstantDescs.CD_char.arrayType();
    private static final ClassDesc LONGS = ConstantDescs.CD_long.arrayType();
    private static final Set<String> WRITTEN = Set.of("first", "all");

    private final Bitmaps bitmaps;
    private final AclField[] fields;
    private final long[] categories;
    private final HiddenClass written;

    private BitmapWriter(Bitmaps bitmaps, int keyLength) {
        this.bitmaps = bitmaps;
        fields = bitmaps.set.fields;
        categories = bitmaps.categories();
        int[] userdata = Arrays.copyOf(bitmaps.set.userdata, bitmaps.words * Long.SIZE + 1);
        written = new HiddenClass(CompiledBitmaps.class, WRITTEN, keyLength, bitmaps.words, userdata, categories);
        for (ClassDesc source : List.of(BYTES, MBUF)) {
            written.method("first", MethodTypeDesc.of(ConstantDescs.CD_int, source, ConstantDescs.CD_int), code -> first(code, source));
            written.method("all", MethodTypeDesc.of(ConstantDescs.CD_void, source, ConstantDescs.CD_int, LONGS), code -> all(code, source));
        }
        for (int w = 0; w < bitmaps.words; w++) {
            int word = w;
            written.method("word" + w, wordType(), code -> word(code, word));
        }
    }

    /**
     * Makes a class.
     *
     * @param bitmaps the rules
     * @param keyLength bytes that a packet must have
     * @return it
     */
    static HiddenClass write(Bitmaps bitmaps, int keyLength) {
        return new BitmapWriter(bitmaps, keyLength).written;
    }

    private MethodTypeDesc wordType() {
        return MethodTypeDesc.of(ConstantDescs.CD_long, Collections.nCopies(bitmaps.pieces.size(), ConstantDescs.CD_int));
    }

    private boolean isLong(int field) {
        return fields[field].size() == Long.BYTES;
    }

    /** Stores each field's value in a local variable, then each piece's row; where the rows' variables begin. */
    private int classes(CodeBuilder code, ClassDesc source, int free) {
        int[] locals = new int[fields.length];
        int next = free;
        for (int f = 0; f < fields.length; f++) {
            int field = f;
            if (bitmaps.pieces.stream().anyMatch(piece -> piece.field() == field)) {
                ClassDesc type = isLong(f) ? ConstantDescs.CD_long : ConstantDescs.CD_int;
                code.aload(0).iload(1).loadConstant(fields[f].offset()).iadd().invokestatic(CLASSIFIER, "field" + fields[f].size(),
                        MethodTypeDesc.of(type, source, ConstantDescs.CD_int));
                code.storeLocal(TypeKind.from(type), next);
                locals[f] = next;
                next += isLong(f) ? 2 : 1;
            }
        }
        int first = next;
        for (Piece piece : bitmaps.pieces) {
            written.constant(code, piece.narrow() ? BYTES : CHARS, piece.narrow() ? bitmaps.narrow : bitmaps.wide);
            if (isLong(piece.field())) {
                code.lload(locals[piece.field()]).loadConstant(piece.shift()).lushr().l2i();
            } else {
                code.iload(locals[piece.field()]).loadConstant(piece.shift()).iushr();
            }
            code.loadConstant((int) piece.mask()).iand().loadConstant(piece.classesAt()).iadd();
            if (piece.narrow()) {
                code.baload();
            } else {
                code.caload();
            }
            code.loadConstant(piece.rows() - 1).iand().loadConstant(bitmaps.words).imul().istore(next++);
        }
        return first;
    }

    private CodeBuilder word(CodeBuilder code, int first, int word) {
        for (int p = 0; p < bitmaps.pieces.size(); p++) {
            code.iload(first + p);
        }
        return code.invokestatic(SELF, "word" + word, wordType());
    }

    private void first(CodeBuilder code, ClassDesc source) {
        int classes = classes(code, source, 2);
        int later = classes + bitmaps.pieces.size();
        code.iconst_0();
        for (int w = bitmaps.words - 1; w >= 0; w--) {
            code.istore(later);
            word(code, classes, w);
            if (categories[w] != ofRules(w)) {
                code.loadConstant(categories[w]).land();
            }
            code.iload(later).invokestatic(CLASSIFIER, "firstOf", MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_long, ConstantDescs.CD_int));
        }
        code.ireturn();
    }

    /** The bits of a word that rules have. */
    private long ofRules(int word) {
        int rules = bitmaps.set.size - word * Long.SIZE;
        return rules >= Long.SIZE ? -1 : (1L << rules) - 1;
    }

    private void all(CodeBuilder code, ClassDesc source) {
        int classes = classes(code, source, 3);
        for (int w = 0; w < bitmaps.words; w++) {
            word(code.aload(2).loadConstant(w), classes, w).lastore();
        }
        code.return_();
    }

    private void word(CodeBuilder code, int word) {
        code.loadConstant(ofRules(word));
        for (int p = 0; p < bitmaps.pieces.size(); p++) {
            written.constant(code, LONGS, bitmaps.rows);
            code.iload(p).loadConstant(bitmaps.pieces.get(p).rowsAt() + word).iadd().laload();
            code.land();
        }
        code.lreturn();
    }
}
