package dev.penstock.apps.testpmd;

import static java.util.Map.entry;

import java.util.Map;
import java.util.function.Function;

/**
 * What DPDK 22.11's testpmd says of a port that there is not: some commands ask testpmd's own list, others have rte_ethdev refuse, and
 * tell its error then.
 */
final class MissingPort {
    private static final String COMPLAIN = "port_flow_complain(): Caught PMD error type 1 (cause unspecified): No such device: No such device";
    /** By the beginning of a command's syntax as it is shown; the others say "Invalid port". */
    private static final Map<String, Function<Arguments, String>> WORDS = Map.ofEntries(
            entry("show port (port) tx_metadata", a -> "invalid port id " + id(a)),
            entry("show port (port) gso", a -> "invalid port id " + id(a)),
            entry("show port (port) gro", a -> "Invalid port id " + id(a) + "."),
            entry("set port (port) (gro|gso)", a -> "invalid port id " + id(a)),
            entry("show port (port) (rxq|txq)", a -> "invalid port id " + id(a)),
            entry("show port (port) rxq", a -> "invalid port id " + id(a)),
            entry("show port (port) fec", a -> "Invalid port id " + id(a)),
            entry("show port info (port) representor", a -> "Invalid port id " + id(a)),
            entry("set port (port) fec_mode", a -> refused(a, "Set FEC mode failed")),
            entry("read (rxd|txd) (port)", a -> refused(a)),
            entry("port detach (port)", a -> refused(a)),
            entry("show port (port) ptypes", a -> refused(a)),
            entry("set port (port) ptype_mask", a -> refused(a, "Port " + id(a) + " doesn't support any ptypes.")),
            entry("set port (port) uta", a -> refused(a, "bad unicast hash table parameter, return code = -19")),
            entry("show port (port) flow_ctrl", a -> refused(a, "Failed to get current flow ctrl information: err = -19")),
            entry("rx_vlan (add|rm) (vlan) port", a -> refused(a, "invalid port_id " + id(a))),
            entry("mac_addr (add|remove|set)", a -> refused(a)),
            entry("set (link-up|link-down)", a -> refused(a, "\nSet " + a.text("how").replace('-', ' ') + " fail.")),
            entry("set (promisc|allmulti)", a -> refused(a, "Error during " + (a.on("on") ? "enabling " : "disabling ")
                    + (a.is("what", "promisc") ? "promiscuous" : "all-multicast") + " mode for port " + id(a) + ": No such device")),
            entry("show (rxq|txq) info", a -> refused(a, "Failed to retrieve information for port: " + id(a) + ", "
                    + (a.is("side", "rxq") ? "RX" : "TX") + " queue: " + a.integer("queue") + "\nerror desc: No such device(-19)")),
            entry("show port (port) rss reta", MissingPort::info),
            entry("show port (port) (rx_offload|tx_offload) capabilities", MissingPort::info),
            entry("show port (port) (rx_offload|tx_offload) configuration",
                    a -> refused(a, "Error during getting device configuration (port " + id(a) + "): No such device")),
            entry("port config (port) rx_offload", MissingPort::info),
            entry("port config (port) tx_offload", MissingPort::info),
            entry("port config (port) rss", MissingPort::info),
            entry("port (port) rxq (queue) rx_offload", MissingPort::info),
            entry("port (port) txq (queue) tx_offload", MissingPort::info),
            entry("flow isolate", _ -> COMPLAIN),
            entry("flow create", _ -> COMPLAIN),
            entry("flow validate", _ -> COMPLAIN));

    private MissingPort() {}

    static String words(String syntax, Arguments a) {
        return WORDS.entrySet().stream().filter(e -> syntax.startsWith(e.getKey())).findFirst().map(e -> e.getValue().apply(a))
                .orElseGet(() -> "Invalid port " + id(a));
    }

    private static int id(Arguments a) {
        return a.integer("port");
    }

    /** What rte_ethdev logs, and what testpmd makes of it. */
    private static String refused(Arguments a, String... more) {
        return "Invalid port_id=" + id(a) + (more.length == 0 ? "" : "\n" + more[0]);
    }

    private static String info(Arguments a) {
        return refused(a, "Error during getting device (port " + id(a) + ") info: No such device");
    }
}
