package dev.penstock.apps.testpmd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** testpmd's meters, ages and indirect actions: what their commands read, print, and do to traffic. */
class FlowSharedCommandTest {
    private static final String[] NULLS = {"--vdev", "net_null0", "--vdev", "net_null1", "--", "-i", "--total-num-mbufs=4095", "--rxq=2",
        "--txq=2"};

    private static String pipe(String commands) {
        Session s = Session.pipe(commands + "\nquit\n", NULLS);
        assertEquals(0, s.code(), s.err());
        return s.out() + s.err();
    }

    @Test
    void shouldMatchWhatIsInATunnel() {
        String said = pipe("""
                flow create 0 ingress pattern eth / ipv4 / udp dst is 4789 / vxlan vni is 7 / eth / ipv4 src is 198.18.0.1 / tcp / end\
                 actions queue index 1 / end
                flow create 0 ingress pattern eth / vlan vid is 1 / vlan vid is 2 / ipv4 / gre / gre_key value is 3 / ipv6 / end actions rss level 2 / end
                flow create 0 ingress pattern eth / ipv6 / ipv4 / udp / gtpu teid is 5 / gtp_psc qfi is 9 / ipv4 / end actions drop / end
                flow create 0 ingress pattern eth / mpls label is 3 / mpls label is 4 / ipv4 / end actions drop / end
                flow create 0 ingress pattern eth / udp / ipv4 / end actions drop / end
                flow list 0
                flow dump 0 rule 3
                flow dump 0 rule 9
                flow dump 0 all /nonexistent/rules
                """);
        assertTrue(said.contains("0\t0\t0\ti--\tETH IPV4 UDP VXLAN ETH IPV4 TCP => QUEUE\n1\t0\t0\ti--\tETH VLAN VLAN IPV4 GRE GRE_KEY IPV6 => RSS\n"), said);
        assertTrue(said.contains("Flow rule #3 created"), said);
        assertTrue(said.contains("error type 13 (specific pattern item): item 2, ipv4 cannot stand behind udp, which is no tunnel"), said);
        assertTrue(said.contains("flow 3: group 0 priority 0 ingress pattern eth / mpls label spec 0x3 label mask 0xfffff / mpls label spec 0x4"
                + " label mask 0xfffff / ipv4 / end actions drop / end\nFlow dump finished\n"), said);
        assertTrue(said.contains("Failed to dump to flow 9"), said);
        assertTrue(said.contains("Failed to create file /nonexistent/rules: there is no such file or folder\n"), said);
    }

    @Test
    void shouldShareActionsAndPrintThemAsDpdk() {
        String said = pipe("""
                flow indirect_action 0 create ingress action count / end
                flow indirect_action 0 create action_id 5 ingress action age timeout 600 / end
                flow indirect_action 0 create action_id 5 action drop / end
                flow indirect_action 0 create ingress action queue index 1 / end
                flow create 0 ingress pattern eth / end actions indirect 0 / indirect 5 / indirect 6 / end
                flow create 0 ingress pattern eth / ipv4 / end actions indirect 9 / end
                flow indirect_action 0 update 6 action queue index 0 / end
                flow indirect_action 0 update 6 action drop / end
                flow indirect_action 0 update 5 action age_update timeout 9 touch 1 / end
                flow indirect_action 0 query 0
                flow indirect_action 0 query 5
                flow indirect_action 0 query 6
                flow indirect_action 0 query 7
                flow query 0 0 age
                flow query 0 0 count
                flow query 0 0 rss
                flow query 0 0 bla
                flow indirect_action 0 destroy action_id 0 action_id 9
                flow aged 0
                flow flush 0
                flow indirect_action 0 destroy action_id 0 action_id 5
                """);
        for (String line : new String[] {"Indirect action #0 created\nIndirect action #5 created\nIndirect action #6 created\nFlow rule #0 created\n",
            "Indirect action #6 updated\nIndirect action #5 updated\nIndirect COUNT action:\n hits_set: 1\n bytes_set: 1\n hits: 0\n bytes: 0\n"
                + "Indirect AGE action:\n aged: 0\n sec_since_last_hit_valid: 1\n sec_since_last_hit: 0\n",
            "AGE:\n aged: 0\n sec_since_last_hit_valid: 1\n sec_since_last_hit: 0\nCOUNT:\n hits_set: 1\n", "Port 0 total aged flows: 0\n",
            "Indirect action #0 destroyed\nIndirect action #5 destroyed\n", "Indirect action #5 is already assigned, delete it first",
            "Failed to find indirect action #9 on port 0", "error type 16 (specific action): the indirect action is one of queue; give the same type",
            "Indirect action 6 (type: queue) on port 0 doesn't support query", "Failed to find indirect action #7 on port 0",
            "error type 16 (specific action): indirect action #0 is used by a rule", "Cannot query action type rss"}) {
            assertTrue(said.replaceAll("(?m)^(testpmd> [^\n]*|Bad arguments)\n", "").contains(line), line + "IN\n" + said);
        }
    }

