package dev.penstock.apps.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says which value of an option is none, in the words of the other errors; picocli has words of its own, and shows all options then. */
public final class WrongValues implements IParameterExceptionHandler {
    private final String program;
    private final IParameterExceptionHandler others;

    private WrongValues(String program, IParameterExceptionHandler others) {
        this.program = program;
        this.others = others;
    }

    /**
     * Has a command line say it so.
     *
     * @param line the command line
     * @param program what its lines begin with
     */
    public static void sayAs(CommandLine line, String program) {
        line.setParameterExceptionHandler(new WrongValues(program, line.getParameterExceptionHandler()));
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) throws Exception {
        if (!(e.getCause() instanceof TypeConversionException) || !(e.getArgSpec() instanceof OptionSpec option)) {
            int code = others.handleParseException(e, args);
            if (e instanceof UnmatchedArgumentException && !e.getCommandLine().getSubcommands().isEmpty()) {
                e.getCommandLine().getErr().println("'" + program + " help' lists the commands");
            }
            return code;
        }
        CommandLine line = e.getCommandLine();
        PrintWriter err = line.getErr();
        err.println(program + ": " + option.longestName() + " " + e.getValue() + ": not a " + kind(option) + "; "
                + option.longestName() + " " + option.paramLabel() + ": " + String.join(" ", option.description()));
        err.flush();
        return line.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static String kind(ArgSpec option) {
        Class<?> type = option.auxiliaryTypes()[0];
        return type == int.class || type == Integer.class || type == long.class || type == Long.class ? "whole number"
                : type == double.class || type == Double.class ? "number" : "value that it takes";
    }
}
