package dev.penstock.acl;

import dev.penstock.mbuf.Mbuf;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Writes a {@link Classifier} for one rule set: a hidden class in which fields are local variables, what is asked of
 * which field is code, and the trees are constants of the JIT. Its source, for an ACL of fields a and b:
 *
 * <pre>{@code
 * void classify(byte[] keys, int stride, int n, int categories, int[] ranks) {
 *     for (int i = 0, at = 0; i < n; i++, at += stride) {
 *         int a = field4(keys, at), b = field2(keys, at + 4);
 *         long w = a | (long) b << 32;
 *         if (categories != 1) { all0(a, b, walk0(w), (1 << categories) - 1, ranks, i * categories); ... }
 *         else { ranks[i] = scan1(a, b, walk1(w), scan0(a, b, walk0(w), NONE)); }
 *     }
 * }
 * static long walk0(long w) { ... }                                // the leaf of tree 0
 * static int scan0(int a, int b, long leaf, int best) { ... }      // its first rule that matches, else best
 * static boolean matches(int a, int b, int rank) { ... }           // without a branch
 * }</pre>
 *
 * <p>With the Vector API a leaf is {@link Blocks}: a packet is compared with sixteen rules at once, and takes its first
 * steps without a branch, so that the processor has several packets under way. The scalar twin looks at a leaf's rules one
 * after the other.
 *
 * <p>The methods are small whatever the number of rules is; only more fields make them longer.
 */
final class ClassifierWriter {
    private static final ClassDesc SELF = ClassDesc.of("dev.penstock.acl.Compiled");
    private static final ClassDesc CLASSIFIER = Classifier.class.describeConstable().orElseThrow();
    private static final ClassDesc MBUF = Mbuf.class.describeConstable().orElseThrow();
    private static final ClassDesc INTS = ConstantDescs.CD_int.arrayType();
    private static final ClassDesc LONGS = ConstantDescs.CD_long.arrayType();
    private static final ClassDesc BYTES = ConstantDescs.CD_byte.arrayType();
    private static final ClassDesc OBJECTS = ConstantDescs.CD_Object.arrayType();
    private static final ClassDesc HANDLES = MethodHandles.class.describeConstable().orElseThrow();
    private static final ClassDesc LOOKUP = MethodHandles.Lookup.class.describeConstable().orElseThrow();
    private static final ClassDesc VECTOR = ClassDesc.of("dev.penstock.acl.AclVector");
    private static final int FLAGS = ClassFile.ACC_STATIC | ClassFile.ACC_FINAL;
    /** Steps of a walk without a branch, at most. */
    private static final int MAX_STEPS = 8;

    private final Forest forest;
    /** What the Vector API compares at once; null where the rules of a leaf are looked at one after the other. */
    private final Blocks blocks;
    private final Tree[] trees;
    private final RuleSet set;
    private final AclField[] fields;
    private final int keyLength;
    /** The local variable of each field, and the first one behind them. */
    private final int[] slots;
    private final int free;
    private final Packing packing;
    private final int words;
    /** Where a field's two words lie within a rule's, in the array of its width. */
    private final int[] places;
    private final int narrowStride;
    private final int wideStride;
    private final List<Constant> names = new ArrayList<>();
    private final List<Object> constants = new ArrayList<>();
    private final List<ClassDesc> fieldTypes = new ArrayList<>();

    private record Constant(String name, ClassDesc type) {}

