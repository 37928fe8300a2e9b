package dev.penstock.acl;

import dev.penstock.acl.Bitmaps.Piece;
import dev.penstock.mbuf.Mbuf;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
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
 *
 * <p>With more rules the Vector API finds out which words are not 0, four at once, and the first of those is looked at.
 */
final class BitmapWriter {
    private static final ClassDesc SELF = CompiledBitmaps.class.describeConstable().orElseThrow();
    private static final ClassDesc CLASSIFIER = Classifier.class.describeConstable().orElseThrow();
    private static final ClassDesc MBUF = Mbuf.class.describeConstable().orElseThrow();
    private static final ClassDesc BYTES = ConstantDescs.CD_byte.arrayType();
    private static final ClassDesc CHARS = ConstantDescs.CD_char.arrayType();
    private static final ClassDesc LONGS = ConstantDescs.CD_long.arrayType();
    private static final ClassDesc VECTOR = ClassDesc.of("dev.penstock.acl.AclVector");
    private static final ClassDesc LONG_VECTOR = ClassDesc.of("jdk.incubator.vector.LongVector");
    private static final Set<String> WRITTEN = Set.of("first", "all");

    private final Bitmaps bitmaps;
    private final AclField[] fields;
    private final HiddenClass written;

    private BitmapWriter(Bitmaps bitmaps, int keyLength) {
        this.bitmaps = bitmaps;
        fields = bitmaps.set.fields;
        written = new HiddenClass(CompiledBitmaps.class, WRITTEN, keyLength, bitmaps.words, bitmaps.userdata(),
                bitmaps.set.categories);
        for (ClassDesc source : List.of(BYTES, MBUF)) {
            written.method("first", MethodTypeDesc.of(ConstantDescs.CD_int, source, ConstantDescs.CD_int), code -> first(code, source));
            written.method("all", MethodTypeDesc.of(ConstantDescs.CD_void, source, ConstantDescs.CD_int, LONGS), code -> all(code, source));
        }
        for (int w = 0; w < bitmaps.words; w++) {
            int word = w;
            written.method("word" + w, rowsType(ConstantDescs.CD_long, 0), code -> word(code, word));
        }
        if (isMany()) {
            written.method("some", rowsType(ConstantDescs.CD_int, 1), this::some);
            written.method("wordAt", rowsType(ConstantDescs.CD_long, 1), this::wordAt);
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

    /** A method's type: the pieces' rows, then perhaps a word's number. */
    private MethodTypeDesc rowsType(ClassDesc result, int more) {
        return MethodTypeDesc.of(result, Collections.nCopies(bitmaps.pieces.size() + more, ConstantDescs.CD_int));
    }

    /** Whether words are looked at four at once. */
    private boolean isMany() {
        return bitmaps.words > Bitmaps.FEW_WORDS && Blocks.VECTOR;
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

    private CodeBuilder rows(CodeBuilder code, int classes) {
        for (int p = 0; p < bitmaps.pieces.size(); p++) {
            code.iload(classes + p);
        }
        return code;
    }

    private CodeBuilder word(CodeBuilder code, int classes, int word) {
        return rows(code, classes).invokestatic(SELF, "word" + word, rowsType(ConstantDescs.CD_long, 0));
    }

    private void first(CodeBuilder code, ClassDesc source) {
        int classes = classes(code, source, 2);
        int free = classes + bitmaps.pieces.size();
        if (isMany()) {
            firstOfMany(code, classes, free, free + 1);
            return;
        }
        code.iconst_0();
        for (int w = bitmaps.words - 1; w >= 0; w--) {
            code.istore(free);
            word(code, classes, w);
            if (bitmaps.firstCategoryAt() >= 0) {
                code.loadConstant(bitmaps.ofFirstCategory(w)).land();
            }
            code.iload(free).invokestatic(CLASSIFIER, "firstOf", MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_long, ConstantDescs.CD_int));
        }
        code.ireturn();
    }

    /** In a loop over four words each: written one behind the other they were more than the JIT inlines. */
    private void firstOfMany(CodeBuilder code, int classes, int some, int number) {
        Label next = code.newLabel();
        code.iconst_0().istore(some).iconst_0().istore(number).labelBinding(next).iload(some);
        rows(code, classes).iload(number).invokestatic(SELF, "some", rowsType(ConstantDescs.CD_int, 1)).iload(number).ishl().ior().istore(some);
        code.iinc(number, Bitmaps.FEW_WORDS).iload(number).loadConstant(bitmaps.words).if_icmplt(next);
        code.iload(some).invokestatic(CLASSIFIER, "wordOf", MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_int)).istore(number);
        rows(code, classes).iload(number).invokestatic(SELF, "wordAt", rowsType(ConstantDescs.CD_long, 1));
        code.iload(number).iload(some).loadConstant(bitmaps.words * Long.SIZE).invokestatic(CLASSIFIER, "bitOf",
                MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_long, ConstantDescs.CD_int, ConstantDescs.CD_int, ConstantDescs.CD_int));
        code.ireturn();
    }

    private void all(CodeBuilder code, ClassDesc source) {
        int classes = classes(code, source, 3);
        for (int w = 0; w < bitmaps.words; w++) {
            word(code.aload(2).loadConstant(w), classes, w).lastore();
        }
        code.return_();
    }

    private void word(CodeBuilder code, int word) {
        code.loadConstant(bitmaps.ofRules(word));
        for (int p = 0; p < bitmaps.pieces.size(); p++) {
            place(code, p).loadConstant(word).iadd().laload().land();
        }
        code.lreturn();
    }

    /** Leaves the rows and where a piece's begins. */
    private CodeBuilder place(CodeBuilder code, int piece) {
        written.constant(code, LONGS, bitmaps.rows);
        return code.iload(piece).loadConstant(bitmaps.pieces.get(piece).rowsAt()).iadd();
    }

    private void some(CodeBuilder code) {
        int number = bitmaps.pieces.size();
        code.loadConstant(-1L).invokestatic(VECTOR, "all", MethodTypeDesc.of(LONG_VECTOR, ConstantDescs.CD_long));
        MethodTypeDesc and = MethodTypeDesc.of(LONG_VECTOR, LONG_VECTOR, LONGS, ConstantDescs.CD_int);
        for (int p = 0; p < number; p++) {
            place(code, p).iload(number).iadd().invokestatic(VECTOR, "and", and);
        }
        if (bitmaps.firstCategoryAt() >= 0) {
            written.constant(code, LONGS, bitmaps.rows);
            code.loadConstant(bitmaps.firstCategoryAt()).iload(number).iadd().invokestatic(VECTOR, "and", and);
        }
        code.invokestatic(VECTOR, "some", MethodTypeDesc.of(ConstantDescs.CD_int, LONG_VECTOR)).ireturn();
    }

    private void wordAt(CodeBuilder code) {
        int number = bitmaps.pieces.size();
        code.loadConstant(-1L);
        for (int p = 0; p < number; p++) {
            place(code, p).iload(number).iadd().laload().land();
        }
        if (bitmaps.firstCategoryAt() >= 0) {
            written.constant(code, LONGS, bitmaps.rows);
            code.loadConstant(bitmaps.firstCategoryAt()).iload(number).iadd().laload().land();
        }
        code.lreturn();
    }
}
