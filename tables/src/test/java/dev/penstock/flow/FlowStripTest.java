package dev.penstock.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.flow.FlowAction.Type;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.meter.Color;
import dev.penstock.meter.SrTcm;
import dev.penstock.testkit.Frames;
import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What rules do with a packet whose tag the port took off is what they do with it as it came. */
@Timeout(120)
class FlowStripTest {
    private final Eal eal = Eal.start(line -> { }, "--no-huge", "-l", "0");
    private final MbufPool pool = MbufPool.create(eal, "strip", 63, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
    private final Flows flows = new Flows(null, 1);
    private final Mbuf[] burst = new Mbuf[8];

    @AfterEach
    void stop() {
        assertEquals(63, pool.availCount(), "packets given back");
        eal.close();
    }

    private Mbuf packet(byte[] frame, boolean strip) {
        Mbuf m = pool.alloc();
        byte[] bytes = strip ? Frames.join(Arrays.copyOf(frame, 12), Arrays.copyOfRange(frame, 16, frame.length)) : frame;
        m.append(bytes.length);
        m.write(0, bytes, 0, bytes.length);
        if (strip) {
            m.vlanTci((frame[14] & 0xff) << 8 | frame[15] & 0xff);
            m.olFlags(OlFlags.RX_VLAN | OlFlags.RX_VLAN_STRIPPED);
        }
        return m;
    }

    /** What is left of a packet, with its tag in it again; empty when it was dropped. */
    private byte[] left(byte[] frame, boolean strip) {
        burst[0] = packet(frame, strip);
        if (flows.engine(0).received(null, 0, burst, 1, burst.length) == 0) {
            return new byte[0];
        }
        Mbuf m = burst[0];
        byte[] bytes = new byte[m.dataLen()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = m.getByte(i);
        }
        byte[] mark = Frames.number((m.olFlags() & OlFlags.RX_FDIR_ID) != 0 ? m.fdirId() : 0, 1);
        if ((m.olFlags() & OlFlags.RX_VLAN_STRIPPED) != 0) {
            bytes = Frames.join(Arrays.copyOf(bytes, 12), Frames.number(0x8100_0000L | m.vlanTci(), 4), Arrays.copyOfRange(bytes, 12, bytes.length));
        }
        m.free();
        return Frames.join(mark, bytes);
    }

    private static byte[] frame(SplittableRandom random, boolean tagged) {
        byte[] inner = Frames.ethernet(8, 6, 0x0800, Frames.udp4(3, 4, 5, random.nextInt(3), new byte[8]));
        byte[] ip = random.nextBoolean() ? Frames.udp4(1, 2, 5, random.nextInt(3), new byte[16])
                : Frames.udp4(1, 2, 5, 4789, Frames.vxlan(random.nextInt(3), inner));
        int type = 0x0800;
        for (int tags = tagged ? 1 + random.nextInt(3) : 0; tags > 0; tags--) {
            ip = Frames.vlan(random.nextInt(3) << 13 | random.nextInt(3), type, ip);
            type = 0x8100;
        }
        return Frames.ethernet(2, 4, type, ip);
    }

    private static List<FlowItem> pattern(SplittableRandom random, boolean tunnel) {
        List<FlowItem> pattern = new ArrayList<>();
        FlowItem eth = new FlowItem(FlowItem.Type.ETH);
        pattern.add(switch (random.nextInt(4)) {
            case 0 -> eth.is(FlowField.ETH_TYPE, 0x8100);
            case 1 -> eth.is(FlowField.ETH_HAS_VLAN, random.nextInt(2));
            default -> eth;
        });
        FlowItem vlan = new FlowItem(FlowItem.Type.VLAN);
        for (int tags = eth.toString().equals(pattern.getFirst().toString()) ? random.nextInt(3) : 0; tags > 0; tags--) {
            pattern.add(switch (random.nextInt(3)) {
                case 0 -> vlan.masked(FlowField.VLAN_TCI, random.nextInt(3), 0xfff);
                case 1 -> vlan.is(FlowField.VLAN_INNER_TYPE, random.nextBoolean() ? 0x8100 : 0x0800);
                default -> vlan;
            });
        }
        if (tunnel || random.nextBoolean()) {
            pattern.add(new FlowItem(FlowItem.Type.IPV4));
        }
        if (tunnel) {
            pattern.add(new FlowItem(FlowItem.Type.UDP));
            pattern.add(new FlowItem(FlowItem.Type.VXLAN));
        }
        return pattern;
    }

    private static List<FlowAction> actions(SplittableRandom random, boolean tagged, boolean tunnel, int mark) {
        List<FlowAction> actions = new ArrayList<>(List.of(new FlowAction(Type.MARK, mark)));
        for (int i = random.nextInt(4); i > 0; i--) {
            switch (random.nextInt(8)) {
                case 0 -> actions.add(new FlowAction(Type.OF_PUSH_VLAN, 0x88a8));
                case 1 -> actions.add(new FlowAction(Type.RAW_DECAP, random.nextInt(20)));
                case 2 -> actions.add(new FlowAction(Type.RAW_ENCAP, new FlowHeader(Frames.ethernet(1, 3, 0x0800, Frames.ipv4(7, 8, 47, new byte[4])))));
                case 3 -> actions.add(new FlowAction(tunnel ? Type.VXLAN_DECAP : Type.MAC_SWAP));
                case 4 -> actions.add(tagged ? new FlowAction(Type.OF_POP_VLAN) : new FlowAction(Type.PASSTHRU));
                case 5 -> actions.add(tagged ? new FlowAction(Type.OF_SET_VLAN_VID, 7) : new FlowAction(Type.FLAG));
                case 6 -> actions.add(tagged ? new FlowAction(Type.OF_SET_VLAN_PCP, 5) : new FlowAction(Type.FLAG));
                default -> actions.add(new FlowAction(Type.SET_MAC_DST, 9));
            }
        }
        return actions.stream().filter(action -> action.type() != Type.PASSTHRU).toList();
    }

    @Test
    void shouldDoTheSameWithATagThatThePortTookOff() {
        SplittableRandom random = Seed.random("stripped tags");
        int marked = 0;
        for (int round = 0; round < 300; round++) {
            flows.flush();
            for (int i = 1; i < 5; i++) {
                boolean tunnel = random.nextBoolean();
                List<FlowItem> pattern = pattern(random, tunnel);
                boolean tagged = pattern.stream().anyMatch(item -> item.type() == FlowItem.Type.VLAN);
                flows.create(new FlowRule(0, i, true, false, false, pattern, actions(random, tagged, tunnel, i)));
            }
            for (int i = 0; i < 20; i++) {
                byte[] frame = frame(random, true);
                byte[] whole = left(frame, false);
                assertArrayEquals(whole, left(frame, true), () -> flows.list().stream().map(Flow::rule).toList() + " of " + Arrays.toString(frame));
                marked += whole.length > 0 && whole[0] != 0 ? 1 : 0;
            }
        }
        assertTrue(marked > 1000, marked + " marked");
    }

    @Test
    void shouldDropWhatHasNoRoomForItsTag() {
        flows.create(new FlowRule(List.of(new FlowItem(FlowItem.Type.VLAN)), List.of(new FlowAction(Type.OF_POP_VLAN))));
        burst[0] = packet(frame(new SplittableRandom(1), true), true);
        burst[0].prepend(Mbuf.HEADROOM);
        assertEquals(0, flows.engine(0).received(null, 0, burst, 1, burst.length));
        assertEquals(1, flows.drops());
    }

    @Test
    void shouldColourByThePriorityOfATagThatThePortTookOff() {
        FlowMeter meter = new FlowMeter(new FlowProfile(now -> new SrTcm(1, 1 << 20, 1 << 20, now), false), new FlowPolicy(List.of(), List.of(), List.of()));
        List<Color> byVlan = new ArrayList<>(Collections.nCopies(16, Color.GREEN));
        byVlan.set(4, Color.RED);
        meter.input(new FlowMeterInput(Color.GREEN, false, List.of(), byVlan));
        flows.create(new FlowRule(List.of(), List.of(new FlowAction(Type.METER, meter))));
        byte[] frame = Frames.ethernet(2, 4, 0x8100, Frames.vlan(2 << 13, 0x0800, Frames.udp4(1, 2, 5, 6, new byte[16])));
        left(frame, false);
        left(frame, true);
        assertEquals(2, meter.stats(false)[Color.RED.ordinal()]);
    }
}
