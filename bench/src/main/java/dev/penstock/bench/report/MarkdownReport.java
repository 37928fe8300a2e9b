package dev.penstock.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Tables in a document: what stands between its lines {@code <!-- bench ROWS -->} and {@code <!-- /bench -->}, where ROWS is a regular expression.
 * Each row is a line; when ROWS has a group {@code (?<column>...)}, what that finds in a row's name is its column and the rest of the name its
 * line. What the figures were made with stands below the last table.
 */
public final class MarkdownReport {
    private static final String COLUMN = "column";
    private static final String END = "<!-- /bench -->";
    private static final Pattern BLOCK = Pattern.compile("(?s)(<!-- bench ([^\n]+) -->\n).*?(" + END + ")");

    private MarkdownReport() {}

    /**
     * Writes them anew.
     *
     * @param file the document
     * @param result what is shown
     * @throws IOException when it can't be read or written, or has no such lines
     */
    public static void write(Path file, Result result) throws IOException {
        String text = Text.read(file);
        Matcher block = BLOCK.matcher(text);
        if (!block.find()) {
            throw new IOException(file + " has no lines <!-- bench ROWS --> and <!-- /bench --> to write between");
        }
        String tables = block.replaceAll(m -> Matcher.quoteReplacement(m.group(1) + table(Pattern.compile(m.group(2)), result) + "\n" + m.group(3)));
        int last = tables.lastIndexOf(END);
        Files.writeString(file, tables.substring(0, last) + setting(result) + "\n" + tables.substring(last));
    }

    private static String table(Pattern wanted, Result result) {
        return wanted.namedGroups().containsKey(COLUMN) ? grid(wanted, result) : list(wanted, result);
    }

    private static String list(Pattern wanted, Result result) {
        StringBuilder text = new StringBuilder("| | Penstock | peer | | ratio | min..max |\n|---|---|---|---|---|---|\n");
        for (Row r : result.rows()) {
            if (!wanted.matcher(name(r)).find()) {
                continue;
            }
            boolean peer = r.theirs().length > 0;
            text.append(String.format("| %s | %s | %s | %s | %s | %s |%n", name(r), number(r.ourMedian()), theirs(r), r.unit(),
                    peer ? String.format("%.2fx", r.ratio()) + (r.ratio() < 1 ? ", **behind**" : "") : "",
                    peer ? String.format("%.2f..%.2f", r.ratioMin(), r.ratioMax()) : ""));
        }
        return text.toString();
    }

    private static String grid(Pattern wanted, Result result) {
        Map<String, Map<String, Row>> lines = new LinkedHashMap<>();
        Set<String> columns = new LinkedHashSet<>();
        for (Row r : result.rows()) {
            Matcher m = wanted.matcher(name(r));
            if (m.find()) {
                boolean named = m.start(COLUMN) >= 0;
                String column = named ? m.group(COLUMN).replaceAll("^[ ,:]+|[ ,:]+$", "") : "";
                columns.add(column);
                String line = named ? name(r).substring(0, m.start(COLUMN)) + name(r).substring(m.end(COLUMN)) : name(r);
                lines.computeIfAbsent(line, l -> new HashMap<>()).put(column, r);
            }
        }
        StringBuilder text = new StringBuilder("| | " + String.join(" | ", columns) + " |\n|---|" + "---|".repeat(columns.size()) + "\n");
        lines.forEach((line, cells) -> text.append("| ").append(line).append(" | ")
                .append(columns.stream().map(c -> cell(cells.get(c))).collect(Collectors.joining(" | "))).append(" |\n"));
        return text.toString();
    }

    /** Our value, the peer's, and the ratio, bold when it is behind, with the least and the greatest of its turns. */
    private static String cell(Row r) {
        if (r == null) {
            return "";
        }
        String values = number(r.ourMedian()) + (theirs(r).isEmpty() ? "" : ", " + theirs(r));
        if (r.theirs().length == 0) {
            return values;
        }
        return values + ": " + String.format(r.ratio() < 1 ? "**%.2fx**" : "%.2fx", r.ratio())
                + (r.ratios().length > 1 ? String.format(" (%.2f..%.2f)", r.ratioMin(), r.ratioMax()) : "");
    }

    /** The peer's value, with its name when it is not DPDK; "differs" when it ran something else, and nothing when it is not there. */
    private static String theirs(Row r) {
        if (r.theirs().length == 0) {
            return r.refused().isEmpty() ? "" : "differs";
        }
        return number(r.theirMedian()) + (r.peer().equals("DPDK") ? "" : " (" + r.peer() + ")");
    }

    private static String name(Row r) {
        return r.suite() + ": " + r.name();
    }

    /** Where it was made and of what, as a sentence. */
    static String setting(Result result) {
        var s = result.setting();
        return String.format("%s; %s; %s; DPDK %s; commit %s; %s.%n%s%n", s.get("machine"), s.get("kernel"), s.get("java"), s.get("dpdk"),
                s.get("commit"), s.get("date"), "Made by `" + String.join("`, `", s.getOrDefault("command", "").split("; ")) + "`.");
    }

    /** Three digits are as many as a run can tell. */
    private static String number(double value) {
        return value >= 100 ? String.format("%.0f", value) : value >= 10 ? String.format("%.1f", value) : String.format("%.2f", value);
    }
}
