package dev.penstock.apps.vswitch;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.Input;
import dev.penstock.apps.cli.Syntax;
import dev.penstock.apps.cli.Trouble;
import dev.penstock.vswitch.PortSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Reads commands and runs them until quit, the end of input, or an interrupt. */
final class Prompt {
    static final String HELP = """
            Commands:
              show ports                      what there is, and each port's counters
              show port NAME                  one port, with every counter
              show macs [NAME]                learned addresses, or those behind one port
              show drops                      packets dropped, by port and reason
              show tunnels | show mirrors
              add port NAME VDEV [FIELDS]     such as: add port vm1 net_vhost0,iface=/run/vm1.sock vlan: 10, isolated: true
              add underlay NAME VDEV FIELDS   such as: add underlay wan net_af_packet0,iface=eth1 address: 198.18.0.1/24
              add tunnel NAME FIELDS          such as: add tunnel host2 underlay: wan, remote: 198.18.0.2, vni: 100, vlan: 10
              del port NAME                   or an underlay or a tunnel
              set port NAME FIELD VALUE       a field of the configuration file, such as: set port vm1 vlan 20
                                              set port vm1 trunk {vlans: [10, 20-30], native: 1}
                                              set port vm1 acl-in [{deny: {proto: tcp, dst-port: 25}}]
              mirror NAME rx|tx|both FILE     copies packets into a pcapng file; mirror NAME off ends it
              set ageing SECONDS              until a silent address is forgotten
              clear macs [NAME]               forgets learned addresses
              help
              quit
            """;

    private final Vswitch app;
    private final Console console;
    private final Input input;
    private final Show show;
    private final List<Command> commands = new ArrayList<>();
    private boolean quit;

    private record Command(Syntax syntax, Consumer<Map<String, String>> handler) {}

    Prompt(Vswitch app, Console console, Input input) {
        this.app = app;
        this.console = console;
        this.input = input;
        show = new Show(app, console);
        add("help", v -> console.print(HELP));
        add("quit", v -> quit = true);
        add("show ports", v -> show.ports());
        add("show port <name:text>", v -> show.port(v.get("name")));
        add("show macs [<name:text>]", v -> show.macs(v.get("name")));
        add("show drops", v -> show.drops());
        add("show tunnels", v -> show.tunnels());
        add("show mirrors", v -> show.mirrors());
        add("add port <name:text> <vdev:text> [<fields:rest>]", this::addPort);
        add("add underlay <name:text> <vdev:text> <fields:rest>", this::addUnderlay);
        add("add tunnel <name:text> <fields:rest>", this::addTunnel);
        add("set ageing <seconds:text>", v -> app.vswitch().ageing(Config.ageing(YamlNode.parse("set ageing", v.get("seconds")))));
        add("clear macs [<name:text>]", v -> console.println("forgot " + app.vswitch().forget(v.get("name")) + " addresses"));
        add("del port <name:text>", v -> app.remove(v.get("name")));
        add("set port <name:text> <field:" + String.join("|", PortFields.CHANGEABLE) + "> <value:rest>", this::setPort);
        add("set port <name:text> <field:text> <value:rest>", this::setPort);
        add("mirror <name:text> off", v -> app.unmirror(v.get("name")));
        add("mirror <name:text> <way:rx|tx|both> <file:text>", v -> app.mirror(v.get("name"), !v.get("way").equals("tx"),
                !v.get("way").equals("rx"), Path.of(v.get("file"))));
        input.completions(this::next);
    }

    private void add(String syntax, Consumer<Map<String, String>> handler) {
        commands.add(new Command(new Syntax(syntax), handler));
    }

    private TreeSet<String> next(List<String> before) {
        TreeSet<String> words = new TreeSet<>();
        commands.forEach(c -> words.addAll(c.syntax.next(before)));
        return words;
    }

    void run() {
        while (!quit) {
            String line = input.line(console, "vswitch> ");
            if (line == null) {
                return;
            }
            run(line.strip());
            console.flush();
        }
    }

    private void run(String line) {
        if (line.isEmpty() || line.startsWith("#")) {
            return;
        }
        List<String> words = List.of(line.split("\\s+"));
        for (Command command : commands) {
            Map<String, String> values = new HashMap<>();
            if (command.syntax.match(words, values) < 0) {
                try {
                    command.handler.accept(values);
                } catch (RuntimeException e) {
                    // whatever it is, the others' traffic does not end with it
                    console.error(Trouble.of(e));
                }
                return;
            }
        }
        console.error("no such command: " + line + "; help lists them");
    }

    private void addPort(Map<String, String> values) {
        PortSettings settings = new PortSettings();
        if (values.containsKey("fields")) {
            Map<String, YamlNode> fields = YamlNode.parse("add port", "{" + values.get("fields") + "}").fields();
            Config.checkVlans(fields);
            fields.forEach((name, value) -> set(settings, name, value));
        }
        app.addPort(name(values), values.get("vdev"), settings);
    }

    private void addUnderlay(Map<String, String> values) {
        YamlNode node = YamlNode.parse("add underlay", "{" + values.get("fields") + "}");
        app.addUnderlay(name(values), values.get("vdev"), Config.underlay(node, node.fields()));
    }

    private void addTunnel(Map<String, String> values) {
        YamlNode node = YamlNode.parse("add tunnel", "{" + values.get("fields") + "}");
        Config.tunnel(name(values), node, node.fields()).accept(app);
    }

    /** A name as a file may have it, so that what one shows the other takes. */
    private static String name(Map<String, String> values) {
        return Config.name(YamlNode.parse("name", "'" + values.get("name").replace("'", "''") + "'"));
    }

    private void setPort(Map<String, String> values) {
        PortSettings settings = app.vswitch().port(values.get("name")).settings();
        String field = values.get("field");
        if (PortFields.NAMES.contains(field) && !PortFields.CHANGEABLE.contains(field)) {
            throw new IllegalArgumentException(field + " is set when a port is made; remove it with del port and add it anew");
        }
        set(settings, field, YamlNode.parse("set port", values.get("value")));
        app.vswitch().set(values.get("name"), settings);
    }

    private static void set(PortSettings settings, String name, YamlNode value) {
        if (!PortFields.set(settings, name, value)) {
            throw value.error("no such field; there are " + String.join(", ", PortFields.NAMES));
        }
    }
}
