package dev.penstock.apps.testpmd;

import dev.penstock.eal.HexDump;
import dev.penstock.flow.FlowAction;
import dev.penstock.flow.FlowHeader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The headers that the actions vxlan_encap, nvgre_encap, l2_encap, mplsogre_encap, mplsoudp_encap, raw_encap and their
 * decaps take: set vxlan, nvgre, l2_encap, ..., raw_encap, raw_decap. A rule takes what is set when it is created.
 */
final class EncapCommands {
    private static final int RAWS = 8;
    private static final String MACS = "eth-src eth-dst";

    /** What is not set yet. */
    private static final Map<String, String> DEFAULTS = Map.of(
            "vxlan_encap", "eth dst is ff:ff:ff:ff:ff:ff / ipv4 src is 127.0.0.1 dst is 255.255.255.255 / udp dst is 4789 / vxlan vni is 0 / end_set",
            "nvgre_encap", "eth dst is ff:ff:ff:ff:ff:ff / ipv4 src is 127.0.0.1 dst is 255.255.255.255 / nvgre tni is 0 / end_set",
            "l2_decap", "eth / end_set");

    private final Testpmd app;
    /** By the action that takes them, with its index when it is raw. */
    private final Map<String, byte[]> headers = new HashMap<>();

    EncapCommands(Testpmd app) {
        this.app = app;
    }

    void addTo(Commands c) {
        c.section("filters");
        tunnel(c, "vxlan", "vxlan_encap", "ip-version vni udp-src udp-dst ip-src ip-dst");
        tunnel(c, "vxlan-tos-ttl", "vxlan_encap", "ip-version vni udp-src udp-dst ip-tos ip-ttl ip-src ip-dst");
        tunnel(c, "nvgre", "nvgre_encap", "ip-version tni ip-src ip-dst");
        tunnel(c, "l2_encap", "l2_encap", "ip-version");
        tunnel(c, "mplsogre_encap", "mplsogre_encap", "ip-version label ip-src ip-dst");
        tunnel(c, "mplsoudp_encap", "mplsoudp_encap", "ip-version label udp-src udp-dst ip-src ip-dst");
        for (String what : List.of("l2", "mplsogre", "mplsoudp")) {
            for (String vlan : List.of("", "-with-vlan")) {
                add(c, what + "_decap" + vlan, what.equals("l2") ? "" : "ip-version", "", what + "_decap");
            }
        }
        c.add("set <which:raw_encap|raw_decap> <headers:rest>", "headers to put before packets or to take off: [INDEX] ITEM / ... / end_set", this::set);
        c.add("show <which:raw_encap|raw_decap> <index:text>", "those headers", this::show);
    }

    private void set(Arguments a) {
        String text = a.text("headers");
        int space = text.indexOf(' ');
        boolean numbered = space > 0 && Character.isDigit(text.charAt(0));
        int index = numbered ? (int) FlowWords.number(a.text("which"), text.substring(0, space), RAWS - 1) : 0;
        headers.put(a.text("which") + index, a.read(() -> HeaderSyntax.parse(numbered ? text.substring(space) : text)));
    }

    private void show(Arguments a) {
        String which = a.text("which");
        boolean all = a.is("index", "all");
        int first = all ? 0 : (int) FlowWords.number(which, a.text("index"), RAWS - 1);
        for (int i = first; i <= (all ? RAWS - 1 : first); i++) {
            byte[] bytes = headers.getOrDefault(which + i, new byte[0]);
            app.console.println("\nindex: " + i + " at [0x" + Integer.toHexString(System.identityHashCode(bytes)) + "], len=" + bytes.length);
            StringBuilder lines = new StringBuilder();
            HexDump.append(lines, bytes.length, at -> bytes[at]);
            app.console.print(lines.toString());
        }
    }

    private void tunnel(Commands c, String words, String action, String keys) {
        add(c, words, keys, MACS, action);
        if (!words.contains("tos")) {
            add(c, words + "-with-vlan", keys, "vlan-tci " + MACS, action);
        }
    }

