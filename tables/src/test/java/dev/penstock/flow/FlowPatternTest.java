package dev.penstock.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.flow.FlowException.Cause;
import dev.penstock.flow.FlowItem.Type;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.testkit.Frames;
import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Patterns of what is in tunnels and behind two tags, against an oracle that knows what each packet was made of. */
@Timeout(120)
class FlowPatternTest {
    /** What one level was made of: its headers in order with their fields, and the inner one of two tags, or -1. */
    private record Level(LinkedHashMap<Type, Map<FlowField, Long>> headers, int secondTag) {
        Level() {
            this(new LinkedHashMap<>(), -1);
        }

        void add(Type type, Object... fields) {
            Map<FlowField, Long> values = new LinkedHashMap<>();
            for (int i = 0; i < fields.length; i += 2) {
                values.put((FlowField) fields[i], ((Number) fields[i + 1]).longValue());
            }
            headers.put(type, values);
        }
    }

    /** A packet and its levels, the outermost first. */
    private record Made(byte[] bytes, List<Level> levels) {}

    /** What a rule says of one level; {@code second} is an item for the inner tag, or null. */
    private record Wish(List<FlowItem> items, FlowItem second) {}

    private final Eal eal = Eal.start(line -> { }, "--no-huge", "-l", "0");
    private final MbufPool pool = MbufPool.create(eal, "patterns", 63, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
    private final Flows flows = new Flows(null, 1);
    private final Mbuf[] burst = new Mbuf[8];

    @AfterEach
    void stop() {
        assertEquals(63, pool.availCount(), "packets given back");
        eal.close();
    }

    private static Made frame(SplittableRandom random, int tunnels) {
        Level level = new Level();
        int src = random.nextInt(3);
        level.add(Type.ETH, FlowField.ETH_SRC, src, FlowField.ETH_DST, 4);
        int tags = random.nextInt(3);
        int tag = random.nextInt(3);
        if (tags > 0) {
            level.add(Type.VLAN, FlowField.VLAN_TCI, tag);
        }
        Level own = new Level(level.headers, tags == 2 ? random.nextInt(3) : -1);
        boolean labelled = tunnels > 0 && random.nextInt(5) == 0;
        int label = random.nextInt(3);
        Made inside = labelled ? packet(random, tunnels - 1, new Level()) : packet(random, tunnels, own);
        int type = inside.bytes[0] >> 4 == 4 ? 0x0800 : 0x86dd;
        byte[] bytes = inside.bytes;
        List<Level> levels = inside.levels;
        if (labelled) {
            own.add(Type.MPLS, FlowField.MPLS_LABEL, label);
            bytes = Frames.join(Frames.number(label << 12 | 0x140, 4), bytes);
            type = 0x8847;
            levels = new ArrayList<>(levels);
            levels.addFirst(own);
        }
        if (tags == 2) {
            bytes = Frames.vlan(own.secondTag, type, bytes);
            type = 0x8100;
        }
        if (tags > 0) {
            bytes = Frames.vlan(tag, type, bytes);
            type = tags == 2 ? 0x88a8 : 0x8100;
        }
        return new Made(Frames.ethernet(4, src, type, bytes), levels);
    }

    private static Made packet(SplittableRandom random, int tunnels, Level level) {
        boolean six = random.nextBoolean();
        int src = random.nextInt(3);
        level.add(six ? Type.IPV6 : Type.IPV4, six ? FlowField.IPV6_SRC_LOW : FlowField.IPV4_SRC, src);
        byte[] a = six ? address(src) : Frames.number(src, 4);
        byte[] b = six ? address(9) : Frames.number(9, 4);
        int kind = tunnels == 0 ? random.nextInt(2) : random.nextInt(7);
        int id = random.nextInt(3);
        Made inside = kind < 2 ? null : kind == 2 || kind == 3 && random.nextBoolean() ? frame(random, tunnels - 1)
                : packet(random, tunnels - 1, new Level());
        boolean bridged = inside != null && inside.levels.getFirst().headers.containsKey(Type.ETH);
        int next = bridged ? 0x6558 : inside == null ? 0 : inside.bytes[0] >> 4 == 4 ? 0x0800 : 0x86dd;
        List<Level> levels = new ArrayList<>(List.of(level));
        byte[] payload;
        int protocol = 17;
        switch (kind) {
            case 0 -> {
                level.add(Type.UDP, FlowField.UDP_SRC, id, FlowField.UDP_DST, 5);
                payload = Frames.udp(a, b, id, 5, new byte[8]);
            }
            case 1 -> {
                level.add(Type.TCP, FlowField.TCP_SRC, id, FlowField.TCP_DST, 5);
                payload = Frames.tcp(a, b, id, 5, 2, new byte[0], new byte[8]);
                protocol = 6;
            }
            case 2 -> {
                level.add(Type.UDP, FlowField.UDP_SRC, 7, FlowField.UDP_DST, 4789);
                level.add(Type.VXLAN, FlowField.VXLAN_VNI, id);
                payload = Frames.udp(a, b, 7, 4789, Frames.vxlan(id, inside.bytes));
            }
            case 3 -> {
                boolean keyed = random.nextBoolean();
                level.add(Type.GRE, FlowField.GRE_PROTOCOL, next);
                if (keyed) {
                    level.add(Type.GRE_KEY, FlowField.GRE_KEY_VALUE, id);
                }
                payload = Frames.join(Frames.number((keyed ? 0x2000_0000 : 0) | next, 4), keyed ? Frames.number(id, 4) : new byte[0], inside.bytes);
                protocol = 47;
            }
            case 4 -> {
                level.add(Type.UDP, FlowField.UDP_SRC, 7, FlowField.UDP_DST, 6081);
                level.add(Type.GENEVE, FlowField.GENEVE_VNI, id, FlowField.GENEVE_PROTOCOL, next);
                // one option of four bytes
                payload = Frames.udp(a, b, 7, 6081, Frames.join(Frames.number(0x0200_0000 | next, 4), Frames.number(id << 8, 4),
                        Frames.number(0x0001_0001, 4), new byte[4], inside.bytes));
            }
            case 5 -> {
                level.add(Type.UDP, FlowField.UDP_SRC, 7, FlowField.UDP_DST, 2152);
                level.add(Type.GTPU, FlowField.GTPU_TEID, id);
                boolean session = random.nextBoolean();
                byte[] more = session ? Frames.number(0x0000_0085, 4) : new byte[0];
                if (session) {
                    level.add(Type.GTP_PSC, FlowField.GTP_PSC_QFI, id, FlowField.GTP_PSC_PDU_T, 1);
                    more = Frames.join(more, Frames.number(0x0110_0000 | id << 8, 4));
                }
                payload = Frames.udp(a, b, 7, 2152, Frames.join(Frames.number((session ? 0x34ff : 0x30ff) << 16 | inside.bytes.length + more.length, 4),
                        Frames.number(id, 4), more, inside.bytes));
            }
            default -> {
                payload = inside.bytes;
                protocol = inside.bytes[0] >> 4 == 4 ? 4 : 41;
            }
        }
        if (inside != null) {
            levels.addAll(inside.levels);
        }
        return new Made(six ? Frames.ipv6(a, b, protocol, payload) : Frames.ipv4(src, 9, protocol, payload), levels);
    }

    private static byte[] address(int end) {
        byte[] address = new byte[16];
        address[15] = (byte) end;
        return address;
    }

    /** A pattern that the packet meets, or nearly. */
    private static List<Wish> wish(SplittableRandom random, Made made) {
        List<Wish> wishes = new ArrayList<>();
        int levels = 1 + random.nextInt(made.levels.size());
        for (int i = 0; i < levels; i++) {
            Level level = made.levels.get(i);
            List<FlowItem> items = new ArrayList<>();
            FlowItem second = null;
            List<Type> types = List.copyOf(level.headers.keySet());
            for (int j = 0; j < types.size(); j++) {
                Type type = types.get(j);
                // what leads to the next level has to be said, and of an IP packet in another both
                boolean needed = j == types.size() - 1 && i < levels - 1 || i > 0 && j == 0;
                if (needed || random.nextInt(3) > 0) {
                    items.add(said(random, type, level.headers.get(type)));
                }
                if (type == Type.VLAN && level.secondTag >= 0 && !items.isEmpty() && items.getLast().type() == Type.VLAN && random.nextBoolean()) {
                    second = said(random, type, Map.of(FlowField.VLAN_TCI, (long) level.secondTag));
                }
            }
            wishes.add(new Wish(items, second));
        }
        return wishes;
    }

    private static FlowItem said(SplittableRandom random, Type type, Map<FlowField, Long> fields) {
        FlowItem item = new FlowItem(type);
        for (Map.Entry<FlowField, Long> field : fields.entrySet()) {
            long value = field.getValue() + (random.nextInt(8) == 0 ? 1 : 0);
            switch (random.nextInt(4)) {
                case 0 -> item = item.is(field.getKey(), value);
                case 1 -> item = item.masked(field.getKey(), value, field.getKey().max() & ~1);
                case 2 -> item = item.range(field.getKey(), value, value + 1);
                default -> { }
            }
        }
        return item;
    }

    private static List<FlowItem> pattern(List<Wish> wishes) {
        List<FlowItem> pattern = new ArrayList<>();
        for (Wish wish : wishes) {
            for (FlowItem item : wish.items) {
                pattern.add(item);
                if (item.type() == Type.VLAN && wish.second != null) {
                    pattern.add(wish.second);
                }
            }
        }
        return pattern;
    }

    private static boolean meets(List<Wish> wishes, Made made) {
        for (int i = 0; i < wishes.size(); i++) {
            if (i >= made.levels.size()) {
                return false;
            }
            Level level = made.levels.get(i);
            Wish wish = wishes.get(i);
            Type above = i == 0 ? null : wishes.get(i - 1).items.getLast().type();
            if ((above == Type.IPV4 || above == Type.IPV6) && made.levels.get(i - 1).headers.lastEntry().getKey() != above) {
                return false;
            }
            for (FlowItem item : wish.items) {
                boolean network = List.of(Type.IPV4, Type.IPV6, Type.MPLS).contains(item.type());
                if (network && i > 0 && item == wish.items.getFirst() && above != Type.VXLAN && level.headers.containsKey(Type.ETH)) {
                    return false;
                }
                boolean tagged = level.headers.containsKey(Type.VLAN);
                if (!meets(item, level.headers.get(item.type())) || network && above == Type.ETH && tagged
                        || network && above == Type.VLAN && wish.second == null && level.secondTag >= 0) {
                    return false;
                }
                above = item.type();
            }
            if (wish.second != null && (level.secondTag < 0 || !meets(wish.second, Map.of(FlowField.VLAN_TCI, (long) level.secondTag)))) {
                return false;
            }
        }
        return true;
    }

    private static boolean meets(FlowItem item, Map<FlowField, Long> fields) {
        return fields != null && item.matches().stream().allMatch(match -> {
            long value = fields.get(match.field());
            return match.spec() == match.last() ? (value & match.mask()) == match.spec() : value >= match.spec() && value <= match.last();
        });
    }

    private int mark(byte[] frame) {
        Mbuf m = pool.alloc();
        m.append(frame.length);
        m.write(0, frame, 0, frame.length);
        burst[0] = m;
        assertEquals(1, flows.engine(0).received(null, 0, burst, 1, burst.length));
        int mark = (m.olFlags() & OlFlags.RX_FDIR_ID) != 0 ? m.fdirId() : -1;
        m.free();
        return mark;
    }

    @Test
    void shouldMatchWhatIsInTunnelsAsTheOracleDoes() {
        SplittableRandom random = Seed.random("patterns");
        int met = 0;
        int deep = 0;
        for (int round = 0; round < 60; round++) {
            flows.flush();
            List<Made> packets = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                packets.add(frame(random, random.nextInt(FlowKey.MAX_LEVELS)));
            }
            List<List<Wish>> rules = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                List<Wish> wishes = wish(random, packets.get(random.nextInt(packets.size())));
                flows.create(new FlowRule(0, i, true, false, false, pattern(wishes), List.of(new FlowAction(FlowAction.Type.MARK, i))));
                rules.add(wishes);
            }
            for (boolean compiled : new boolean[] {false, true}) {
                if (compiled && round % 6 == 0) {
                    flows.compile();
                }
                for (Made made : packets) {
                    int best = -1;
                    for (int i = rules.size() - 1; i >= 0; i--) {
                        best = meets(rules.get(i), made) ? i : best;
                    }
                    assertEquals(best, mark(made.bytes), () -> made.levels + " of " + HexFormat.of().formatHex(made.bytes));
                    met += best < 0 ? 0 : 1;
                    deep += best >= 0 && rules.get(best).size() > 1 ? 1 : 0;
                    byte[] cut = Arrays.copyOf(made.bytes, random.nextInt(made.bytes.length));
                    int found = mark(cut);
                    assertTrue(found < 0 || meets(rules.get(found), made), "a header that is cut off is not there");
                }
            }
        }
        assertTrue(met > 1000 && deep > 100, met + " met, " + deep + " of them in tunnels");
    }

    /** Where a tunnel's item and a network header stand side by side in a pattern, no other tunnel and no frame is between. */
    @Test
    void shouldPassOverNoTunnelAndNoFrameBetweenItems() {
        byte[] inner = Frames.udp4(1, 2, 5, 6, new byte[8]);
        byte[] frame = Frames.ethernet(4, 2, 0x0800, inner);
        Map<String, byte[]> packets = Map.of("IPV4 IPV4", Frames.ipv4(1, 2, 4, inner), "GRE IPV4", Frames.ipv4(1, 2, 47,
                Frames.join(Frames.number(0x0800, 4), inner)), "GRE ETH IPV4", Frames.ipv4(1, 2, 47, Frames.join(Frames.number(0x6558, 4), frame)),
                "VXLAN ETH IPV4", Frames.udp4(1, 2, 5, 4789, Frames.vxlan(7, frame)));
        packets.keySet().forEach(pattern -> {
            flows.flush();
            flows.create(new FlowRule(Arrays.stream(pattern.split(" ")).map(Type::valueOf).map(FlowItem::new).toList(),
                    List.of(new FlowAction(FlowAction.Type.MARK, 1))));
            packets.forEach((made, packet) -> assertEquals(made.equals(pattern) ? 1 : -1, mark(Frames.ethernet(4, 2, 0x0800, packet)),
                    pattern + " and a packet of " + made));
        });
        flows.flush();
        flows.create(new FlowRule(List.of(new FlowItem(Type.VXLAN), new FlowItem(Type.IPV4)), List.of(new FlowAction(FlowAction.Type.MARK, 1))));
        assertEquals(1, mark(Frames.ethernet(4, 2, 0x0800, packets.get("VXLAN ETH IPV4"))), "in VXLAN is always a frame, which may be left out");
    }

    @Test
    void shouldTouchNothingBehindHostilePackets() {
        SplittableRandom random = Seed.random("hostile patterns");
        for (Type type : Type.values()) {
            flows.create(new FlowRule(0, type.ordinal(), true, false, false, List.of(new FlowItem(Type.MPLS), new FlowItem(Type.MPLS),
                    new FlowItem(Type.MPLS), new FlowItem(type)), List.of(new FlowAction(FlowAction.Type.MARK, 1))));
        }
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = frame(random, random.nextInt(FlowKey.MAX_LEVELS)).bytes;
            for (int j = random.nextInt(4); j > 0; j--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            mark(Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
        }
    }

    @ParameterizedTest
    @CsvSource({"ETH IPV4 UDP TCP,3,'tcp cannot stand behind udp'", "ETH ETH,1,'eth cannot stand behind eth'",
        "ETH VLAN VLAN VLAN,3,'vlan cannot stand behind vlan'", "IPV4 VLAN,1,'vlan cannot stand behind ipv4'",
        "MPLS MPLS MPLS MPLS IPV4,4,'ipv4 is in more than 3 tunnels'", "ARP_ETH_IPV4 IPV4,1,'ipv4 cannot stand behind arp_eth_ipv4'"})
    void shouldSayWhichItemCannotStandThere(String types, int index, String why) {
        List<FlowItem> pattern = Arrays.stream(types.split(" ")).map(Type::valueOf).map(FlowItem::new).toList();
        FlowException refused = assertThrows(FlowException.class,
                () -> flows.create(new FlowRule(pattern, List.of(new FlowAction(FlowAction.Type.DROP)))));
        assertEquals(Cause.ITEM, refused.what());
        assertEquals("item " + index + ", " + why, refused.getMessage().replace(", which is no tunnel", ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "ETH PPPOES IPV4 | PPPOES_SEID | 7 | eth 8864 1100 0007 0016 0021 45000014 00000000 403b0000 c6120001 c6120002",
        "ETH PPPOES PPPOE_PROTO_ID IPV6 | PPPOE_PROTO_ID_PROTO_ID | 87 | eth 8864 1100 0007 002a 0057 60000000 00003b40 L1 L2",
        "VXLAN_GPE IPV4 | VXLAN_GPE_VNI | 5 | eth 0800 45000038 00000000 40110000 c6120001 c6120002 1000 12b6 0024 0000 0c000001 00000500"
            + " 45000014 00000000 403b0000 c6120001 c6120002",
        "GTPC | GTPC_TEID | 305419896 | eth 0800 45000024 00000000 40110000 c6120001 c6120002 1000 084b 0010 0000 4820 0008 12345678",
        "GTPC | GTPC_TEID | 305419896 | eth 0800 45000024 00000000 40110000 c6120001 c6120002 1000 084b 0010 0000 3210 0000 12345678",
        "GTPC | GTPC_MSG_TYPE | 32 | eth 0800 45000024 00000000 40110000 c6120001 c6120002 1000 084b 0010 0000 4820 0008 12345678",
        "GTPU | GTPU_FLAGS | 48 | eth 0800 45000024 00000000 40110000 c6120001 c6120002 1000 0868 0010 0000 3001 0000 12345678",
        "GTPU | GTPU_MSG_TYPE | 1 | eth 0800 45000024 00000000 40110000 c6120001 c6120002 1000 0868 0010 0000 3001 0000 12345678",
        "GENEVE | GENEVE_OPTLEN | 1 | eth 0800 45000028 00000000 40110000 c6120001 c6120002 1000 17c1 0014 0000 01000800 00000500 00000000",
        "VXLAN | VXLAN_LAST_RSVD | 9 | eth 0800 45000024 00000000 40110000 c6120001 c6120002 1000 12b5 0010 0000 08000000 00000509",
        "IPV4 | IPV4_VERSION_IHL | 69 | eth 0800 45000014 12340000 403b0000 c6120001 c6120002",
        "IPV4 ICMP | IPV4_PACKET_ID | 4660 | eth 0800 4500001c 12340000 40010000 c6120001 c6120002 0800 0000 0001 0002",
        "SCTP | SCTP_TAG | 305419896 | eth 86dd 60000000 000c8440 L1 L2 1000 2000 12345678 89abcdef",
        "SCTP | SCTP_CKSUM | 2309737967 | eth 86dd 60000000 000c8440 L1 L2 1000 2000 12345678 89abcdef",
        "MPLS | MPLS_TC | 5 | eth 8847 aaaaab40",
        "MPLS | MPLS_S | 1 | eth 8847 aaaaab40",
        "L2TPV3OIP | L2TPV3OIP_SESSION_ID | 2309737967 | eth 0800 45000018 00000000 40730000 c6120001 c6120002 89abcdef",
        "MPLS MPLS ETH | MPLS_LABEL | 699050 | eth 8847 00001040 aaaaa140 020000000003 020000000004 0000"})
    void shouldMatchFieldsOfSeldomTunnels(String types, FlowField field, long value, String hex) {
        List<Type> all = Arrays.stream(types.split(" ")).map(Type::valueOf).toList();
        List<FlowItem> pattern = new ArrayList<>(all.stream().map(FlowItem::new).toList());
        int last = all.lastIndexOf(field.item());
        pattern.set(last, pattern.get(last).is(field, value));
        byte[] frame = HexFormat.of().parseHex(hex.replace("eth", "020000000001020000000002")
                .replaceAll("L(\\d)", "20010db800000000000000000000000$1").replace(" ", ""));
        Flow is = flows.create(new FlowRule(pattern, List.of(new FlowAction(FlowAction.Type.MARK, 1))));
        assertEquals(1, mark(frame));
        assertEquals(-1, mark(Arrays.copyOf(frame, frame.length - 1)), "a byte less, and the last header is not there");
        flows.destroy(is);
        pattern.set(last, pattern.get(last).is(field, value ^ 1));
        flows.create(new FlowRule(pattern, List.of(new FlowAction(FlowAction.Type.MARK, 1))));
        assertEquals(-1, mark(frame));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "ETH has 0 | plain", "ETH has 1 | one two", "ETH has 1, IPV4 | one two", "ETH has 0, IPV4 | plain", "ETH, IPV4 | plain",
        "ETH has 1, VLAN, IPV4 | one", "ETH, VLAN has 1 | two", "ETH, VLAN has 0 | one", "VLAN has 1, IPV4 | two", "VLAN has 1, VLAN, IPV4 | two",
        "IPV6 has 1 | first later", "IPV6 has 0 | whole", "IPV6 has 0, UDP | whole", "ETH has 0, IPV6 has 1 | first later"})
    void shouldTellByAFieldWhetherAnotherHeaderIsThere(String pattern, String matching) {
        byte[] four = Frames.ipv4(1, 2, 17, Frames.udp4(1, 2, 3, 4, new byte[8]));
        byte[] udp = Frames.udp(address(1), address(2), 3, 4, new byte[8]);
        Map<String, byte[]> frames = Map.of("plain", Frames.ethernet(4, 3, 0x0800, four),
                "one", Frames.ethernet(4, 3, 0x8100, Frames.vlan(5, 0x0800, four)),
                "two", Frames.ethernet(4, 3, 0x88a8, Frames.vlan(5, 0x8100, Frames.vlan(6, 0x0800, four))),
                "whole", Frames.ethernet(4, 3, 0x86dd, Frames.ipv6(address(1), address(2), 17, udp)),
                "first", Frames.ethernet(4, 3, 0x86dd, Frames.ipv6(address(1), address(2), 44, Frames.fragment(17, 1, udp))),
                "later", Frames.ethernet(4, 3, 0x86dd, Frames.ipv6(address(1), address(2), 44, Frames.fragment(17, 64, udp))));
        List<FlowItem> items = new ArrayList<>();
        for (String item : pattern.split(", ")) {
            FlowItem made = new FlowItem(Type.valueOf(item.split(" ")[0]));
            FlowField field = switch (made.type()) {
                case ETH -> FlowField.ETH_HAS_VLAN;
                case VLAN -> FlowField.VLAN_HAS_MORE_VLAN;
                default -> FlowField.IPV6_HAS_FRAG_EXT;
            };
            items.add(item.contains("has") ? made.is(field, item.charAt(item.length() - 1) - '0') : made);
        }
        flows.create(new FlowRule(items, List.of(new FlowAction(FlowAction.Type.MARK, 1))));
        List<String> wanted = new ArrayList<>(List.of(matching.split(" ")));
        if (pattern.equals("ETH has 0")) {
            wanted.addAll(List.of("whole", "first", "later"));
        }
        frames.forEach((name, frame) -> assertEquals(wanted.contains(name) ? 1 : -1, mark(frame), name));
    }

    @Test
    void shouldRefuseAFieldAgainstTheItemsAndAThirdTag() {
        List<FlowAction> drop = List.of(new FlowAction(FlowAction.Type.DROP));
        List<FlowItem> none = List.of(new FlowItem(Type.ETH).is(FlowField.ETH_HAS_VLAN, 0), new FlowItem(Type.VLAN));
        assertEquals("item 0, eth says that there is no header that stands in the pattern",
                assertThrows(FlowException.class, () -> flows.create(new FlowRule(none, drop))).getMessage());
        List<FlowItem> three = List.of(new FlowItem(Type.VLAN), new FlowItem(Type.VLAN).is(FlowField.VLAN_HAS_MORE_VLAN, 1));
        assertTrue(assertThrows(FlowException.class, () -> flows.create(new FlowRule(three, drop))).getMessage().contains("two tags"));
    }

    @Test
    void shouldMatchBehindAJumpWhatActionsMadeOfThePacket() {
        List<FlowItem> tags = List.of(new FlowItem(Type.ETH), new FlowItem(Type.VLAN), new FlowItem(Type.VLAN), new FlowItem(Type.IPV4));
        flows.create(new FlowRule(tags, List.of(new FlowAction(FlowAction.Type.OF_POP_VLAN), new FlowAction(FlowAction.Type.SET_IPV4_DST, 77),
                new FlowAction(FlowAction.Type.JUMP, 1))));
        List<FlowItem> changed = List.of(new FlowItem(Type.ETH), new FlowItem(Type.VLAN).is(FlowField.VLAN_TCI, 6),
                new FlowItem(Type.IPV4).is(FlowField.IPV4_DST, 77));
        flows.create(new FlowRule(1, 0, true, false, false, changed, List.of(new FlowAction(FlowAction.Type.MARK, 8))));
        byte[] four = Frames.ipv4(1, 2, 17, Frames.udp4(1, 2, 3, 4, new byte[8]));
        assertEquals(8, mark(Frames.ethernet(4, 3, 0x88a8, Frames.vlan(5, 0x8100, Frames.vlan(6, 0x0800, four)))));
    }
}
