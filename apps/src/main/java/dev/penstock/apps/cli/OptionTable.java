package dev.penstock.apps.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Reads options as getopt_long does: {@code --name=value} or {@code --name value}, names cut short where that is unique. */
public final class OptionTable {
    /** How an option takes a value. */
    private enum Value {
        /** None. */
        NONE,
        /** One. */
        REQUIRED,
        /** Behind an equals sign, or none. */
        OPTIONAL
    }

    /**
     * An option.
     *
     * @param value whether it has a value
     * @param sign what stands for the value in help
     * @param help what it does
     * @param action takes the value; null when there is none
     */
    private record Entry(Value value, String sign, String help, Consumer<String> action) {}

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** Makes an empty table. */
    public OptionTable() {}

    /**
     * Adds an option without a value.
     *
     * @param name without the dashes
     * @param help what it does
     * @param action what it does
     * @return this
     */
    public OptionTable flag(String name, String help, Runnable action) {
        entries.put(name, new Entry(Value.NONE, "", help, v -> action.run()));
        return this;
    }

    /**
     * Adds an option with a value.
     *
     * @param name without the dashes
     * @param sign what stands for the value in help
     * @param help what it does
     * @param action takes the value
     * @return this
     */
    public OptionTable value(String name, String sign, String help, Consumer<String> action) {
        entries.put(name, new Entry(Value.REQUIRED, sign, help, action));
        return this;
    }

    /**
     * Adds an option whose value may be left out.
     *
     * @param name without the dashes
     * @param sign what stands for the value in help
     * @param help what it does
     * @param action takes the value, null when there is none
     * @return this
     */
    public OptionTable optional(String name, String sign, String help, Consumer<String> action) {
        entries.put(name, new Entry(Value.OPTIONAL, sign, help, action));
        return this;
    }

    /**
     * Reads all.
     *
     * @param args options
     * @param letters what one-letter options stand for, such as {@code -p} for {@code --portmask}; a value may be joined to
     *        one, and flags to each other
     * @throws IllegalArgumentException when an option is unknown, ambiguous, or lacks its value, or what is no option is
     *         there; names the nearest option
     */
    public void parse(List<String> args, Map<String, String> letters) {
        List<String> words = new ArrayList<>();
        args.forEach(arg -> split(arg, letters, words));
        parse(words);
    }

    /** Takes joined letters apart: -p3 is --portmask=3, -PL is -P -L. */
    private void split(String arg, Map<String, String> letters, List<String> words) {
        String word = arg.length() < 2 ? null : letters.get(arg.substring(0, 2));
        if (word == null || arg.length() == 2) {
            words.add(word == null ? arg : word);
        } else if (entries.get(word.substring(2)).value == Value.NONE) {
            words.add(word);
            split("-" + arg.substring(2), letters, words);
        } else {
            words.add(word + "=" + arg.substring(2));
        }
    }

    private void parse(List<String> args) {
        for (int i = 0; i < args.size(); i++) {
            String word = args.get(i);
            if (!word.startsWith("--") || word.length() == 2) {
                throw new IllegalArgumentException(word.startsWith("-") ? "Invalid option: " + word : "Invalid parameter: " + word);
            }
            int equals = word.indexOf('=');
            String name = find(equals < 0 ? word.substring(2) : word.substring(2, equals), word);
            Entry entry = entries.get(name);
            String value = equals < 0 ? null : word.substring(equals + 1);
            if (entry.value == Value.NONE && value != null) {
                throw new IllegalArgumentException("Invalid option: " + word + " (--" + name + " takes no value)");
            }
            if (entry.value == Value.REQUIRED && value == null) {
                if (++i == args.size()) {
                    throw new IllegalArgumentException("Invalid option: " + word + " (--" + name + " needs a value)");
                }
                value = args.get(i);
            }
            entry.action.accept(value);
        }
    }

    private String find(String name, String word) {
        if (entries.containsKey(name)) {
            return name;
        }
        List<String> fit = new ArrayList<>(entries.keySet());
        fit.removeIf(known -> !known.startsWith(name));
        if (fit.size() == 1) {
            return fit.getFirst();
        }
        throw new IllegalArgumentException("Invalid option: " + word + (fit.isEmpty() ? nearest(name)
                : " (it may be --" + String.join(", --", fit) + ")"));
    }

    private String nearest(String name) {
        String best = null;
        int least = Math.max(2, name.length() / 3) + 1;
        for (String known : entries.keySet()) {
            int distance = distance(name, known);
            if (distance < least) {
                least = distance;
                best = known;
            }
        }
        return best == null ? "" : " (did you mean --" + best + "?)";
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                row[j] = i == 0 ? j : Math.min(Math.min(row[j - 1], above) + 1,
                        diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.length()];
    }

    /** @return a line an option, in the order they were added */
    public String help() {
        StringBuilder text = new StringBuilder();
        entries.forEach((name, e) -> text.append("  --").append(name).append(e.value == Value.NONE ? ""
                : e.value == Value.OPTIONAL ? "[=" + e.sign + "]" : "=" + e.sign).append(": ").append(e.help).append('\n'));
        return text.toString();
    }
}
