package dev.penstock.acl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.acl.Acl.Form;
import dev.penstock.acl.AclRuleException.Reason;
import dev.penstock.eal.Eal;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.rcu.Qsbr;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.ClassBench;
import dev.penstock.testkit.Seed;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What DPDK's acl_autotest asserts, and rule sets of all shapes against an oracle that looks at every rule. */
@Timeout(300)
class AclTest {
    private static final List<AclField> MIXED = List.of(
            new AclField("flags", AclFieldType.BITMASK, 1, 0),
            new AclField("port", AclFieldType.RANGE, 2, 1),
            new AclField("address", AclFieldType.MASK, 4, 3),
            new AclField("id", AclFieldType.MASK, 8, 7),
            new AclField("stamp", AclFieldType.RANGE, 8, 15),
            new AclField("tag", AclFieldType.BITMASK, 4, 23));
    /** Bytes of a key of either. */
    private static final int KEY = 27;

    /** Fields that are cut into pieces of all sorts, whatever rules say of them. */
    private static final List<AclField> PIECES = List.of(
            new AclField("flags", AclFieldType.BITMASK, 1, 0),
            new AclField("port", AclFieldType.RANGE, 2, 1),
            new AclField("id", AclFieldType.MASK, 8, 4),
            new AclField("mark", AclFieldType.BITMASK, 2, 12),
            new AclField("address", AclFieldType.MASK, 4, 22),
            new AclField("type", AclFieldType.MASK, 1, 26));

    /** What a class can be made by: bits where they can say the rules, and the Vector API where that is there. */
    private static List<Form> forms(Acl acl) {
        return Arrays.stream(Form.values()).filter(form -> form != Form.BLOCKS || Blocks.VECTOR).filter(form -> form != Form.BITMAPS
                || acl.fitsBitmaps()).toList();
    }

    private static AclRuleException refused(Acl acl, AclRule rule) {
        int before = acl.rules();
        AclRuleException refused = assertThrows(AclRuleException.class, () -> acl.add(rule));
        assertEquals(before, acl.rules());
        return refused;
    }

    @Test
    void shouldNameLineAndFieldOfAMalformedRule() {
        Acl acl = new Acl(FiveTuple.FIELDS, 10);
        assertMalformed(acl, new AclRule(7, 1, 1).field(1, 0, 33), "source address");
        assertMalformed(acl, new AclRule(7, 1, 1).field(1, 1L << 32, 8), "source address");
        assertMalformed(acl, new AclRule(7, 1, 1).field(2, 0, -1), "destination address");
        assertMalformed(acl, new AclRule(7, 1, 1).field(3, 2, 1), "source port");
        assertMalformed(acl, new AclRule(7, 1, 1).field(4, 0, 65_536), "destination port");
        assertMalformed(acl, new AclRule(7, 1, 1).field(0, 0, 256), "protocol");
        assertMalformed(acl, new AclRule(7, 1, 1).field(5, 0, 0), "field 5");
        assertMalformed(acl, new AclRule(7, -1, 1), "priority");
        assertMalformed(acl, new AclRule(7, AclRule.MAX_PRIORITY + 1, 1), "priority");
        assertMalformed(acl, new AclRule(7, 1, 0), "userdata");
        assertMalformed(acl, new AclRule(7, 1, 1).categories(0), "categories");
        assertMalformed(acl, new AclRule(7, 1, 1).categories(1 << 16), "categories");
    }

    /** A value was told the remedy of a prefix length, which a Java int with its highest bit set meets. */
    @Test
    void shouldSayWhatToGiveInsteadOfAValueThatDoesNotFit() {
        Acl acl = new Acl(FiveTuple.FIELDS, 10);
        assertTrue(refused(acl, new AclRule(7, 1, 1).field(1, 0xc612_0000, 15)).getMessage()
                .endsWith("value 0xffffffffc6120000 does not fit in 32 bits; give at most 0xffffffff"));
        assertTrue(refused(acl, new AclRule(7, 1, 1).field(1, 0, 33)).getMessage().endsWith("prefix length 33 does not fit in 32 bits; give 0 to 32"));
    }

