package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Syntax;
import dev.penstock.linux.LinuxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The table of commands: groups add theirs, the prompt runs lines. */
final class Commands {
    private final Testpmd app;
    private final List<Command> all = new ArrayList<>();
    private String section = "";

    Commands(Testpmd app) {
        this.app = app;
        new ControlCommands(app).addTo(this);
        new HelpCommand(app).addTo(this);
        new ShowPortCommands(app).addTo(this);
        new ShowConfigCommands(app).addTo(this);
        new DumpCommands(app).addTo(this);
        new SetCommands(app).addTo(this);
        new CsumCommands(app).addTo(this);
        new PortCommands(app).addTo(this);
        new QueueCommands(app).addTo(this);
        new RssCommands(app).addTo(this);
        new FilterCommands(app).addTo(this);
        app.flows.addTo(this);
        app.encaps.addTo(this);
        app.meters.addTo(this);
        new RefusedCommands(app).addTo(this);
    }

    /** Commands added from now on belong to this section of help. */
    Commands section(String name) {
        section = name;
        return this;
    }

    Commands add(String syntax, String help, Command.Handler handler) {
        all.add(new Command(section, new Syntax(syntax), help, handler));
        return this;
    }

    List<Command> all() {
        return all;
    }

    /** Runs a line; a wrong one is answered as DPDK answers it. */
    void run(String line) {
        List<String> words = words(line);
        if (words.isEmpty()) {
            return;
        }
        int best = 0;
        for (Command command : all) {
            Map<String, String> values = new LinkedHashMap<>();
            int matched = command.syntax().match(words, values);
            if (matched < 0) {
                handle(command, new Arguments(app, command.syntax().text(), values));
                return;
            }
            best = Math.max(best, matched);
        }
        app.console.println(best > 0 ? Arguments.BAD : "Command not found");
    }

    private void handle(Command command, Arguments arguments) {
        try {
            command.handler().run(arguments);
        } catch (IllegalArgumentException | IllegalStateException | UnsupportedOperationException | LinuxException e) {
            app.console.error(e.getMessage());
        } catch (RuntimeException e) {
            // a mistake of ours: the session goes on, and what is needed to find it is shown
            app.console.error("testpmd: internal error in '" + command.syntax().text() + "': " + e + " at " + e.getStackTrace()[0]);
        }
    }

    private static List<String> words(String line) {
        int comment = line.indexOf('#');
        String text = (comment < 0 ? line : line.substring(0, comment)).strip();
        return text.isEmpty() ? List.of() : List.of(text.split("\\s+"));
    }

    /** What may follow a beginning, for completion. */
    TreeSet<String> next(List<String> before) {
        TreeSet<String> found = new TreeSet<>();
        all.forEach(command -> found.addAll(command.syntax().next(before)));
        found.addAll(FlowCompletion.next(before));
        return found;
    }
}
