package dev.penstock.acl;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** An ACL that looks at every rule, written apart from the real one. */
final class NaiveAcl {
    private final List<AclField> fields;
    final List<AclRule> rules = new ArrayList<>();

    NaiveAcl(List<AclField> fields) {
        this.fields = fields;
    }

    int classify(byte[] key, int at, int category) {
        AclRule best = null;
        for (AclRule rule : rules) {
            if ((rule.categories() >> category & 1) == 1 && (best == null || rule.priority() > best.priority())
                    && matches(rule, key, at)) {
                best = rule;
            }
        }
        return best == null ? 0 : best.userdata();
    }

    private boolean matches(AclRule rule, byte[] key, int at) {
        for (int f = 0; f < fields.size(); f++) {
            if (rule.says(f) && !matches(fields.get(f), rule, f, key, at)) {
                return false;
            }
        }
        return true;
    }

    private static boolean matches(AclField field, AclRule rule, int f, byte[] key, int at) {
        long raw = 0;
        for (int i = 0; i < field.size(); i++) {
            raw = raw << 8 | key[at + field.offset() + i] & 0xff;
        }
        return switch (field.type()) {
            case MASK -> {
                int open = field.size() * 8 - (int) rule.mask(f);
                yield unsigned(raw).shiftRight(open).equals(unsigned(rule.value(f)).shiftRight(open));
            }
            case RANGE -> unsigned(raw).compareTo(unsigned(rule.value(f))) >= 0
                    && unsigned(raw).compareTo(unsigned(rule.mask(f))) <= 0;
            case BITMASK -> (raw & rule.mask(f)) == (rule.value(f) & rule.mask(f));
        };
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }
}
