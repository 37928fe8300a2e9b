package dev.penstock.apps.testpmd;

import dev.penstock.apps.testpmd.PortMeters.Part;
import dev.penstock.apps.testpmd.PortMeters.Refused;
import dev.penstock.ethdev.Port;
import dev.penstock.flow.FlowException;
import dev.penstock.flow.FlowMeter;
import dev.penstock.flow.FlowPolicy;
import dev.penstock.flow.FlowProfile;
import dev.penstock.meter.Color;
import dev.penstock.meter.Meter;
import dev.penstock.meter.SrTcm;
import dev.penstock.meter.TrTcm;
import dev.penstock.meter.TrTcm4115;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongFunction;

/** Meters of flow rules: add, del, create, enable, disable, set, get and show port meter. */
final class MeterCommands {
    private static final int MAX_METERS = 0xffff;
    private static final int DSCPS = 64;
    private static final int TAGS = 16;
    private static final String IDS = "<port:u16> <meter:u32>";
    /** By bit of the mask of counts: what is shown, in the order of {@link FlowMeter#stats}. */
    private static final List<String> STATS = List.of("Pkts G", "Pkts Y", "Pkts R", "Pkts DROPPED", "Bytes G", "Bytes Y", "Bytes R", "Bytes DROPPED");

    private final Testpmd app;
    private final Map<Integer, PortMeters> byPort = new HashMap<>();

    MeterCommands(Testpmd app) {
        this.app = app;
    }

    void addTo(Commands c) {
        c.section("traffic_management");
        on(c, "show port meter cap <port:u16>", "what meters can do", (a, own) -> app.console.print(capabilities()));
        profile(c, "srtcm_rfc2697", "<cir:u64> <cbs:u64> <ebs:u64>",
                a -> now -> new SrTcm(a.number("cir"), a.number("cbs"), a.number("ebs"), now));
        profile(c, "trtcm_rfc2698", "<cir:u64> <pir:u64> <cbs:u64> <pbs:u64>",
                a -> now -> new TrTcm(a.number("cir"), a.number("pir"), a.number("cbs"), a.number("pbs"), now));
        profile(c, "trtcm_rfc4115", "<cir:u64> <eir:u64> <cbs:u64> <ebs:u64>",
                a -> now -> new TrTcm4115(a.number("cir"), a.number("eir"), a.number("cbs"), a.number("ebs"), now));
        on(c, "del port meter profile <port:u16> <profile:u32>", "takes a profile away", this::deleteProfile);
        on(c, "add port meter policy <port:u16> <policy:u32> <actions:rest>", "what is done with each colour: g_actions ACTION / end"
                + " y_actions ACTION / end r_actions ACTION / end, each with no action or some", this::policy);
        on(c, "del port meter policy <port:u16> <policy:u32>", "takes a policy away", this::deletePolicy);
        on(c, "create port meter " + IDS + " <profile:u32> <policy:u32> <enable:yes|no> <mask:u64> <shared:u32> <color:g|y|r|G|Y|R> <input:rest>",
                "a meter: the colour of packets that no table speaks of, whether the colour of a meter before counts (0 or 1), and of"
                        + " 64 DSCPs and 16 VLAN priorities the colours before", this::create);
        on(c, "enable port meter " + IDS, "lets it colour", (a, own) -> own.meter(a.integer("meter")).meter.enabled(true));
        on(c, "disable port meter " + IDS, "lets packets pass it", (a, own) -> own.meter(a.integer("meter")).meter.enabled(false));
        on(c, "del port meter " + IDS, "takes it away", this::delete);
        on(c, "set port meter profile " + IDS + " <profile:u32>", "gives it another profile",
                (a, own) -> own.profile(a.integer("meter"), a.integer("profile")));
        on(c, "set port meter stats mask " + IDS + " <mask:u64>", "which counts are shown",
                (a, own) -> own.meter(a.integer("meter")).statsMask = a.number("mask"));
        on(c, "set port meter dscp table " + IDS + " <proto:outer_ip|inner_ip> <colors:rest>", "the colours before, by DSCP", (a, own) -> table(a, own, true));
        on(c, "set port meter vlan table " + IDS + " <proto:outer_vlan|inner_vlan> <colors:rest>", "the colours before, by VLAN priority",
                (a, own) -> table(a, own, false));
        on(c, "set port meter proto " + IDS + " <proto:outer_vlan|inner_vlan|outer_ip|inner_ip> <priority:u32>", "which header says the colour before",
                (a, own) -> own.meter(a.integer("meter")).use(isDscp(a)));
        on(c, "get port meter proto " + IDS, "which headers say it", (a, own) -> {
            app.console.println("Enabled protocols:");
            protocols(own.meter(a.integer("meter"))).forEach(name -> app.console.println("\t" + name));
        });
        on(c, "get port meter proto_prio " + IDS + " <proto:outer_vlan|inner_vlan|outer_ip|inner_ip>", "in which order they are asked", (a, own) -> {
            int at = protocols(own.meter(a.integer("meter"))).indexOf(a.text("proto"));
            app.console.println(at < 0 ? "Invalid protocol" : String.valueOf(at));
        });
        on(c, "show port meter stats " + IDS + " <clear:yes|no>", "what it has counted, and whether it begins anew", this::stats);
    }

