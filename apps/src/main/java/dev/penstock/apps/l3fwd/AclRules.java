package dev.penstock.apps.l3fwd;

import dev.penstock.acl.AclField;
import dev.penstock.acl.AclFieldType;
import dev.penstock.acl.AclRule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.IntPredicate;

/**
 * The rules of an ACL, in the form of ClassBench: {@code source/length destination/length low : high low : high
 * protocol/mask}, source ports before destination ports, behind {@code @} for what is denied or {@code R} for a route,
 * which has a port at the end. Of the rules that a packet matches the first holds.
 */
final class AclRules {
    /** What is denied has this, a route its port and 1. */
    static final int DENY = 1 << 16;

    private static final int MAX_PORT = 65_535;
    private static final int LONG_BITS = 64;

    static final List<AclField> IPV4 = List.of(mask("source", 4, 0), mask("destination", 4, 4), range("source port", 8),
            range("destination port", 10), protocol(15));
    static final List<AclField> IPV6 = List.of(mask("source, first half", 8, 0), mask("source, second half", 8, 8),
            mask("destination, first half", 8, 16), mask("destination, second half", 8, 24), range("source port", 32),
            range("destination port", 34), protocol(39));

    private AclRules() {}

    private static AclField mask(String name, int size, int offset) {
        return new AclField(name, AclFieldType.MASK, size, offset);
    }

    private static AclField range(String name, int offset) {
        return new AclField(name, AclFieldType.RANGE, 2, offset);
    }

    private static AclField protocol(int offset) {
        return new AclField("protocol", AclFieldType.BITMASK, 1, offset);
    }

    /** Reads IPv4 rules; none without a file. Those that an earlier line has too are said. */
    static List<AclRule> ipv4(Path file, IntPredicate enabled, Repeats repeats) {
        return read(file, "198.18.0.0/24 0.0.0.0/0", enabled, repeats, (line, rule) -> {
            for (String name : List.of("source", "destination")) {
                long prefix = line.ipv4Prefix(name);
                rule.say(prefix & 0xffff_ffffL, prefix >>> 32);
            }
        });
    }

    /** Reads IPv6 rules, in the same way. */
    static List<AclRule> ipv6(Path file, IntPredicate enabled, Repeats repeats) {
        return read(file, "2001:db8::/64 ::/0", enabled, repeats, (line, rule) -> {
            for (String name : List.of("source", "destination")) {
                RuleLine.Prefix6 prefix = line.ipv6Prefix(name);
                rule.say(prefix.address().high(), Math.min(prefix.depth(), LONG_BITS));
                rule.say(prefix.address().low(), Math.max(prefix.depth() - LONG_BITS, 0));
            }
        });
    }

    /** What a line says about each field, as far as it has been read. */
    private static final class Said {
        private final List<long[]> fields = new ArrayList<>();

        void say(long value, long mask) {
            fields.add(new long[] {value, mask});
        }

        void portsAndProtocol(RuleLine line) {
            for (String name : List.of("source port", "destination port")) {
                int low = line.number("low " + name, MAX_PORT);
                line.expect(":", "between low and high " + name);
                int high = line.number("high " + name, MAX_PORT);
                if (high < low) {
                    throw line.wrong("high " + name, "is " + high + ", less than the low one, " + low);
                }
                say(low, high);
            }
            long protocol = line.pair("protocol", 255);
            say(protocol >>> 32, protocol & 0xff);
        }

        String text() {
            return Arrays.deepToString(fields.toArray());
        }

        AclRule rule(int line, int priority, int answer) {
            AclRule rule = new AclRule(line, priority, answer);
            for (int i = 0; i < fields.size(); i++) {
                rule = rule.field(i, fields.get(i)[0], fields.get(i)[1]);
            }
            return rule;
        }
    }

    private static List<AclRule> read(Path file, String example, IntPredicate enabled, Repeats repeats, BiConsumer<RuleLine, Said> addresses) {
        List<AclRule> rules = new ArrayList<>();
        if (file != null) {
            RuleFile.read(file, "R@", "R" + example + " 0 : 65535 0 : 65535 0x00/0x00 1", line -> {
                Said said = new Said();
                addresses.accept(line, said);
                said.portsAndProtocol(line);
                repeats.add(line, said.text(), "what it matches", "first");
                int answer = line.lead() == 'R' ? port(line, enabled) + 1 : DENY;
                rules.add(said.rule(line.number(), AclRule.MAX_PRIORITY - rules.size(), answer));
            });
        }
        return rules;
    }

    private static int port(RuleLine line, IntPredicate enabled) {
        int port = line.number("port", 255);
        if (!enabled.test(port)) {
            throw line.wrong("port", "is " + port + ", which does not forward; enable it with -p");
        }
        return port;
    }
}
