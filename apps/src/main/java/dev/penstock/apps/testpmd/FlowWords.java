package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Syntax;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

/** The words of a rule, read from the first on; each that is wrong is named, with what may stand there. */
final class FlowWords {
    private final Deque<String> words;

    FlowWords(String text) {
        words = new ArrayDeque<>(List.of(text.strip().split("\\s+")));
    }

    String word(String wanted) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException("flow: the rule ends where " + wanted + " is to stand");
        }
        return words.remove();
    }

    void expect(String word) {
        String found = word("'" + word + "'");
        if (!found.equals(word)) {
            throw new IllegalArgumentException("flow: '" + found + "' where '" + word + "' is to stand");
        }
    }

    /** Whether a word is the next one. */
    boolean at(String word) {
        return word.equals(words.peek());
    }

    /** Whether a word is the next one; then it is read. */
    boolean next(String word) {
        if (!at(word)) {
            return false;
        }
        words.remove();
        return true;
    }

    /** Words up to {@code end}. */
    List<String> list(String what) {
        List<String> list = new ArrayList<>();
        for (String word = word(what + " or 'end'"); !word.equals("end"); word = word(what + " or 'end'")) {
            list.add(word);
        }
        return list;
    }

    long number(String what, long max) {
        return number(what, word(what), max);
    }

    /** Reads an address; one that is none is said with what it was for. */
    static <T> T address(String what, String word, Function<String, T> parse) {
        try {
            return parse.apply(word);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("flow: '" + word + "' for " + what + ": " + e.getMessage(), e);
        }
    }

    /** Nothing may follow. */
    void end() {
        if (!words.isEmpty()) {
            throw new IllegalArgumentException("flow: '" + words.peek() + "' stands behind the end of the actions");
        }
    }

    static long number(String what, String word, long max) {
        try {
            long value = Syntax.number(word);
            if (value >= 0 && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException("flow: '" + word + "' for " + what + "; give 0 to " + max);
    }
}
