package dev.penstock.acl;

import dev.penstock.mbuf.Mbuf;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Writes a {@link Classifier} for one rule set: a hidden class in which fields lie in a few local variables, what is asked of
 * which field is code, and the tables are constants of the JIT. Its loops are those of {@link Compiled}; what stands in
 * place of the methods that throw there, for an ACL of fields a and b:
 *
 * <pre>{@code
 * static void pack(byte[] keys, int at, long[] words, int to) { words[to] = field4(keys, at) | field2(keys, at + 4) << 32; }
 * static long mixed(long[] masks, long[] words, int at) { return (words[at] & masks[0]) * 0x9e37...L; }
 * static long apart(int position, long[] words, int at) { ... }     // the rule in a bucket, without a branch
 * static int rest(long[] words, int at, int best) { return scan1(w, walk1(w), scan0(w, walk0(w), best)); }
 * static void trees(long[] words, int at, int wanted, int[] ranks, int out) { ... }
 * static long walk0(long w) { ... }                       // the leaf of tree 0
 * static int scan0(long w, long leaf, int best) { ... }   // its first rule that matches, else best
 * static boolean matches(long w, int rank) { ... }        // without a branch
 * }</pre>
 *
 * <p>With the Vector API a leaf is {@link Blocks}: a packet is compared with sixteen rules at once, and takes its first
 * steps without a branch, so that the processor has several packets under way. The scalar twin looks at a leaf's rules one
 * after the other.
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
    private static final DirectMethodHandleDesc DATA_AT = ConstantDescs.ofConstantBootstrap(
            MethodHandles.class.describeConstable().orElseThrow(), "classDataAt", ConstantDescs.CD_Object, ConstantDescs.CD_int);
    private static final int FLAGS = ClassFile.ACC_STATIC | ClassFile.ACC_FINAL;
    /** Steps of a walk without a branch, at most. */
    private static final int MAX_STEPS = 8;
    private static final Set<String> WRITTEN = Set.of("pack", "mixed", "apart", "rest", "trees");

    private final Forest forest;
    /** What the Vector API compares at once; null where the rules of a leaf are looked at one after the other. */
    private final Blocks blocks;
    private final Tree[] trees;
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
    private final long[][] nodes;
    private final long[] bucketWide;
    /** Where the Vector API is not used, what all rules say. */
    private final int[] allNarrow;
    private final long[] allWide;
    /** What the class gets: first what {@link Compiled} names by number, then what its methods need. */
    private final List<Object> constants = new ArrayList<>();

    private ClassifierWriter(Forest forest, int keyLength, boolean vector) {
        this.forest = forest;
        blocks = vector ? new Blocks(forest) : null;
        trees = vector ? blocks.trees : forest.trees;
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
        nodes = Arrays.stream(trees).map(this::nodes).toArray(long[][]::new);
        int[] all = vector || trees.length == 0 ? new int[0] : IntStream.range(0, set.size).toArray();
        allNarrow = narrowWords(all);
        allWide = wideWords(all);
        int[] ranks = Arrays.stream(forest.buckets).flatMapToInt(buckets -> Arrays.stream(buckets.ranks)).toArray();
        bucketWide = wideWords(ranks);
        constants.addAll(List.of(forest.buckets, narrowWords(ranks), narrowStride, ranks, set.categories, keyLength, words,
                trees.length == 0 ? Classifier.NONE : forest.bestRank[0]));
    }

    /**
     * Makes a class and an instance of it.
     *
     * @param forest the rules
     * @param keyLength bytes that a packet must have
     * @param vector whether it compares the rules of a leaf at once, by the Vector API
     * @return the instance
     * @throws AclBuildException when the JVM does not take the class
     */
    static Classifier write(Forest forest, int keyLength, boolean vector) {
        ClassifierWriter writer = new ClassifierWriter(forest, keyLength, vector);
        byte[] code = writer.bytes();
        try {
            return (Classifier) MethodHandles.lookup().defineHiddenClassWithClassData(code, List.copyOf(writer.constants), true)
                    .lookupClass().getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new AclBuildException("the class of an ACL of " + fieldNames(writer.fields) + " was not accepted: " + e, e);
        }
    }

    /** The class file alone. */
    static byte[] bytes(Forest forest, int keyLength, boolean vector) {
        return new ClassifierWriter(forest, keyLength, vector).bytes();
    }

    private static String fieldNames(AclField[] fields) {
        return List.of(fields).stream().map(AclField::name).toList().toString();
    }

    private boolean wide(int field) {
        return fields[field].size() == Long.BYTES;
    }

    /** Whether what a rule says of a field is one word, its second part in the upper half. */
    private boolean small(int field) {
        return fields[field].size() < Integer.BYTES;
    }

    private static byte[] template() {
        try (InputStream in = Compiled.class.getResourceAsStream("Compiled.class")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AclBuildException("the class that those of ACLs are made from cannot be read: " + e, e);
        }
    }

    private byte[] bytes() {
        return ClassFile.of().build(SELF, builder -> {
            ClassFile.of().parse(template()).forEach(element -> {
                if (!(element instanceof MethodModel method && WRITTEN.contains(method.methodName().stringValue()))) {
                    builder.with(element);
                }
            });
            for (ClassDesc source : List.of(BYTES, MBUF)) {
                builder.withMethodBody("pack", MethodTypeDesc.of(ConstantDescs.CD_void, source, ConstantDescs.CD_int, LONGS,
                        ConstantDescs.CD_int), FLAGS, code -> pack(code, source));
            }
            builder.withMethodBody("mixed", MethodTypeDesc.of(ConstantDescs.CD_long, LONGS, LONGS, ConstantDescs.CD_int), FLAGS, this::mixed);
            builder.withMethodBody("apart", MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_int, LONGS, ConstantDescs.CD_int), FLAGS,
                    code -> unpacked(code, 1).iload(0).invokestatic(SELF, "differs", type(ConstantDescs.CD_long, ConstantDescs.CD_int)).lreturn());
            builder.withMethodBody("differs", type(ConstantDescs.CD_long, ConstantDescs.CD_int), FLAGS,
                    code -> differs(code, constants.get(1), bucketWide));
            builder.withMethodBody("rest", MethodTypeDesc.of(ConstantDescs.CD_int, LONGS, ConstantDescs.CD_int, ConstantDescs.CD_int), FLAGS,
                    code -> unpacked(code, 0).iload(2).invokestatic(SELF, "best", bestType()).ireturn());
            builder.withMethodBody("best", bestType(), FLAGS, this::best);
            builder.withMethodBody("trees", MethodTypeDesc.of(ConstantDescs.CD_void, LONGS, ConstantDescs.CD_int, ConstantDescs.CD_int, INTS,
                    ConstantDescs.CD_int), FLAGS, code -> unpacked(code, 0).iload(2).aload(3).iload(4).invokestatic(SELF, "each", eachType())
                            .return_());
            builder.withMethodBody("each", eachType(), FLAGS, this::each);
            for (int t = 0; t < trees.length; t++) {
                int number = t;
                builder.withMethodBody("walk" + t, type(ConstantDescs.CD_long), FLAGS, code -> walk(code, number));
                builder.withMethodBody("scan" + t, scanType(), FLAGS, blocks == null ? code -> scan(code, number) : this::scanBlocks);
                builder.withMethodBody("all" + t, allType(), FLAGS, blocks == null ? code -> all(code, number) : this::allBlocks);
            }
            builder.withMethodBody("matches", matchesType(), FLAGS, blocks == null ? this::matches : this::matching);
        });
    }

    /** Leaves a constant of the class. */
    private void constant(CodeBuilder code, ClassDesc type, Object value) {
        int index = 0;
        while (index < constants.size() && constants.get(index) != value) {
            index++;
        }
        if (index == constants.size()) {
            constants.add(value);
        }
        code.loadConstant(DynamicConstantDesc.ofNamed(DATA_AT, "_", type, index));
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

    private MethodTypeDesc matchesType() {
        return type(ConstantDescs.CD_int, ConstantDescs.CD_int);
    }

    private MethodTypeDesc bestType() {
        return type(ConstantDescs.CD_int, ConstantDescs.CD_int);
    }

    private MethodTypeDesc eachType() {
        return type(ConstantDescs.CD_void, ConstantDescs.CD_int, INTS, ConstantDescs.CD_int);
    }

    private MethodTypeDesc scanType() {
        return type(ConstantDescs.CD_int, ConstantDescs.CD_long, ConstantDescs.CD_int);
    }

    private MethodTypeDesc allType() {
        return type(ConstantDescs.CD_void, ConstantDescs.CD_long, ConstantDescs.CD_int, INTS, ConstantDescs.CD_int);
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

    private CodeBuilder loadWords(CodeBuilder code) {
        for (int w = 0; w < words; w++) {
            code.lload(2 * w);
        }
        return code;
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

    /** The best rank of category 0 over all trees. */
    private void best(CodeBuilder code) {
        int best = free;
        Label done = code.newLabel();
        for (int t = 0; t < trees.length; t++) {
            if (t > 0) {
                code.iload(best).loadConstant(forest.bestRank[t]).if_icmplt(done);
            }
            loadWords(code);
            loadWords(code).invokestatic(SELF, "walk" + t, type(ConstantDescs.CD_long)).iload(best)
                    .invokestatic(SELF, "scan" + t, scanType()).istore(best);
        }
        code.labelBinding(done).iload(best).ireturn();
    }

    private void each(CodeBuilder code) {
        for (int t = 0; t < trees.length; t++) {
            loadWords(code);
            loadWords(code).invokestatic(SELF, "walk" + t, type(ConstantDescs.CD_long)).iload(free).aload(free + 1).iload(free + 2)
                    .invokestatic(SELF, "all" + t, allType());
        }
        code.return_();
    }

    /** A tree's words; a power of two, so that any number can be made an index by a mask. */
    private long[] nodes(Tree tree) {
        long[] nodes = packing.nodes(tree.nodes);
        return Arrays.copyOf(nodes, Integer.highestOneBit(Math.max(1, nodes.length) * 2 - 1));
    }

    /**
     * From the root to a leaf. All fields lie in a few words, of which a node's is taken without a branch. So are the
     * first steps, as many as most packets need, also by packets that have come to a leaf before: they stay there.
     */
    private void walk(CodeBuilder code, int number) {
        Tree tree = trees[number];
        int entry = free;
        Label loop = code.newLabel();
        Label leaf = code.newLabel();
        code.loadConstant(packing.node(tree.root)).lstore(entry);
        int steps = tree.root < 0 ? 0 : blocks == null ? 0 : Math.min(MAX_STEPS, forest.depth[number]);
        for (int i = 0; i < steps; i++) {
            step(code, number, entry, true);
            if (i > 0) {
                code.lload(entry).lload(entry).loadConstant(63).lushr().invokestatic(CLASSIFIER, "select",
                        MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_long, ConstantDescs.CD_long, ConstantDescs.CD_long));
            }
            code.lstore(entry);
        }
        code.labelBinding(loop).lload(entry).lconst_0().lcmp().iflt(leaf);
        step(code, number, entry, false);
        code.lstore(entry).goto_(loop).labelBinding(leaf).lload(entry).lreturn();
    }

    /** Leaves the entry that a node leads to; for a leaf any other one. */
    private void step(CodeBuilder code, int number, int entry, boolean bounded) {
        constant(code, LONGS, nodes[number]);
        select(code, 0, Integer.highestOneBit(Math.max(1, words * 2 - 1)), entry);
        code.lload(entry).loadConstant(Tree.SHIFT_SHIFT).lushr().l2i().lushr().l2i();
        code.lload(entry).loadConstant(Tree.MASK_SHIFT).lushr().l2i().iand().lload(entry).l2i().iadd();
        if (bounded) {
            code.loadConstant(Integer.highestOneBit(Math.max(1, trees[number].nodes.length) * 2 - 1) - 1).iand();
        }
        code.laload();
    }

    /** Leaves the node's word of those from {@code from} to below {@code from + count}, {@code count} a power of two. */
    private void select(CodeBuilder code, int from, int count, int entry) {
        if (count == 1) {
            code.lload(from * 2);
            return;
        }
        int half = count / 2;
        select(code, from, half, entry);
        if (from + half < words) {
            select(code, from + half, half, entry);
            code.lload(entry).loadConstant(Tree.FIELD_SHIFT + Integer.numberOfTrailingZeros(half)).lushr()
                    .loadConstant(1L).land().invokestatic(CLASSIFIER, "select", MethodTypeDesc.of(ConstantDescs.CD_long,
                            ConstantDescs.CD_long, ConstantDescs.CD_long, ConstantDescs.CD_long));
        }
    }

    /** Says whether a packet differs from a rule that is known by its rank. */
    private void matches(CodeBuilder code) {
        differing(code, allNarrow, allWide);
        code.loadConstant(63).lushr().l2i().ireturn();
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
        constant(code, type, array);
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

    /** A leaf's first rule of category 0 that matches and is better than the best there is. */
    private void scan(CodeBuilder code, int number) {
        int leaf = free;
        int best = free + 2;
        int at = free + 3;
        int end = free + 4;
        int rank = free + 5;
        Label loop = code.newLabel();
        Label next = code.newLabel();
        Label out = code.newLabel();
        bounds(code, leaf, at, end);
        code.labelBinding(loop).iload(at).iload(end).if_icmpge(out);
        constant(code, INTS, trees[number].leaves);
        code.iload(at).iaload().istore(rank);
        code.iload(rank).iload(best).if_icmpge(out);
        if (someWithoutFirstCategory()) {
            constant(code, INTS, set.categories);
        code.iload(rank).iaload().iconst_1().iand().ifeq(next);
        }
        loadWords(code).iload(rank).invokestatic(SELF, "matches", matchesType()).ifne(next);
        code.iload(rank).ireturn();
        code.labelBinding(next).iinc(at, 1).goto_(loop);
        code.labelBinding(out).iload(best).ireturn();
    }

    /** The bits of a block's rules that match. */
    private void matching(CodeBuilder code) {
        int block = free;
        code.loadConstant((1 << Blocks.SIZE) - 1);
        for (int f = 0; f < fields.length; f++) {
            if (matters(f)) {
                constant(code, wide(f) ? LONGS : INTS, wide(f) ? blocks.wide : blocks.narrow);
                code.iload(block).loadConstant(wide(f) ? blocks.wideStride : blocks.narrowStride).imul().loadConstant(blocks.places[f]).iadd();
                load(code, f);
                code.invokestatic(VECTOR, fields[f].type() == AclFieldType.BITMASK ? "masked" : "within",
                        MethodTypeDesc.of(ConstantDescs.CD_int, wide(f) ? LONGS : INTS, ConstantDescs.CD_int, valueType(f))).iand();
            }
        }
        code.ireturn();
    }

    /** Leaves the bits of the rules of a block that match. */
    private void callMatching(CodeBuilder code, int block) {
        loadWords(code).iload(block).invokestatic(SELF, "matches", matchesType());
    }

    /** The better one of the best there is and a leaf's first rule of category 0 that matches. */
    private void scanBlocks(CodeBuilder code) {
        int leaf = free;
        int best = free + 2;
        int block = free + 3;
        int end = free + 4;
        int bits = free + 5;
        Label loop = code.newLabel();
        Label out = code.newLabel();
        bounds(code, leaf, block, end);
        code.labelBinding(loop);
        callMatching(code, block);
        if (someWithoutFirstCategory()) {
            constant(code, INTS, blocks.firstCategory);
            code.iload(block).iaload().iand();
        }
        code.istore(bits);
        rank(code, block, () -> code.iload(bits).loadConstant(1 << Blocks.SIZE).ior());
        code.iload(best).invokestatic(ClassDesc.of("java.lang.Math"), "min",
                MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_int, ConstantDescs.CD_int)).istore(best);
        code.iinc(block, 1).iload(block).iload(end).if_icmpge(out).iload(bits).ifeq(loop);
        code.labelBinding(out).iload(best).ireturn();
    }

    /** Leaves the rank of the first of a block's rules that has a bit. */
    private void rank(CodeBuilder code, int block, Runnable bits) {
        constant(code, INTS, blocks.ranks);
        code.iload(block).loadConstant(Blocks.RANKS).imul();
        bits.run();
        code.invokestatic(ClassDesc.of("java.lang.Integer"), "numberOfTrailingZeros",
                MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_int)).iadd().iaload();
    }

    /** Notes a leaf's rules that match in their categories. */
    private void allBlocks(CodeBuilder code) {
        int leaf = free;
        int wanted = free + 2;
        int ranks = free + 3;
        int out = free + 4;
        int block = free + 5;
        int end = free + 6;
        int rank = free + 7;
        int found = free + 8;
        int bits = free + 9;
        Label loop = code.newLabel();
        Label more = code.newLabel();
        Label next = code.newLabel();
        Label done = code.newLabel();
        bounds(code, leaf, block, end);
        code.labelBinding(loop).iload(block).iload(end).if_icmpge(done);
        callMatching(code, block);
        code.istore(bits);
        code.labelBinding(more).iload(wanted).ifeq(done).iload(bits).ifeq(next);
        rank(code, block, () -> code.iload(bits));
        code.istore(rank).iload(bits).iload(bits).iconst_1().isub().iand().istore(bits);
        // A leaf without rules has a block that anything may match, and no rank.
        code.iload(rank).loadConstant(Classifier.NONE).if_icmpeq(done);
        constant(code, INTS, set.categories);
        code.iload(rank).iaload().iload(wanted).iand().dup().istore(found).ifeq(more);
        code.iload(rank).iload(found).aload(ranks).iload(out).invokestatic(CLASSIFIER, "note",
                MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int, ConstantDescs.CD_int, INTS, ConstantDescs.CD_int));
        code.iload(wanted).iload(found).ixor().istore(wanted).goto_(more);
        code.labelBinding(next).iinc(block, 1).goto_(loop).labelBinding(done).return_();
    }

    private static void bounds(CodeBuilder code, int leaf, int at, int end) {
        code.lload(leaf).l2i().dup().istore(at);
        code.lload(leaf).loadConstant(Tree.COUNT_SHIFT).lushr().l2i().loadConstant(Integer.MAX_VALUE).iand().iadd().istore(end);
    }

    private boolean someWithoutFirstCategory() {
        for (int categories : set.categories) {
            if ((categories & 1) == 0) {
                return true;
            }
        }
        return false;
    }

    /** Notes a leaf's rules that match in their categories. */
    private void all(CodeBuilder code, int number) {
        int leaf = free;
        int wanted = free + 2;
        int ranks = free + 3;
        int out = free + 4;
        int at = free + 5;
        int end = free + 6;
        int rank = free + 7;
        int found = free + 8;
        Label loop = code.newLabel();
        Label next = code.newLabel();
        Label done = code.newLabel();
        bounds(code, leaf, at, end);
        code.labelBinding(loop).iload(at).iload(end).if_icmpge(done).iload(wanted).ifeq(done);
        constant(code, INTS, trees[number].leaves);
        code.iload(at).iaload().istore(rank);
        constant(code, INTS, set.categories);
        code.iload(rank).iaload().iload(wanted).iand().dup().istore(found).ifeq(next);
        loadWords(code).iload(rank).invokestatic(SELF, "matches", matchesType()).ifne(next);
        code.iload(rank).iload(found).aload(ranks).iload(out).invokestatic(CLASSIFIER, "note",
                MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int, ConstantDescs.CD_int, INTS, ConstantDescs.CD_int));
        code.iload(wanted).iload(found).ixor().istore(wanted);
        code.labelBinding(next).iinc(at, 1).goto_(loop);
        code.labelBinding(done).return_();
    }
}
