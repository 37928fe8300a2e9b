package dev.penstock.apps.testpmd;

import dev.penstock.acl.AclBuildException;
import dev.penstock.ethdev.Port;
import dev.penstock.flow.Flow;
import dev.penstock.flow.FlowAction;
import dev.penstock.flow.FlowException;
import dev.penstock.flow.FlowRule;
import dev.penstock.flow.Flows;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** flow validate, create, destroy, flush, query, list, isolate. */
final class FlowCommands {
    private static final List<String> YES = List.of("1", "true", "yes", "Y", "on");

    private final Testpmd app;
    private final Map<Integer, PortFlows> byPort = new HashMap<>();
    /** Actions of copies by index. */
    private final Map<Integer, List<FlowAction>> samples = new HashMap<>();
    private final ThreadPoolExecutor compiler = new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1),
            Thread.ofPlatform().daemon().name("flow-compiler").factory(), new ThreadPoolExecutor.DiscardOldestPolicy());

    FlowCommands(Testpmd app) {
        this.app = app;
    }

    void addTo(Commands c) {
        c.section("filters");
        c.add("flow validate <port:u16> <rule:rest>", "whether a rule can be done: [group N] [priority N] ingress pattern ITEM / ... / end"
                + " actions ACTION / ... / end", a -> rule(a, false));
        c.add("flow create <port:u16> <rule:rest>", "the same, and does it from now on", a -> rule(a, true));
        c.add("flow destroy <port:u16> <rules:rest>", "takes rules away: rule N rule N ...", this::destroy);
        c.add("flow flush <port:u16>", "takes all rules away", this::flush);
        c.add("flow query <port:u16> <rule:u32> <action:text>", "what a rule has counted (count), or how long it met no packet (age)", this::query);
        c.add("flow list <port:u16> [<groups:rest>]", "the rules: group N group N ...", this::list);
        c.add("set sample_actions <index:u8> <actions:rest>", "what is done with copies of the action sample ratio N index INDEX: ACTION / end", this::samples);
        new FlowSharedCommands(app, this).addTo(c);
        c.add("flow isolate <port:u16> <on:" + String.join("|", YES) + "|0|false|no|N|off>", "whether what matches no rule is dropped", this::isolate);
    }

    /** Turns the rules into classes of their own, for packets that are about to come. */
    void compile() {
        compile(engines());
    }

    private List<Flows> engines() {
        return byPort.values().stream().map(own -> own.engine).toList();
    }

    /** The same while packets flow and commands go on; of many changes one after the other the last counts. */
    void changed() {
        if (app.forwarding.running()) {
            List<Flows> engines = engines();
            compiler.execute(() -> compile(engines));
        }
    }

    private void compile(List<Flows> engines) {
        try {
            engines.forEach(Flows::compile);
        } catch (AclBuildException e) {
            app.console.error("flow: rules are looked up in tables, since they can't be compiled: " + e.getMessage());
        }
    }

    PortFlows flows(Port port) {
        return byPort.computeIfAbsent(port.id(), id -> {
            PortFlows own = new PortFlows(port);
            if (app.settings.verbose > 0) {
                // what is printed is what rules leave
                app.forwarding.pause(() -> Verbose.attach(app, port, app.portSettings.get(id)));
            }
            return own;
        });
    }

    /** What actions of a port's rules can name. */
    FlowNames names(Port port) {
        return new FlowNames(app.encaps, flows(port)::indirect, id -> app.meters.meter(port, id), this::sample, app.settings.rssTypes);
    }

    private List<FlowAction> sample(int index) {
        List<FlowAction> actions = samples.get(index);
        if (actions == null) {
            throw new IllegalArgumentException("flow: there are no actions of copies " + index + "; give them by: set sample_actions " + index
                    + " ACTION / end");
        }
        return actions;
    }

    private void samples(Arguments a) {
        FlowWords words = new FlowWords(a.text("actions"));
        FlowNames names = new FlowNames(app.encaps, FlowCommands::none, FlowCommands::none, FlowCommands::none, app.settings.rssTypes);
        a.read(() -> {
            List<FlowAction> actions = new FlowActionSyntax(words, names).list();
            words.end();
            samples.put(a.integer("index"), actions);
        });
    }

    private static <T> T none(int number) {
        throw new IllegalArgumentException("flow: what rules share, such as number " + number + ", is not done with a copy; give it in the rule");
    }

    /** The port's queues were set up again: its rules go on behind those. */
    void requeued(Port port) {
        PortFlows own = byPort.get(port.id());
        if (own != null) {
            boolean isolated = own.engine.isolated();
            own.engine.close();
            own.engine = new Flows(port);
            own.engine.isolate(isolated);
            own.flows.entrySet().removeIf(entry -> {
                try {
                    entry.setValue(own.engine.create(entry.getValue().rule()));
                    return false;
                } catch (FlowException e) {
                    app.console.error("Flow rule #" + entry.getKey() + " is gone: " + e.getMessage());
                    return true;
                }
            });
        }
    }

    void forget(int port) {
        PortFlows own = byPort.remove(port);
        if (own != null) {
            own.engine.close();
        }
    }

    private void rule(Arguments a, boolean create) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        PortFlows own = flows(port);
        try {
            FlowRule rule = a.read(() -> FlowSyntax.parse(a.text("rule"), names(port)));
            if (create) {
                int number = own.flows.isEmpty() ? 0 : own.flows.lastKey() + 1;
                own.flows.put(number, own.engine.create(rule));
                changed();
                app.console.println("Flow rule #" + number + " created");
            } else {
                own.engine.validate(rule);
                app.console.println("Flow rule validated");
            }
        } catch (FlowException e) {
            complain(e);
        }
    }

    void complain(FlowException e) {
        app.console.error("port_flow_complain(): Caught PMD error type " + e.what().number() + " (" + e.what().text() + "): " + e.getMessage()
                + ": Operation not supported");
    }

    private void destroy(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        a.read(() -> numbers("rule", a.text("rules"))).forEach(number -> destroy(flows(port), number));
        changed();
    }

    boolean destroy(PortFlows own, int number) {
        Flow flow = own.flows.remove(number);
        if (flow != null) {
            own.engine.destroy(flow);
            app.console.println("Flow rule #" + number + " destroyed");
        }
        return flow != null;
    }

    /** The numbers behind each of the words; {@code end} may close them. */
    static List<Integer> numbers(String word, String text) {
        List<String> words = List.of((text == null ? "" : text).replaceFirst("\\bend$", "").strip().split("\\s+"));
        if (words.getFirst().isEmpty()) {
            return List.of();
        }
        return IntStream.range(0, (words.size() + 1) / 2).mapToObj(i -> {
            if (!words.get(2 * i).equals(word)) {
                throw new IllegalArgumentException("flow: '" + words.get(2 * i) + "' where '" + word + "' is to stand");
            }
            if (2 * i + 1 == words.size()) {
                throw new IllegalArgumentException("flow: a number is to stand behind '" + word + "'");
            }
            return (int) FlowWords.number("a " + word, words.get(2 * i + 1), Integer.MAX_VALUE);
        }).toList();
    }

    private void flush(Arguments a) {
        Port port = a.port();
        if (port != null) {
            flows(port).engine.flush();
            flows(port).flows.clear();
        }
    }

    private void query(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        String action = a.text("action");
        a.read(() -> {
            if (Arrays.stream(FlowAction.Type.values()).noneMatch(type -> FlowSyntax.lower(type).equals(action))) {
                throw new IllegalArgumentException("flow: '" + action + "' is no action; give count or age");
            }
        });
        Flow flow = flows(port).flows.get(a.integer("rule"));
        if (flow == null) {
            app.console.error("Flow rule #" + Integer.toUnsignedString(a.integer("rule")) + " not found");
        } else if (!action.equals("count") && !action.equals("age")) {
            app.console.error("Cannot query action type " + action + "; give count or age");
        } else if (action.equals("count") ? flow.counter() == null : flow.age() == null) {
            app.console.error("Flow rule #" + a.integer("rule") + " has no action " + action);
        } else {
            app.console.println(action.equals("count") ? "COUNT:\n" + PortFlows.text(flow.counter()) : "AGE:\n" + PortFlows.text(flow.age()));
        }
    }

    private void list(Arguments a) {
        Port port = a.port();
        if (port == null || flows(port).flows.isEmpty()) {
            return;
        }
        List<Integer> groups = a.read(() -> numbers("group", a.text("groups")));
        app.console.println("ID\tGroup\tPrio\tAttr\tRule");
        flows(port).flows.entrySet().stream().filter(e -> groups.isEmpty() || groups.contains(e.getValue().rule().group()))
                .sorted(Comparator.<Map.Entry<Integer, Flow>>comparingInt(e -> e.getValue().rule().group())
                        .thenComparingInt(e -> e.getValue().rule().priority()).thenComparingInt(Map.Entry::getKey))
                .forEach(e -> app.console.println(e.getKey() + "\t" + line(e.getValue().rule())));
    }

    private static String line(FlowRule rule) {
        return PortFlows.attributes(rule) + "\t"
                + rule.pattern().stream().map(item -> item.type() + " ").collect(Collectors.joining())
                + "=>" + rule.actions().stream().map(action -> " " + action.type()).collect(Collectors.joining());
    }

    private void isolate(Arguments a) {
        Port port = a.port();
        if (port != null) {
            boolean on = YES.contains(a.text("on"));
            flows(port).engine.isolate(on);
            app.console.println("Ingress traffic on port " + port.id() + " is " + (on ? "now restricted" : "not restricted anymore")
                    + " to the defined flow rules");
        }
    }
}