    private void add(Commands c, String words, String keys, String more, String action) {
        String all = (keys + " " + more).strip();
        StringBuilder syntax = new StringBuilder("set " + words);
        for (String key : all.isEmpty() ? new String[0] : all.split(" ")) {
            syntax.append(' ').append(key).append(" <").append(key).append(key.equals("ip-version") ? ":ipv4|ipv6>" : ":text>");
        }
        c.add(syntax.toString(), "headers for the action " + action,
                a -> headers.put(action, HeaderSyntax.parse(items(action, words.endsWith("-with-vlan"), a))));
    }

    /** The items that the values of a command mean. */
    private static String items(String action, boolean vlan, Arguments a) {
        StringBuilder all = new StringBuilder("eth").append(field(a, "src", "eth-src")).append(field(a, "dst", "eth-dst"));
        boolean six = a.is("ip-version", "ipv6");
        if (action.startsWith("l2") && a.has("ip-version") && !vlan) {
            all.append(" type is ").append(six ? "0x86dd" : "0x0800");
        }
        all.append(" / ");
        if (vlan) {
            all.append("vlan").append(field(a, "tci", "vlan-tci")).append(action.startsWith("l2") && a.has("ip-version")
                    ? " inner_type is " + (six ? "0x86dd" : "0x0800") : "").append(" / ");
        }
        if (!action.startsWith("l2")) {
            all.append(six ? "ipv6" : "ipv4").append(field(a, six ? "tc" : "tos", "ip-tos")).append(field(a, six ? "hop" : "ttl", "ip-ttl"))
                    .append(field(a, "src", "ip-src")).append(field(a, "dst", "ip-dst")).append(" / ");
        }
        all.append(switch (action) {
            case "vxlan_encap" -> "udp" + field(a, "src", "udp-src") + field(a, "dst", "udp-dst") + " / vxlan" + field(a, "vni", "vni") + " / ";
            case "nvgre_encap" -> "nvgre" + field(a, "tni", "tni") + " / ";
            case "mplsogre_encap", "mplsogre_decap" -> "gre / mpls" + field(a, "label", "label") + " / ";
            case "mplsoudp_encap", "mplsoudp_decap" -> "udp" + field(a, "src", "udp-src") + field(a, "dst", "udp-dst") + " / mpls"
                    + field(a, "label", "label") + " / ";
            default -> "";
        });
        return all.append("end_set").toString();
    }

    private static String field(Arguments a, String field, String key) {
        return a.has(key) ? " " + field + " is " + a.text(key) : "";
    }

    /**
     * The action of a rule.
     *
     * @param name its word
     * @param index which of the headers that are set, 0 unless it is raw
     * @return the action; null when this is no action that puts headers before packets or takes them off
     * @throws IllegalArgumentException when its headers are not set, or none
     */
    FlowAction action(String name, int index) {
        FlowAction.Type type = switch (name) {
            case "vxlan_decap", "nvgre_decap" -> null;
            default -> name.endsWith("_decap") ? FlowAction.Type.RAW_DECAP : name.startsWith("vxlan") ? FlowAction.Type.VXLAN_ENCAP
                    : name.startsWith("nvgre") ? FlowAction.Type.NVGRE_ENCAP : FlowAction.Type.RAW_ENCAP;
        };
        if (type == null || !name.endsWith("_encap") && !name.endsWith("_decap")) {
            return null;
        }
        byte[] bytes = headers.get(name.startsWith("raw_") ? name + index : name);
        bytes = bytes == null && DEFAULTS.containsKey(name) ? HeaderSyntax.parse(DEFAULTS.get(name)) : bytes;
        if (bytes == null) {
            throw new IllegalArgumentException("flow: " + name + " has no headers yet; give them by: set " + name
                    + (name.startsWith("raw_") ? " " + index + " eth / ... / end_set" : " ..."));
        }
        return type == FlowAction.Type.RAW_DECAP ? new FlowAction(type, bytes.length) : new FlowAction(type, new FlowHeader(bytes));
    }
}
