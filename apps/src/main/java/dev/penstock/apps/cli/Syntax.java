package dev.penstock.apps.cli;

import dev.penstock.net.MacAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The words of a command. {@code show} stands for itself, {@code on|off} for one of several, {@code <port:u16>}
 * for a value with a name and a type: u8, u16, u32, u64, int, mac, text, rest (all that follows), or words
 * between bars. A word in brackets may be left out together with all behind it.
 */
public final class Syntax {
    private final List<Token> tokens = new ArrayList<>();
    private int required = -1;

    private record Token(String name, String type, List<String> words) {
        boolean accepts(String word) {
            return switch (type) {
                case "words" -> words.contains(word);
                case "u8" -> isNumber(word, 0, 0xff);
                case "u16" -> isNumber(word, 0, 0xffff);
                case "u32" -> isNumber(word, 0, 0xffff_ffffL);
                case "u64" -> isNumber(word, 0, Long.MAX_VALUE);
                case "int" -> isNumber(word, Integer.MIN_VALUE, Integer.MAX_VALUE);
                case "mac" -> isMac(word);
                default -> true;
            };
        }
    }

    /**
     * Reads a syntax.
     *
     * @param text its words
     */
    public Syntax(String text) {
        for (String part : text.split(" ")) {
            String word = part;
            if (word.startsWith("[")) {
                required = tokens.size();
                word = word.substring(1);
            }
            word = word.endsWith("]") ? word.substring(0, word.length() - 1) : word;
            tokens.add(token(word));
        }
        required = required < 0 ? tokens.size() : required;
    }

    private static Token token(String word) {
        if (!word.startsWith("<")) {
            return new Token("", "words", List.of(word.split("\\|")));
        }
        int colon = word.indexOf(':');
        String name = word.substring(1, colon);
        String type = word.substring(colon + 1, word.length() - 1);
        return type.contains("|") ? new Token(name, "words", List.of(type.split("\\|"))) : new Token(name, type, List.of());
    }

    /**
     * Compares a line.
     *
     * @param words the line's words
     * @param values takes the values by name when it matches
     * @return -1 when it matches, otherwise how many words did
     */
    public int match(List<String> words, Map<String, String> values) {
        Map<String, String> found = new LinkedHashMap<>();
        int i = 0;
        for (; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (i >= words.size()) {
                if (i >= required) {
                    break;
                }
                return i;
            }
            if (token.type.equals("rest")) {
                found.put(token.name, String.join(" ", words.subList(i, words.size())));
                values.putAll(found);
                return -1;
            }
            if (!token.accepts(words.get(i))) {
                return i;
            }
            if (!token.name.isEmpty()) {
                found.put(token.name, words.get(i));
            }
        }
        if (i < words.size()) {
            return i;
        }
        values.putAll(found);
        return -1;
    }

    /**
     * The words that may stand at a place behind others, for completion.
     *
     * @param before the others
     * @return the words, often none
     */
    public List<String> next(List<String> before) {
        if (before.size() >= tokens.size()) {
            return List.of();
        }
        for (int i = 0; i < before.size(); i++) {
            if (!tokens.get(i).accepts(before.get(i))) {
                return List.of();
            }
        }
        Token token = tokens.get(before.size());
        return token.type.equals("words") ? token.words : List.of();
    }

    /** @return as it is shown to a person */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            String word = !token.type.equals("words") ? "(" + token.name + ")"
                    : token.words.size() > 1 ? "(" + String.join("|", token.words) + ")" : token.words.getFirst();
            text.append(i == 0 ? "" : " ").append(i >= required ? "[" + word + "]" : word);
        }
        return text.toString();
    }

    private static boolean isNumber(String word, long min, long max) {
        try {
            long value = number(word);
            return value >= min && value <= max;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static boolean isMac(String word) {
        try {
            MacAddress.parse(word);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Reads a number.
     *
     * @param word decimal, 0x hexadecimal, 0b binary or 0 octal
     * @return the number
     * @throws NumberFormatException when it is none
     */
    public static long number(String word) {
        if (word.startsWith("0b")) {
            return Long.parseLong(word.substring(2), 2);
        }
        if (word.startsWith("#") || word.startsWith("+")) {
            throw new NumberFormatException(word);
        }
        return Long.decode(word);
    }
}
