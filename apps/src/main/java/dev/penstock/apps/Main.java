package dev.penstock.apps;

import dev.penstock.apps.cli.EalProgram;
import dev.penstock.apps.cli.StandardOutput;
import dev.penstock.apps.cli.Trouble;
import dev.penstock.apps.cli.WrongValues;
import dev.penstock.apps.demo.DemoCommand;
import dev.penstock.apps.doctor.DoctorCommand;
import dev.penstock.apps.dumpcap.DumpcapCommand;
import dev.penstock.apps.exporter.ExporterCommand;
import dev.penstock.apps.l2fwd.L2fwdCommand;
import dev.penstock.apps.l3fwd.L3fwdCommand;
import dev.penstock.apps.overheads.OverheadsCommand;
import dev.penstock.apps.testpmd.TestpmdCommand;
import dev.penstock.apps.vswitch.VswitchCommand;
import dev.penstock.linux.LinuxException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.ToIntFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The launcher's entry point: one program, many commands. The only place that ends the process. */
@Command(name = "penstock", description = "A Data Plane Development Kit for Java.", synopsisSubcommandLabel = "COMMAND",
        subcommands = {DemoCommand.class, LauncherCommands.Testpmd.class, LauncherCommands.L2fwd.class,
            LauncherCommands.L3fwd.class, LauncherCommands.Vswitch.class, DumpcapCommand.class, ExporterCommand.class, DoctorCommand.class,
            OverheadsCommand.class, LauncherCommands.Bench.class,
            LauncherCommands.Test.class, LauncherCommands.Example.class, LauncherCommands.Build.class, VersionCommand.class,
            HelpCommand.class}, sortOptions = false,
        footer = {"", "Example: ./penstock demo", "         ./penstock COMMAND --help"})
public final class Main implements Runnable {
    private Main() {}

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param args its name and arguments
     */
    public static void main(String[] args) {
        // Scripts read what is printed: numbers are written as DPDK's, not as the person's country does.
        Locale.setDefault(Locale.ROOT);
        // Their arguments are DPDK's, not picocli's.
        ToIntFunction<String[]> dpdk = switch (args.length == 0 ? "" : args[0]) {
            case "testpmd" -> TestpmdCommand::run;
            case "l2fwd" -> L2fwdCommand::run;
            case "l3fwd" -> L3fwdCommand::run;
            case "vswitch" -> VswitchCommand::run;
            default -> null;
        };
        if (dpdk != null) {
            EalProgram.alone();
            System.exit(StandardOutput.code(dpdk.applyAsInt(Arrays.copyOfRange(args, 1, args.length))));
        }
        System.setOut(new PrintStream(new BufferedOutputStream(new StandardOutput()), true, System.out.charset()));
        CommandLine line = line();
        line.setExecutionExceptionHandler((e, command, parsed) -> {
            System.err.println("penstock: " + Trouble.of(e));
            if (Boolean.getBoolean("penstock.stacktrace") || !expected(e)) {
                e.printStackTrace();
            }
            return 1;
        });
        int code = line.execute(args);
        System.out.flush();
        System.exit(StandardOutput.code(code));
    }

    /** The command line, whose commands all have a version to tell. */
    static CommandLine line() {
        CommandLine line = new CommandLine(new Main());
        WrongValues.sayAs(line, "penstock");
        line.getSubcommands().values().forEach(command -> command.getCommandSpec().version(VersionCommand.text()));
        return line;
    }

    /** Errors that say themselves what is wrong need no stack trace. */
    private static boolean expected(Exception e) {
        return e instanceof IllegalArgumentException || e instanceof IllegalStateException
                || e instanceof UnsupportedOperationException || e instanceof LinuxException
                || e instanceof IOException;
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}
