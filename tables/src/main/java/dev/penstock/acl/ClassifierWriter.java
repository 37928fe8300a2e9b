package dev.penstock.acl;

import dev.penstock.mbuf.Mbuf;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Writes a {@link Classifier} for one rule set: a hidden class in which fields lie in a few local variables, what is asked of
 * which field is code, and the tables are constants of the JIT. Its loops are those of {@link Compiled}; what stands in
 * place of the methods that throw there, for an ACL of fields a and b:
 *
 * <pre>{@code
 * static void pack(byte[] keys, int at, long[] words, int to) { words[to] = field4(keys, at) | field2(keys, at + 4) << 32; }
 * static long mixed(long[] masks, long[] words, int at) { return (words[at] & masks[0]) * 0x9e37...L; }
 * static long apart(int position, long[] words, int at) { ... }   // from the rule in a bucket, without a branch
 * static long differs(int rank, long[] words, int at) { ... }     // from the rule of a rank
 * static int matching(int block, long[] words, int at) { return within(RULES, block * 32, (int) words[at]) & ... }
 * }</pre>
 *
 * <p>With the Vector API a leaf is {@link Blocks}: a packet is compared with sixteen rules at once. The scalar twin looks
 * at a leaf's rules one after the other.
 *
 * <p>The methods are small whatever the number of rules is; only more fields make them longer.
 */
final class ClassifierWriter {
    private static final ClassDesc SELF = Compiled.class.describeConstable().orElseThrow();
    private static final ClassDesc CLASSIFIER = Classifier.class.describeConstable().orElseThrow();
    private static final ClassDesc MBUF = Mbuf.class.describeConstable().orElseThrow();
    private static final ClassDesc INTS = ConstantDescs.CD_int.arrayType();
    private static final ClassDesc LONGS = ConstantDescs.CD_long.arrayType();
    private static final ClassDesc BYTES = ConstantDescs.CD_byte.arrayType();
    private static final ClassDesc VECTOR = ClassDesc.of("dev.penstock.acl.AclVector");
    /** Steps that all packets take, those too that have come to a leaf, at most. */
    private static final int MAX_STEPS = 8;
    private static final Set<String> WRITTEN = Set.of("pack", "mixed", "apart", "differs", "matching");

    /** What the Vector API compares at once; null where the rules of a leaf are looked at one after the other. */
    private final Blocks blocks;
    private final RuleSet set;
    private final AclField[] fields;
    private final Packing packing;
    /** The words that fields are packed in: the first parameters of most methods, two local variables each. */
    private final int words;
    /** The first local variable behind them. */
    private final int free;
    /** Where a field's words lie within a rule's, in the array of its width. */
    private final int[] places;
    private final int narrowStride;
    private final int wideStride;
    private final int[] bucketNarrow;
    private final long[] bucketWide;
    /** Where the Vector API is not used, what all rules say. */
    private final int[] allNarrow;
    private final long[] allWide;
    private final HiddenClass written;

    private ClassifierWriter(Forest forest, int keyLength, boolean vector) {
        blocks = vector ? new Blocks(forest) : null;
        set = forest.set;
        fields = set.fields;
        places = new int[fields.length];
        int narrow = 0;
        int wide = 0;
        for (int f = 0; f < fields.length; f++) {
            places[f] = wide(f) ? wide : narrow;
            wide += wide(f) ? 2 : 0;
            narrow += wide(f) ? 0 : small(f) ? 1 : 2;
        }
        packing = new Packing(fields);
        words = packing.words();
        free = 2 * words;
        narrowStride = narrow + 1;
        wideStride = wide;
        int[] all = vector || forest.trees.length == 0 ? new int[0] : IntStream.range(0, set.size).toArray();
        allNarrow = narrowWords(all);
        allWide = wideWords(all);
        int[] ranks = Arrays.stream(forest.buckets).flatMapToInt(buckets -> Arrays.stream(buckets.ranks)).toArray();
        bucketWide = wideWords(ranks);
        Tree[] trees = Arrays.stream(vector ? blocks.trees : forest.trees).map(this::packed).toArray(Tree[]::new);
        bucketNarrow = narrowWords(ranks);
        written = new HiddenClass(Compiled.class, WRITTEN, forest.buckets, bucketNarrow, narrowStride, ranks, set.categories, keyLength, words,
                trees, forest.bestRank, Arrays.stream(forest.depth).map(depth -> Math.min(MAX_STEPS, depth)).toArray(), vector,
                vector ? blocks.ranks : new int[0], vector && someWithoutFirstCategory() ? blocks.firstCategory : new int[0], set.userdata);
        addMethods();
    }

