package dev.penstock.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.flow.FlowAction.Type;
import dev.penstock.flow.FlowException.Cause;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Checksum;
import dev.penstock.net.Ethernet;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Ipv6Address;
import dev.penstock.testkit.Frames;
import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules against an oracle that knows what each packet was made of, and looks at every rule. */
@Timeout(120)
class FlowsTest {
    private static final int IP = Ethernet.LENGTH;
    private static final int L4 = IP + Ipv4.LENGTH;

    private final Eal eal = Eal.start(line -> { }, "--no-huge", "-l", "0");
    private final MbufPool pool = MbufPool.create(eal, "flows", 255, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
    private final Flows flows = new Flows(null, 1);
    private final Mbuf[] burst = new Mbuf[64];

    @AfterEach
    void stop() {
        assertEquals(255, pool.availCount(), "packets given back");
        eal.close();
    }

    private static FlowItem item(FlowItem.Type type) {
        return new FlowItem(type);
    }

    private static FlowRule rule(List<FlowItem> pattern, FlowAction... actions) {
        return new FlowRule(pattern, List.of(actions));
    }

    private static FlowAction action(Type type, long value) {
        return new FlowAction(type, value);
    }

    private Mbuf packet(byte[] frame) {
        Mbuf m = pool.alloc();
        m.append(frame.length);
        m.write(0, frame, 0, frame.length);
        return m;
    }

    private int receive(Mbuf... packets) {
        System.arraycopy(packets, 0, burst, 0, packets.length);
        return flows.engine(0).received(null, 0, burst, packets.length, burst.length);
    }

    private static byte[] udp(int src, int dst, int from, int to) {
        return Frames.ethernet(0x0200_0000_0002L, 0x0200_0000_0001L, 0x0800,
                Frames.udp4(src, dst, from, to, new byte[32]));
    }

    /** What a random packet was made of. */
    private record Made(byte[] frame, int vlan, boolean six, int src, int protocol, int from, int to) {}

    private static Made made(SplittableRandom random) {
        int src = 0xc612_0000 + random.nextInt(4);
        int from = random.nextInt(4);
        int to = random.nextInt(4);
        int protocol = random.nextBoolean() ? 17 : 6;
        int vlan = random.nextInt(3) - 1;
        boolean six = random.nextInt(3) == 0;
        byte[] a = six ? Frames.ipv6Address(src) : Frames.number(src, 4);
        byte[] b = six ? Frames.ipv6Address(1) : Frames.number(1, 4);
        byte[] payload = protocol == 17 ? Frames.udp(a, b, from, to, new byte[8])
                : Frames.tcp(a, b, from, to, 2, new byte[0], new byte[8]);
        byte[] ip = six ? Frames.ipv6(a, b, protocol, payload) : Frames.ipv4(src, 1, protocol, payload);
        int type = six ? 0x86dd : 0x0800;
        byte[] frame = vlan < 0 ? Frames.ethernet(2, 4, type, ip) : Frames.ethernet(2, 4, 0x8100, Frames.vlan(vlan, type, ip));
        return new Made(frame, vlan, six, src, protocol, from, to);
    }

    private static FlowRule random(SplittableRandom random, int mark) {
        List<FlowItem> pattern = new ArrayList<>();
        if (random.nextInt(4) > 0) {
            pattern.add(item(FlowItem.Type.ETH));
        }
        if (random.nextInt(3) == 0) {
            FlowItem vlan = item(FlowItem.Type.VLAN);
            pattern.add(random.nextBoolean() ? vlan : vlan.masked(FlowField.VLAN_TCI, random.nextInt(2), 0xfff));
        }
        int ip = random.nextInt(3);
        if (ip == 0) {
            FlowItem four = item(FlowItem.Type.IPV4);
            int src = 0xc612_0000 + random.nextInt(4);
            pattern.add(random.nextBoolean() ? four : random.nextBoolean() ? four.is(FlowField.IPV4_SRC, src & 0xffff_ffffL)
                    : four.masked(FlowField.IPV4_SRC, src & 0xffff_ffffL, 0xffff_fffeL));
        } else if (ip == 1) {
            pattern.add(item(FlowItem.Type.IPV6));
        }
        if (random.nextBoolean()) {
            boolean udp = random.nextBoolean();
            FlowItem l4 = item(udp ? FlowItem.Type.UDP : FlowItem.Type.TCP);
            int low = random.nextInt(4);
            l4 = random.nextBoolean() ? l4.range(udp ? FlowField.UDP_SRC : FlowField.TCP_SRC, low, low + random.nextInt(3)) : l4;
            pattern.add(random.nextBoolean() ? l4.is(udp ? FlowField.UDP_DST : FlowField.TCP_DST, random.nextInt(4)) : l4);
        }
        return new FlowRule(0, random.nextInt(3), true, false, false, pattern, List.of(action(Type.MARK, mark)));
    }

    private static boolean matches(FlowRule rule, Made made) {
        FlowItem.Type above = null;
        for (FlowItem item : rule.pattern()) {
            boolean there = switch (item.type()) {
                case ETH -> true;
                case VLAN -> made.vlan >= 0;
                case IPV4 -> !made.six && (above != FlowItem.Type.ETH || made.vlan < 0);
                case IPV6 -> made.six && (above != FlowItem.Type.ETH || made.vlan < 0);
                case UDP -> made.protocol == 17;
                case TCP -> made.protocol == 6;
                default -> false;
            };
            above = item.type();
            for (FlowItem.Match match : item.matches()) {
                long value = switch (match.field()) {
                    case VLAN_TCI -> made.vlan;
                    case IPV4_SRC -> made.src & 0xffff_ffffL;
                    case UDP_SRC, TCP_SRC -> made.from;
                    default -> made.to;
                };
                there &= match.spec() == match.last() ? (value & match.mask()) == match.spec()
                        : value >= match.spec() && value <= match.last();
            }
            if (!there) {
                return false;
            }
        }
        return true;
    }

    /** Whoever owns a burst is to free what is left of it. */
    @Test
    void shouldLeaveNoPacketThatItDroppedInABurstWhenItFails() {
        flows.create(rule(List.of(item(FlowItem.Type.UDP).masked(FlowField.UDP_DST, 7, 0xffff)), action(Type.DROP, 0)));
        Mbuf[] packets = IntStream.range(0, 33).mapToObj(i -> i == 32 ? null : packet(udp(1, 2, 5, i % 2 == 0 ? 7 : 8))).toArray(Mbuf[]::new);
        assertThrows(NullPointerException.class, () -> receive(packets));
        assertEquals(16, Arrays.stream(burst, 0, 33).filter(m -> m != null).count());
        Mbuf.freeBulk(burst, 0, 33);
        assertEquals(16, flows.drops());
    }

    @Test
    void shouldDoTheRuleThatTheOracleFinds() {
        SplittableRandom random = Seed.random("flows");
        for (int round = 0; round < 40; round++) {
            flows.flush();
            List<FlowRule> rules = new ArrayList<>();
            for (int i = 1; i <= 1 + random.nextInt(20); i++) {
                FlowRule rule = random(random, i);
                try {
                    flows.create(rule);
                    rules.add(rule);
                } catch (FlowException e) {
                    assertEquals(Cause.ITEM, e.what(), e.getMessage());
                }
            }
            if (round % 8 == 0) {
                flows.compile();
            }
            for (int i = 0; i < 500; i++) {
                Made made = made(random);
                FlowRule best = null;
                for (FlowRule rule : rules) {
                    if (matches(rule, made) && (best == null || rule.priority() < best.priority())) {
                        best = rule;
                    }
                }
                assertEquals(1, receive(packet(made.frame)));
                boolean marked = (burst[0].olFlags() & OlFlags.RX_FDIR_ID) != 0;
                assertEquals(best == null ? -1 : best.actions().getFirst().value(), marked ? burst[0].fdirId() : -1, made::toString);
                burst[0].free();
            }
        }
    }

    @Test
    void shouldDropCountAndCloseTheGap() {
        Flow counted = flows.create(rule(List.of(item(FlowItem.Type.UDP).is(FlowField.UDP_DST, 7)), new FlowAction(Type.COUNT),
                new FlowAction(Type.DROP)));
        assertEquals(2, receive(packet(udp(1, 2, 3, 8)), packet(udp(1, 2, 3, 7)), packet(udp(1, 2, 3, 9))));
        assertEquals(8, burst[0].getShort(L4 + 2));
        assertEquals(9, burst[1].getShort(L4 + 2));
        assertEquals(1, counted.hits());
        assertEquals(74, counted.bytes());
        assertEquals(1, flows.drops());
        Mbuf.freeBulk(burst, 0, 2);
        flows.destroy(counted);
        assertEquals(1, receive(packet(udp(1, 2, 3, 7))));
        burst[0].free();
        assertEquals(Cause.HANDLE, assertThrows(FlowException.class, () -> flows.destroy(counted)).what());
    }

    @Test
    void shouldJumpToALaterGroup() {
        flows.create(rule(List.of(item(FlowItem.Type.ETH)), action(Type.JUMP, 5)));
        FlowRule later = rule(List.of(item(FlowItem.Type.UDP).is(FlowField.UDP_DST, 7)), action(Type.MARK, 9));
        flows.create(new FlowRule(5, 0, true, false, false, later.pattern(), later.actions()));
        assertEquals(2, receive(packet(udp(1, 2, 3, 7)), packet(udp(1, 2, 3, 8))));
        assertEquals(9, burst[0].fdirId());
        assertEquals(0, burst[1].olFlags() & OlFlags.RX_FDIR);
        Mbuf.freeBulk(burst, 0, 2);
    }

    @Test
    void shouldGivePacketsToOtherQueues() {
        Flows three = new Flows(null, 3);
        three.create(rule(List.of(item(FlowItem.Type.UDP).is(FlowField.UDP_DST, 7)), action(Type.QUEUE, 2)));
        three.create(new FlowRule(0, 1, true, false, false, List.of(item(FlowItem.Type.UDP)), List.of(action(Type.RSS, 6))));
        int[] got = new int[3];
        for (int flow = 0; flow < 64; flow++) {
            int before = -1;
            for (int twice = 0; twice < 2; twice++) {
                burst[0] = packet(udp(flow, 2, 3, 8));
                assertEquals(0, three.engine(0).received(null, 0, burst, 1, burst.length));
                int queue = three.engine(1).received(null, 1, burst, 0, burst.length) == 1 ? 1 : 2;
                if (queue == 2) {
                    assertEquals(1, three.engine(2).received(null, 2, burst, 0, burst.length));
                }
                burst[0].free();
                got[queue]++;
                assertTrue(before < 0 || before == queue, "a flow stays with its queue");
                before = queue;
            }
        }
        assertTrue(got[1] > 20 && got[2] > 20, Arrays.toString(got));
        burst[0] = packet(udp(1, 2, 3, 7));
        assertEquals(1, three.engine(2).received(null, 2, burst, 1, burst.length));
        burst[0].free();
        for (int i = 0; i < 100; i++) {
            burst[0] = packet(udp(1, 2, 3, 7));
            assertEquals(0, three.engine(0).received(null, 0, burst, 1, burst.length));
        }
        assertEquals(155, pool.availCount());
        assertEquals(3, three.engine(2).received(null, 2, burst, 0, 3));
        Mbuf.freeBulk(burst, 0, 3);
        assertEquals(0, three.missed());
        three.close();
        assertEquals(97, three.missed(), "what its queue did not take any more");
        assertEquals(0, three.drops());
    }

    @Test
    void shouldPushPopAndSetTags() {
        flows.create(rule(List.of(item(FlowItem.Type.ETH), item(FlowItem.Type.IPV4), item(FlowItem.Type.UDP).is(FlowField.UDP_DST, 7)),
                action(Type.OF_PUSH_VLAN, 0x8100), action(Type.OF_SET_VLAN_VID, 100), action(Type.OF_SET_VLAN_PCP, 5),
                action(Type.SET_TP_SRC, 99)));
        flows.create(rule(List.of(item(FlowItem.Type.ETH), item(FlowItem.Type.VLAN).masked(FlowField.VLAN_TCI, 100, 0xfff),
                item(FlowItem.Type.IPV4), item(FlowItem.Type.UDP)), new FlowAction(Type.OF_POP_VLAN), action(Type.SET_TP_DST, 8)));
        byte[] before = udp(1, 2, 3, 7);
        assertEquals(1, receive(packet(before)));
        assertEquals(before.length + 4, burst[0].dataLen());
        assertEquals(0x8100 << 16 | 5 << 13 | 100, burst[0].getInt(12));
        assertEquals(99 << 16 | 7, burst[0].getInt(L4 + 4));
        assertTrue(Checksum.verifyUdpTcpIpv4(burst[0], IP + 4, L4 + 4));
        assertEquals(1, flows.engine(0).received(null, 0, burst, 1, burst.length));
        assertEquals(before.length, burst[0].dataLen());
        assertEquals(0x0200_0000_0001L, Ethernet.src(burst[0], 0) < Ethernet.dst(burst[0], 0) ? Ethernet.src(burst[0], 0) : Ethernet.dst(burst[0], 0));
        assertEquals(99 << 16 | 8, burst[0].getInt(L4));
        assertTrue(Checksum.verifyUdpTcpIpv4(burst[0], IP, L4));
        burst[0].free();
    }

    @Test
    void shouldMatchVxlanByItsNetwork() {
        flows.create(rule(List.of(item(FlowItem.Type.UDP), item(FlowItem.Type.VXLAN).is(FlowField.VXLAN_VNI, 0x12_3456)), action(Type.MARK, 4)));
        Mbuf right = packet(udp(1, 2, 3, 4789));
        Mbuf other = packet(udp(1, 2, 3, 4789));
        Mbuf plain = packet(udp(1, 2, 3, 4790));
        for (Mbuf m : List.of(right, other, plain)) {
            m.putInt(L4 + 8, 0x0800_0000);
            m.putInt(L4 + 12, m == other ? 0x12_3457_00 : 0x12_3456_00);
        }
        assertEquals(3, receive(right, other, plain));
        assertEquals(4, right.fdirId());
        assertEquals(0, (other.olFlags() | plain.olFlags()) & OlFlags.RX_FDIR);
        Mbuf.freeBulk(burst, 0, 3);
    }

    @Test
    void shouldReceiveNothingElseWhenIsolated() {
        flows.isolate(true);
        assertEquals(0, receive(packet(udp(1, 2, 3, 7))));
        flows.create(rule(List.of(item(FlowItem.Type.UDP).is(FlowField.UDP_DST, 7)), new FlowAction(Type.PASSTHRU)));
        assertEquals(1, receive(packet(udp(1, 2, 3, 8)), packet(udp(1, 2, 3, 7))));
        burst[0].free();
        assertEquals(2, flows.drops());
    }

    @Test
    void shouldMendChecksumsOfWhatItChanges() {
        SplittableRandom random = Seed.random("flow edits");
        flows.create(rule(List.of(item(FlowItem.Type.ETH), item(FlowItem.Type.IPV4), item(FlowItem.Type.UDP)),
                action(Type.SET_MAC_SRC, 5), action(Type.SET_MAC_DST, 6), action(Type.SET_IPV4_SRC, 0xc612_0707L),
                action(Type.SET_IPV4_DST, 0xc613_0909L), action(Type.SET_TP_SRC, 4789), action(Type.SET_TP_DST, 65_535),
                new FlowAction(Type.DEC_TTL)));
        for (int i = 0; i < 200; i++) {
            Mbuf m = packet(udp(random.nextInt(), random.nextInt(), random.nextInt(65_536), random.nextInt(65_536)));
            int ttl = Ipv4.ttl(m, IP);
            assertTrue(Checksum.verifyIpv4(m, IP) && Checksum.verifyUdpTcpIpv4(m, IP, L4));
            assertEquals(1, receive(m));
            assertEquals(5, Ethernet.src(m, 0));
            assertEquals(6, Ethernet.dst(m, 0));
            assertEquals(0xc612_0707, Ipv4.src(m, IP));
            assertEquals(0xc613_0909, Ipv4.dst(m, IP));
            assertEquals(4789 << 16 | 65_535, m.getInt(L4));
            assertEquals(ttl - 1, Ipv4.ttl(m, IP));
            assertTrue(Checksum.verifyIpv4(m, IP) && Checksum.verifyUdpTcpIpv4(m, IP, L4));
            m.free();
        }
    }

    @Test
    void shouldRefuseARuleWithWhichThereAreTooManyFields() {
        int rules = 0;
        FlowException refused = null;
        for (FlowField field : FlowField.values()) {
            try {
                flows.create(rule(List.of(item(field.item()).is(field, 1)), action(Type.MARK, rules)));
                rules++;
            } catch (FlowException e) {
                refused = e;
            }
        }
        assertEquals(Cause.ITEM, refused.what());
        assertTrue(refused.getMessage().contains("the rules of group 0 look at 65 fields; a group has 64"), refused.getMessage());
        assertEquals(rules, flows.list().size());
    }

    @Test
    void shouldSpreadOverSixtyFourQueuesAndRefuseMore() {
        FlowRule all = rule(List.of(item(FlowItem.Type.ETH)), new FlowAction(Type.RSS));
        Flows many = new Flows(null, 64);
        many.create(all);
        many.validate(rule(List.of(item(FlowItem.Type.IPV4)), action(Type.RSS, 0x8001)));
        boolean[] seen = new boolean[64];
        for (int i = 0; i < 200; i++) {
            burst[0] = packet(udp(i, 2, 3, 4));
            int kept = many.engine(0).received(null, 0, burst, 1, burst.length);
            for (int queue = 1; queue < 64 && kept == 0; queue++) {
                kept = many.engine(queue).received(null, queue, burst, 0, burst.length);
                seen[queue] |= kept > 0;
            }
            burst[0].free();
        }
        assertTrue(IntStream.range(0, 64).filter(queue -> seen[queue]).count() > 40);
        assertEquals("the port has 65 receive queues; rules are done on ports of up to 64",
                assertThrows(FlowException.class, () -> new Flows(null, 65).create(all)).getMessage());
    }

    @Test
    void shouldSayWhichItemOrActionCannotBeDone() {
        List<FlowItem> eth = List.of(item(FlowItem.Type.ETH));
        FlowAction drop = new FlowAction(Type.DROP);
        assertRefused(Cause.TRANSFER, "switch", new FlowRule(0, 0, true, false, true, eth, List.of(drop)));
        assertRefused(Cause.EGRESS, "ingress", new FlowRule(0, 0, false, true, false, eth, List.of(drop)));
        assertRefused(Cause.INGRESS, "ingress", new FlowRule(0, 0, false, false, false, eth, List.of(drop)));
        assertRefused(Cause.GROUP, "group 4294967295", new FlowRule(-1, 0, true, false, false, eth, List.of(drop)));
        assertRefused(Cause.PRIORITY, "priority -1", new FlowRule(0, -1, true, false, false, eth, List.of(drop)));
        assertRefused(Cause.ITEM, "item 1, eth", rule(List.of(item(FlowItem.Type.IPV4), item(FlowItem.Type.ETH)), drop));
        assertRefused(Cause.ITEM_SPEC, "item 0, udp dst", rule(List.of(item(FlowItem.Type.UDP).is(FlowField.UDP_DST, 65_536)), drop));
        assertRefused(Cause.ITEM_SPEC, "item 0, udp dst", rule(List.of(item(FlowItem.Type.UDP).is(FlowField.TCP_DST, 1)), drop));
        assertRefused(Cause.ITEM_MASK, "udp dst: a mask of 0x1ffff", rule(List.of(item(FlowItem.Type.UDP).masked(FlowField.UDP_DST, 1, 0x1_ffff)), drop));
        assertRefused(Cause.ITEM_LAST, "item 0, udp src", rule(List.of(item(FlowItem.Type.UDP).range(FlowField.UDP_SRC, 2, 1)), drop));
        assertRefused(Cause.ACTION, "no action", rule(eth));
        assertRefused(Cause.ACTION, "action 2, queue: an action before it", rule(eth, drop, new FlowAction(Type.COUNT), new FlowAction(Type.QUEUE)));
        assertRefused(Cause.ACTION, "action 0, set_tp_src", rule(eth, action(Type.SET_TP_SRC, 1)));
        assertRefused(Cause.ACTION_CONF, "action 0, mark", rule(eth, action(Type.MARK, 1 << 24)));
        assertRefused(Cause.ACTION_CONF, "action 0, queue 1", rule(eth, action(Type.QUEUE, 1)));
        assertRefused(Cause.ACTION_CONF, "action 0, jump to group 0", rule(eth, action(Type.JUMP, 0)));
        flows.create(rule(eth, drop));
        assertRefused(Cause.ITEM, "same pattern", rule(eth, new FlowAction(Type.FLAG)));
        assertEquals(1, flows.list().size());
    }

    private void assertRefused(Cause cause, String text, FlowRule rule) {
        int before = flows.list().size();
        FlowException refused = assertThrows(FlowException.class, () -> flows.create(rule));
        assertEquals(cause, refused.what());
        assertTrue(refused.getMessage().contains(text), refused.getMessage());
        assertEquals(before, flows.list().size());
    }

    /** Bytes as hex; an L is an IPv6 address of the given end. */
    private static byte[] frame(String hex) {
        return HexFormat.of().parseHex(hex.replace("eth", "020000000001020000000002")
                .replaceAll("L(\\d)", "20010db800000000000000000000000$1").replace(" ", ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "ARP_ETH_IPV4 | ARP_OPCODE | 2 | eth 0806 0001 0800 06 04 0002 020000000009 c6120001 02000000000a c6120002",
        "ARP_ETH_IPV4 | ARP_SHA | 2199023255561 | eth 0806 0001 0800 06 04 0002 020000000009 c6120001 02000000000a c6120002",
        "ARP_ETH_IPV4 | ARP_SPA | 3323068417 | eth 0806 0001 0800 06 04 0002 020000000009 c6120001 02000000000a c6120002",
        "ARP_ETH_IPV4 | ARP_THA | 2199023255562 | eth 0806 0001 0800 06 04 0002 020000000009 c6120001 02000000000a c6120002",
        "ARP_ETH_IPV4 | ARP_TPA | 3323068418 | eth 0806 0001 0800 06 04 0002 020000000009 c6120001 02000000000a c6120002",
        "MPLS | MPLS_LABEL | 699050 | eth 8847 aaaaa140 00000000",
        "IPV4 | IPV4_FRAGMENT_OFFSET | 8195 | eth 0800 45000014 00002003 40110000 c6120001 c6120002",
        "ICMP | ICMP_IDENT | 4660 | eth 0800 4500001c 00000000 40010000 c6120001 c6120002 0800 0000 1234 5678",
        "ICMP | ICMP_SEQ | 22136 | eth 0800 4500001c 00000000 40010000 c6120001 c6120002 0800 0000 1234 5678",
        "IPV6 | IPV6_FLOW | 74565 | eth 86dd 60012345 00003b40 L1 L2",
        "ICMP6 | ICMP6_TYPE | 128 | eth 86dd 60000000 00083a40 L1 L2 80 07 0000 12345678",
        "ICMP6 | ICMP6_CODE | 7 | eth 86dd 60000000 00083a40 L1 L2 80 07 0000 12345678",
        "GRE | GRE_PROTOCOL | 2048 | eth 0800 45000018 00000000 402f0000 c6120001 c6120002 0000 0800",
        "GRE | GRE_FLAGS | 8192 | eth 0800 4500001c 00000000 402f0000 c6120001 c6120002 2000 0800 89abcdef",
        "GRE_KEY | GRE_KEY_VALUE | 2309737967 | eth 0800 4500001c 00000000 402f0000 c6120001 c6120002 2000 0800 89abcdef",
        "GRE_KEY | GRE_KEY_VALUE | 2309737967 | eth 86dd 60000000 000c2f40 L1 L2 a000 6558 00000000 89abcdef",
        "ESP | ESP_SPI | 2309737967 | eth 0800 4500001c 00000000 40320000 c6120001 c6120002 89abcdef 00000001",
        "GENEVE | GENEVE_VNI | 1193046 | eth 0800 45000024 00000000 40110000 c6120001 c6120002 1000 17c1 0010 0000 0000 6558 12345600",
        "GENEVE | GENEVE_PROTOCOL | 25944 | eth 0800 45000024 00000000 40110000 c6120001 c6120002 1000 17c1 0010 0000 0000 6558 12345600",
        "GTPU | GTPU_TEID | 2309737967 | eth 0800 45000024 00000000 40110000 c6120001 c6120002 1000 0868 0010 0000 30ff 0000 89abcdef"})
    void shouldMatchAFieldAndNothingElse(FlowItem.Type type, FlowField field, long value, String hex) {
        Flow is = flows.create(rule(List.of(item(type).is(field, value)), new FlowAction(Type.COUNT), action(Type.MARK, 1)));
        Flow there = flows.create(new FlowRule(0, 1, true, false, false, List.of(item(type)), List.of(new FlowAction(Type.COUNT))));
        byte[] frame = frame(hex);
        assertEquals(1, receive(packet(frame)));
        burst[0].free();
        assertEquals(1, is.hits());
        flows.destroy(is);
        flows.create(rule(List.of(item(type).is(field, value ^ 1)), new FlowAction(Type.DROP)));
        assertEquals(1, receive(packet(frame)));
        burst[0].free();
        assertEquals(1, there.hits());
        // a byte less than the header has, and it is not there
        int behind = type == FlowItem.Type.MPLS || type == FlowItem.Type.ICMP6 ? 4 : 0;
        assertEquals(1, receive(packet(Arrays.copyOf(frame, frame.length - behind - 1))));
        burst[0].free();
        assertEquals(1, there.hits());
    }

    @Test
    void shouldMendChecksumsOfIpv6AndOfHops() {
        SplittableRandom random = Seed.random("flow edits 6");
        int l4 = IP + 40;
        Ipv6Address from = Ipv6Address.parse("2001:db8:1:2:3:4:5:6");
        Ipv6Address to = Ipv6Address.parse("2001:db8:f:e:d:c:b:a");
        List<FlowItem> six = List.of(item(FlowItem.Type.ETH), item(FlowItem.Type.IPV6));
        flows.create(rule(six, new FlowAction(Type.SET_IPV6_SRC, from), new FlowAction(Type.SET_IPV6_DST, to), action(Type.SET_TTL, 9),
                action(Type.SET_IPV6_DSCP, 46), new FlowAction(Type.MAC_SWAP)));
        flows.create(rule(List.of(item(FlowItem.Type.ETH), item(FlowItem.Type.IPV4)), action(Type.SET_TTL, 200), action(Type.SET_IPV4_DSCP, 17)));
        for (int i = 0; i < 200; i++) {
            byte[] a = Frames.ipv6Address(random.nextInt());
            byte[] b = Frames.ipv6Address(random.nextInt());
            boolean udp = random.nextBoolean();
            byte[] payload = udp ? Frames.udp(a, b, random.nextInt(65_536), random.nextInt(65_536), new byte[8])
                    : Frames.tcp(a, b, random.nextInt(65_536), random.nextInt(65_536), 2, new byte[0], new byte[8]);
            Mbuf m = packet(Frames.ethernet(3, 4, 0x86dd, Frames.ipv6(a, b, udp ? 17 : 6, payload)));
            assertTrue(Checksum.verifyIpv6(m, IP, udp ? 17 : 6, l4));
            assertEquals(1, receive(m));
            assertEquals(from, new Ipv6Address(Ipv6.srcHigh(m, IP), Ipv6.srcLow(m, IP)));
            assertEquals(to, new Ipv6Address(Ipv6.dstHigh(m, IP), Ipv6.dstLow(m, IP)));
            assertEquals(9, Ipv6.hopLimit(m, IP));
            assertEquals(0x6b80_0000, Ipv6.versionClassFlow(m, IP) & 0xfff0_0000);
            assertEquals(3 << 16 | 4, Ethernet.src(m, 0) << 16 | Ethernet.dst(m, 0));
            assertTrue(Checksum.verifyIpv6(m, IP, udp ? 17 : 6, l4));
            m.free();
            m = packet(udp(random.nextInt(), random.nextInt(), 5, 6));
            assertEquals(1, receive(m));
            assertEquals(200, Ipv4.ttl(m, IP));
            assertEquals(17 << 2, Ipv4.tos(m, IP));
            assertTrue(Checksum.verifyIpv4(m, IP));
            m.free();
        }
    }

    @Test
    void shouldDoWhatStandsBehindTheEndOfAPacketsWay() {
        Flow dropped = flows.create(rule(List.of(item(FlowItem.Type.UDP).is(FlowField.UDP_DST, 7)), new FlowAction(Type.DROP),
                new FlowAction(Type.COUNT)));
        flows.create(rule(List.of(item(FlowItem.Type.UDP).is(FlowField.UDP_DST, 8)), action(Type.JUMP, 2), action(Type.MARK, 5)));
        flows.create(new FlowRule(2, 0, true, false, false, List.of(item(FlowItem.Type.UDP)), List.of(new FlowAction(Type.FLAG))));
        assertEquals(1, receive(packet(udp(1, 2, 3, 7)), packet(udp(1, 2, 3, 8))));
        assertEquals(1, dropped.hits());
        assertEquals(5, burst[0].fdirId());
        assertEquals(List.of(Type.DROP, Type.COUNT), dropped.rule().actions().stream().map(FlowAction::type).toList());
        burst[0].free();
    }

    @Test
    void shouldSpreadAllFragmentsOfAPacketToOneQueue() {
        Flows many = new Flows(null, 64);
        many.create(rule(List.of(item(FlowItem.Type.ETH)), new FlowAction(Type.RSS)));
        byte[] from = Frames.ipv6Address(5);
        byte[] to = Frames.ipv6Address(6);
        for (int ports = 0; ports < 20; ports++) {
            byte[] udp = Frames.udp4(5, 6, ports, 9, new byte[24]);
            byte[] part = Arrays.copyOfRange(udp, 20, 44);
            assertEquals(queue(many, Frames.ethernet(1, 2, 0x0800, Frames.ipv4(5, 6, 17, 0x2000, new byte[0], part))),
                    queue(many, Frames.ethernet(1, 2, 0x0800, Frames.ipv4(5, 6, 17, 3, new byte[0], part))));
            assertEquals(queue(many, Frames.ethernet(1, 2, 0x86dd, Frames.ipv6(from, to, 44, Frames.fragment(17, 1, part)))),
                    queue(many, Frames.ethernet(1, 2, 0x86dd, Frames.ipv6(from, to, 44, Frames.fragment(17, 3 << 3, part)))));
        }
    }

    private int queue(Flows spread, byte[] frame) {
        Mbuf[] one = {packet(frame)};
        int kept = spread.engine(0).received(null, 0, one, 1, 1);
        int queue = 0;
        while (kept == 0) {
            queue++;
            kept = spread.engine(queue).received(null, queue, one, 0, 1);
        }
        one[0].free();
        return queue;
    }

    @Test
    void shouldMendTheChecksumOfAFirstFragment() {
        flows.create(rule(List.of(item(FlowItem.Type.IPV6)), new FlowAction(Type.SET_IPV6_SRC, Ipv6Address.parse("2001:db8::77"))));
        byte[] from = Frames.ipv6Address(5);
        byte[] to = Frames.ipv6Address(6);
        byte[] udp = Frames.udp(from, to, 3, 4, new byte[16]);
        assertEquals(1, receive(packet(Frames.ethernet(1, 2, 0x86dd, Frames.ipv6(from, to, 44, Frames.fragment(17, 1, udp))))));
        byte[] mended = Frames.udp(new byte[] {0x20, 1, 0xd, (byte) 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x77}, to, 3, 4, new byte[16]);
        assertEquals(mended[6] << 8 | mended[7] & 0xff, burst[0].getShort(IP + 40 + 8 + 6));
        burst[0].free();
    }

    @Test
    void shouldSpreadByAddressesAloneWhenAsked() {
        Flows three = new Flows(null, 3);
        three.create(rule(List.of(item(FlowItem.Type.UDP)), action(Type.RSS, FlowAction.RSS_ADDRESSES)));
        Mbuf[] own = new Mbuf[64];
        int kept = 0;
        for (int i = 0; i < 64; i++) {
            own[kept] = packet(udp(1, 2, i, 7));
            kept += three.engine(0).received(null, 0, new Mbuf[] {own[kept]}, 1, 1);
        }
        assertTrue(kept == 0 || kept == 64, "what has the same addresses has one queue, but " + kept + " of 64 stayed");
        Mbuf.freeBulk(own, 0, kept);
        three.engine(1).clear();
        three.engine(2).clear();
    }

    @Test
    void shouldReadNoHeaderThatEndsBehindThePacket() {
        SplittableRandom random = Seed.random("short flows");
        flows.create(rule(List.of(item(FlowItem.Type.TCP)), action(Type.SET_TP_DST, 1)));
        for (int i = 0; i < 2000; i++) {
            byte[] frame = made(random).frame;
            frame[random.nextInt(frame.length)] = (byte) random.nextInt();
            byte[] cut = Arrays.copyOf(frame, random.nextInt(frame.length + 1));
            assertEquals(1, receive(packet(cut)));
            burst[0].free();
        }
    }
}
