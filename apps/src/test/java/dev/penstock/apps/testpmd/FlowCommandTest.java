package dev.penstock.apps.testpmd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.flow.FlowAction;
import dev.penstock.flow.FlowIndirect;
import dev.penstock.flow.FlowRule;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** testpmd's flow commands: what they read, print, and do to traffic. */
class FlowCommandTest {
    private static final String[] NULLS = {"--vdev", "net_null0", "--vdev", "net_null1", "--", "-i", "--total-num-mbufs=4095", "--rxq=2",
        "--txq=2"};
    private static final FlowNames NAMES = new FlowNames(new EncapCommands(null), id -> new FlowIndirect(new FlowAction(FlowAction.Type.COUNT)), id -> null,
            id -> List.of(), 0);

    @Test
    void shouldReadEveryItemAndAction() {
        FlowRule rule = FlowSyntax.parse("group 1 priority 2 ingress pattern eth dst is 02:00:00:00:00:01 / vlan vid is 5 pcp is 3 /"
                + " ipv4 src spec 198.18.0.0 src prefix 15 ttl is 64 / udp dst spec 10 dst last 20 / vxlan vni is 7 / end"
                + " actions of_pop_vlan / of_push_vlan ethertype 0x8100 / of_set_vlan_vid vlan_vid 6 / of_set_vlan_pcp vlan_pcp 1 /"
                + " set_mac_src mac_addr 02:00:00:00:00:02 / set_ipv4_dst ipv4_addr 198.18.0.1 / set_tp_src port 9 / dec_ttl / mark id 3 /"
                + " flag / count identifier 4 / rss queues 0 1 end / end", NAMES);
        assertEquals(1, rule.group());
        assertEquals(2, rule.priority());
        assertTrue(rule.ingress());
        assertEquals(5, rule.pattern().size());
        assertEquals(12, rule.actions().size());
        assertEquals(3, rule.actions().getLast().value());
    }

    @Test
    void shouldReadItemsOfOtherLayersAndWhatRssTakes() {
        FlowRule rule = FlowSyntax.parse("ingress pattern eth / arp_eth_ipv4 spa is 198.18.0.1 sha is 02:00:00:00:00:01 opcode is 1 / end"
                + " actions mac_swap / rss func toeplitz level 0 types ipv4 ipv6 end queues 1 3 end / end", NAMES);
        assertEquals(0xa | FlowAction.RSS_ADDRESSES, rule.actions().getLast().value());
        rule = FlowSyntax.parse("ingress pattern eth / ipv6 flow is 5 / gre protocol is 0x6558 / gre_key value is 7 / end actions set_ipv6_src"
                + " ipv6_addr 2001:db8::1 / set_ttl ttl_value 9 / of_dec_nw_ttl / rss types ipv4-tcp end / end", NAMES);
        assertEquals(4, rule.pattern().size());
        assertEquals(1, rule.actions().getFirst().low());
        assertEquals(0, rule.actions().getLast().value());
    }

    private static String pattern(String items) {
        return FlowSyntax.parse("ingress pattern " + items + " / end actions drop / end", NAMES).pattern().getLast().toString();
    }