    @Test
    void shouldKnowAndDestroyWhatIsSilent() {
        // nothing runs, so that no packet comes; the time is over when it is asked for the last time
        List<String> lines = new ArrayList<>(List.of("flow create 0 ingress pattern eth / end actions age timeout 1 / end",
                "flow create 0 ingress pattern eth / ipv4 / end actions age timeout 1000 / end",
                "flow indirect_action 0 create ingress action age timeout 1 / end"));
        lines.addAll(Collections.nCopies(4, "WAIT"));
        lines.addAll(List.of("flow aged 0", "flow aged 0 destroy", "flow list 0", "quit"));
        Session s = Session.script(lines, NULLS);
        assertEquals(0, s.code(), s.err());
        String table = "Port 0 total aged flows: 2\nType                \tID\tGroup\tPrio\tAttr\nFlow                \t0\t0\t0\ti--\t\n"
                + "Indirect action     \t0\n";
        String out = s.out().replaceAll("(?m)^testpmd> [^\n]*\n", "");
        assertTrue(out.contains(table + table + "Flow rule #0 destroyed\n1 flows destroyed\n"), s.out());
        assertTrue(out.contains("1\t0\t0\ti--\tETH IPV4 => AGE\n") && !out.contains("0\t0\t0\ti--\tETH =>"), s.out());
    }

    @Test
    void shouldMeterTrafficAsItIsTold() {
        Session s = Session.script(List.of("add port meter profile srtcm_rfc2697 0 1 64 6400 3200 0",
                "add port meter policy 0 2 g_actions end y_actions mark id 3 / end r_actions drop / end",
                "create port meter 0 7 1 2 yes 0xff 0 g 0", "flow create 0 ingress pattern eth / end actions meter mtr_id 7 / count / end",
                "del port meter 0 7", "flow indirect_action 0 create ingress action meter mtr_id 7 / end", "start", "WAIT", "stop",
                "show port meter stats 0 7 yes", "flow query 0 0 count", "show port meter stats 0 7 no", "set port meter stats mask 0 7 0x88",
                "show port meter stats 0 7 no", "flow flush 0", "del port meter 0 7", "flow indirect_action 0 destroy action_id 0",
                "del port meter 0 7", "del port meter policy 0 2",
                "quit"), NULLS);
        assertEquals(0, s.code(), s.err());
        Matcher m = Pattern.compile("\tPkts G: (\\d+)\n\tBytes G: (\\d+)\n\tPkts Y: (\\d+)\n\tBytes Y: (\\d+)\n\tPkts R: (\\d+)\n\tBytes R: (\\d+)\n"
                + "\tPkts DROPPED: (\\d+)\n\tBytes DROPPED: (\\d+)\n").matcher(s.out());
        assertTrue(m.find(), s.out());
        long[] n = new long[8];
        for (int i = 0; i < n.length; i++) {
            n[i] = Long.parseLong(m.group(i + 1));
        }
        // a hundred green and fifty yellow from the full buckets, and one a second
        assertTrue(n[0] >= 100 && n[2] == 50 && n[0] < 5000, s.out());
        assertTrue(n[4] > 0 && n[4] == n[6] && n[5] == 64 * n[4] && n[1] == 64 * n[0] && n[7] == n[5], s.out());
        assertTrue(s.out().contains(" hits: " + (n[0] + n[2]) + "\n"), "what is dropped goes no further: " + s.out());
        assertTrue(s.out().contains("\tPkts DROPPED: 0\n\tBytes DROPPED: 0\n"), s.out());
        assertEquals(2, s.err().split("meter id: a rule or an indirect action sends packets to it; destroy that first \\(error 5\\)", -1).length - 1, s.err());
    }

