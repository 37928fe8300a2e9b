package dev.penstock.apps.vswitch;

import dev.penstock.apps.cli.ExitException;
import dev.penstock.apps.cli.Trouble;
import dev.penstock.net.Ipv4Address;
import dev.penstock.vswitch.PortSettings;
import dev.penstock.vswitch.Underlay;
import dev.penstock.vswitch.VirtualSwitch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a configuration file says, read and checked as a whole before anything is done.
 *
 * @param maxMacs the most addresses
 * @param ageingS seconds after which they are forgotten
 * @param steps what makes ports, tunnels and mirrors, in order
 */
record Config(int maxMacs, int ageingS, List<Consumer<Vswitch>> steps) {
    static final Config EMPTY = new Config(VirtualSwitch.DEFAULT_MAX_MACS, VirtualSwitch.DEFAULT_AGEING_S, List.of());

    private static final int MAX_NAME = 64;
    private static final int MAX_VNI = (1 << 24) - 1;

    /**
     * Reads a configuration.
     *
     * @param source the file's name
     * @param text its text
     * @throws IllegalArgumentException when it is wrong; says line and field
     */
    static Config parse(String source, String text) {
        return new Reader().read(YamlNode.parse(source, text));
    }

    /** Makes the ports; an error says the line that asked for what could not be made. */
    void apply(Vswitch vswitch) {
        try {
            steps.forEach(step -> step.accept(vswitch));
        } catch (IllegalArgumentException e) {
            throw new ExitException(e.getMessage());
        }
    }

    /** Seconds until a silent address is forgotten. */
    static int ageing(YamlNode value) {
        return value.number(1, 1_000_000);
    }

    /** An underlay's fields but its name and device. */
    static Underlay underlay(YamlNode node, Map<String, YamlNode> rest) {
        YamlNode address = required(node, rest, "address", "this host's address such as 198.18.0.1/24");
        YamlNode gateway = rest.remove("gateway");
        YamlNode mtu = rest.remove("mtu");
        rest.forEach((field, value) -> {
            throw value.error("no field of an underlay; there are name, vdev, address, gateway, mtu");
        });
        int hop = gateway == null ? 0 : gateway.read(Ipv4Address::parse);
        int bytes = mtu == null ? Underlay.DEFAULT_MTU : mtu.number(576, 65535);
        return address.read(text -> address(text, hop, bytes));
    }

