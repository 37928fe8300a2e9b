package dev.penstock.apps.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Says what is wrong with a command line, in the words of the other errors and in one line: picocli has words of its own, and shows all
 * options then, below which nobody sees the error on a small screen.
 */
public final class WrongValues implements IParameterExceptionHandler {
    private final String program;

    private WrongValues(String program) {
        this.program = program;
    }

    /**
     * Has a command line say it so.
     *
     * @param line the command line
     * @param program what its lines begin with
     */
    public static void sayAs(CommandLine line, String program) {
        line.setParameterExceptionHandler(new WrongValues(program));
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        PrintWriter err = line.getErr();
        err.println(program + ": " + said(e));
        err.flush();
        return line.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static String said(ParameterException e) {
        CommandLine line = e.getCommandLine();
        boolean commands = !line.getSubcommands().isEmpty();
        String name = line.getCommandSpec().qualifiedName();
        String where = commands ? "there are " + String.join(", ", line.getSubcommands().keySet()) + "; '" + name + " help' says what they do"
                : "'" + name + " --help' lists the options";
        return switch (e) {
            case ParameterException wrong when wrong.getCause() instanceof TypeConversionException
                    && wrong.getArgSpec() instanceof OptionSpec option ->
                option.longestName() + " " + wrong.getValue() + ": not a " + kind(option) + "; " + option.longestName() + " "
                        + option.paramLabel() + ": " + String.join(" ", option.description());
            case UnmatchedArgumentException unknown -> unknown(unknown, commands) + "; " + where;
            case MissingParameterException missing when !missing.getMissing().isEmpty()
                    && missing.getMissing().getFirst() instanceof OptionSpec option ->
                option.longestName() + " needs a value; " + option.longestName() + " " + option.paramLabel() + ": "
                        + String.join(" ", option.description());
            default -> e.getMessage();
        };
    }

    private static String unknown(UnmatchedArgumentException e, boolean commands) {
        String first = e.getUnmatched().getFirst();
        List<String> alike = e.getSuggestions();
        return (first.startsWith("-") ? "no option '" : commands ? "no command '" : "too much: '") + first + "'"
                + (alike.isEmpty() ? "" : "; is it " + alike.stream().distinct().collect(Collectors.joining(" or ")) + "?");
    }

    private static String kind(ArgSpec option) {
        Class<?> type = option.auxiliaryTypes()[0];
        return type == int.class || type == Integer.class || type == long.class || type == Long.class ? "whole number"
                : type == double.class || type == Double.class ? "number" : "value that it takes";
    }
}
