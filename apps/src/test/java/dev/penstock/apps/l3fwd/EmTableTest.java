package dev.penstock.apps.l3fwd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Seed;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The flows of exact match against a map. */
class EmTableTest {
    private final SplittableRandom random = Seed.random("EmTableTest");

    /** One of few hosts and ports, so that keys come twice, differ in one field, or are all zeros. */
    private byte[] key(int range) {
        return FlowKeys.ipv4(random.nextInt(range), random.nextInt(range) << 24, random.nextInt(2), random.nextInt(range) & 0xffff, random.nextInt(2) * 17);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 100, 4096, 50_000})
    void shouldFindWhatTheLastRuleOfAKeySays(int rules) {
        int range = 2 + (int) Math.cbrt(rules);
        List<FlowRoutes.Flow> flows = new ArrayList<>();
        Map<ByteBuffer, Integer> oracle = new HashMap<>();
        for (int i = 0; i < rules; i++) {
            FlowRoutes.Flow flow = new FlowRoutes.Flow(key(range), random.nextInt(256));
            flows.add(flow);
            oracle.put(ByteBuffer.wrap(flow.key()), flow.port());
        }
        EmTable table = new EmTable(flows);
        EmTable.Columns columns = new EmTable.Columns();
        int[] hops = new int[Router.BURST];
        int found = 0;
        for (int round = 0; round < 4000; round++) {
            int n = 1 + random.nextInt(Router.BURST);
            byte[][] keys = new byte[n][];
            for (int i = 0; i < n; i++) {
                keys[i] = rules > 0 && random.nextBoolean() ? flows.get(random.nextInt(rules)).key() : key(range);
                columns.put(i, keys[i]);
            }
            table.find(columns, hops, n);
            for (int i = 0; i < n; i++) {
                int expected = oracle.getOrDefault(ByteBuffer.wrap(keys[i]), Lookup.NO_ROUTE);
                assertEquals(expected, hops[i]);
                found += expected >= 0 ? 1 : 0;
            }
        }
        assertTrue(rules == 0 || found > 10_000, found + " found");
    }

    @Test
    void shouldAllocateNothing() {
        List<FlowRoutes.Flow> flows = new ArrayList<>();
        EmTable.Columns columns = new EmTable.Columns();
        for (int i = 0; i < 1000; i++) {
            flows.add(new FlowRoutes.Flow(key(40), 1));
            columns.put(i % Router.BURST, flows.get(i).key());
        }
        EmTable table = new EmTable(flows);
        int[] hops = new int[Router.BURST];
        assertEquals(0, Allocation.steadyBytesOf(() -> {
            for (int i = 0; i < 10_000; i++) {
                table.find(columns, hops, Router.BURST);
            }
        }));
    }
}
