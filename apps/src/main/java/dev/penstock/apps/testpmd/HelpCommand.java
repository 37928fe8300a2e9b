package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Console;
import java.util.List;

/** help. */
final class HelpCommand {
    private static final List<String> SECTIONS = List.of("control", "display", "config", "ports", "filters",
            "traffic_management", "devices", "drivers");

    private final Testpmd app;

    HelpCommand(Testpmd app) {
        this.app = app;
    }

    void addTo(Commands c) {
        c.section("control");
        c.add("help", "the sections of this help", a -> sections());
        c.add("help all", "every command", a -> SECTIONS.forEach(section -> show(c, section)));
        c.add("help <section:" + String.join("|", SECTIONS) + ">", "the commands of a section", a -> show(c, a.text("section")));
    }

    private void sections() {
        StringBuilder text = new StringBuilder("\nHelp is available for the following sections:\n\n");
        for (String section : SECTIONS) {
            text.append("    help ").append(Console.left(section, 27)).append(": ").append(title(section)).append('\n');
        }
        app.console.print(text.append("    help ").append(Console.left("all", 27)).append(": All of the above sections.\n\n").toString());
    }

    private static String title(String section) {
        return switch (section) {
            case "control" -> "Start and stop forwarding.";
            case "display" -> "Displaying port, stats and config information.";
            case "config" -> "Configuration information.";
            case "ports" -> "Configuring ports.";
            case "filters" -> "Filters configuration help.";
            case "devices" -> "Device related commands.";
            case "drivers" -> "Driver specific commands.";
            default -> "Traffic Management commands.";
        };
    }

    private void show(Commands c, String section) {
        StringBuilder text = new StringBuilder("\n" + title(section) + "\n" + "-".repeat(title(section).length()) + "\n\n");
        for (Command command : c.all()) {
            if (command.section().equals(section)) {
                text.append(command.syntax().text()).append("\n    ").append(command.help()).append("\n\n");
            }
        }
        app.console.print(text.toString());
    }
}