    /** The meter that a rule names. */
    FlowMeter meter(Port port, int id) {
        PortMeters own = byPort.get(port.id());
        if (own == null || !own.meters.containsKey(id)) {
            throw new IllegalArgumentException("flow: there is no meter " + Integer.toUnsignedString(id) + " on port " + port.id()
                    + "; make it by: create port meter " + port.id() + " " + Integer.toUnsignedString(id) + " ...");
        }
        return own.meters.get(id).meter;
    }

    void forget(int port) {
        byPort.remove(port);
    }

    private void on(Commands c, String syntax, String help, BiConsumer<Arguments, PortMeters> handler) {
        c.add(syntax, help, a -> {
            if (a.port() != null) {
                try {
                    handler.accept(a, byPort.computeIfAbsent(a.integer("port"), _ -> new PortMeters()));
                } catch (Refused e) {
                    app.console.error(e.getMessage());
                }
            }
        });
    }

    private void profile(Commands c, String name, String numbers, Function<Arguments, LongFunction<Meter>> algorithm) {
        on(c, "add port meter profile " + name + " <port:u16> <profile:u32> " + numbers + " <packets:u8>", "rates a second and bursts, in bytes"
                + " (packet_mode 0) or packets (1)", (a, own) -> {
            PortMeters.unused(own.profiles, a.integer("profile"), Part.PROFILE_ID);
            try {
                own.profiles.put(a.integer("profile"), new FlowProfile(algorithm.apply(a), a.number("packets") != 0));
            } catch (IllegalArgumentException e) {
                throw new Refused(Part.PROFILE, e.getMessage());
            }
        });
    }

    private void deleteProfile(Arguments a, PortMeters own) {
        FlowProfile profile = own.profile(a.integer("profile"));
        if (own.meters.values().stream().anyMatch(entry -> entry.meter.profile() == profile)) {
            throw new Refused(Part.PROFILE_ID, "a meter has it");
        }
        own.profiles.remove(a.integer("profile"));
    }

    private void policy(Arguments a, PortMeters own) {
        PortMeters.unused(own.policies, a.integer("policy"), Part.POLICY_ID);
        FlowWords words = new FlowWords(a.text("actions"));
        FlowActionSyntax actions = new FlowActionSyntax(words, app.flows.names(a.port()));
        try {
            a.read(() -> {
                words.expect("g_actions");
                var green = actions.list();
                words.expect("y_actions");
                var yellow = actions.list();
                words.expect("r_actions");
                var red = actions.list();
                words.end();
                own.policies.put(a.integer("policy"), new FlowPolicy(green, yellow, red));
            });
        } catch (FlowException e) {
            throw new Refused(Part.POLICY, e.getMessage());
        }
    }

    private void deletePolicy(Arguments a, PortMeters own) {
        FlowPolicy policy = own.policy(a.integer("policy"));
        if (own.meters.values().stream().anyMatch(entry -> entry.meter.policy() == policy)) {
            throw new Refused(Part.POLICY_ID, "a meter has it");
        }
        own.policies.remove(a.integer("policy"));
    }

    private void create(Arguments a, PortMeters own) {
        int id = a.integer("meter");
        PortMeters.unused(own.meters, id, Part.METER_ID);
        if (own.meters.size() == MAX_METERS) {
            throw new Refused(Part.METER_ID, "the port has all " + MAX_METERS);
        }
        List<String> input = List.of(a.text("input").split(" "));
        int tables = input.size() - 1;
        if (!List.of("0", "1").contains(input.getFirst()) || tables != 0 && tables != DSCPS && tables != DSCPS + TAGS) {
            app.console.println(" Meter input color params string parse error");
            return;
        }
        List<Color> colors = colors(input.subList(1, input.size()));
        FlowMeter meter = new FlowMeter(own.profile(a.integer("profile")), own.policy(a.integer("policy")));
        meter.enabled(a.is("enable", "yes"));
        PortMeters.Entry entry = new PortMeters.Entry(meter, a.number("mask"));
        entry.otherwise(color(a.text("color")), input.getFirst().equals("1"));
        if (tables > 0) {
            entry.table(true, colors.subList(0, DSCPS));
            entry.table(false, colors.subList(DSCPS, tables));
        }
        own.meters.put(id, entry);
    }