    private static Underlay address(String text, int gateway, int mtu) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("\\d{1,2}")) {
            throw new IllegalArgumentException("'" + text + "' is not an address with its prefix length, such as 198.18.0.1/24");
        }
        return new Underlay(Ipv4Address.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)), gateway, mtu);
    }

    /** What makes a tunnel, of its fields but its name. */
    static Consumer<Vswitch> tunnel(String name, YamlNode node, Map<String, YamlNode> rest) {
        PortSettings settings = new PortSettings();
        String underlay = required(node, rest, "underlay", "the name of one").text();
        int remote = required(node, rest, "remote", "the other host's address").read(Ipv4Address::parse);
        int vni = required(node, rest, "vni", "the network identifier").number(0, MAX_VNI);
        for (String field : PortFields.OF_DEVICES) {
            if (rest.containsKey(field)) {
                throw rest.get(field).error("a tunnel has no " + field + " of its own: its packets go by its underlay; leave it out");
            }
        }
        settings(settings, rest, "name, underlay, remote, vni");
        return v -> v.vswitch().addTunnel(name, underlay, vni, remote, settings);
    }

    /** A name that a port may have. */
    static String name(YamlNode value) {
        String name = value.text();
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0," + (MAX_NAME - 1) + "}")) {
            throw value.error("'" + name + "' is no name; use letters, digits and _.- , " + MAX_NAME + " at most");
        }
        return name;
    }

    private static YamlNode required(YamlNode node, Map<String, YamlNode> fields, String name, String what) {
        YamlNode value = fields.remove(name);
        if (value == null) {
            throw node.error(name + " is missing; give " + what);
        }
        return value;
    }

    /** Of both the one that stands last would count. */
    static void checkVlans(Map<String, YamlNode> fields) {
        if (fields.containsKey("vlan") && fields.containsKey("trunk")) {
            throw fields.get("trunk").error("a port is either of one vlan or a trunk; the vlan of untagged frames is trunk.native");
        }
    }

    static void settings(PortSettings settings, Map<String, YamlNode> fields, String others) {
        checkVlans(fields);
        fields.forEach((name, value) -> {
            if (!PortFields.set(settings, name, value)) {
                throw value.error("no such field; there are " + others + ", " + String.join(", ", PortFields.NAMES));
            }
        });
    }

    private static final class Reader {
        private final List<Consumer<Vswitch>> steps = new ArrayList<>();
        private final Set<String> names = new HashSet<>();
        private int maxMacs = EMPTY.maxMacs;
        private int ageingS = EMPTY.ageingS;

        Config read(YamlNode root) {
            Map<String, YamlNode> fields = root.fields();
            fields.forEach((name, value) -> {
                switch (name) {
                    case "max-macs" -> maxMacs = value.number(1, 1 << 20);
                    case "ageing" -> ageingS = ageing(value);
                    case "ports", "underlays", "tunnels", "mirrors" -> { }
                    default -> throw value.error("no such field; there are ports, underlays, tunnels, mirrors, max-macs, ageing");
                }
            });
            items(fields.get("ports")).forEach(this::port);
            items(fields.get("underlays")).forEach(this::underlay);
            items(fields.get("tunnels")).forEach(this::tunnel);
            items(fields.get("mirrors")).forEach(this::mirror);
            return new Config(maxMacs, ageingS, List.copyOf(steps));
        }

        private static List<YamlNode> items(YamlNode list) {
            return list == null ? List.of() : list.items();
        }

        private void port(YamlNode node) {
            PortSettings settings = new PortSettings();
            Map<String, YamlNode> rest = node.fields();
            String name = name(node, rest);
            String vdev = required(node, rest, "vdev", "device arguments such as net_vhost0,iface=/run/vm1.sock").text();
            settings(settings, rest, "name, vdev");
            step(node, v -> v.addPort(name, vdev, settings));
        }

        private void underlay(YamlNode node) {
            Map<String, YamlNode> rest = node.fields();
            String name = name(node, rest);
            String vdev = required(node, rest, "vdev", "device arguments such as net_af_packet0,iface=eth1").text();
            Underlay underlay = Config.underlay(node, rest);
            step(node, v -> v.addUnderlay(name, vdev, underlay));
        }

        private void tunnel(YamlNode node) {
            Map<String, YamlNode> rest = node.fields();
            String name = name(node, rest);
            step(node, Config.tunnel(name, node, rest));
        }

        private void mirror(YamlNode node) {
            Map<String, YamlNode> rest = node.fields();
            Path file = Path.of(required(node, rest, "file", "the name of a pcapng file").text());
            List<YamlNode> ports = required(node, rest, "ports", "names of ports").items();
            YamlNode direction = rest.remove("direction");
            rest.forEach((field, value) -> {
                throw value.error("no field of a mirror; there are file, ports, direction");
            });
            String which = direction == null ? "both" : direction.text();
            if (!which.matches("rx|tx|both")) {
                throw direction.error("'" + which + "'; give rx, tx or both");
            }
            for (YamlNode port : ports) {
                String name = port.text();
                step(port, v -> v.mirror(name, !which.equals("tx"), !which.equals("rx"), file));
            }
        }

        private String name(YamlNode node, Map<String, YamlNode> fields) {
            YamlNode value = required(node, fields, "name", "a name of its own");
            String name = Config.name(value);
            if (!names.add(name)) {
                throw value.error("there is a port named " + name + " already");
            }
            return name;
        }

        private void step(YamlNode node, Consumer<Vswitch> action) {
            steps.add(vswitch -> {
                try {
                    action.accept(vswitch);
                } catch (RuntimeException e) {
                    throw node.error(Trouble.of(e));
                }
            });
        }
    }
}