    private static void assertMalformed(Acl acl, AclRule rule, String field) {
        AclRuleException refused = refused(acl, rule);
        assertEquals(Reason.MALFORMED, refused.reason());
        assertEquals(7, refused.line());
        assertEquals(field, refused.field());
        assertTrue(refused.getMessage().startsWith("ACL rule in line 7, field " + field + ": "), refused.getMessage());
    }

    @Test
    void shouldRefuseBadParameters() {
        assertThrows(IllegalArgumentException.class, () -> new Acl(List.of(), 1));
        assertThrows(IllegalArgumentException.class, () -> new Acl(Collections.nCopies(65, FiveTuple.FIELDS.getFirst()), 1));
        assertThrows(IllegalArgumentException.class, () -> new Acl(FiveTuple.FIELDS, 0));
        assertThrows(IllegalArgumentException.class, () -> new Acl(FiveTuple.FIELDS, (1 << 20) + 1));
        assertThrows(IllegalArgumentException.class, () -> new AclField("x", AclFieldType.MASK, 3, 0));
        assertThrows(IllegalArgumentException.class, () -> new AclField("x", AclFieldType.MASK, 4, -1));
        assertThrows(IllegalArgumentException.class, () -> new AclRule(0, 1, 1).field(64, 0, 0));
        Acl acl = new Acl(FiveTuple.FIELDS, 10);
        assertThrows(IllegalArgumentException.class, () -> acl.classify(new byte[13], 12, 1, 1, new int[1]));
        assertThrows(IllegalArgumentException.class, () -> acl.classify(new byte[13], 13, 1, 0, new int[1]));
        assertThrows(IllegalArgumentException.class, () -> acl.classify(new byte[13], 13, 1, 17, new int[17]));
        assertThrows(IllegalArgumentException.class, () -> acl.classify(new Mbuf[0], -1, 0, 1, new int[1]));
        assertThrows(IndexOutOfBoundsException.class, () -> acl.classify(new byte[12], 13, 1, 1, new int[1]));
        assertThrows(IndexOutOfBoundsException.class, () -> acl.classify(new byte[26], 13, 2, 1, new int[1]));
        assertThrows(IndexOutOfBoundsException.class, () -> acl.classify(new Mbuf[1], 0, 2, 1, new int[2]));
    }

    @Test
    void shouldAnswerDuplicatesOverlapsAndFull() {
        Acl acl = new Acl(FiveTuple.FIELDS, 3, true);
        AclRule first = new AclRule(1, 5, 1).field(1, 0x0a000000, 8).field(3, 1, 10).categories(1);
        acl.add(first);
        AclRuleException duplicate = refused(acl, new AclRule(2, 5, 9).field(1, 0x0a123456, 8).field(3, 1, 10));
        assertEquals(Reason.DUPLICATE, duplicate.reason());
        assertTrue(duplicate.getMessage().contains("line 2") && duplicate.getMessage().contains("line 1"));
        AclRuleException overlap = refused(acl, new AclRule(3, 5, 9).field(1, 0x0a000000, 9).field(3, 10, 20));
        assertEquals(Reason.OVERLAP, overlap.reason());
        acl.add(new AclRule(4, 5, 9).field(1, 0x0a000000, 9).field(3, 11, 20));
        acl.add(first.categories(2));
        assertEquals(Reason.FULL, refused(acl, new AclRule(5, 1, 1)).reason());
        assertTrue(acl.delete(first));
        assertFalse(acl.delete(first));
        assertThrows(AclRuleException.class, () -> acl.addAll(List.of(first, new AclRule(6, 1, 1))));
        assertEquals(2, acl.rules());
        acl.add(first);
        assertEquals(3, acl.rules());
    }

