package dev.penstock.apps.doctor;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.penstock.linux.Machine;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code penstock doctor}: says what this machine can do, and the exact command that mends each lack. */
@Command(name = "doctor", mixinStandardHelpOptions = true,
        description = "Says what this machine can do, and the exact command that mends each lack.",
        footer = {"", "Example: ./penstock doctor --json"})
public final class DoctorCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Write JSON, for programs.")
    private boolean json;

    @Option(names = "--strict", description = "Exit with 1 if something is missing.")
    private boolean strict;

    @Spec
    private CommandSpec spec;

    /** Made by picocli. */
    public DoctorCommand() {}

    @Override
    public Integer call() throws IOException {
        Machine machine = Machine.local();
        List<Check> checks = new ArrayList<>(JvmChecks.all());
        checks.addAll(ProcessorChecks.all(machine));
        checks.addAll(MemoryChecks.all(machine));
        checks.addAll(NetworkChecks.all(machine));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(checks));
        } else {
            print(out, checks, Ansi.AUTO);
        }
        out.flush();
        return strict && count(checks, Check.Status.MISSING) > 0 ? 1 : 0;
    }

    static void print(PrintWriter out, List<Check> checks, Ansi ansi) {
        int names = checks.stream().mapToInt(check -> check.name().length()).max().orElse(0);
        String group = "";
        for (Check check : checks) {
            if (!check.group().equals(group)) {
                out.println((group.isEmpty() ? "" : System.lineSeparator()) + check.group());
                group = check.group();
            }
            String colour = switch (check.status()) {
                case OK -> "green";
                case WARN -> "yellow";
                case MISSING -> "red";
            };
            String status = ansi.string("@|" + colour + " " + check.status() + "|@")
                    + " ".repeat("missing".length() - check.status().toString().length());
            out.println("  " + status + "  " + check.name() + " ".repeat(names - check.name().length()) + "  "
                    + check.value());
            if (!check.remedy().isEmpty()) {
                out.println("  " + " ".repeat("missing".length() + names + 4) + "mend: " + check.remedy());
            }
        }
        out.println();
        out.println(count(checks, Check.Status.OK) + " ok, " + count(checks, Check.Status.WARN) + " to improve, "
                + count(checks, Check.Status.MISSING) + " missing");
    }

    static String json(List<Check> checks) throws IOException {
        Map<String, Object> summary = new LinkedHashMap<>();
        for (Check.Status status : Check.Status.values()) {
            summary.put(status.toString(), count(checks, status));
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("checks", checks.stream().map(Check::fields).toList());
        document.put("summary", summary);
        return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(document);
    }

    private static int count(List<Check> checks, Check.Status status) {
        return (int) checks.stream().filter(check -> check.status() == status).count();
    }
}
