package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Trouble;
import dev.penstock.ethdev.Port;
import dev.penstock.flow.Flow;
import dev.penstock.flow.FlowAction;
import dev.penstock.flow.FlowAge;
import dev.penstock.flow.FlowCounter;
import dev.penstock.flow.FlowException;
import dev.penstock.flow.FlowIndirect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** flow aged, indirect_action, dump. */
final class FlowSharedCommands {
    private static final int NAME_WIDTH = 20;

    private final Testpmd app;
    private final FlowCommands commands;

    FlowSharedCommands(Testpmd app, FlowCommands commands) {
        this.app = app;
        this.commands = commands;
    }

    void addTo(Commands c) {
        c.add("flow aged <port:u16>", "rules and indirect actions that met no packet for the time of their action age", a -> aged(a, false));
        c.add("flow aged <port:u16> destroy", "the same, and takes those rules away", a -> aged(a, true));
        c.add("flow indirect_action <port:u16> create <action:rest>", "makes an action that rules share by: indirect N; [action_id N] ingress"
                + " action ACTION / end", this::create);
        c.add("flow indirect_action <port:u16> update <number:u32> <action:rest>", "exchanges it: action ACTION / end", this::update);
        c.add("flow indirect_action <port:u16> destroy <numbers:rest>", "takes them away: action_id N action_id N ...", this::destroy);
        c.add("flow indirect_action <port:u16> query <number:u32>", "what it has counted, or how long it met no packet", this::query);
        c.add("flow dump <port:u16> all [<file:text>]", "all that rules say, to a file or here", a -> dump(a, null));
        c.add("flow dump <port:u16> rule <rule:u32> [<file:text>]", "all that a rule says", a -> dump(a, a.integer("rule")));
    }

    private void aged(Arguments a, boolean destroy) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        PortFlows own = commands.flows(port);
        List<Flow> aged = own.engine.aged();
        List<Integer> rules = own.flows.entrySet().stream()
                .filter(e -> aged.contains(e.getValue()) && own.indirects.values().stream().noneMatch(i -> i.action().argument() == e.getValue().age()))
                .map(Map.Entry::getKey).toList();
        List<Integer> indirects = own.indirects.entrySet().stream()
                .filter(e -> e.getValue().action().argument() instanceof FlowAge age && age.aged()).map(Map.Entry::getKey).toList();
        app.console.println("Port " + port.id() + " total aged flows: " + (rules.size() + indirects.size()));
        if (rules.isEmpty() && indirects.isEmpty()) {
            return;
        }
        app.console.println(name("Type") + "\tID\tGroup\tPrio\tAttr");
        rules.forEach(rule -> app.console.println(name("Flow") + "\t" + rule + "\t" + PortFlows.attributes(own.flows.get(rule).rule()) + "\t"));
        indirects.forEach(indirect -> app.console.println(name("Indirect action") + "\t" + indirect));
        if (destroy) {
            rules.forEach(rule -> commands.destroy(own, rule));
            commands.changed();
            app.console.println(rules.size() + " flows destroyed");
        }
    }

    private static String name(String text) {
        return text + " ".repeat(NAME_WIDTH - text.length());
    }

    private void create(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        FlowWords words = new FlowWords(a.text("action"));
        PortFlows own = commands.flows(port);
        int free = own.indirects.isEmpty() ? 0 : own.indirects.lastKey() + 1;
        int id = a.read(() -> number(words, free));
        try {
            FlowAction action = a.read(() -> one(words, port));
            if (own.indirects.containsKey(id)) {
                app.console.error("Indirect action #" + id + " is already assigned, delete it first");
                return;
            }
            own.indirects.put(id, new FlowIndirect(action));
            app.console.println("Indirect action #" + id + " created");
        } catch (FlowException e) {
            commands.complain(e);
        }
    }

    /** What stands before the action; its number, or one that is free. */
    private static int number(FlowWords words, int free) {
        int number = free;
        for (String word = words.word("'action'"); !word.equals("action"); word = words.word("'action'")) {
            switch (word) {
                case "action_id" -> number = (int) words.number("an action_id", Integer.MAX_VALUE);
                case "ingress" -> { }
                case "egress", "transfer" -> throw new IllegalArgumentException("flow: '" + word + "': rules are done on what a port receives;"
                        + " give ingress");
                default -> throw new IllegalArgumentException("flow: '" + word + "' where action_id, ingress or action is to stand");
            }
        }
        return number;
    }

    private FlowAction one(FlowWords words, Port port) {
        List<FlowAction> actions = new FlowActionSyntax(words, commands.names(port)).list();
        words.end();
        if (actions.size() != 1) {
            throw new IllegalArgumentException("flow: " + actions.size() + " actions for an indirect one; give one");
        }
        return actions.getFirst();
    }

    private void update(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        PortFlows own = commands.flows(port);
        FlowIndirect indirect = own.indirect(a.integer("number"));
        FlowWords words = new FlowWords(a.text("action"));
        try {
            a.read(() -> {
                words.expect("action");
                if (words.next("age_update") && indirect.action().argument() instanceof FlowAge age) {
                    age(words, age);
                } else {
                    own.engine.update(indirect, one(words, port));
                    commands.changed();
                }
            });
            app.console.println("Indirect action #" + a.integer("number") + " updated");
        } catch (FlowException e) {
            commands.complain(e);
        }
    }

    /** {@code timeout N} and {@code touch 0|1}, each or none. */
    private static void age(FlowWords words, FlowAge age) {
        while (!words.at("/")) {
            if (words.next("timeout")) {
                age.timeout(words.number("the timeout of age_update", Integer.MAX_VALUE));
            } else {
                words.expect("touch");
                if (words.number("touch", 1) == 1) {
                    age.touch();
                }
            }
        }
        words.expect("/");
        words.expect("end");
        words.end();
    }

    private void destroy(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        PortFlows own = commands.flows(port);
        for (int number : a.read(() -> FlowCommands.numbers("action_id", a.text("numbers")))) {
            FlowIndirect indirect = own.indirects.get(number);
            if (indirect != null && own.uses(indirect)) {
                commands.complain(FlowException.busy("indirect action #" + number + " is used by a rule; destroy that first"));
            } else if (own.indirects.remove(number) != null) {
                app.console.println("Indirect action #" + number + " destroyed");
            }
        }
    }

    private void query(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        int number = a.integer("number");
        FlowAction action = commands.flows(port).indirect(number).action();
        switch (action.argument()) {
            case FlowCounter counter -> app.console.println("Indirect COUNT action:\n" + PortFlows.text(counter));
            case FlowAge age -> app.console.println("Indirect AGE action:\n" + PortFlows.text(age));
            case null, default -> app.console.error("Indirect action " + number + " (type: " + FlowSyntax.lower(action.type()) + ") on port "
                    + port.id() + " doesn't support query");
        }
    }

    private void dump(Arguments a, Integer only) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        PortFlows own = commands.flows(port);
        if (only != null && !own.flows.containsKey(only)) {
            app.console.error("Failed to dump to flow " + Integer.toUnsignedString(only));
            return;
        }
        List<String> lines = new ArrayList<>();
        own.flows.forEach((number, flow) -> {
            if (only == null || Objects.equals(only, number)) {
                lines.add("flow " + number + ": " + flow.rule());
            }
        });
        if (a.has("file")) {
            try {
                Files.write(Path.of(a.text("file")), lines);
            } catch (IOException e) {
                app.console.error("Failed to create file " + a.text("file") + ": " + Trouble.reason(e));
                return;
            }
        } else {
            lines.forEach(app.console::println);
        }
        app.console.println("Flow dump finished");
    }
}
