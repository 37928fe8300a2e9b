package dev.penstock.acl;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.rcu.Qsbr;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * An access control list (DPDK: rte_acl_ctx): of the rules that a packet matches, the one of the greatest priority is
 * the answer, for each category apart. Rules are added and deleted, and take effect together with {@link #build}.
 *
 * <p>One thread changes it at a time; any number classify meanwhile, and see of each burst either all old rules or
 * all new ones. A build that fails changes nothing.
 */
public final class Acl {
    /** Most fields of a rule. */
    public static final int MAX_FIELDS = 64;
    /** Most categories. */
    public static final int MAX_CATEGORIES = 16;
    /** What classifying gives for a packet that no rule matches (RTE_ACL_INVALID_USERDATA). */
    public static final int NO_MATCH = 0;
    /** What buckets and trees of a table may take when nothing else is said, in bytes. */
    public static final long DEFAULT_MAX_BYTES = 256L << 20;

    private static final int MAX_RULES = 1 << 20;
    private static final VarHandle BUILT;

    static {
        try {
            BUILT = MethodHandles.lookup().findVarHandle(Acl.class, "built", Built.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What look-ups use, all of it replaced at once. */
    private record Built(Classifier classifier, Forest forest, Bitmaps bitmaps, long maxBytes) {
        long bytes() {
            return bitmaps == null ? forest.bytes() : bitmaps.bytes();
        }
    }

    private final AclField[] fields;
    private final int keyLength;
    private final int maxRules;
    private final boolean refuseOverlaps;
    private final Map<RuleMatch, List<RuleMatch>> same = new HashMap<>();
    private final Map<Integer, List<RuleMatch>> byPriority = new HashMap<>();
    private final List<RuleMatch> rules = new ArrayList<>();
    private Qsbr readers;
    @SuppressWarnings("unused")
    private Built built;

    /**
     * Makes an ACL without rules, in which overlapping rules may have the same priority.
     *
     * @param fields what rules are about, 1 to {@link #MAX_FIELDS}
     * @param maxRules how many there may be, 1 to 1048576
     * @throws IllegalArgumentException when a number is out of range
     */
    public Acl(List<AclField> fields, int maxRules) {
        this(fields, maxRules, false);
    }

    /**
     * Makes an ACL without rules.
     *
     * @param fields what rules are about, 1 to {@link #MAX_FIELDS}
     * @param maxRules how many there may be, 1 to 1048576
     * @param refuseOverlaps whether {@link #add} refuses a rule that has packets, priority and a category in common
     *     with another; else the one that was added first is the answer for those
     * @throws IllegalArgumentException when a number is out of range
     */
    public Acl(List<AclField> fields, int maxRules, boolean refuseOverlaps) {
        if (fields.isEmpty() || fields.size() > MAX_FIELDS || maxRules < 1 || maxRules > MAX_RULES) {
            throw new IllegalArgumentException("ACL of " + fields.size() + " fields and " + maxRules + " rules; give 1 to "
                    + MAX_FIELDS + " fields and 1 to " + MAX_RULES + " rules");
        }
        this.fields = fields.toArray(new AclField[0]);
        this.maxRules = maxRules;
        this.refuseOverlaps = refuseOverlaps;
        keyLength = fields.stream().mapToInt(field -> field.offset() + field.size()).max().orElseThrow();
    }

    /**
     * Names the readers that classify: {@link #build} then returns only when none of them uses the rules from before.
     *
     * @param readers their variable; each reader is quiescent between bursts
     */
    public void rcu(Qsbr readers) {
        this.readers = Objects.requireNonNull(readers);
    }

    /** @return rules that were added and not deleted, built or not */
    public int rules() {
        return rules.size();
    }

    /**
     * Adds a rule; look-ups use it after the next {@link #build}.
     *
     * @param rule it
     * @throws AclRuleException when it is malformed, there already, overlaps, or does not fit in; nothing is changed
     */
    public void add(AclRule rule) {
        if (rules.size() == maxRules) {
            throw new AclRuleException(AclRuleException.Reason.FULL, rule, "", "no more rules of the ACL: all " + maxRules
                    + " are in use; make it with a greater maxRules");
        }
        RuleMatch match = checked(rule);
        refuse(same.getOrDefault(match, List.of()), match, AclRuleException.Reason.DUPLICATE, "matches the same as");
        if (refuseOverlaps) {
            List<RuleMatch> equals = byPriority.computeIfAbsent(rule.priority(), _ -> new ArrayList<>());
            List<RuleMatch> overlapping = equals.stream().filter(other -> match.overlaps(fields, other)).toList();
            refuse(overlapping, match, AclRuleException.Reason.OVERLAP, "overlaps");
            equals.add(match);
        }
        same.computeIfAbsent(match, _ -> new ArrayList<>(1)).add(match);
        rules.add(match);
    }

    /**
     * Adds rules, all or none.
     *
     * @param more them
     * @throws AclRuleException when one is not taken; nothing is changed
     */
    public void addAll(Collection<AclRule> more) {
        int before = rules.size();
        try {
            more.forEach(this::add);
        } catch (AclRuleException e) {
            while (rules.size() > before) {
                forget(rules.removeLast());
            }
            throw e;
        }
    }

    /**
     * Deletes a rule; look-ups use it until the next {@link #build}.
     *
     * @param rule one that matches the same, with the same priority, categories and userdata
     * @return false when there is none
     * @throws AclRuleException when it is malformed
     */
    public boolean delete(AclRule rule) {
        for (RuleMatch match : same.getOrDefault(checked(rule), List.of())) {
            if (match.rule.categories() == rule.categories() && match.rule.userdata() == rule.userdata()) {
                rules.removeIf(other -> other == match);
                forget(match);
                return true;
            }
        }
        return false;
    }

    /** Deletes all rules; look-ups use them until the next {@link #build} (rte_acl_reset_rules). */
    public void deleteAll() {
        rules.clear();
        same.clear();
        byPriority.clear();
    }

    /** Lets look-ups use the rules as they are now, in a table of at most {@link #DEFAULT_MAX_BYTES}. */
    public void build() {
        build(DEFAULT_MAX_BYTES);
    }

    /**
     * Lets look-ups use the rules as they are now. What packets pass meanwhile is not held up.
     *
     * @param maxBytes what rows of bits, buckets and trees may take; with less of it look-ups are slower
     * @throws AclBuildException when that is too little; look-ups use what was built before
     */
    public void build(long maxBytes) {
        publish(rules.isEmpty() ? null : interpreted(maxBytes));
    }

    private Built interpreted(long maxBytes) {
        List<RuleMatch> ranked = new ArrayList<>(rules);
        ranked.sort((a, b) -> Integer.compare(b.rule.priority(), a.rule.priority()));
        RuleSet set = new RuleSet(fields, ranked);
        Forest forest = Forest.build(set, maxBytes, false);
        Bitmaps bitmaps = Bitmaps.of(set);
        bitmaps = bitmaps != null && bitmaps.bytes() <= maxBytes ? bitmaps : null;
        Classifier classifier = bitmaps != null && bitmaps.words <= Bitmaps.FEW_WORDS ? new InterpretedBitmaps(bitmaps, keyLength)
                : new Interpreted(forest, keyLength);
        return new Built(classifier, forest, bitmaps, maxBytes);
    }

    /**
     * Turns the table in use into a class of its own, in which the fields are local variables and the tables constants,
     * and lets look-ups use that from then on. It answers the same, in about half the time or less. The class is run
     * and compared with the table first, so that the JIT has compiled it when packets come. To be called after
     * {@link #build}, and again after the next one.
     *
     * @throws AclBuildException when the class cannot be made; look-ups use the table as before
     */
    public void compile() {
        compile(fitsBitmaps() ? Form.BITMAPS : Blocks.VECTOR ? Form.BLOCKS : Form.RULES);
    }

    /** Whether the rules in use are few, and can be looked up by bits in as much memory as they may take. */
    boolean fitsBitmaps() {
        Built now = (Built) BUILT.getAcquire(this);
        return now != null && now.bitmaps != null;
    }

    /** What a compiled class looks rules up by. */
    enum Form { BITMAPS, BLOCKS, RULES }

    /** The same in one form, so that tests see each. */
    void compile(Form form) {
        Built now = (Built) BUILT.getAcquire(this);
        if (now != null) {
            Classifier compiled = written(now, form).instance(fields);
            new WarmUp(now.forest, keyLength).run(new Interpreted(now.forest, keyLength), compiled);
            publish(new Built(compiled, now.forest, now.bitmaps, now.maxBytes));
        }
    }

    private HiddenClass written(Built now, Form form) {
        return switch (form) {
            case BITMAPS -> BitmapWriter.write(now.bitmaps, keyLength);
            case BLOCKS -> ClassifierWriter.write(Forest.build(now.forest.set, now.maxBytes, true), keyLength, true);
            case RULES -> ClassifierWriter.write(now.forest, keyLength, false);
        };
    }

    /** The class that {@link #compile} would make. */
    byte[] classBytes(Form form) {
        return written((Built) BUILT.getAcquire(this), form).bytes();
    }

    private void publish(Built next) {
        BUILT.setRelease(this, next);
        if (readers != null) {
            readers.synchronize(Qsbr.NO_READER);
        }
    }

    /**
     * Finds the rules that keys match.
     *
     * @param keys where the keys lie, one behind the other
     * @param stride bytes from one to the next, {@link #keyLength} or more
     * @param n how many
     * @param categories of how many categories, from the first, 1 to {@link #MAX_CATEGORIES}
     * @param results gets a key's userdata of all categories, then the next key's; {@link #NO_MATCH} where nothing matches
     * @throws IndexOutOfBoundsException when an array is shorter than that
     * @throws IllegalArgumentException when stride or categories are out of range
     */
    public void classify(byte[] keys, int stride, int n, int categories, int[] results) {
        check(n, categories, results);
        if (stride < keyLength) {
            throw new IllegalArgumentException("stride " + stride + " of ACL keys; give " + keyLength + " or more");
        }
        Objects.checkFromIndexSize(0, n == 0 ? 0L : (n - 1L) * stride + keyLength, keys.length);
        Built now = (Built) BUILT.getAcquire(this);
        if (now == null) {
            Classifier.none(results, 0, n * categories);
            return;
        }
        now.classifier.classify(keys, stride, n, categories, results);
    }

    /**
     * Finds the rules that packets match. A packet whose first segment ends before the last field matches nothing.
     *
     * @param packets them
     * @param at where the fields' data begins in each of them, in bytes from the start of its data
     * @param n how many
     * @param categories of how many categories, from the first, 1 to {@link #MAX_CATEGORIES}
     * @param results gets a packet's userdata of all categories, then the next one's; {@link #NO_MATCH} where nothing
     *     matches
     * @throws IndexOutOfBoundsException when an array is shorter than that
     * @throws IllegalArgumentException when {@code at} or the categories are out of range
     */
    public void classify(Mbuf[] packets, int at, int n, int categories, int[] results) {
        check(n, categories, results);
        Objects.checkFromIndexSize(0, n, packets.length);
        if (at < 0) {
            throw new IllegalArgumentException("ACL data at " + at + " of a packet; give 0 or more");
        }
        Built now = (Built) BUILT.getAcquire(this);
        if (now == null) {
            Classifier.none(results, 0, n * categories);
            return;
        }
        now.classifier.classify(packets, at, n, categories, results);
    }

    private static void check(int n, int categories, int[] results) {
        if (categories < 1 || categories > MAX_CATEGORIES) {
            throw new IllegalArgumentException(categories + " ACL categories; give 1 to " + MAX_CATEGORIES);
        }
        Objects.checkFromIndexSize(0L, (long) n * categories, results.length);
    }

    private RuleMatch checked(AclRule rule) {
        if (rule.priority() < 0 || rule.priority() > AclRule.MAX_PRIORITY) {
            throw malformed(rule, "priority", "priority " + rule.priority() + "; give 0 to " + AclRule.MAX_PRIORITY);
        }
        if (rule.categories() == 0 || (rule.categories() & ~AclRule.ALL_CATEGORIES) != 0) {
            throw malformed(rule, "categories", "category mask 0x" + Integer.toHexString(rule.categories())
                    + "; give one or more of bits 0 to 15");
        }
        if (rule.userdata() == NO_MATCH) {
            throw malformed(rule, "userdata", "userdata 0 says that nothing matches; give another number");
        }
        if (rule.fields() > fields.length) {
            throw malformed(rule, "field " + (rule.fields() - 1), "the ACL has fields 0 to " + (fields.length - 1));
        }
        return new RuleMatch(fields, rule);
    }

    private static AclRuleException malformed(AclRule rule, String field, String text) {
        return new AclRuleException(AclRuleException.Reason.MALFORMED, rule, field, text);
    }

    private static void refuse(List<RuleMatch> others, RuleMatch match, AclRuleException.Reason reason, String verb) {
        for (RuleMatch other : others) {
            if ((other.rule.categories() & match.rule.categories()) != 0) {
                throw new AclRuleException(reason, match.rule, "", verb + " the rule" + (other.rule.line() > 0
                        ? " in line " + other.rule.line() : " of userdata " + other.rule.userdata())
                        + " and has its priority, " + match.rule.priority() + "; give another priority or delete one");
            }
        }
    }

    private void forget(RuleMatch match) {
        removeFrom(same, match, match);
        if (refuseOverlaps) {
            removeFrom(byPriority, match.rule.priority(), match);
        }
    }

    /** With its last rule a list goes too, so that a table that changes for ever does not grow. */
    private static <K> void removeFrom(Map<K, List<RuleMatch>> lists, K key, RuleMatch match) {
        lists.computeIfPresent(key, (_, list) -> {
            list.removeIf(other -> other == match);
            return list.isEmpty() ? null : list;
        });
    }

    /** @return bytes that the rows of bits, or the buckets and trees, take that look-ups use */
    public long bytes() {
        Built now = (Built) BUILT.getAcquire(this);
        return now == null ? 0 : now.bytes();
    }
}