    @Test
    void shouldTakeThePolicyOfDpdksGuide() {
        String said = pipe("""
                add port meter profile srtcm_rfc2697 0 1 64 6400 3200 0
                add port meter policy 0 2 g_actions color type green / end y_actions color type yellow / end r_actions drop / end
                create port meter 0 7 1 2 yes 0xff 0 g 0
                flow create 0 ingress pattern eth / end actions meter mtr_id 7 / color / end
                flow create 0 ingress pattern eth / end actions color type blue / end
                flow list 0
                """);
        assertTrue(said.contains("ETH => METER METER_COLOR\n"), said);
        assertTrue(said.contains("flow: 'blue' for a colour; give green or yellow or red\n"), said);
    }

    @Test
    void shouldCopySomePackets() {
        Session s = Session.script(List.of("set sample_actions 1 count / mark id 9 / end", "set sample_actions 2 jump group 1 / end",
                "flow create 0 ingress pattern eth / end actions sample ratio 2 index 1 / count / drop / end",
                "flow create 0 ingress pattern eth / ipv4 / end actions sample ratio 2 index 2 / end",
                "flow create 0 ingress pattern eth / ipv4 / end actions sample ratio 2 index 3 / end",
                "flow create 0 ingress pattern eth / ipv4 / end actions sample ratio 0 index 1 / end",
                "flow indirect_action 0 create ingress action sample ratio 0 index 1 / end",
                "start", "WAIT", "stop", "flow query 0 0 count", "quit"), NULLS);
        assertEquals(0, s.code(), s.err());
        assertTrue(s.out().contains("Flow rule #0 created"), s.out());
        // what comes as it was is dropped, so that only copies go out of the other port
        assertTrue(s.forwarded(1, "TX-packets") > 0, s.out());
        assertTrue(s.err().contains("error type 16 (specific action): action jump is not done with a copy"), s.err());
        assertTrue(s.err().contains("error type 15 (action configuration): sample ratio 0; give 1 or more"), s.err());
        assertFalse(s.err().contains("internal error"), s.err());
        assertTrue(s.err().contains("there are no actions of copies 3; give them by: set sample_actions 3"), s.err());
    }

    @Test
    void shouldSayWhatOfAMeterIsWrong() {
        String green = Collections.nCopies(64, "g").stream().collect(Collectors.joining(" "));
        String said = pipe("""
                show port meter cap 0
                add port meter profile trtcm_rfc2698 0 1 1000 2000 1000 1000 0
                add port meter profile trtcm_rfc2698 0 1 1000 2000 1000 1000 0
                add port meter profile trtcm_rfc2698 0 2 2000 1000 1000 1000 0
                add port meter profile trtcm_rfc4115 0 3 10 10 10 10 1
                add port meter profile srtcm_rfc2697 0 4 abc
                add port meter policy 0 1 g_actions end y_actions end r_actions drop / end
                add port meter policy 0 2 g_actions jump group 1 / end y_actions end r_actions end
                add port meter policy 0 2 g_actions end y_actions end
                create port meter 0 1 9 1 yes 0xffff 0 g 0
                create port meter 0 1 1 9 yes 0xffff 0 g 0
                create port meter 0 1 1 1 yes 0xffff 0 g 2
                create port meter 0 1 1 1 no 0xffff 0 g 0 g g
                create port meter 0 1 1 1 no 0xffff 0 r 1 GREEN
                enable port meter 0 1
                disable port meter 0 1
                enable port meter 0 2
                set port meter profile 0 1 3
                del port meter profile 0 3
                del port meter profile 0 1
                del port meter policy 0 1
                set port meter dscp table 0 1 outer_ip GREEN
                set port meter dscp table 0 1 inner_ip GREEN
                set port meter dscp table 0 1 outer_ip g y
                set port meter vlan table 0 1 outer_vlan a
                get port meter proto 0 1
                get port meter proto_prio 0 1 outer_vlan
                set port meter proto 0 1 outer_vlan 1
                get port meter proto 0 1
                flow create 0 ingress pattern eth / end actions meter mtr_id 3 / end
                enable port meter 7 1
                """.replace("GREEN", green));
        for (String line : new String[] {"\n****   Port Meter Object Capabilities ****\n\ncap.n_max 65535\ncap.n_shared_max 65535\ncap.identical 1\n",
            "cap.meter_rate_max 1099511627776\n", "cap.input_color_proto_mask 0x5\ncap.separate_input_color_table_per_port 0\n",
            "meter profile id: 1 is there already; delete it first (error 2)", "meter profile null: CIR of 2000 and PIR of 1000",
            "meter policy null: action jump is not done by a meter's policy", "flow: the rule ends where 'r_actions' is to stand",
            "meter profile id: there is no 9 (error 2)", "meter policy id: there is no 9 (error 13)", " Meter input color params string parse error\n",
            "meter id: there is no 2 (error 5)", "meter profile id: a meter has it (error 2)", "meter policy id: a meter has it (error 13)",
            "meter params null: inner_ip says no colour in software", " Multi token string parse error\n", "meter: 'a' is no colour; give g, y or r",
            "Enabled protocols:\n\touter_ip\n", "Invalid protocol\n", "Enabled protocols:\n\touter_ip\n\touter_vlan\n",
            "flow: there is no meter 3 on port 0; make it by: create port meter 0 3", "Invalid port 7"}) {
            assertTrue(said.contains(line), line + "\nIN\n" + said);
        }
    }

