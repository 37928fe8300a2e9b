package dev.penstock.flowtable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.flowtable.Eviction.Reason;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Seed;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowTableTest {
    private static final Eviction NONE = (position, reason) -> {};

    private static byte[] key(int number) {
        return ByteBuffer.allocate(8).putInt(number).putInt(~number).array();
    }

    private static int add(FlowTable flows, int number) {
        byte[] key = key(number);
        return flows.add(key, 0, flows.hash(key, 0), number);
    }

    private static int lookup(FlowTable flows, int number) {
        byte[] key = key(number);
        return flows.lookup(key, 0, flows.hash(key, 0));
    }

    @Test
    void shouldRefuseBadParameters() {
        assertThrows(IllegalArgumentException.class, () -> new FlowTable(1, 8, 1, NONE));
        assertThrows(IllegalArgumentException.class, () -> new FlowTable(8, 0, 1, NONE));
        assertThrows(IllegalArgumentException.class, () -> new FlowTable(8, 8, 0, NONE));
        FlowTable flows = new FlowTable(8, 8, FlowTable.MAX_TIMEOUT, NONE);
        int position = add(flows, 1);
        assertThrows(IllegalArgumentException.class, () -> flows.timeout(position, FlowTable.MAX_TIMEOUT + 1));
        assertTrue(flows.advance(FlowTable.MAX_TIMEOUT - 1, 100));
        assertEquals(1, flows.size());
        assertTrue(flows.advance(FlowTable.MAX_TIMEOUT, 100));
        assertEquals(0, flows.size());
    }

    @Test
    void shouldPushOutTheFlowThatIsNearestToItsEnd() {
        int[] pushed = {-1};
        FlowTable flows = new FlowTable(8, 8, 100, (position, reason) -> pushed[0] = position);
        int[] positions = new int[8];
        for (int i = 0; i < 8; i++) {
            flows.advance(i, 100);
            positions[i] = add(flows, i);
        }
        lookup(flows, 0);
        add(flows, 8);
        assertEquals(positions[1], pushed[0]);
        assertEquals(FlowTable.ABSENT, lookup(flows, 1));
        assertEquals(1, flows.evictions(Reason.PUSHED_OUT));
        assertEquals(8, flows.size());
        assertTrue(flows.advance(107, 100));
        assertEquals(0, flows.size(), "the one that came last too");
    }

    /** It waits for the next tick, which is not the one its time ended at. */
    @ParameterizedTest
    @ValueSource(ints = {5, 10})
    void shouldPushOutOrForgetAFlowWhoseShortenedTimeIsOver(int ticks) {
        FlowTable flows = new FlowTable(8, 8, 100, NONE);
        int[] positions = new int[8];
        for (int i = 0; i < 8; i++) {
            positions[i] = add(flows, i);
        }
        flows.advance(10, 100);
        flows.timeout(positions[3], ticks);
        add(flows, 8);
        assertEquals(FlowTable.ABSENT, lookup(flows, 3));
        assertEquals(1, flows.evictions(Reason.PUSHED_OUT));
        assertEquals(8, flows.size());
        flows.timeout(positions[5], ticks);
        assertTrue(flows.advance(11, 1));
        assertEquals(FlowTable.ABSENT, lookup(flows, 5));
        assertEquals(1, flows.evictions(Reason.EXPIRED));
    }

    @Test
    void shouldStopAtTheWorkItMayDo() {
        FlowTable flows = new FlowTable(100, 8, 5, NONE);
        for (int i = 0; i < 10; i++) {
            add(flows, i);
        }
        assertTrue(!flows.advance(50, 4));
        assertEquals(6, flows.size());
        assertTrue(flows.advance(50, 6));
        assertEquals(10, flows.evictions(Reason.EXPIRED));
    }

    @Test
    void shouldForgetEachFlowAtItsTick() {
        SplittableRandom random = Seed.random("FlowTableTest");
        record Flow(int end, int timeout) {}
        Map<Integer, Flow> oracle = new HashMap<>();
        int[] now = {Integer.MAX_VALUE - 5000};
        byte[] left = new byte[8];
        FlowTable[] table = new FlowTable[1];
        table[0] = new FlowTable(4096, 8, 300, (position, reason) -> {
            table[0].key(position, left);
            int number = ByteBuffer.wrap(left).getInt();
            assertEquals(number, table[0].data(position));
            Flow flow = oracle.remove(number);
            assertTrue(reason != Reason.EXPIRED || flow.end - now[0] <= 0, "too early");
        });
        FlowTable flows = table[0];
        // The ticks wrap on the way.
        for (int tick : new int[] {1_000_000_000, 2_000_000_000, now[0]}) {
            assertTrue(flows.advance(tick, 1));
        }
        for (int i = 0; i < 1_000_000; i++) {
            int number = random.nextInt(6000);
            int kind = random.nextInt(16);
            if (kind < 8) {
                assertEquals(oracle.containsKey(number), lookup(flows, number) >= 0);
                oracle.computeIfPresent(number, (n, f) -> new Flow(now[0] + f.timeout, f.timeout));
            } else if (kind < 13 && flows.size() < 4000) {
                add(flows, number);
                int timeout = oracle.containsKey(number) ? oracle.get(number).timeout : 300;
                oracle.put(number, new Flow(now[0] + timeout, timeout));
            } else if (kind == 13 && oracle.containsKey(number)) {
                int timeout = random.nextInt(1, 600);
                flows.timeout(lookup(flows, number), timeout);
                oracle.put(number, new Flow(now[0] + timeout, timeout));
            } else if (kind == 14 && oracle.containsKey(number) && random.nextInt(4) == 0) {
                flows.delete(lookup(flows, number));
                assertTrue(!oracle.containsKey(number));
            } else if (kind == 15 && random.nextInt(16) == 0) {
                now[0] += random.nextInt(4);
                assertTrue(flows.advance(now[0], Integer.MAX_VALUE));
                oracle.forEach((n, f) -> assertTrue(f.end - now[0] > 0, "kept too long"));
                assertEquals(oracle.size(), flows.size());
            }
        }
        assertTrue(flows.evictions(Reason.EXPIRED) > 1000 && flows.evictions(Reason.DELETED) > 100);
    }

    @Test
    void shouldHoldAMillionFlowsWithoutAllocationOrScans() {
        byte[] key = new byte[8];
        ByteBuffer view = ByteBuffer.wrap(key);
        long least = Long.MAX_VALUE;
        // what is not compiled yet allocates a little, with vectors more
        for (int round = 0; round < 20 && least >= 10_000; round++) {
            FlowTable flows = new FlowTable(1 << 20, 8, 1000, NONE);
            least = Math.min(least, Allocation.bytesOf(() -> {
                for (int i = 0; i < 1_000_000; i++) {
                    view.putInt(0, i);
                    flows.add(key, 0, flows.hash(key, 0), i);
                }
                assertEquals(1_000_000, flows.size());
                for (int tick = 1; tick < 1000; tick++) {
                    flows.advance(tick, 0);
                }
                flows.advance(1000, Integer.MAX_VALUE);
            }));
            assertEquals(0, flows.size());
        }
        assertTrue(least < 10_000, least + " bytes for a million flows");
    }
}
