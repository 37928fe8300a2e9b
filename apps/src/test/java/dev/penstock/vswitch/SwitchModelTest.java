package dev.penstock.vswitch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The switch beside a naive one: the same frames, ports, tenants, VLANs, ageing; the same frames come out. */
class SwitchModelTest {
    private static final int AGEING_S = 20;
    private static final int HOSTS = 30;

    private final SplittableRandom random = Seed.random("SwitchModel");
    private final OracleSwitch oracle = new OracleSwitch(AGEING_S);
    private int made;
    private int queues;

    @ParameterizedTest
    @CsvSource({"1,1", "3,1", "1,2", "2,2", "3,4"})
    void shouldForwardAsANaiveSwitchDoes(int forwarders, int queuesOfEach) {
        queues = queuesOfEach;
        try (TestSwitch real = new TestSwitch(forwarders, 4096, AGEING_S)) {
            for (int i = 0; i < 6; i++) {
                addPort(real);
            }
            for (int step = 0; step < 6_000; step++) {
                int action = random.nextInt(100);
                if (action < 2) {
                    changePorts(real);
                } else if (action < 5) {
                    real.nanos += random.nextInt(10) * 1_000_000_000L;
                    real.vswitch.tick();
                    oracle.tick((int) ((real.nanos - 1) / 1_000_000_000L));
                } else {
                    burst(real);
                }
                assertEquals(oracle.learned(), real.vswitch.macs().size(), "learned addresses");
                assertEquals(0, real.inUse(), "packets that are nowhere");
            }
            assertEquals(0, real.imbalance());
        }
    }

    private void changePorts(TestSwitch real) {
        if (oracle.ports.size() < 3 || oracle.ports.size() < 9 && random.nextBoolean()) {
            addPort(real);
        } else if (random.nextBoolean()) {
            String name = anyPort();
            // Its counters go with it, so they must add up before.
            assertEquals(0, real.imbalance());
            real.remove(name);
            oracle.forget(oracle.ports.remove(name));
            rebase(real);
        } else {
            String name = anyPort();
            OracleSwitch.OraclePort port = oracle.ports.get(name);
            String before = real.vswitch.port(name).settings().vlanText() + real.vswitch.port(name).settings().domain();
            PortSettings settings = choose(port);
            real.vswitch.set(name, settings);
            if (!before.equals(settings.vlanText() + settings.domain())) {
                oracle.forget(port);
            }
        }
    }

    /** With a port its counters go: what is left is made anew, so that they can be added up again. */
    private void rebase(TestSwitch real) {
        for (String name : oracle.ports.keySet()) {
            PortSettings settings = real.vswitch.port(name).settings();
            real.remove(name);
            oracle.forget(oracle.ports.get(name));
            real.add(name, settings);
        }
    }

    private void addPort(TestSwitch real) {
        OracleSwitch.OraclePort port = new OracleSwitch.OraclePort("p" + made++);
        real.add(port.name, choose(port));
        oracle.ports.put(port.name, port);
    }

    private PortSettings choose(OracleSwitch.OraclePort port) {
        port.tenant = random.nextInt(3) == 0 ? "red" : "blue";
        port.isolated = random.nextInt(4) == 0;
        port.limit = random.nextInt(5) == 0 ? 3 : 100;
        PortSettings settings = new PortSettings().queues(queues).domain(port.tenant).isolated(port.isolated).macLimit(port.limit);
        for (PortSettings.Flood kind : PortSettings.Flood.values()) {
            settings.flood(kind, PortSettings.UNLIMITED);
        }
        if (random.nextBoolean()) {
            port.untagged = 1 + random.nextInt(3);
            port.tagged = null;
            return settings.access(port.untagged);
        }
        port.tagged = new BitSet();
        for (int i = 0; i < 3; i++) {
            port.tagged.set(1 + random.nextInt(4));
        }
        port.untagged = random.nextInt(4);
        return settings.trunk(port.tagged, port.untagged);
    }

    private String anyPort() {
        return new ArrayList<>(oracle.ports.keySet()).get(random.nextInt(oracle.ports.size()));
    }

    private byte[] frame() {
        long dst = switch (random.nextInt(12)) {
            case 0 -> 0xffff_ffff_ffffL;
            case 1 -> 0x0100_5e00_0001L;
            case 2 -> 0x0180_c200_0000L + random.nextInt(17);
            case 3 -> 0;
            default -> host();
        };
        long src = switch (random.nextInt(40)) {
            case 0 -> 0;
            case 1 -> 0x0300_0000_0001L;
            default -> host();
        };
        int length = random.nextInt(30) == 0 ? random.nextInt(20) : 14 + random.nextInt(100);
        byte[] frame = new byte[length];
        random.nextBytes(frame);
        put(frame, 0, dst, 6);
        put(frame, 6, src, 6);
        put(frame, 12, random.nextInt(3) == 0 ? 0x8100 : random.nextInt(20) == 0 ? 0x88a8 : 0x0800, 2);
        put(frame, 14, random.nextInt(8) << 13 | random.nextInt(6), 2);
        return frame;
    }

    private long host() {
        return 0x0200_0000_0000L | random.nextInt(HOSTS);
    }

    private static void put(byte[] frame, int at, long value, int bytes) {
        for (int i = 0; i < bytes && at + i < frame.length; i++) {
            frame[at + i] = (byte) (value >>> 8 * (bytes - 1 - i));
        }
    }

    /** Some frames to one port, often several alike in a row: the fast path must not tell. */
    private void burst(TestSwitch real) {
        String from = anyPort();
        Map<String, List<byte[]>> expected = new TreeMap<>();
        int n = 1 + random.nextInt(10);
        byte[] frame = frame();
        int queue = random.nextInt(queues);
        for (int i = 0; i < n; i++) {
            if (random.nextInt(3) == 0) {
                frame = frame();
            }
            real.send(from, queue, frame);
            oracle.forward(from, frame).forEach((to, frames) -> expected.computeIfAbsent(to, t -> new ArrayList<>()).addAll(frames));
        }
        real.poll();
        for (String name : oracle.ports.keySet()) {
            List<byte[]> got = real.take(name);
            List<byte[]> wanted = expected.getOrDefault(name, List.of());
            assertEquals(wanted.size(), got.size(), "frames from " + from + " to " + name);
            for (int i = 0; i < got.size(); i++) {
                assertArrayEquals(wanted.get(i), got.get(i), "frame " + i + " from " + from + " to " + name);
            }
        }
    }
}