    /**
     * Makes a class.
     *
     * @param forest the rules
     * @param keyLength bytes that a packet must have
     * @param vector whether it compares the rules of a leaf at once, by the Vector API
     * @return it
     */
    static HiddenClass write(Forest forest, int keyLength, boolean vector) {
        return new ClassifierWriter(forest, keyLength, vector).written;
    }

    private boolean wide(int field) {
        return fields[field].size() == Long.BYTES;
    }

    /** Whether what a rule says of a field is one word, its second part in the upper half. */
    private boolean small(int field) {
        return Blocks.isSmall(fields[field].size());
    }

    private void addMethods() {
        for (ClassDesc source : List.of(BYTES, MBUF)) {
            written.method("pack", MethodTypeDesc.of(ConstantDescs.CD_void, source, ConstantDescs.CD_int, LONGS, ConstantDescs.CD_int),
                    code -> pack(code, source));
        }
        written.method("mixed", MethodTypeDesc.of(ConstantDescs.CD_long, LONGS, LONGS, ConstantDescs.CD_int), this::mixed);
        ofWords("apart", ConstantDescs.CD_long, code -> differs(code, bucketNarrow, bucketWide));
        ofWords("differs", ConstantDescs.CD_long, code -> differs(code, allNarrow, allWide));
        ofWords("matching", ConstantDescs.CD_int, this::matching);
    }

    /** Adds a method that takes words, and one that takes them from an array. */
    private void ofWords(String name, ClassDesc result, Consumer<CodeBuilder> body) {
        written.method(name, type(result, ConstantDescs.CD_int), body);
        written.method(name, MethodTypeDesc.of(result, ConstantDescs.CD_int, LONGS, ConstantDescs.CD_int), code ->
                unpacked(code, 1).iload(0).invokestatic(SELF, name, type(result, ConstantDescs.CD_int)).return_(TypeKind.from(result)));
    }

    /** What rules say of the fields of up to four bytes, and their ranks, those that are not of category 0 being none. */
    private int[] narrowWords(int[] marked) {
        int[] narrow = new int[Math.multiplyExact(marked.length, narrowStride)];
        for (int i = 0; i < marked.length; i++) {
            int rank = marked[i] & ~Buckets.LAST;
            int last = i * narrowStride + narrowStride - 1;
            narrow[last] = marked[i];
            if (rank == Classifier.NONE) {
                continue;
            }
            if ((set.categories[rank] & 1) == 0) {
                narrow[last] |= Classifier.NONE;
            }
            for (int f = 0; f < fields.length; f++) {
                int first = (int) set.first[rank * fields.length + f];
                int second = (int) set.second[rank * fields.length + f];
                int at = i * narrowStride + places[f];
                if (small(f)) {
                    narrow[at] = first | second << Short.SIZE;
                } else if (!wide(f)) {
                    narrow[at] = first;
                    narrow[at + 1] = second;
                }
            }
        }
        return narrow;
    }

    private long[] wideWords(int[] marked) {
        long[] wide = new long[Math.multiplyExact(marked.length, wideStride)];
        for (int i = 0; i < marked.length; i++) {
            int rank = marked[i] & ~Buckets.LAST;
            for (int f = 0; f < fields.length; f++) {
                if (wide(f) && rank != Classifier.NONE) {
                    wide[i * wideStride + places[f]] = set.first[rank * fields.length + f];
                    wide[i * wideStride + places[f] + 1] = set.second[rank * fields.length + f];
                }
            }
        }
        return wide;
    }

    /** A method's type: the words, then the others. */
    private MethodTypeDesc type(ClassDesc result, ClassDesc... more) {
        List<ClassDesc> parameters = new ArrayList<>(Collections.nCopies(words, ConstantDescs.CD_long));
        parameters.addAll(List.of(more));
        return MethodTypeDesc.of(result, parameters);
    }

    private ClassDesc valueType(int field) {
        return wide(field) ? ConstantDescs.CD_long : ConstantDescs.CD_int;
    }

    /** Leaves a field's value, taken out of its word. */
    private void load(CodeBuilder code, int field) {
        code.lload(2 * packing.word(field));
        if (packing.shift(field) != 0) {
            code.loadConstant(packing.shift(field)).lushr();
        }
        if (!wide(field)) {
            code.l2i();
        }
        if (small(field)) {
            code.loadConstant((int) fields[field].max()).iand();
        }
    }

    /** Leaves the words that lie in an array from a place on, which are a method's parameters. */
    private CodeBuilder unpacked(CodeBuilder code, int parameter) {
        for (int w = 0; w < words; w++) {
            code.aload(parameter).iload(parameter + 1).loadConstant(w).iadd().laload();
        }
        return code;
    }