    @Test
    void shouldLeaveTheRunningTableWhenABuildFails() {
        Acl acl = new Acl(FiveTuple.FIELDS, 1000);
        int[] result = {-1};
        acl.classify(new byte[13], 13, 1, 1, result);
        assertEquals(Acl.NO_MATCH, result[0]);
        acl.add(new AclRule(1, 1, 42));
        acl.classify(new byte[13], 13, 1, 1, result);
        assertEquals(Acl.NO_MATCH, result[0]);
        acl.build();
        for (int i = 0; i < 100; i++) {
            acl.add(new AclRule(i + 2, 2 + i, 43).field(1, i, 32));
        }
        assertThrows(AclBuildException.class, () -> acl.build(Long.BYTES * 101 - 1));
        acl.classify(new byte[13], 13, 1, 1, result);
        assertEquals(42, result[0]);
        acl.build(Long.BYTES * 101);
        acl.classify(new byte[13], 13, 1, 1, result);
        assertEquals(43, result[0]);
        acl.deleteAll();
        acl.build();
        acl.classify(new byte[13], 13, 1, 1, result);
        assertEquals(Acl.NO_MATCH, result[0]);
    }

    @ParameterizedTest
    @EnumSource
    void shouldAgreeWithTheOracleOnClassBench(ClassBench.Kind kind) {
        SplittableRandom random = Seed.random("classbench " + kind);
        for (int size : new int[] {1, 10, 100, 1000}) {
            List<ClassBench.Rule> rules = ClassBench.rules(kind, size, random);
            Acl acl = new Acl(FiveTuple.FIELDS, size);
            NaiveAcl naive = new NaiveAcl(FiveTuple.FIELDS);
            naive.rules.addAll(FiveTuple.rules(rules));
            acl.addAll(naive.rules);
            acl.build();
            int count = 20_000;
            byte[] keys = FiveTuple.keys(rules, count, random);
            int[] results = new int[count];
            acl.classify(keys, FiveTuple.KEY, count, 1, results);
            for (int i = 0; i < count; i++) {
                assertEquals(naive.classify(keys, i * FiveTuple.KEY, 0), results[i], size + " rules, key " + i);
            }
            for (Form form : forms(acl)) {
                acl.compile(form);
                int[] compiled = new int[count];
                acl.classify(keys, FiveTuple.KEY, count, 1, compiled);
                assertArrayEquals(results, compiled, form + "");
            }
        }
    }

    @Test
    void shouldAllocateNothing() {
        SplittableRandom random = Seed.random("acl allocation");
        List<ClassBench.Rule> rules = ClassBench.rules(ClassBench.Kind.FW, 500, random);
        Acl acl = new Acl(FiveTuple.FIELDS, rules.size());
        acl.addAll(FiveTuple.rules(rules));
        byte[] keys = FiveTuple.keys(rules, 300, random);
        int[] results = new int[600];
        Runnable bursts = () -> {
            for (int n = 1; n <= 300; n += 13) {
                acl.classify(keys, FiveTuple.KEY, n, 1, results);
                acl.classify(keys, FiveTuple.KEY, n, 2, results);
            }
        };
        acl.build();
        assertEquals(0, Allocation.steadyBytesOf(bursts));
        acl.compile(Form.RULES);
        assertEquals(0, Allocation.steadyBytesOf(bursts));
        acl.deleteAll();
        acl.addAll(FiveTuple.rules(rules.subList(0, 200)));
        acl.build();
        assertEquals(0, Allocation.steadyBytesOf(bursts));
        acl.compile(Form.BITMAPS);
        assertEquals(0, Allocation.steadyBytesOf(bursts));
    }

    /** Few values, so that rules and keys meet often; ties of priority; all types and sizes; several categories. */
    @RepeatedTest(4)
    void shouldAgreeWithTheOracleOnAMillionClassificationsWhileRulesChange() {
        SplittableRandom random = Seed.random("acl against oracle");
        for (int round = 0; round < 25; round++) {
            Acl acl = new Acl(MIXED, 300);
            NaiveAcl naive = new NaiveAcl(MIXED);
            for (int step = 0; step < 10; step++) {
                change(acl, naive, MIXED, random);
                long maxBytes = random.nextInt(4) == 0 ? 4096 : Acl.DEFAULT_MAX_BYTES;
                acl.build(maxBytes);
                assertTrue(acl.bytes() <= maxBytes);
                compare(acl, naive, MIXED, 1 + random.nextInt(16), random);
            }
            List<Form> forms = forms(acl);
            acl.compile(forms.get(round % forms.size()));
            compare(acl, naive, MIXED, 1, random);
            compare(acl, naive, MIXED, 1 + random.nextInt(16), random);
        }
    }