    private void delete(Arguments a, PortMeters own) {
        FlowMeter meter = own.meter(a.integer("meter")).meter;
        if (app.flows.flows(a.port()).uses(meter)) {
            throw new Refused(Part.METER_ID, "a rule or an indirect action sends packets to it; destroy that first");
        }
        own.meters.remove(a.integer("meter"));
    }

    private static boolean isDscp(Arguments a) {
        if (a.text("proto").startsWith("inner")) {
            throw new Refused(Part.PARAMETERS, a.text("proto") + " says no colour in software; give outer_vlan or outer_ip");
        }
        return a.is("proto", "outer_ip");
    }

    private void table(Arguments a, PortMeters own, boolean dscp) {
        isDscp(a);
        List<Color> colors = colors(List.of(a.text("colors").split(" ")));
        if (colors.size() != (dscp ? DSCPS : TAGS)) {
            app.console.println(" Multi token string parse error");
            return;
        }
        own.meter(a.integer("meter")).table(dscp, colors);
    }

    private static List<String> protocols(PortMeters.Entry entry) {
        List<String> names = new ArrayList<>();
        if (entry.uses(true)) {
            names.add("outer_ip");
        }
        if (entry.uses(false)) {
            names.add("outer_vlan");
        }
        return names;
    }

    private void stats(Arguments a, PortMeters own) {
        PortMeters.Entry entry = own.meter(a.integer("meter"));
        long[] stats = entry.meter.stats(a.is("clear", "yes"));
        for (int color = 0; color < STATS.size() / 2; color++) {
            for (int which = color; which < STATS.size(); which += STATS.size() / 2) {
                if ((entry.statsMask >>> which & 1) != 0) {
                    app.console.println("\t" + STATS.get(which) + ": " + stats[which]);
                }
            }
        }
    }

    private static List<Color> colors(List<String> words) {
        return words.stream().map(MeterCommands::color).toList();
    }

    private static Color color(String word) {
        return switch (word) {
            case "g", "G" -> Color.GREEN;
            case "y", "Y" -> Color.YELLOW;
            case "r", "R" -> Color.RED;
            default -> throw new IllegalArgumentException("meter: '" + word + "' is no colour; give g, y or r");
        };
    }

    private static String capabilities() {
        StringBuilder text = new StringBuilder("\n****   Port Meter Object Capabilities ****\n\n");
        String[] names = {"n_max", "n_shared_max", "identical", "shared_identical", "shared_n_flows_per_mtr_max", "chaining_n_mtrs_per_flow_max",
            "chaining_use_prev_mtr_color_supported", "chaining_use_prev_mtr_color_enforced", "meter_srtcm_rfc2697_n_max",
            "meter_trtcm_rfc2698_n_max", "meter_trtcm_rfc4115_n_max", "meter_rate_max", "color_aware_srtcm_rfc2697_supported",
            "color_aware_trtcm_rfc2698_supported", "color_aware_trtcm_rfc4115_supported", "srtcm_rfc2697_byte_mode_supported",
            "srtcm_rfc2697_packet_mode_supported", "trtcm_rfc2698_byte_mode_supported", "trtcm_rfc2698_packet_mode_supported",
            "trtcm_rfc4115_byte_mode_supported", "trtcm_rfc4115_packet_mode_supported", "stats_mask", "input_color_proto_mask",
            "separate_input_color_table_per_port"};
        Map<String, String> others = Map.of("chaining_use_prev_mtr_color_enforced", "0", "meter_rate_max", String.valueOf(1L << 40), "stats_mask", "ff",
                "input_color_proto_mask", "0x5", "separate_input_color_table_per_port", "0");
        for (String name : names) {
            String value = others.getOrDefault(name, name.endsWith("_max") ? String.valueOf(MAX_METERS) : "1");
            text.append("cap.").append(name).append(' ').append(value).append('\n');
        }
        return text.toString();
    }
}