    @Test
    void shouldTakeAnyLineOrSayWhatIsWrong() {
        SplittableRandom random = Seed.random("flow lines");
        List<String> whole = List.of("flow create 0 group 0 priority 2 ingress pattern eth dst is 02:00:00:00:00:01 / vlan vid is 5 / ipv4 src spec 198.18.0.0"
                + " src prefix 15 / udp dst spec 10 dst last 20 / vxlan vni is 7 / eth / ipv6 src is 2001:db8::1 / tcp / end actions age timeout 5 / count"
                + " / mark id 3 / meter mtr_id 1 / indirect 0 / rss queues 0 1 end level 2 types ip end / end",
                "flow indirect_action 0 create action_id 0 ingress action age timeout 4 / end",
                "flow indirect_action 0 update 0 action age_update timeout 3 touch 1 / end",
                "flow indirect_action 0 query 0", "flow indirect_action 0 destroy action_id 0", "flow aged 0 destroy",
                "flow query 0 0 age", "flow list 0 group 0",
                "flow destroy 0 rule 0", "flow flush 0", "flow dump 0 rule 0", "flow isolate 0 0", "add port meter profile srtcm_rfc2697 0 1 64 6400 3200 0",
                "add port meter policy 0 2 g_actions mark id 1 / end y_actions end r_actions drop / end", "create port meter 0 1 1 2 yes 0xff 0 g 0",
                "set port meter profile 0 1 1", "set port meter vlan table 0 1 outer_vlan g y r g g g g g g g g g g g g g", "show port meter stats 0 1 yes",
                "enable port meter 0 1", "del port meter 0 1", "del port meter policy 0 2", "del port meter profile 0 1", "get port meter proto 0 1");
        List<String> spare = whole.stream().flatMap(line -> Arrays.stream(line.split(" "))).distinct().collect(Collectors.toCollection(ArrayList::new));
        spare.addAll(List.of("-1", "4294967295", "4294967296", "18446744073709551616", "0x", "::", "/", "end", "rule", "inner_ip"));
        // those in an order in which each is right, then any
        StringBuilder commands = new StringBuilder();
        for (int line : new int[] {12, 13, 14, 1, 0}) {
            commands.append(whole.get(line)).append('\n');
        }
        int lines = 3000;
        for (int i = 0; i < lines; i++) {
            List<String> words = new ArrayList<>(List.of(whole.get(random.nextInt(whole.size())).split(" ")));
            for (int changes = random.nextInt(3); changes > 0; changes--) {
                int at = random.nextInt(words.size());
                switch (random.nextInt(4)) {
                    case 0 -> words.remove(at);
                    case 1 -> words.add(at, spare.get(random.nextInt(spare.size())));
                    case 2 -> words.set(at, spare.get(random.nextInt(spare.size())));
                    default -> words.subList(at, words.size()).clear();
                }
                if (words.isEmpty()) {
                    break;
                }
            }
            String line = String.join(" ", words);
            // no files are written here, and nothing else is set than flows and meters
            boolean harmless = line.matches("(flow|add|create|set|show|enable|del|get) .*") && !line.matches("flow dump \\S+ (all|rule \\S+) .*");
            commands.append(harmless ? line : "flow list 0").append('\n');
        }
        String said = pipe(commands.append("flow flush 0\nflow list 0").toString());
        assertEquals("", Arrays.stream(said.split("\n")).filter(l -> l.contains("internal error")).collect(Collectors.joining("\n")));
        assertTrue(said.contains("Flow rule #0 created\n"), "some lines are right");
        assertTrue(said.contains("Bad arguments\n"), "some are wrong");
    }
}
