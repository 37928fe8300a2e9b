package dev.penstock.apps.testpmd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.flow.FlowRule;
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

    @Test
    void shouldReadEveryItemAndAction() {
        FlowRule rule = FlowSyntax.parse("group 1 priority 2 ingress pattern eth dst is 02:00:00:00:00:01 / vlan vid is 5 pcp is 3 /"
                + " ipv4 src spec 198.18.0.0 src prefix 15 ttl is 64 / udp dst spec 10 dst last 20 / vxlan vni is 7 / end"
                + " actions of_pop_vlan / of_push_vlan ethertype 0x8100 / of_set_vlan_vid vlan_vid 6 / of_set_vlan_pcp vlan_pcp 1 /"
                + " set_mac_src mac_addr 02:00:00:00:00:02 / set_ipv4_dst ipv4_addr 198.18.0.1 / set_tp_src port 9 / dec_ttl / mark id 3 /"
                + " flag / count identifier 4 / rss queues 0 1 end / end");
        assertEquals(1, rule.group());
        assertEquals(2, rule.priority());
        assertTrue(rule.ingress());
        assertEquals(5, rule.pattern().size());
        assertEquals(12, rule.actions().size());
        assertEquals(3, rule.actions().getLast().value());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "ingress pattern eth / bla / end actions drop / end | item 'bla' is not matched in software; there are eth, vlan, ipv4",
        "ingress pattern eth / ipv4 colour is 1 / end actions drop / end | ipv4 has no field 'colour'; there are tos, ttl, proto, src, dst",
        "ingress pattern eth / vlan vid is 4096 / end actions drop / end | '4096' for vlan tci; give 0 to 4095",
        "ingress pattern eth / end actions fly / end | action 'fly' is not done in software; there are drop, queue",
        "ingress pattern eth / end actions queue 3 / end | '3' where 'index' is to stand",
        "ingress pattern eth / udp dst about 5 / end actions drop / end | 'about' behind a field; give is, spec, last, mask or prefix",
        "ingress pattern eth / end actions drop | the rule ends where '/' is to stand",
        "outward pattern eth / end actions drop / end | 'outward' is no attribute; there are group"})
    void shouldSayWhichWordIsWrong(String rule, String error) {
        String said = Assertions.assertThrows(IllegalArgumentException.class, () -> FlowSyntax.parse(rule)).getMessage();
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

    @Test
    void shouldDropWhatARuleSaysWhileTrafficFlows() {
        Session s = Session.script(List.of("start", "WAIT", "flow create 0 ingress pattern eth type is 0 / end actions count / drop / end",
                "WAIT", "flow query 0 0 count", "stop", "quit"), NULLS);
        assertEquals(0, s.code(), s.err());
        Matcher hits = Pattern.compile(" hits: (\\d+)").matcher(s.out());
        assertTrue(hits.find() && Long.parseLong(hits.group(1)) > 0, s.out());
        assertTrue(s.forwarded(0, "RX-packets") > 0, s.out());
    }
}