    /** Rows of one to eight words, and all categories. */
    @Test
    void shouldAgreeWithTheOracleWhenRulesAreBits() {
        SplittableRandom random = Seed.random("acl of bits");
        for (int round = 0; round < 40; round++) {
            Acl acl = new Acl(PIECES, 500);
            NaiveAcl naive = new NaiveAcl(PIECES);
            for (int step = random.nextInt(24); step >= 0; step--) {
                change(acl, naive, PIECES, random);
            }
            acl.build();
            assertEquals(acl.rules() > 0 && acl.rules() <= Bitmaps.MAX_RULES, acl.fitsBitmaps());
            compare(acl, naive, PIECES, 1, random);
            compare(acl, naive, PIECES, 1 + random.nextInt(16), random);
            acl.compile();
            compare(acl, naive, PIECES, 1, random);
            compare(acl, naive, PIECES, 1 + random.nextInt(16), random);
            compare(acl, naive, PIECES, 16, random);
        }
    }

    /** A long range is that of its pieces only where all pieces below the first that is open are open. */
    @Test
    void shouldMakeBitsOfThoseLongRangesThatPiecesCanSay() {
        List<AclField> fields = List.of(new AclField("address", AclFieldType.RANGE, 4, 0), new AclField("stamp", AclFieldType.RANGE, 8, 4));
        long[][] can = {{0, 0xffff_ffffL}, {0x0a01_0000L, 0x0a02_ffffL}, {0x0a01_0010L, 0x0a01_0020L}, {7, 7}, {0xffff_0000L, 0xffff_ffffL}};
        long[][] cannot = {{0x0a01_fff0L, 0x0a02_0010L}, {0x0a01_0000L, 0x0a02_fffeL}, {1, 0xffff_ffffL}};
        for (long[] range : can) {
            assertBits(fields, range, range[0] == 0 ? new long[] {0, -1} : new long[] {range[0] << 32, range[1] << 32 | 0xffff_ffffL}, true);
        }
        for (long[] range : cannot) {
            assertBits(fields, range, new long[] {0, -1}, false);
            assertBits(fields, new long[] {0, 0xffff_ffffL}, new long[] {range[0] << 32, range[1] << 32 | 0xffff_ffffL}, false);
        }
    }

    private static void assertBits(List<AclField> fields, long[] address, long[] stamp, boolean can) {
        Acl acl = new Acl(fields, 1);
        acl.add(new AclRule(1, 1, 5).field(0, address[0], address[1]).field(1, stamp[0], stamp[1]));
        acl.build();
        assertEquals(can, acl.fitsBitmaps());
        acl.compile();
        for (long add = -1; add <= 1; add++) {
            for (int bounds = 0; bounds < 4; bounds++) {
                long a = address[bounds & 1] + add & 0xffff_ffffL;
                long s = stamp[bounds >> 1] + add;
                int[] result = new int[1];
                acl.classify(ByteBuffer.allocate(12).putInt((int) a).putLong(s).array(), 12, 1, 1, result);
                boolean matches = a >= address[0] && a <= address[1] && Long.compareUnsigned(s, stamp[0]) >= 0
                        && Long.compareUnsigned(s, stamp[1]) <= 0;
                assertEquals(matches ? 5 : Acl.NO_MATCH, result[0], a + " " + s);
            }
        }
    }

