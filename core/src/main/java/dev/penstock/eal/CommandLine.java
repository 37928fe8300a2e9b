package dev.penstock.eal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Splits arguments into options and values as getopt_long does: {@code -l 0}, {@code -l0}, {@code --opt=value},
 * {@code --opt value}, and any start of a long name that fits one alone. {@code --} ends the options.
 */
final class CommandLine {
    /** One option as it was given; value is null when it has none. */
    record Given(Option option, String value) {}

    final List<Given> given = new ArrayList<>();
    /** What follows {@code --}. */
    final List<String> remaining;
    /** What stands before it. */
    final List<String> arguments;

    private final String[] args;
    private int at;

    CommandLine(String... args) {
        this.args = args;
        while (at < args.length && !args[at].equals("--")) {
            String arg = args[at++];
            if (arg.startsWith("--")) {
                longOption(arg);
            } else if (arg.startsWith("-") && arg.length() > 1) {
                shortOptions(arg);
            } else {
                throw new IllegalArgumentException("'" + arg + "', argument " + at
                        + ", is no option; the application's own arguments follow --");
            }
        }
        arguments = List.of(args).subList(0, at);
        remaining = at < args.length ? List.of(Arrays.copyOfRange(args, at + 1, args.length)) : List.of();
    }

    private void longOption(String arg) {
        int equals = arg.indexOf('=');
        String name = equals < 0 ? arg.substring(2) : arg.substring(2, equals);
        Option option = named(name);
        String value = equals < 0 ? null : arg.substring(equals + 1);
        if (value != null && option.value == null) {
            throw new IllegalArgumentException(arg + ", argument " + at + ": --" + option.longName + " takes no value");
        }
        add(option, value);
    }

    private Option named(String name) {
        List<Option> fits = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (Option option : Option.values()) {
            if (option.longName.isEmpty()) {
                continue;
            }
            if (option.longName.equals(name)) {
                return option;
            }
            names.add("--" + option.longName);
            if (!name.isEmpty() && option.longName.startsWith(name)) {
                fits.add(option);
            }
        }
        if (fits.size() == 1) {
            return fits.getFirst();
        }
        String hint = fits.isEmpty() ? Spelling.suggestion("--" + name, names)
                : "; it is the start of " + String.join(", ", fits.stream().map(Option::dashed).toList());
        throw new IllegalArgumentException("unknown option --" + name + ", argument " + at
                + (hint.isEmpty() ? "; -h lists the options" : hint));
    }

    private void shortOptions(String arg) {
        for (Option option : Option.values()) {
            if (arg.length() > 2 && arg.substring(1).equals(option.longName)) {
                throw new IllegalArgumentException("unknown option " + arg + ", argument " + at + "; did you mean -" + arg + "?");
            }
        }
        for (int i = 1; i < arg.length(); i++) {
            Option option = named(arg.charAt(i), arg);
            if (option.value != null) {
                add(option, i + 1 < arg.length() ? arg.substring(i + 1) : null);
                return;
            }
            add(option, null);
        }
    }

    private Option named(char letter, String arg) {
        for (Option option : Option.values()) {
            if (option.shortName == letter && letter != ' ') {
                return option;
            }
        }
        throw new IllegalArgumentException("unknown option -" + letter + " in '" + arg + "', argument " + at
                + "; -h lists the options");
    }

    private void add(Option option, String value) {
        if (value == null && option.needsValue()) {
            if (at == args.length || args[at].equals("--")) {
                throw new IllegalArgumentException(option.dashed() + ", argument " + at + ", needs a value: "
                        + option.dashed() + " " + option.value);
            }
            value = args[at++];
        }
        given.add(new Given(option, value));
    }
}