    /** The first one is the example of DPDK's guide: the mask is applied to both ends. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"ipv4 dst spec 10.1.2.3 dst last 10.3.4.5 dst mask 255.255.0.0;ipv4 dst spec 0xa010000 dst last 0xa03ffff",
        "udp dst spec 5 dst last 10 dst last 6;udp dst spec 0x5 dst last 0x6", "udp dst spec 5 dst last 0;udp dst spec 0x5 dst mask 0xffff",
        "udp dst spec 5 dst last 5 dst mask 5;udp dst spec 0x5 dst mask 0x5",
        "ipv6 src spec 2001:db8::5 src last ::;ipv6 src_high spec 0x20010db800000000 src_high mask 0xffffffffffffffff"
                + " src_low spec 0x5 src_low mask 0xffffffffffffffff",
        "tcp dst is 80 flags mask 2;tcp dst spec 0x50 dst mask 0xffff flags spec 0x0 flags mask 0x2",
        "vlan pcp spec 2 pcp last 4;vlan tci spec 0x4000 tci last 0x9fff",
        "ipv6 src spec 2001:db8::5 src last 2001:db8::9;"
                + "ipv6 src_high spec 0x20010db800000000 src_high mask 0xffffffffffffffff src_low spec 0x5 src_low last 0x9",
        "ipv6 src spec 2001:db8::5 src last 2001:db9::9 src prefix 64;"
                + "ipv6 src_high spec 0x20010db800000000 src_high last 0x20010db900000000 src_low spec 0x0 src_low last 0xffffffffffffffff",
        "vlan vid spec 5 pcp spec 3;vlan tci spec 0x6005 tci mask 0xefff", "vlan pcp spec 3 vid spec 5;vlan tci spec 0x6005 tci mask 0xefff"})
    void shouldReadWhatIsSaidOfAFieldInParts(String item, String read) {
        assertEquals(read, pattern(item));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"vlan vid spec 5 vid last 10;a range of bits 0xfff of vlan tci is not matched in software",
        "ipv6 dst spec 2001:db8::4 dst last 2001:db8:0:1::9;only when the other 64 may be anything", "ipv4 src last 10.0.0.5;give its spec",
        "ipv4 src prefix 24;ipv4 has a mask, a prefix or a last value of nothing; give its spec", "tcp flags mask 2;give its spec",
        "udp dst last 5 src mask 1;give its spec"})
    void shouldRefuseARangeThatIsNone(String item, String why) {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> pattern(item)).getMessage().contains(why));
    }

    /** The words of DPDK 22.11's testpmd, as its help shows them behind each item. */
    @ParameterizedTest
    @CsvSource(delimiter = ':', value = {"eth: dst src type has_vlan", "vlan: tci pcp dei vid inner_type has_more_vlan",
        "ipv4: version_ihl tos packet_id fragment_offset ttl proto src dst", "ipv6: tc flow proto hop src dst has_frag_ext",
        "icmp: type code ident seq", "udp: src dst", "tcp: src dst flags", "sctp: src dst tag cksum", "vxlan: vni last_rsvd", "nvgre: tni",
        "mpls: label tc s", "gre: protocol c_rsvd0_ver c_bit k_bit s_bit", "gtpc: v_pt_rsv_flags msg_type teid",
        "gtpu: v_pt_rsv_flags msg_type teid", "geneve: vni protocol optlen", "vxlan-gpe: vni", "arp_eth_ipv4: sha spa tha tpa",
        "icmp6: type code", "gre_key: value", "gtp_psc: qfi pdu_t", "pppoes: seid", "pppoe_proto_id: ''", "l2tpv3oip: session_id", "esp: spi"})
    void shouldTakeDpdksFieldsOfAnItem(String item, String fields) {
        for (String field : fields.strip().split(" ")) {
            String value = switch (field) {
                case "sha", "tha" -> "02:00:00:00:00:01";
                case "spa", "tpa" -> "198.18.0.1";
                case "src", "dst" -> item.equals("eth") ? "02:00:00:00:00:01" : item.equals("ipv4") ? "198.18.0.1" : item.equals("ipv6")
                        ? "2001:db8::1" : "7";
                default -> "1";
            };
            FlowRule rule = FlowSyntax.parse("ingress pattern " + item + " " + field + " is " + value + " / end actions drop / end", NAMES);
            assertEquals(item, FlowSyntax.name(rule.pattern().getFirst().type()));
            assertTrue(FlowCompletion.next(List.of(("flow create 0 ingress pattern " + item).split(" "))).contains(field.isEmpty() ? "/" : field), field);
        }
        assertTrue(FlowCompletion.next(List.of("flow", "create", "0", "ingress", "pattern")).contains(item), item);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "ingress pattern eth / gtp / end actions drop / end | item 'gtp' is not matched in software; say gtpu or gtpc",
        "ingress pattern eth / end actions rss func simple_xor end / end | 'simple_xor' for a function of rss; give default or toeplitz",
        "ingress pattern eth / end actions rss level 3 / end | '3' for a level of rss; give 0 or 1 or 2",
        "ingress pattern eth / end actions rss types vlan end / end | 'vlan' for a type of rss; there are ip, ipv4",
        "ingress pattern eth / end actions rss key 00 / end | rss takes no 'key' in software",
        "ingress pattern eth / end actions rss queues 0 1 0 end / end | rss names queue 0 twice, and each has the same share in software",
        "ingress pattern eth / bla / end actions drop / end | item 'bla' is not matched in software; there are eth, vlan, ipv4",
        "ingress pattern eth / ipv4 colour is 1 / end actions drop / end | ipv4 has no field 'colour'; there are tos, ttl, proto, fragment_offset, src, dst",
        "ingress pattern eth / ipv4 src is 1.2.3 / end actions drop / end | flow: '1.2.3' for ipv4 src: no IPv4 address",
        "ingress pattern eth src is 1:2 / end actions drop / end | flow: '1:2' for eth src: no MAC address",
        "ingress pattern ipv6 dst spec zz / end actions drop / end | flow: 'zz' for ipv6 dst: no IPv6 address",
        "ingress pattern ipv4 / end actions set_ipv4_src ipv4_addr 1.2 / end | flow: '1.2' for set_ipv4_src: no IPv4 address",
        "ingress pattern eth / vlan vid is 4096 / end actions drop / end | '4096' for vlan tci; give 0 to 4095",
        "ingress pattern eth / end actions fly / end | action 'fly' is not done in software; there are drop, queue",
        "ingress pattern eth / end actions queue 3 / end | '3' where 'index' is to stand",
        "ingress pattern eth / udp dst about 5 / end actions drop / end | 'about' behind a field; give is, spec, last, mask or prefix",
        "ingress pattern eth / end actions drop | the rule ends where '/' is to stand",
        "ingress pattern eth / end actions raw_encap index 3 / end | raw_encap has no headers yet; give them by: set raw_encap 3 eth",
        "outward pattern eth / end actions drop / end | 'outward' is no attribute; there are group"})
    void shouldSayWhichWordIsWrong(String rule, String error) {
        String said = Assertions.assertThrows(IllegalArgumentException.class, () -> FlowSyntax.parse(rule, NAMES)).getMessage();
        assertTrue(said.contains(error), said);
    }

    @Test
    void shouldCreateListQueryAndDestroyAsDpdkPrints() {
        Session s = Session.pipe("""
                flow validate 0 ingress pattern eth / ipv4 / end actions drop / end
                flow create 0 ingress pattern eth / ipv4 / end actions count / drop / end
                flow create 0 group 1 priority 3 ingress pattern eth / end actions queue index 1 / end
                flow create 0 ingress pattern eth / end actions queue index 2 / end
                flow list 0
                flow query 0 0 count
                flow query 0 7 count
                flow isolate 0 1
                flow destroy 0 rule 0
                port stop all
                port config all rxq 1
                port start all
                flow list 0
                flow flush 0
                flow list 0
                quit
                """, NULLS);
        assertEquals(0, s.code(), s.err());
        assertTrue(s.out().contains("Flow rule validated\n"), s.out());
        assertTrue(s.out().contains("Flow rule #0 created\n") && s.out().contains("Flow rule #1 created\n"), s.out());
        assertTrue(s.out().contains("ID\tGroup\tPrio\tAttr\tRule\n0\t0\t0\ti--\tETH IPV4 => COUNT DROP\n1\t1\t3\ti--\tETH => QUEUE\n"), s.out());
        assertTrue(s.out().contains("COUNT:\n hits_set: 1\n bytes_set: 1\n hits: 0\n bytes: 0\n"), s.out());
        assertTrue(s.out().contains("Ingress traffic on port 0 is now restricted to the defined flow rules\n"), s.out());
        assertTrue(s.out().contains("Flow rule #0 destroyed\n"), s.out());
        assertTrue(s.err().contains("port_flow_complain(): Caught PMD error type 15 (action configuration): action 0, queue 2:"), s.err());
        assertTrue(s.err().contains("Flow rule #7 not found"), s.err());
        assertTrue(s.err().contains("Flow rule #1 is gone: action 0, queue 1"), s.err());
    }

    /** As DPDK's guide and its test plans write them. */
    @Test
    void shouldTakeAQueueBeforeOtherActionsAndAnyWordForYes() {
        Session s = Session.pipe("""
                flow create 0 ingress pattern eth / ipv4 / udp / end actions queue index 0 / void / mark id 42 / end
                flow list 0
                flow isolate 0 true
                flow isolate 0 off
                quit
                """, NULLS);
        assertTrue(s.out().contains("Flow rule #0 created\n") && s.out().contains("ETH IPV4 UDP => QUEUE MARK\n"), s.out() + s.err());
        assertTrue(s.out().contains("port 0 is now restricted to") && s.out().contains("port 0 is not restricted anymore to"), s.out());
    }

    /** A word alone, or one behind a number, was passed over, and the rules before it were taken away. */
    @Test
    void shouldDestroyNothingWhenAWordIsWrong() {
        List<String> wrong = List.of("flow destroy 0 rule", "flow destroy 0 foo", "flow destroy 0 rule 0 foo", "flow destroy 0 rule 0 rule",
                "flow destroy 0 rule x", "flow indirect_action 0 destroy foo", "flow list 0 group", "flow indirect_action 0 destroy action_id",
                "flow template_table 0 destroy foo", "flow template_table 0 destroy table x", "flow pattern_template 0 destroy table 1",
                "flow actions_template 0 destroy actions_template 1 foo");
        Session s = Session.pipe("flow create 0 ingress pattern eth / end actions drop / end\n" + String.join("\n", wrong)
                + "\nflow list 0\nquit\n", NULLS);
        assertEquals(wrong.size(), s.out().split("Bad arguments\n", -1).length - 1, s.out());
        assertTrue(!s.out().contains("destroyed") && s.out().contains("0\t0\t0\ti--\tETH => DROP\n"), s.out());
        assertTrue(s.err().contains("flow: a number is to stand behind 'rule'\n"), s.err());
        assertTrue(s.err().contains("flow: 'foo' where 'rule' is to stand\n"), s.err());
    }

    @Test
    void shouldSayWhatIsNotDoneInSoftware() {
        Session s = Session.pipe("flow tunnel create 0 type vxlan\nflow flex_item create 0 0 x.json\nset fwd ieee1588\nflow info 9\n"
                + "flow create 0 group 4294967295 ingress pattern eth / end actions drop / end\nshow config fwd\nquit\n", NULLS);
        assertEquals(0, s.code(), s.err());
        assertTrue(s.err().contains("flow: tunnels are not offloaded in software"), s.err());
        assertTrue(s.err().contains("flow: flex items are not matched in software"), s.err());
        assertTrue(s.err().contains("the forwarding mode stays io") && s.out().contains("io packet forwarding"), s.err());
        assertTrue(s.err().contains("Invalid port 9"), s.err());
        assertTrue(s.err().contains(": group 4294967295; give 0 to "), s.err());
        assertTrue(!s.out().contains("Bad arguments"), s.out());
    }

    @Test
    void shouldDropWhatARuleSaysWhileTrafficFlows() {
        Session s = Session.script(List.of("start", "WAIT", "flow create 0 ingress pattern eth type is 0 / end actions count / drop / end",
                "WAIT", "flow query 0 0 count", "stop", "quit"), NULLS);
        assertEquals(0, s.code(), s.err());
        Matcher hits = Pattern.compile(" hits: (\\d+)").matcher(s.out());
        assertTrue(hits.find() && Long.parseLong(hits.group(1)) > 0, s.out());
        assertTrue(s.forwarded(0, "RX-packets") > 0, s.out());
    }

    /** Of what rules drop nothing was to be seen, and a port whose queues were set up again printed packets as they were before the rules. */
    @Test
    void shouldShowWhatRulesDropAndLeave() {
        Session s = Session.script(List.of("set verbose 1", "port stop 0", "port 0 rxq 0 setup", "port start 0",
                "flow create 0 priority 1 ingress pattern eth type is 0 / end actions mark id 77 / end", "port stop 0", "port 0 rxq 0 setup",
                "port 0 rxq 1 setup", "port start 0", "start", "WAIT", "set verbose 0",
                "flow create 0 ingress pattern eth type is 0 / end actions count / drop / end", "WAIT", "stop", "show port xstats 0", "flow query 0 1 count",
                "port stop all", "port config all rxq 1", "port start all", "show port xstats 0", "flow query 0 1 count", "quit"), NULLS);
        assertEquals(0, s.code(), s.err());
        assertTrue(s.out().contains("FDIR matched ID=0x4d"), () -> s.out().substring(0, Math.min(s.out().length(), 20_000)));
        List<Long> dropped = Pattern.compile("rx_flow_dropped: (\\d+)").matcher(s.out()).results().map(r -> Long.parseLong(r.group(1))).toList();
        List<Long> hits = Pattern.compile(" hits: (\\d+)").matcher(s.out()).results().map(r -> Long.parseLong(r.group(1))).toList();
        assertTrue(hits.getFirst() > 0, hits::toString);
        assertEquals(List.of(hits.getFirst(), hits.getFirst()), dropped, "also after queues were made anew");
        assertEquals(0, hits.getLast(), "a rule that is put behind other queues counts anew");
        assertTrue(s.out().contains("rx_flow_missed: 0\n"), s.out());
    }

    /** DPDK's testpmd takes what it was started with, which is addresses alone when nothing else is said. */
    @Test
    void shouldSpreadAsThePortDoesWhenARuleDoesNotSayByWhat() {
        String command = "flow create 0 ingress pattern eth / end actions rss queues 0 end / end\nflow dump 0 all\nquit\n";
        assertTrue(Session.pipe(command, NULLS).out().contains(" actions rss 0x10001 / end\n"));
        List<String> ports = new ArrayList<>(List.of(NULLS));
        ports.add("--rss-udp");
        assertTrue(Session.pipe(command, ports.toArray(String[]::new)).out().contains(" actions rss 0x1 / end\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "eth src is 10:11:22:33:44:55 / vlan tci is 1 / ipv4 / udp dst is 4789 / vxlan vni is 2 / end_set | 000000000000101122334455810000010800"
            + "4500000000000000 00110000ffffffffffffffff 000012b500000000 0800000000000200",
        "eth / ipv4 / udp / vxlan / end_set | ffffffffffffffffffffffff0800 450000000000000000110000ffffffffffffffff ffffffff00000000 08000000ffffff00",
        "eth dst is 02:00:00:00:00:01 / ipv6 dst is 2001:db8::1 hop is 9 / gre / mpls label is 3 ttl is 7 / end_set | 02000000000100000000000086dd"
            + "6000000000002f09 00000000000000000000000000000000 20010db8000000000000000000000001 00008847 00003107"})
    void shouldReadHeadersAsDpdkDoes(String items, String bytes) {
        Assertions.assertEquals(bytes.replace(" ", ""), HexFormat.of().formatHex(HeaderSyntax.parse(items)));
    }

    @Test
    void shouldPutTrafficIntoATunnelAndTakeItOut() {
        Session s = Session.script(List.of("set vxlan ip-version ipv4 vni 4 udp-src 4 udp-dst 4789 ip-src 198.18.0.1 ip-dst 198.18.0.2"
                + " eth-src 02:00:00:00:00:01 eth-dst 02:00:00:00:00:02", "set raw_decap 3 eth / ipv4 / udp / vxlan / end_set",
                "show raw_decap 3", "flow create 0 ingress pattern eth / end actions count / vxlan_encap / jump group 1 / end",
                "flow create 0 group 1 ingress pattern eth / ipv4 dst is 198.18.0.2 / udp / vxlan vni is 4 / end actions count / raw_decap index 3"
                + " / jump group 2 / end", "flow create 0 group 2 ingress pattern eth type is 0 / end actions count / drop / end",
                "set nvgre ip-version ipv4 tni 4 ip-src 198.18.0.1", "set raw_encap eth / bla / end_set", "start", "WAIT", "stop",
                "flow query 0 0 count", "flow query 0 1 count", "flow query 0 2 count", "quit"), NULLS);
        assertEquals(0, s.code(), s.err());
        assertTrue(s.out().contains("], len=50\n00000000: FF FF FF FF FF FF FF FF FF FF FF FF 08 00 45 00 | ..............E.\n"), s.out());
        List<Long> counts = Pattern.compile(" (?:hits|bytes): (\\d+)").matcher(s.out()).results().map(r -> Long.parseLong(r.group(1))).toList();
        assertEquals(6, counts.size(), s.out());
        assertTrue(counts.get(0) > 0 && counts.get(0).equals(counts.get(2)) && counts.get(0).equals(counts.get(4)), counts::toString);
        assertEquals(counts.get(1) + 50 * counts.get(0), counts.get(3));
        assertEquals(counts.get(1), counts.get(5));
        assertTrue(s.err().contains("set: 'bla' is no header that can be put before a packet; there are eth, vlan, ipv4"), s.err());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "flow create 0 | group priority ingress egress transfer pattern",
        "flow create 0 group |",
        "flow validate 0 ingress pattern eth / | eth vlan ipv4 gtp_psc end",
        "flow create 0 ingress pattern eth / vlan | vid pcp dei tci inner_type /",
        "flow create 0 ingress pattern eth / ipv6 src | is spec last mask prefix",
        "flow create 0 ingress pattern eth / ipv4 src is |",
        "flow create 0 ingress pattern eth / ipv4 src is 198.18.0.1 | tos src dst /",
        "flow create 0 ingress pattern eth / end | actions",
        "flow create 0 ingress pattern eth / end actions | drop queue age meter vxlan_encap end",
        "flow create 0 ingress pattern eth / end actions age | timeout /",
        "flow create 0 ingress pattern eth / end actions queue | index",
        "flow create 0 ingress pattern eth / end actions queue index |",
        "flow create 0 ingress pattern eth / end actions queue index 1 | /",
        "flow create 0 ingress pattern eth / end actions rss level | 0 1 2",
        "flow create 0 ingress pattern eth / end actions drop / end |",
        "flow indirect_action 0 create | action_id ingress action",
        "flow indirect_action 0 update 3 action | count end",
        "add port meter policy 0 1 | g_actions",
        "add port meter policy 0 1 g_actions end | y_actions",
        "add port meter policy 0 1 g_actions end y_actions mark id 3 / | drop end",
        "flow list 0 |"})
    void shouldOfferWhatMayFollow(String before, String some) {
        List<String> offered = FlowCompletion.next(List.of(before.split(" ")));
        assertTrue(some == null ? offered.isEmpty() : offered.containsAll(List.of(some.split(" "))), offered::toString);
    }
}
