package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.Port;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Commands of DPDK's for which these ports have no means: known, so that a script is told in DPDK's words and goes on. */
final class RefusedCommands {
    private static final String NOT_SUPPORTED = "(Operation not supported)";
    private static final String NO_FUNCTION = "function not implemented";
    private static final String NO_METER = "cause unspecified: Function not implemented (error 1)";
    private static final String COMPLAIN = "port_flow_complain(): Caught PMD error type 1 (cause unspecified): "
            + "Function not implemented: Function not implemented";
    private static final String HELP = "not possible with these ports; says so";

    private final Testpmd app;
    private Commands commands;

    RefusedCommands(Testpmd app) {
        this.app = app;
    }

    void addTo(Commands c) {
        commands = c;
        display();
        config();
        others();
    }

    private void display() {
        commands.section("display");
        refuse("show port info <port:u16> representor", a -> "Failed to get the number of representor info ranges for port "
                + a.integer("port") + ": Operation not supported");
        refuse("show port <port:u16> module_eeprom|eeprom", a -> "operation not supported by device");
        each("show port fdir", p -> "\n FDIR is not supported on port " + p.id());
        each("show port dcb_tc", p -> "\n Failed to get dcb infos on port " + p.id());
        refuse("show vf stats <port:u16> <vf:u16>", a -> NO_FUNCTION);
        refuse("clear vf stats <port:u16> <vf:u16>", a -> NO_FUNCTION);
        refuse("read <ring:rxd|txd> <port:u16> <queue:u16> <descriptor:u16>", a -> {
            String side = a.is("ring", "rxd") ? "rx" : "tx";
            return side + "_ring ring memory zoneof (port " + a.integer("port") + ", queue " + a.integer("queue")
                    + ") not found (zone name = eth_p" + a.integer("port") + "_q" + a.integer("queue") + "_" + side + "_ring";
        });
        refuse("show port <port:u16> rxq|txq <queue:u16> desc <descriptor:u16> status", a -> "Invalid input: queue id = "
                + a.integer("queue") + ", desc id = " + a.integer("descriptor"));
        refuse("show port <port:u16> rxq <queue:u16> desc used count", a -> "Invalid queueid = " + a.integer("queue"));
        refuse("show port <port:u16> fec capabilities", a -> "Function not implemented");
        refuse("show port <port:u16> fec_mode", a -> "Function not implemented");
        refuse("show port <port:u16> flow_ctrl", a -> "Failed to get current flow ctrl information: err = -95");
        commands.add("show port <port:u16> flow transfer proxy", HELP, a -> {
            if (a.port() != null) {
                app.console.error("Failed to pick transfer proxy: Function not implemented");
                app.console.println("");
            }
        });
    }

    private void config() {
        commands.section("config");
        refuse("set flow_ctrl <parameters:rest>", a -> "cannot get current flow ctrl parameters, return code = -95");
        refuse("set pfc_ctrl <parameters:rest>", a -> "bad priority flow control parameter, return code = -95");
        refuse("set pfc_queue_ctrl <parameters:rest>", a -> "bad queue-based priority flow control parameter, return code = -95");
        refuse("set stat_qmap <side:tx|rx> <port:u16> <queue:u16> <map:u8>", a -> "failed to set " + a.text("side")
                + " queue stats mapping.");
        refuse("set port <port:u16> uta <mac:text> on|off", a -> "bad unicast hash table parameter, return code = -95");
        refuse("set port <port:u16> queue <queue:u16> rate <rate:u32>", a -> "queue_rate_limit_cmd error: " + NOT_SUPPORTED);
        refuse("set port <port:u16> vf <parameters:rest>", a -> NO_FUNCTION);
        refuse("set vf <parameters:rest>", a -> NO_FUNCTION);
        refuse("set tx loopback <port:u16> on|off", a -> NO_FUNCTION);
        refuse("set all queues drop <port:u16> on|off", a -> NO_FUNCTION);
        refuse("mac_addr add port <port:u16> vf <vf:u16> <mac:mac>", a -> "vf_mac_addr_cmd error: " + NOT_SUPPORTED);
        refuse("rx_vlan add|rm <vlan:u16> port <port:u16> vf <mask:u64>", a -> "function not implemented or supported");
        refuse("rx_vxlan_port add|rm <udp:u16> <port:u16>", a -> "udp tunneling add error: " + NOT_SUPPORTED);
        refuse("vlan set <which:inner|outer> tpid <tpid:u16> <port:u16>", a -> "tx_vlan_tpid_set(port_pi=" + a.integer("port")
                + ", vlan_type=" + (a.is("which", "inner") ? 1 : 2) + ", tpid=" + a.integer("tpid") + ") failed diag=-95");
        refuse("tx_vlan set pvid <port:u16> <vlan:u16> on|off", a -> "no port here inserts tags by port; tx_vlan set does by packet");
        commands.add("set port <port:u16> ptype_mask <mask:u32>", "a driver tells all that it knows: none is left out", this::types);
        refuse("set port <port:u16> fec_mode auto|off|rs|baser", a -> "Function not implemented");
        refuse("set port <port:u16> rxq <queue:u16> avail_thresh <percent:u8>", a -> "rxq_avail_thresh_cmd error: " + NOT_SUPPORTED);
        refuse("tunnel_tso set <size:u16> <port:u16>", this::noTunnels);
        refuse("tunnel_tso show <port:u16>", this::noTunnels);
    }

