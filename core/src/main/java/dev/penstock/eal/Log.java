package dev.penstock.eal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The log of one {@link Eal}: lines of the form {@code EAL: message}, each with a level and a type (DPDK: rte_log).
 *
 * <p>A line is written when its level passes both the global level and that of its type. Types are dotted
 * names such as {@code lib.eal} or {@code pmd.net.tap}; their level is {@link Level#INFO} until
 * {@code --log-level} or {@link #level(String)} changes it. Any thread may log; the packet path does not.
 */
public final class Log {
    /** DPDK's levels, the most urgent first; a level's number is its ordinal + 1. */
    public enum Level {
        /** System is unusable: 1. */
        EMERGENCY,
        /** Action must be taken at once: 2. */
        ALERT,
        /** Critical: 3. */
        CRITICAL,
        /** An error: 4. */
        ERROR,
        /** A warning: 5. */
        WARNING,
        /** Normal but worth a look: 6. */
        NOTICE,
        /** Information: 7. */
        INFO,
        /** For developers: 8. */
        DEBUG;

        /**
         * Reads a level: its number, or the first letters of its name.
         *
         * @param text such as {@code 7}, {@code info} or {@code deb}
         * @return the level; numbers above 8 mean {@link #DEBUG}, as in DPDK
         */
        static Level parse(String text) {
            for (Level level : values()) {
                if (!text.isEmpty() && level.name().toLowerCase(Locale.ROOT).startsWith(text)) {
                    return level;
                }
            }
            if (text.matches("0*[1-9][0-9]{0,8}")) {
                return values()[Math.min(Integer.parseInt(text), values().length) - 1];
            }
            throw new IllegalArgumentException("'" + text + "' is not a log level; it is a number from 1 to 8 or"
                    + " one of emergency, alert, critical, error, warning, notice, info, debug");
        }

        /** Whether a level is a number that means {@link #DEBUG} because there is none higher. */
        static boolean isTooHigh(String text) {
            return text.matches("[0-9]{1,10}") && Long.parseLong(text) > values().length;
        }
    }

    private record Rule(Pattern types, Level level) {
        void apply(Type type) {
            if (types.matcher(type.name).find()) {
                type.level = level;
            }
        }
    }

    private final Consumer<String> sink;
    private final List<Rule> rules = new ArrayList<>();
    private final TreeMap<String, Type> types = new TreeMap<>();
    private volatile Level global = Level.DEBUG;

    /**
     * A log with nothing written yet.
     *
     * @param sink takes each finished line, without its line end
     */
    public Log(Consumer<String> sink) {
        this.sink = sink;
    }

    /**
     * The type of a given name, made at first use.
     *
     * @param name dotted, such as {@code pmd.net.tap}
     * @param prefix what its lines start with, such as {@code EAL}
     * @return the same object for the same name
     */
    public synchronized Type type(String name, String prefix) {
        return types.computeIfAbsent(name, n -> {
            Type type = new Type(n, prefix);
            rules.forEach(rule -> rule.apply(type));
            return type;
        });
    }

    /**
     * Changes levels by {@code --log-level}'s grammar, for types that exist and for those to come.
     *
     * @param text {@code level}, {@code glob:level} or {@code regex,level}; a glob is the whole of a type, a regex found anywhere in it
     * @throws IllegalArgumentException when the level or the pattern cannot be read
     */
    public synchronized void level(String text) {
        int split = split(text);
        Level level = Level.parse(levelText(text));
        if (split < 0) {
            global = level;
            return;
        }
        Rule rule = new Rule(pattern(text.substring(0, split), text.charAt(split) == ','), level);
        rules.add(rule);
        types.values().forEach(rule::apply);
    }

    /** What stands behind the types in {@code --log-level}'s argument, or all of it. */
    static String levelText(String text) {
        return text.substring(split(text) + 1);
    }

    private static int split(String text) {
        int comma = text.indexOf(',');
        return comma >= 0 ? comma : text.indexOf(':');
    }

    private static Pattern pattern(String text, boolean regex) {
        try {
            return regex ? Pattern.compile(text) : Pattern.compile(globToRegex(text));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("'" + text + "' is not a regular expression: " + e.getDescription(), e);
        }
    }

    private static String globToRegex(String glob) {
        StringBuilder regex = new StringBuilder("^");
        for (char c : glob.toCharArray()) {
            regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
        }
        return regex.append('$').toString();
    }

    /**
     * What {@code --log-level=help} shows.
     *
     * @return types with their levels, and the levels, a line each
     */
    public synchronized String help() {
        StringBuilder text = new StringBuilder("Log types (more appear when a driver is used):\n");
        types.values().forEach(t -> text.append("\tid ").append(t.name).append(", level is ")
                .append(t.level.name().toLowerCase(Locale.ROOT)).append('\n'));
        text.append("\n--log-level LEVEL sets the global level, GLOB:LEVEL or REGEX,LEVEL that of types.\nLevels:\n");
        for (Level level : Level.values()) {
            text.append('\t').append(level.ordinal() + 1).append("   ")
                    .append(level.name().toLowerCase(Locale.ROOT)).append('\n');
        }
        return text.toString();
    }

    /** One source of lines, with its own level. */
    public final class Type {
        private final String name;
        private final String prefix;
        private volatile Level level = Level.INFO;

        private Type(String name, String prefix) {
            this.name = name;
            this.prefix = prefix;
        }

        /**
         * Whether a line of this level would be written.
         *
         * @param of the level asked for
         * @return true when it passes the global level and this type's
         */
        public boolean enabled(Level of) {
            return of.compareTo(level) <= 0 && of.compareTo(global) <= 0;
        }

        /**
         * Writes a line.
         *
         * @param at its level
         * @param message without prefix and line end
         */
        public void log(Level at, String message) {
            if (enabled(at)) {
                String line = prefix + ": " + message;
                try {
                    sink.accept(line);
                } catch (RuntimeException e) {
                    // who has something to say goes on: often it is a thread that no other can stand in for
                    System.err.println(line + " (the log's sink failed: " + e + ")");
                }
            }
        }

        /**
         * Writes at level {@link Level#ERROR}.
         *
         * @param message without prefix and line end
         */
        public void error(String message) {
            log(Level.ERROR, message);
        }

        /**
         * Writes at level {@link Level#ERROR} what was thrown, and where.
         *
         * @param message what failed, without prefix and line end
         * @param thrown what it threw
         */
        public void error(String message, Throwable thrown) {
            StackTraceElement[] stack = thrown.getStackTrace();
            error(message + ": " + thrown + (stack.length == 0 ? "" : ", at " + stack[0]));
        }

        /**
         * Writes at level {@link Level#WARNING}.
         *
         * @param message without prefix and line end
         */
        public void warning(String message) {
            log(Level.WARNING, message);
        }

        /**
         * Writes at level {@link Level#INFO}.
         *
         * @param message without prefix and line end
         */
        public void info(String message) {
            log(Level.INFO, message);
        }

        /**
         * Writes at level {@link Level#DEBUG}.
         *
         * @param message without prefix and line end
         */
        public void debug(String message) {
            log(Level.DEBUG, message);
        }
    }
}