    private static void change(Acl acl, NaiveAcl naive, List<AclField> fields, SplittableRandom random) {
        for (int i = random.nextInt(60); i >= 0; i--) {
            if (naive.rules.isEmpty() || random.nextInt(4) > 0) {
                AclRule rule = rule(naive.rules.size() + 1, fields, random);
                try {
                    acl.add(rule);
                    naive.rules.add(rule);
                } catch (AclRuleException e) {
                    assertTrue(e.reason() == Reason.DUPLICATE || e.reason() == Reason.FULL, e.getMessage());
                }
            } else {
                assertTrue(acl.delete(naive.rules.remove(random.nextInt(naive.rules.size()))));
            }
        }
        assertEquals(naive.rules.size(), acl.rules());
    }

    private static long value(AclField field, SplittableRandom random) {
        long few = random.nextInt(8);
        long high = random.nextInt(3) == 0 ? (long) random.nextInt(4) << field.bits() - 2 : 0;
        return (random.nextInt(20) == 0 ? random.nextLong() : few | high) & field.max();
    }

    private static AclRule rule(int userdata, List<AclField> fields, SplittableRandom random) {
        AclRule rule = new AclRule(0, random.nextInt(5), userdata).categories(1 + random.nextInt(0xffff));
        if (random.nextInt(3) == 0) {
            rule = rule.categories(AclRule.ALL_CATEGORIES);
        }
        for (int f = 0; f < fields.size(); f++) {
            AclField field = fields.get(f);
            long value = value(field, random);
            if (random.nextInt(3) == 0) {
                continue;
            }
            long mask = switch (field.type()) {
                case MASK -> random.nextInt(field.bits() + 1);
                case RANGE -> random.nextBoolean() ? value : value(field, random);
                case BITMASK -> random.nextLong() & field.max();
            };
            boolean turned = field.type() == AclFieldType.RANGE && Long.compareUnsigned(value, mask) > 0;
            rule = turned ? rule.field(f, mask, value) : rule.field(f, value, mask);
        }
        return rule;
    }