    /** As DPDK of a driver that knows types and can't be told which: done, whatever the mask, and the list of those that were set is empty. */
    private void types(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        if (port.packetTypes().length == 0) {
            app.console.error("Port " + port.id() + " doesn't support any ptypes.");
        } else {
            app.console.println("Successfully set following ptypes for Port " + port.id());
        }
    }

    private String noTunnels(Arguments a) {
        return "Error: port=" + a.integer("port") + " don't support tunnel TSO offloads.";
    }

    private void others() {
        commands.section("ports");
        refuse("port config <port:u16> udp_tunnel_port <do:add|rm> vxlan|geneve|ecpri <udp:u16>", a -> "udp tunneling port "
                + a.text("do") + " error: " + NOT_SUPPORTED);
        refuse("port config <port:u16> dcb <parameters:rest>", a -> "Cannot initialize network ports: no port here has DCB");
        refuse("port cleanup <port:u16> txq <queue:u16> <count:u32>", a -> "Failed to cleanup Tx queue: queues here hold nothing"
                + " back that was sent");
        commands.add("bpf-load rx|tx <port:u16> <queue:u16> <flags:text> <file:text>", HELP, a -> {
            app.console.error("rte_bpf_elf_load(" + a.text("file") + ") error code: 95(Operation not supported)");
            app.console.println("-22:Invalid argument");
        });
        asynchronous();
        refuse("set conntrack com|orig|rply <parameters:rest>", a -> "set: there is no action conntrack in software");
        refuse("bpf-unload rx|tx <port:u16> <queue:u16>", a -> "no eBPF program is loaded");
        commands.section("traffic_management");
        for (String words : new String[] {"show port tm", "add port tm", "del port tm", "set port tm",
            "suspend port tm", "resume port tm", "port tm hierarchy commit"}) {
            refuse(words + " <parameters:rest>", a -> NO_METER);
        }
        commands.section("drivers");
        refuse("show bonding config|lacp <parameters:rest>", a -> "\tFailed to get bonding mode: there is no bonding driver here");
        for (String words : new String[] {"set bonding", "add bonding", "remove bonding", "create bonded"}) {
            refuse(words + " <parameters:rest>", a -> "\t Error: there is no bonding driver here");
        }
        refuse("set port <port:u16> queue-region <parameters:rest>", a -> NO_FUNCTION);
        also("show port <port:u16> queue-region", a -> "function not implemented or supported",
                a -> "there is no region has been set before\n\t------- All queue region info for port= " + a.integer("port")
                        + " -------\n\tqueue_region_number: 0\n\n");
        refuse("ddp add|del <port:u16> <parameters:rest>", a -> "Failed to load profile.");
        refuse("ddp get list <port:u16>", a -> "Failed to get ddp list");
        refuse("ddp get info <file:text>", a -> "Failed to get profile info: " + NO_FUNCTION);
        refuse("ddp dump <port:u16> <file:text>", a -> "Device doesn't support dump DDP runtime configure.");
        refuse("ddp dump switch <port:u16> <file:text>", a -> "Device doesn't support dump DDP switch runtime configure.");
        refuse("set macsec <parameters:rest>", a -> "not supported on these ports");
        refuse("set bypass <parameters:rest>", a -> "Bypass is not enabled on this port.");
        refuse("show bypass config <port:u16>", a -> "Bypass is not enabled on this port.");
        for (String words : new String[] {"ptype mapping get", "ptype mapping replace", "ptype mapping reset", "ptype mapping update",
            "port config bypass", "port config <port:u16> pctype", "set tx strict-link-priority", "set tc tx min-bandwidth", "mlx5"}) {
            refuse(words + " <parameters:rest>", a -> NO_FUNCTION);
        }
        refuse("show port <port:u16> pctype mapping", a -> NO_FUNCTION);
        refuse("flow_director_filter <port:u16> <parameters:rest>", a -> NO_FUNCTION);
    }

