package dev.penstock.bench;

import dev.penstock.acl.Acl;
import dev.penstock.acl.AclField;
import dev.penstock.acl.AclFieldType;
import dev.penstock.acl.AclRule;
import dev.penstock.eal.Clock;
import dev.penstock.testkit.ClassBench;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One ClassBench-like rule set, and packets that each match one of its rules, classified in bursts as dpdk-test-acl
 * does: by the ACL's table, and by the class that is made of it. Files for dpdk-test-acl hold the same.
 */
final class AclBench {
    private static final int PACKETS = 1 << 15;
    private static final int BURST = 256;
    private static final int KEY = 13;
    private static final int ROUNDS = 64;
    private static final List<AclField> FIELDS = List.of(
            new AclField("protocol", AclFieldType.BITMASK, 1, 0),
            new AclField("source address", AclFieldType.MASK, 4, 1),
            new AclField("destination address", AclFieldType.MASK, 4, 5),
            new AclField("source port", AclFieldType.RANGE, 2, 9),
            new AclField("destination port", AclFieldType.RANGE, 2, 11));

    private final String name;
    private final List<ClassBench.Rule> rules;
    private final int[][] packets = new int[PACKETS][];

    AclBench(ClassBench.Kind kind, int size) {
        name = kind + " " + size;
        SplittableRandom random = new SplittableRandom(size);
        rules = ClassBench.rules(kind, size, random);
        for (int i = 0; i < PACKETS; i++) {
            packets[i] = rules.get(random.nextInt(size)).packet(random);
        }
    }

    /** @return the names of a set's rows */
    static List<String> names(ClassBench.Kind kind, int size) {
        return List.of(kind + " " + size + " table", kind + " " + size + " compiled");
    }

    /** @return the name of the compiled form's row */
    String compiledRow() {
        return name + " compiled";
    }

    /** @return the name of the table's row */
    String tableRow() {
        return name + " table";
    }

    /**
     * Measures both forms.
     *
     * @return cycles a packet, by row
     */
    Map<String, Double> rows() {
        Acl acl = new Acl(FIELDS, rules.size());
        for (int i = 0; i < rules.size(); i++) {
            ClassBench.Rule rule = rules.get(i);
            acl.add(new AclRule(i + 1, AclRule.MAX_PRIORITY - i, i + 1)
                    .field(0, rule.protocol(), rule.protocolMask())
                    .field(1, rule.source() & 0xffff_ffffL, rule.sourceLength())
                    .field(2, rule.destination() & 0xffff_ffffL, rule.destinationLength())
                    .field(3, rule.sourceLow(), rule.sourceHigh())
                    .field(4, rule.destinationLow(), rule.destinationHigh()));
        }
        acl.build();
        byte[][] bursts = bursts();
        cycles(acl, bursts);
        double table = cycles(acl, bursts);
        acl.compile();
        cycles(acl, bursts);
        Map<String, Double> rows = new LinkedHashMap<>();
        rows.put(tableRow(), table);
        rows.put(compiledRow(), cycles(acl, bursts));
        return rows;
    }

    private byte[][] bursts() {
        byte[][] bursts = new byte[PACKETS / BURST][BURST * KEY];
        for (int i = 0; i < PACKETS; i++) {
            int[] packet = packets[i];
            ByteBuffer.wrap(bursts[i / BURST], i % BURST * KEY, KEY).put((byte) packet[4]).putInt(packet[0]).putInt(packet[1])
                    .putShort((short) packet[2]).putShort((short) packet[3]);
        }
        return bursts;
    }

    private static double cycles(Acl acl, byte[][] bursts) {
        int[] results = new int[BURST];
        int fails = 0;
        long start = System.nanoTime();
        for (int round = 0; round < ROUNDS; round++) {
            for (byte[] keys : bursts) {
                acl.classify(keys, KEY, BURST, 1, results);
                fails += results[0] == Acl.NO_MATCH ? 1 : 0;
            }
        }
        long ns = System.nanoTime() - start;
        if (fails != 0) {
            throw new IllegalStateException(fails + " packets matched no rule, and each has one");
        }
        return ns * (Clock.hz() / 1e9) / ((double) ROUNDS * PACKETS);
    }

    /**
     * Writes what dpdk-test-acl reads.
     *
     * @param rulesFile gets the rules
     * @param traceFile gets the packets
     * @throws IOException when a file can't be written
     */
    void write(Path rulesFile, Path traceFile) throws IOException {
        Files.write(rulesFile, rules.stream().map(ClassBench.Rule::toString).toList());
        StringBuilder trace = new StringBuilder();
        for (int[] packet : packets) {
            trace.append(Integer.toUnsignedString(packet[0])).append('\t').append(Integer.toUnsignedString(packet[1])).append('\t')
                    .append(packet[2]).append('\t').append(packet[3]).append('\t').append(packet[4]).append('\n');
        }
        Files.writeString(traceFile, trace);
    }

    /** @return how many packets there are */
    static int packets() {
        return PACKETS;
    }

    /** @return how often dpdk-test-acl is to go through the packets */
    static int rounds() {
        return ROUNDS;
    }
}
