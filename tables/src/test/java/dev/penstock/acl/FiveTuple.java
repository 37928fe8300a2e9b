package dev.penstock.acl;

import dev.penstock.testkit.ClassBench;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** ClassBench's rules as rules of an ACL. A key is 13 bytes: protocol, addresses, ports. */
final class FiveTuple {
    static final int KEY = 13;
    static final List<AclField> FIELDS = List.of(
            new AclField("protocol", AclFieldType.BITMASK, 1, 0),
            new AclField("source address", AclFieldType.MASK, 4, 1),
            new AclField("destination address", AclFieldType.MASK, 4, 5),
            new AclField("source port", AclFieldType.RANGE, 2, 9),
            new AclField("destination port", AclFieldType.RANGE, 2, 11));

    private FiveTuple() {}

    static AclRule rule(ClassBench.Rule rule, int line, int priority, int userdata) {
        return new AclRule(line, priority, userdata)
                .field(0, rule.protocol(), rule.protocolMask())
                .field(1, rule.source() & 0xffff_ffffL, rule.sourceLength())
                .field(2, rule.destination() & 0xffff_ffffL, rule.destinationLength())
                .field(3, rule.sourceLow(), rule.sourceHigh())
                .field(4, rule.destinationLow(), rule.destinationHigh());
    }

    /** Rules of which the first wins, and whose userdata is their line. */
    static List<AclRule> rules(List<ClassBench.Rule> rules) {
        List<AclRule> result = new ArrayList<>();
        for (ClassBench.Rule rule : rules) {
            int line = result.size() + 1;
            result.add(rule(rule, line, AclRule.MAX_PRIORITY - line, line));
        }
        return result;
    }

    static void put(byte[] keys, int index, int[] packet) {
        ByteBuffer.wrap(keys, index * KEY, KEY).put((byte) packet[4]).putInt(packet[0]).putInt(packet[1])
                .putShort((short) packet[2]).putShort((short) packet[3]);
    }

    /** Keys of which most match a rule, and some match none. */
    static byte[] keys(List<ClassBench.Rule> rules, int count, SplittableRandom random) {
        byte[] keys = new byte[count * KEY];
        for (int i = 0; i < count; i++) {
            int[] packet = rules.get(random.nextInt(rules.size())).packet(random);
            if (random.nextInt(16) == 0) {
                packet[random.nextInt(2)] ^= 1 << random.nextInt(32);
            }
            put(keys, i, packet);
        }
        return keys;
    }
}