    /** Rules by templates and queues, and what else there is of rules in hardware. */
    private void asynchronous() {
        refuse("flow info <port:u16>", a -> COMPLAIN);
        refuse("flow configure <port:u16> <parameters:rest>", a -> COMPLAIN);
        for (String kind : new String[] {"pattern", "actions"}) {
            also("flow " + kind + "_template <port:u16> create <parameters:rest>", a -> COMPLAIN, a -> Character.toUpperCase(kind.charAt(0))
                    + kind.substring(1) + " template #" + named(a, kind + "_template_id") + " destroyed");
            destroys("flow " + kind + "_template <port:u16> destroy <parameters:rest>", kind + "_template");
        }
        prints("flow template_table <port:u16> create <parameters:rest>", a -> "Pattern template #" + named(a, "pattern_template") + " is invalid");
        destroys("flow template_table <port:u16> destroy <parameters:rest>", "table");
        for (String words : new String[] {"flow push <port:u16> queue <queue:u16>", "flow pull <port:u16> queue <queue:u16>",
            "flow queue <port:u16> create|destroy|indirect_action <queue:u16> <parameters:rest>"}) {
            prints(words, a -> "Queue #" + a.integer("queue") + " is invalid");
        }
        refuse("flow dump <port:u16> user_id <parameters:rest>", a -> COMPLAIN + "\nFailed to dump flow: Function not implemented");
        refuse("flow tunnel create|destroy|list <port:u16> [<parameters:rest>]",
                a -> "flow: tunnels are not offloaded in software; vxlan_encap, vxlan_decap and jump are there");
        refuse("flow flex_item create|destroy <port:u16> <parameters:rest>", a -> "flow: flex items are not matched in software");
        refuse("set fwd ieee1588", a -> "no port here keeps PTP time; the forwarding mode stays "
                + app.settings.mode.word());
    }

    /** Of what was never made there is nothing to be said, as in DPDK; of wrong words there is. */
    private void destroys(String syntax, String word) {
        commands.add(syntax, HELP, a -> {
            if (a.port() != null) {
                a.read(() -> FlowCommands.numbers(word, a.text("parameters")));
            }
        });
    }

    /** The number behind a word among parameters, 0 when it is not there. */
    private static String named(Arguments a, String word) {
        Matcher m = Pattern.compile("\\b" + word + "\\s+(\\d+)").matcher(a.text("parameters"));
        return m.find() ? m.group(1) : "0";
    }

    private void refuse(String syntax, Function<Arguments, String> answer) {
        commands.add(syntax, HELP, a -> {
            if (!a.has("port") || a.port() != null) {
                app.console.error(answer.apply(a));
            }
        });
    }

    /** The same, where DPDK says so on standard output. */
    private void prints(String syntax, Function<Arguments, String> output) {
        commands.add(syntax, HELP, a -> {
            if (a.port() != null) {
                app.console.println(output.apply(a));
            }
        });
    }

    /** The same, where DPDK prints something on standard output as well. */
    private void also(String syntax, Function<Arguments, String> answer, Function<Arguments, String> output) {
        commands.add(syntax, HELP, a -> {
            if (a.port() != null) {
                app.console.error(answer.apply(a));
                app.console.println(output.apply(a));
            }
        });
    }

    private void each(String words, Function<Port, String> answer) {
        commands.add(words + " <port:u16>", HELP, a -> {
            if (a.portOrList() != null) {
                app.console.error(answer.apply(app.port(a.integer("port"))));
            }
        });
        commands.add(words + " all", HELP, a -> app.ports.list().forEach(p -> app.console.error(answer.apply(p))));
    }
}