    private static void compare(Acl acl, NaiveAcl naive, List<AclField> fields, int categories, SplittableRandom random) {
        int count = 1000 / categories + 1;
        byte[] keys = new byte[count * KEY];
        for (int i = 0; i < count; i++) {
            for (AclField field : fields) {
                long value = value(field, random);
                for (int b = 0; b < field.size(); b++) {
                    keys[i * KEY + field.offset() + b] = (byte) (value >>> 8 * (field.size() - 1 - b));
                }
            }
        }
        int[] results = new int[count * categories];
        acl.classify(keys, KEY, count, categories, results);
        for (int i = 0; i < results.length; i++) {
            assertEquals(naive.classify(keys, i / categories * KEY, i % categories), results[i]);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 200, 300})
    void shouldClassifyPacketsAndMatchNothingInShortOnes(int size) {
        SplittableRandom random = Seed.random("acl packets");
        List<ClassBench.Rule> rules = ClassBench.rules(ClassBench.Kind.FW, size, random);
        Acl acl = new Acl(FiveTuple.FIELDS, size);
        acl.addAll(FiveTuple.rules(rules));
        acl.build();
        byte[] keys = FiveTuple.keys(rules, 64, random);
        int[] expected = new int[64];
        acl.classify(keys, FiveTuple.KEY, 64, 1, expected);
        try (Eal eal = Eal.start(line -> { }, "--no-huge", "-l", "0")) {
            MbufPool pool = MbufPool.create(eal, "acl", 127, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            Mbuf[] packets = new Mbuf[64];
            for (int i = 0; i < 64; i++) {
                packets[i] = pool.alloc();
                boolean whole = random.nextBoolean();
                packets[i].append(whole ? 27 : 26);
                packets[i].write(14, keys, i * FiveTuple.KEY, whole ? 13 : 12);
                expected[i] = whole ? expected[i] : Acl.NO_MATCH;
            }
            int[] results = new int[64];
            acl.classify(packets, 14, 64, 1, results);
            assertArrayEquals(expected, results);
            acl.classify(packets, Integer.MAX_VALUE, 64, 1, results);
            assertArrayEquals(new int[64], results);
            int[] twice = new int[128];
            for (Form form : forms(acl)) {
                acl.compile(form);
                acl.classify(packets, 14, 64, 1, results);
                assertArrayEquals(expected, results, form + "");
                acl.classify(packets, 14, 64, 2, twice);
                assertArrayEquals(Arrays.stream(expected).flatMap(userdata -> IntStream.of(userdata, userdata)).toArray(), twice, form + "");
                acl.classify(packets, Integer.MAX_VALUE, 64, 1, results);
                assertArrayEquals(new int[64], results);
            }
            Mbuf.freeBulk(packets, 0, 64);
        }
    }

    @Test
    void shouldKeepNothingOfRulesThatWereDeleted() throws ReflectiveOperationException {
        Acl acl = new Acl(FiveTuple.FIELDS, 3, true);
        AclRule stays = new AclRule(0, 0, 1).field(1, 7, 32);
        acl.add(stays);
        acl.add(stays.categories(1).field(1, 8, 32));
        for (int i = 1; i < 1000; i++) {
            acl.add(new AclRule(0, i, 1).field(1, i, 32));
            assertTrue(acl.delete(new AclRule(0, i, 1).field(1, i, 32)));
        }
        for (String index : new String[] {"same", "byPriority"}) {
            Field field = Acl.class.getDeclaredField(index);
            field.setAccessible(true);
            assertEquals(index.equals("same") ? 2 : 1, ((Map<?, ?>) field.get(acl)).size(), index);
        }
        assertEquals(Reason.DUPLICATE, refused(acl, stays).reason());
    }

    @Test
    void shouldBuildAHundredThousandRulesInBoundedMemory() {
        SplittableRandom random = Seed.random("large acl");
        for (ClassBench.Kind kind : ClassBench.Kind.values()) {
            List<ClassBench.Rule> rules = ClassBench.rules(kind, 100_000, random);
            Acl acl = new Acl(FiveTuple.FIELDS, 100_000);
            acl.addAll(FiveTuple.rules(rules));
            long start = System.nanoTime();
            acl.build(64 << 20);
            System.out.printf("%s: 100000 rules in %d ms, %d bytes%n", kind, (System.nanoTime() - start) / 1_000_000, acl.bytes());
            assertTrue(acl.bytes() <= 64 << 20);
            assertFalse(acl.fitsBitmaps());
            byte[] keys = FiveTuple.keys(rules, 300, random);
            int[] results = new int[300];
            acl.classify(keys, FiveTuple.KEY, 300, 1, results);
            for (int i = 0; i < 300; i++) {
                assertEquals(first(rules, keys, i), results[i]);
            }
        }
    }

    private static int first(List<ClassBench.Rule> rules, byte[] keys, int index) {
        ByteBuffer key = ByteBuffer.wrap(keys, index * FiveTuple.KEY, FiveTuple.KEY);
        int protocol = key.get() & 0xff;
        long source = key.getInt() & 0xffff_ffffL;
        long destination = key.getInt() & 0xffff_ffffL;
        int from = key.getShort() & 0xffff;
        int to = key.getShort() & 0xffff;
        for (int i = 0; i < rules.size(); i++) {
            ClassBench.Rule r = rules.get(i);
            if ((protocol & r.protocolMask()) == r.protocol()
                    && source >>> 32 - r.sourceLength() == (r.source() & 0xffff_ffffL) >>> 32 - r.sourceLength()
                    && destination >>> 32 - r.destinationLength() == (r.destination() & 0xffff_ffffL) >>> 32 - r.destinationLength()
                    && from >= r.sourceLow() && from <= r.sourceHigh() && to >= r.destinationLow() && to <= r.destinationHigh()) {
                return i + 1;
            }
        }
        return 0;
    }

    /** HotSpot compiles no method of more than 8000 bytes. */
    @Test
    void shouldKeepMethodsSmallWithSixtyFourFields() {
        List<AclField> fields = new ArrayList<>();
        for (int f = 0; f < Acl.MAX_FIELDS; f++) {
            fields.add(new AclField("f" + f, f % 2 == 0 ? AclFieldType.RANGE : AclFieldType.BITMASK, 8, f * 8));
        }
        Acl acl = new Acl(fields, 1000);
        SplittableRandom random = Seed.random("many fields");
        for (int i = 1; i <= 1000; i++) {
            AclRule rule = new AclRule(i, i, i);
            for (int f = random.nextInt(8); f < Acl.MAX_FIELDS; f += 1 + random.nextInt(30)) {
                long value = random.nextLong();
                rule = f % 2 == 0 ? rule.field(f, value, value) : rule.field(f, value, 0xff);
            }
            acl.add(rule);
        }
        acl.build();
        for (Form form : forms(acl)) {
            for (MethodModel method : ClassFile.of().parse(acl.classBytes(form)).methods()) {
                int length = method.findAttribute(Attributes.code()).orElseThrow().codeLength();
                assertTrue(length < 8000, method.methodName() + " has " + length + " bytes");
            }
            acl.compile(form);
        }
    }

    /** The most pieces and words that there may be. */
    @Test
    void shouldKeepMethodsOfBitsSmall() {
        for (int fieldCount : new int[] {1, 4}) {
            List<AclField> fields = new ArrayList<>();
            for (int f = 0; f < fieldCount; f++) {
                fields.add(new AclField("f" + f, AclFieldType.BITMASK, 8, f * 8));
            }
            int count = fieldCount == 1 ? Bitmaps.MAX_RULES : 256;
            Acl acl = new Acl(fields, count);
            SplittableRandom random = Seed.random("many bits");
            for (int i = 1; i <= count; i++) {
                acl.add(new AclRule(i, i, i).field(i % fieldCount, random.nextLong(), -1));
            }
            acl.build();
            assertTrue(acl.fitsBitmaps());
            for (MethodModel method : ClassFile.of().parse(acl.classBytes(Form.BITMAPS)).methods()) {
                int length = method.findAttribute(Attributes.code()).orElseThrow().codeLength();
                assertTrue(length < 8000, method.methodName() + " has " + length + " bytes");
            }
            acl.compile();
        }
    }

    /** Each version of the rules answers with its number, whatever the key; a burst of two numbers was torn. */
    @Test
    void shouldShowEachBurstOneVersionWhileRulesAreSwapped() throws InterruptedException {
        Acl acl = new Acl(FiveTuple.FIELDS, 100);
        Qsbr readers = new Qsbr(1);
        acl.rcu(readers);
        swap(acl, 1);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong bursts = new AtomicLong();
        List<String> wrong = new ArrayList<>();
        AtomicLong oldest = new AtomicLong(1);
        List<Form> forms = forms(acl);
        Thread reader = new Thread(() -> {
            byte[] keys = new byte[32 * FiveTuple.KEY];
            new SplittableRandom(1).nextBytes(keys);
            int[] results = new int[32];
            readers.register(0);
            readers.online(0);
            while (!stop.get()) {
                long allowed = oldest.get();
                acl.classify(keys, FiveTuple.KEY, 32, 1, results);
                if (Arrays.stream(results).distinct().count() != 1 || results[0] < allowed) {
                    wrong.add(Arrays.toString(results) + " after " + allowed);
                    break;
                }
                bursts.incrementAndGet();
                readers.quiescent(0);
            }
            readers.unregister(0);
        });
        reader.start();
        for (int version = 2; version < 2000 || bursts.get() < 1000; version++) {
            swap(acl, version);
            oldest.set(version);
            if (version % 100 == 0) {
                acl.compile(forms.get(version / 100 % forms.size()));
            }
        }
        stop.set(true);
        reader.join();
        assertEquals(List.of(), wrong);
    }

    private static void swap(Acl acl, int version) {
        acl.deleteAll();
        for (int i = 0; i < 8; i++) {
            acl.add(new AclRule(i + 1, i, version).field(1, (long) i << 29, 3));
        }
        acl.build();
    }
}