    /** Stores the words that a packet's fields lie in. */
    private void pack(CodeBuilder code, ClassDesc source) {
        for (int w = 0; w < words; w++) {
            code.aload(2).iload(3).loadConstant(w).iadd().lconst_0();
            for (int f = 0; f < fields.length; f++) {
                if (packing.word(f) == w) {
                    code.aload(0).iload(1).loadConstant(fields[f].offset()).iadd().invokestatic(CLASSIFIER, "field" + fields[f].size(),
                            MethodTypeDesc.of(valueType(f), source, ConstantDescs.CD_int));
                    if (!wide(f)) {
                        code.i2l().loadConstant(0xffff_ffffL).land();
                    }
                    code.loadConstant(packing.shift(f)).lshl().lor();
                }
            }
            code.lastore();
        }
        code.return_();
    }

    private void mixed(CodeBuilder code) {
        code.lconst_0();
        for (int w = 0; w < words; w++) {
            code.aload(1).iload(2).loadConstant(w).iadd().laload().aload(0).loadConstant(w).laload().land()
                    .loadConstant(Buckets.factor(w)).lmul().ladd();
        }
        code.lreturn();
    }

    /** A tree whose nodes take their bits from packed words, as many as a power of two: a mask makes any number an index. */
    private Tree packed(Tree tree) {
        long[] nodes = packing.nodes(tree.nodes);
        return new Tree(packing.node(tree.root), Arrays.copyOf(nodes, Integer.highestOneBit(Math.max(1, nodes.length) * 2 - 1)), tree.leaves);
    }

    /** What differs from a rule in some place of these arrays. */
    private void differs(CodeBuilder code, Object narrow, long[] wide) {
        differing(code, narrow, wide);
        code.lreturn();
    }

    /** Leaves a long, without a branch; its sign bit says that some field is not what the rule says. */
    private void differing(CodeBuilder code, Object narrow, long[] wide) {
        int rule = free;
        int narrowBase = free + 1;
        int wideBase = free + 2;
        code.iload(rule).loadConstant(narrowStride).imul().istore(narrowBase);
        code.iload(rule).loadConstant(wideStride).imul().istore(wideBase);
        code.lconst_0();
        for (int f = 0; f < fields.length; f++) {
            if (matters(f)) {
                if (wide(f)) {
                    word(code, LONGS, wide, wideBase, places[f]).laload();
                    word(code, LONGS, wide, wideBase, places[f] + 1).laload();
                } else if (small(f)) {
                    word(code, INTS, narrow, narrowBase, places[f]).iaload().loadConstant((1 << Short.SIZE) - 1).iand();
                    word(code, INTS, narrow, narrowBase, places[f]).iaload().loadConstant(Short.SIZE).iushr();
                } else {
                    word(code, INTS, narrow, narrowBase, places[f]).iaload();
                    word(code, INTS, narrow, narrowBase, places[f] + 1).iaload();
                }
                load(code, f);
                code.invokestatic(CLASSIFIER, fields[f].type() == AclFieldType.BITMASK ? "maskedApart" : "rangeApart",
                        MethodTypeDesc.of(ConstantDescs.CD_long, valueType(f), valueType(f), valueType(f))).lor();
            }
        }
    }

    private CodeBuilder word(CodeBuilder code, ClassDesc type, Object array, int base, int place) {
        written.constant(code, type, array);
        return code.iload(base).loadConstant(place).iadd();
    }

    /** Whether any rule says anything about a field. */
    private boolean matters(int field) {
        long nothing = fields[field].type() == AclFieldType.BITMASK ? 0 : fields[field].max();
        for (int at = field; at < set.second.length; at += fields.length) {
            if (set.second[at] != nothing) {
                return true;
            }
        }
        return false;
    }

    /** Leaves the bits of a block's rules that match; of no use without blocks. */
    private void matching(CodeBuilder code) {
        if (blocks == null) {
            code.iconst_0().ireturn();
            return;
        }
        int block = free;
        code.loadConstant((1 << Blocks.SIZE) - 1);
        for (int f = 0; f < fields.length; f++) {
            if (matters(f)) {
                written.constant(code, wide(f) ? LONGS : INTS, wide(f) ? blocks.wide : blocks.narrow);
                code.iload(block).loadConstant(wide(f) ? blocks.wideStride : blocks.narrowStride).imul().loadConstant(blocks.places[f]).iadd();
                load(code, f);
                code.invokestatic(VECTOR, (fields[f].type() == AclFieldType.BITMASK ? "masked" : "within") + (small(f) ? "Small" : ""),
                        MethodTypeDesc.of(ConstantDescs.CD_int, wide(f) ? LONGS : INTS, ConstantDescs.CD_int, valueType(f))).iand();
            }
        }
        code.ireturn();
    }

    private boolean someWithoutFirstCategory() {
        for (int categories : set.categories) {
            if ((categories & 1) == 0) {
                return true;
            }
        }
        return false;
    }
}