    private ClassifierWriter(Forest forest, int keyLength, boolean vector) {
        this.forest = forest;
        blocks = vector ? new Blocks(forest) : null;
        trees = vector ? blocks.trees : forest.trees;
        this.keyLength = keyLength;
        set = forest.set;
        fields = set.fields;
        slots = new int[fields.length];
        places = new int[fields.length];
        int slot = 0;
        int narrow = 0;
        int wide = 0;
        for (int f = 0; f < fields.length; f++) {
            slots[f] = slot;
            slot += wide(f) ? 2 : 1;
            places[f] = wide(f) ? wide : narrow;
            wide += wide(f) ? 2 : 0;
            narrow += wide(f) ? 0 : 2;
            fieldTypes.add(wide(f) ? ConstantDescs.CD_long : ConstantDescs.CD_int);
        }
        free = slot;
        packing = new Packing(fields);
        words = packing.words();
        narrowStride = narrow;
        wideStride = wide;
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
            return (Classifier) MethodHandles.lookup().defineHiddenClassWithClassData(code, writer.constants.toArray(), true)
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

    private byte[] bytes() {
        return ClassFile.of().build(SELF, builder -> {
            builder.withSuperclass(CLASSIFIER).withFlags(ClassFile.ACC_FINAL);
            builder.withMethodBody("<init>", ConstantDescs.MTD_void, 0, code -> code.aload(0)
                    .invokespecial(CLASSIFIER, "<init>", ConstantDescs.MTD_void).return_());
            constant("NARROW", INTS, blocks == null ? narrowWords() : blocks.narrow);
            constant("WIDE", LONGS, blocks == null ? wideWords() : blocks.wide);
            constant("CATEGORIES", INTS, set.categories);
            if (blocks != null) {
                constant("RANKS", INTS, blocks.ranks);
                constant("FIRST", INTS, blocks.firstCategory);
            }
            for (int t = 0; t < trees.length; t++) {
                int number = t;
                constant("NODES" + t, LONGS, nodes(t));
                builder.withMethodBody("walk" + t, walkType(), FLAGS, code -> walk(code, number));
                if (blocks == null) {
                    constant("LEAVES" + t, INTS, trees[t].leaves);
                    builder.withMethodBody("scan" + t, scanType(), FLAGS, code -> scan(code, number));
                    builder.withMethodBody("all" + t, allType(), FLAGS, code -> all(code, number));
                } else {
                    builder.withMethodBody("scan" + t, scanType(), FLAGS, this::scanBlocks);
                    builder.withMethodBody("all" + t, allType(), FLAGS, this::allBlocks);
                }
            }
            builder.withMethodBody("matches", type(ConstantDescs.CD_int, ConstantDescs.CD_int), FLAGS,
                    blocks == null ? this::matches : this::matching);
            builder.withMethodBody("classify", MethodTypeDesc.of(ConstantDescs.CD_void, BYTES, ConstantDescs.CD_int,
                    ConstantDescs.CD_int, ConstantDescs.CD_int, INTS), 0, code -> classify(code, false));
            builder.withMethodBody("classify", MethodTypeDesc.of(ConstantDescs.CD_void, MBUF.arrayType(), ConstantDescs.CD_int,
                    ConstantDescs.CD_int, ConstantDescs.CD_int, INTS), 0, code -> classify(code, true));
            names.forEach(constant -> builder.withField(constant.name, constant.type, FLAGS));
            builder.withMethodBody("<clinit>", ConstantDescs.MTD_void, ClassFile.ACC_STATIC, this::initialize);
        });
    }

    private void constant(String name, ClassDesc type, Object value) {
        names.add(new Constant(name, type));
        constants.add(value);
    }

    private void initialize(CodeBuilder code) {
        code.invokestatic(HANDLES, "lookup", MethodTypeDesc.of(LOOKUP))
                .loadConstant("_").loadConstant(OBJECTS)
                .invokestatic(HANDLES, "classData", MethodTypeDesc.of(ConstantDescs.CD_Object, LOOKUP, ConstantDescs.CD_String,
                        ConstantDescs.CD_Class))
                .checkcast(OBJECTS).astore(0);
        for (int i = 0; i < names.size(); i++) {
            Constant constant = names.get(i);
            code.aload(0).loadConstant(i).aaload().checkcast(constant.type).putstatic(SELF, constant.name, constant.type);
        }
        code.return_();
    }

    /** What rules say of the fields of up to four bytes, the rules one behind the other. */
    private int[] narrowWords() {
        int[] words = new int[Math.multiplyExact(set.size, narrowStride)];
        for (int rank = 0; rank < set.size; rank++) {
            for (int f = 0; f < fields.length; f++) {
                if (!wide(f)) {
                    words[rank * narrowStride + places[f]] = (int) set.first[rank * fields.length + f];
                    words[rank * narrowStride + places[f] + 1] = (int) set.second[rank * fields.length + f];
                }
            }
        }
        return words;
    }

    private long[] wideWords() {
        long[] words = new long[Math.multiplyExact(set.size, wideStride)];
        for (int rank = 0; rank < set.size; rank++) {
            for (int f = 0; f < fields.length; f++) {
                if (wide(f)) {
                    words[rank * wideStride + places[f]] = set.first[rank * fields.length + f];
                    words[rank * wideStride + places[f] + 1] = set.second[rank * fields.length + f];
                }
            }
        }
        return words;
    }

    /** A method's type: all fields, then the others. */
    private MethodTypeDesc type(ClassDesc result, ClassDesc... more) {
        List<ClassDesc> parameters = new ArrayList<>(fieldTypes);
        parameters.addAll(List.of(more));
        return MethodTypeDesc.of(result, parameters);
    }

    private MethodTypeDesc walkType() {
        return MethodTypeDesc.of(ConstantDescs.CD_long, Collections.nCopies(words, ConstantDescs.CD_long));
    }

    private MethodTypeDesc scanType() {
        return type(ConstantDescs.CD_int, ConstantDescs.CD_long, ConstantDescs.CD_int);
    }

    private MethodTypeDesc allType() {
        return type(ConstantDescs.CD_void, ConstantDescs.CD_long, ConstantDescs.CD_int, INTS, ConstantDescs.CD_int);
    }

    private void load(CodeBuilder code, int field) {
        code.loadLocal(wide(field) ? TypeKind.LONG : TypeKind.INT, slots[field]);
    }

    private void loadAll(CodeBuilder code, int shift) {
        for (int f = 0; f < fields.length; f++) {
            code.loadLocal(wide(f) ? TypeKind.LONG : TypeKind.INT, slots[f] + shift);
        }
    }

    /** A tree's words; a power of two, so that any number can be made an index by a mask. */
    private long[] nodes(int number) {
        long[] nodes = packing.nodes(trees[number].nodes);
        return Arrays.copyOf(nodes, Integer.highestOneBit(Math.max(1, nodes.length) * 2 - 1));
    }

    /**
     * From the root to a leaf. All fields lie in a few words, of which a node's is taken without a branch. So are the
     * first steps, as many as most packets need, also by packets that have come to a leaf before: they stay there.
     */
    private void walk(CodeBuilder code, int number) {
        Tree tree = trees[number];
        int entry = words * 2;
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
        code.getstatic(SELF, "NODES" + number, LONGS);
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

    /** The words that differ from what a rule says, without a branch; a sign bit or a bit of a mask says that one does. */
    private void matches(CodeBuilder code) {
        int rank = free;
        int narrow = free + 1;
        int wide = free + 2;
        code.iload(rank).loadConstant(narrowStride).imul().istore(narrow);
        code.iload(rank).loadConstant(wideStride).imul().istore(wide);
        code.lconst_0();
        for (int f = 0; f < fields.length; f++) {
            if (matters(f)) {
                differs(code, f, wide(f) ? wide : narrow);
                code.lor();
            }
        }
        code.loadConstant(63).lushr().l2i().ireturn();
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

    /** Leaves a long that is negative when the field is not what the rule says. */
    private void differs(CodeBuilder code, int f, int base) {
        boolean masked = fields[f].type() == AclFieldType.BITMASK;
        ClassDesc width = fieldTypes.get(f);
        word(code, f, base, 0);
        word(code, f, base, 1);
        load(code, f);
        code.invokestatic(CLASSIFIER, masked ? "maskedApart" : "rangeApart",
                MethodTypeDesc.of(ConstantDescs.CD_long, width, width, width));
    }

    private void word(CodeBuilder code, int f, int base, int which) {
        code.getstatic(SELF, wide(f) ? "WIDE" : "NARROW", wide(f) ? LONGS : INTS).iload(base);
        if (places[f] + which != 0) {
            code.loadConstant(places[f] + which).iadd();
        }
        if (wide(f)) {
            code.laload();
        } else {
            code.iaload();
        }
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
        code.getstatic(SELF, "LEAVES" + number, INTS).iload(at).iaload().istore(rank);
        code.iload(rank).iload(best).if_icmpge(out);
        if (someWithoutFirstCategory()) {
            code.getstatic(SELF, "CATEGORIES", INTS).iload(rank).iaload().iconst_1().iand().ifeq(next);
        }
        loadAll(code, 0);
        code.iload(rank).invokestatic(SELF, "matches", type(ConstantDescs.CD_int, ConstantDescs.CD_int)).ifne(next);
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
                code.getstatic(SELF, wide(f) ? "WIDE" : "NARROW", wide(f) ? LONGS : INTS).iload(block)
                        .loadConstant(wide(f) ? blocks.wideStride : blocks.narrowStride).imul().loadConstant(blocks.places[f]).iadd();
                load(code, f);
                code.invokestatic(VECTOR, fields[f].type() == AclFieldType.BITMASK ? "masked" : "within",
                        MethodTypeDesc.of(ConstantDescs.CD_int, wide(f) ? LONGS : INTS, ConstantDescs.CD_int, fieldTypes.get(f))).iand();
            }
        }
        code.ireturn();
    }

    /** Leaves the bits of the rules of a block that match. */
    private void callMatching(CodeBuilder code, int block) {
        loadAll(code, 0);
        code.iload(block).invokestatic(SELF, "matches", type(ConstantDescs.CD_int, ConstantDescs.CD_int));
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
            code.getstatic(SELF, "FIRST", INTS).iload(block).iaload().iand();
        }
        code.istore(bits);
        rank(code, block, () -> code.iload(bits).loadConstant(1 << Blocks.SIZE).ior());
        code.iload(best).invokestatic(ClassDesc.of("java.lang.Math"), "min",
                MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_int, ConstantDescs.CD_int)).istore(best);
        code.iinc(block, 1).iload(block).iload(end).if_icmpge(out).iload(bits).ifeq(loop);
        code.labelBinding(out).iload(best).ireturn();
    }

    /** Leaves the rank of the first of a block's rules that has a bit. */
    private static void rank(CodeBuilder code, int block, Runnable bits) {
        code.getstatic(SELF, "RANKS", INTS).iload(block).loadConstant(Blocks.RANKS).imul();
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
        code.getstatic(SELF, "CATEGORIES", INTS).iload(rank).iaload().iload(wanted).iand().dup().istore(found).ifeq(more);
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
        code.getstatic(SELF, "LEAVES" + number, INTS).iload(at).iaload().istore(rank);
        code.getstatic(SELF, "CATEGORIES", INTS).iload(rank).iaload().iload(wanted).iand().dup().istore(found).ifeq(next);
        loadAll(code, 0);
        code.iload(rank).invokestatic(SELF, "matches", type(ConstantDescs.CD_int, ConstantDescs.CD_int)).ifne(next);
        code.iload(rank).iload(found).aload(ranks).iload(out).invokestatic(CLASSIFIER, "note",
                MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int, ConstantDescs.CD_int, INTS, ConstantDescs.CD_int));
        code.iload(wanted).iload(found).ixor().istore(wanted);
        code.labelBinding(next).iinc(at, 1).goto_(loop);
        code.labelBinding(done).return_();
    }

    /** Stores the words that the fields lie in. */
    private void pack(CodeBuilder code, int shift) {
        for (int w = 0; w < words; w++) {
            code.lconst_0();
            for (int f = 0; f < fields.length; f++) {
                if (packing.word(f) == w) {
                    code.loadLocal(wide(f) ? TypeKind.LONG : TypeKind.INT, slots[f] + shift);
                    if (!wide(f)) {
                        code.i2l().loadConstant(0xffff_ffffL).land();
                    }
                    code.loadConstant(packing.shift(f)).lshl().lor();
                }
            }
            code.lstore(free + shift + 2 * w);
        }
    }

    private void loadWords(CodeBuilder code, int shift) {
        for (int w = 0; w < words; w++) {
            code.lload(free + shift + 2 * w);
        }
    }

    /** The variable behind fields and words. */
    private int best(int shift) {
        return free + shift + 2 * words;
    }

    /** The loop over a burst. */
    private void classify(CodeBuilder code, boolean packets) {
        int source = 1;
        int stride = 2;
        int n = 3;
        int categories = 4;
        int ranks = 5;
        int i = 6;
        int at = 7;
        int packet = 8;
        int shift = 9;
        Label loop = code.newLabel();
        Label next = code.newLabel();
        Label several = code.newLabel();
        Label done = code.newLabel();
        code.aload(ranks).iconst_0().iload(n).iload(categories).imul().loadConstant(Classifier.NONE).invokestatic(
                Arrays.class.describeConstable().orElseThrow(), "fill", MethodTypeDesc.of(ConstantDescs.CD_void, INTS,
                        ConstantDescs.CD_int, ConstantDescs.CD_int, ConstantDescs.CD_int));
        code.iconst_0().istore(i).loadConstant(0).istore(at);
        if (packets) {
            code.iload(stride).istore(at);
        }
        code.labelBinding(loop).iload(i).iload(n).if_icmpge(done);
        if (packets) {
            code.aload(source).iload(i).aaload().astore(packet);
            code.aload(packet).invokevirtual(MBUF, "dataLen", MethodTypeDesc.of(ConstantDescs.CD_int)).loadConstant(keyLength)
                    .isub().iload(at).if_icmplt(next);
        } else {
            code.aload(source).astore(packet);
        }
        for (int f = 0; f < fields.length; f++) {
            code.aload(packet).iload(at).loadConstant(fields[f].offset()).iadd().invokestatic(CLASSIFIER,
                    "field" + fields[f].size(), MethodTypeDesc.of(fieldTypes.get(f), packets ? MBUF : BYTES, ConstantDescs.CD_int))
                    .storeLocal(wide(f) ? TypeKind.LONG : TypeKind.INT, slots[f] + shift);
        }
        pack(code, shift);
        code.iload(categories).iconst_1().if_icmpne(several);
        first(code, shift);
        code.istore(best(shift)).aload(ranks).iload(i).iload(best(shift)).iastore().goto_(next);
        code.labelBinding(several);
        for (int t = 0; t < trees.length; t++) {
            loadAll(code, shift);
            loadWords(code, shift);
            code.invokestatic(SELF, "walk" + t, walkType()).iconst_1().iload(categories).ishl().iconst_1().isub().aload(ranks)
                    .iload(i).iload(categories).imul().invokestatic(SELF, "all" + t, allType());
        }
        code.labelBinding(next).iinc(i, 1);
        if (!packets) {
            code.iload(at).iload(stride).iadd().istore(at);
        }
        code.goto_(loop).labelBinding(done).return_();
    }

    /** Leaves the best rank of category 0 over all trees. */
    private void first(CodeBuilder code, int shift) {
        int best = best(shift);
        Label done = code.newLabel();
        code.loadConstant(Classifier.NONE).istore(best);
        for (int t = 0; t < forest.trees.length; t++) {
            if (t > 0) {
                code.iload(best).loadConstant(forest.bestRank[t]).if_icmplt(done);
            }
            loadAll(code, shift);
            loadWords(code, shift);
            code.invokestatic(SELF, "walk" + t, walkType()).iload(best).invokestatic(SELF, "scan" + t, scanType()).istore(best);
        }
        code.labelBinding(done).iload(best);
    }
}
