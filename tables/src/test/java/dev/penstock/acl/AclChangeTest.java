package dev.penstock.acl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.acl.AclRuleException.Reason;
import dev.penstock.rcu.Qsbr;
import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an ACL takes, deletes and gives back, rule by rule. */
@Timeout(120)
class AclChangeTest {
    private static final List<AclField> FIELDS = List.of(new AclField("flags", AclFieldType.BITMASK, 1, 0),
            new AclField("port", AclFieldType.RANGE, 1, 1), new AclField("address", AclFieldType.MASK, 1, 2));

    private static AclRule rule(SplittableRandom random, int userdata) {
        AclRule rule = new AclRule(0, random.nextInt(2), userdata).categories(1 + random.nextInt(3));
        for (int f = 0; f < FIELDS.size(); f++) {
            int value = random.nextInt(8);
            switch (FIELDS.get(f).type()) {
                case BITMASK -> rule = rule.field(f, value, random.nextInt(8));
                case RANGE -> rule = rule.field(f, value, value + random.nextInt(4));
                case MASK -> rule = rule.field(f, value, 5 + random.nextInt(4));
            }
        }
        return random.nextInt(4) > 0 ? rule : new AclRule(0, 1, userdata).field(random.nextInt(2), 3, 3);
    }

    private static boolean matches(AclRule rule, int f, int value) {
        return !rule.says(f) || switch (FIELDS.get(f).type()) {
            case BITMASK -> ((value ^ rule.value(f)) & rule.mask(f)) == 0;
            case RANGE -> value >= rule.value(f) && value <= rule.mask(f);
            case MASK -> (value ^ rule.value(f)) >>> 8 - rule.mask(f) == 0;
        };
    }

    /** By each value of each field: some value meets both, or each one meets both or none. */
    private static boolean shares(AclRule a, AclRule b, boolean all) {
        return IntStream.range(0, FIELDS.size()).allMatch(f -> all ? IntStream.range(0, 256).allMatch(v -> matches(a, f, v) == matches(b, f, v))
                : IntStream.range(0, 256).anyMatch(v -> matches(a, f, v) && matches(b, f, v)));
    }

    private static Reason refused(AclRule rule, List<AclRule> rules, boolean overlaps) {
        Reason reason = null;
        for (AclRule other : rules) {
            if (other.priority() == rule.priority() && (other.categories() & rule.categories()) != 0) {
                if (shares(rule, other, true)) {
                    return Reason.DUPLICATE;
                }
                reason = overlaps && shares(rule, other, false) ? Reason.OVERLAP : reason;
            }
        }
        return reason;
    }

    @Test
    void shouldTakeAndDeleteAsTheOracleDoes() {
        SplittableRandom random = Seed.random("acl changes");
        int[] reasons = new int[Reason.values().length];
        for (int round = 0; round < 200; round++) {
            boolean overlaps = random.nextBoolean();
            Acl acl = new Acl(FIELDS, 1000, overlaps);
            List<AclRule> rules = new ArrayList<>();
            for (int i = 1; i < 60; i++) {
                AclRule rule = rule(random, 1 + random.nextInt(3));
                Reason reason = refused(rule, rules, overlaps);
                if (reason == null) {
                    acl.add(rule);
                    rules.add(rule);
                } else {
                    reasons[reason.ordinal()]++;
                    assertEquals(reason, assertThrows(AclRuleException.class, () -> acl.add(rule)).reason());
                }
                AclRule gone = random.nextBoolean() || rules.isEmpty() ? rule(random, 1 + random.nextInt(3)) : rules.get(random.nextInt(rules.size()));
                int at = IntStream.range(0, rules.size()).filter(r -> rules.get(r).userdata() == gone.userdata() && shares(rules.get(r), gone, true)
                        && rules.get(r).priority() == gone.priority() && rules.get(r).categories() == gone.categories()).findFirst().orElse(-1);
                if (random.nextInt(3) == 0) {
                    assertEquals(at >= 0, acl.delete(gone));
                    if (at >= 0) {
                        rules.remove(at);
                    }
                }
                if (random.nextInt(40) == 0) {
                    acl.deleteAll();
                    rules.clear();
                }
                assertEquals(rules.size(), acl.rules());
            }
        }
        assertTrue(reasons[Reason.DUPLICATE.ordinal()] > 100 && reasons[Reason.OVERLAP.ordinal()] > 100);
    }

    /** Who changes the rules may then free what the old ones led to. */
    @Test
    void shouldWaitForReadersThatMayUseTheRulesFromBefore() throws InterruptedException {
        Acl acl = new Acl(FIELDS, 10);
        Qsbr readers = new Qsbr(1);
        acl.rcu(readers);
        acl.add(new AclRule(0, 1, 1));
        readers.register(0);
        readers.online(0);
        Thread build = Thread.ofPlatform().daemon().start(acl::build);
        int[] result = new int[1];
        while (result[0] != 1) {
            acl.classify(new byte[3], 3, 1, 1, result);
        }
        build.join(200);
        assertTrue(build.isAlive(), "look-ups use the rules already, but the reader was not quiescent");
        readers.quiescent(0);
        build.join(TimeUnit.SECONDS.toMillis(60));
        assertFalse(build.isAlive());
        readers.unregister(0);
    }
}
