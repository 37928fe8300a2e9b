package dev.penstock.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tables in a document: what stands between its lines {@code <!-- bench ROWS -->} and {@code <!-- /bench -->}. */
public final class MarkdownReport {
    private static final Pattern BLOCK = Pattern.compile("(?s)(<!-- bench ([^\n]+) -->\n).*?(<!-- /bench -->)");

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
        Files.writeString(file, block.replaceAll(m -> Matcher.quoteReplacement(m.group(1) + table(m.group(2), result) + m.group(3))));
    }

    private static String table(String rows, Result result) {
        Pattern wanted = Pattern.compile(rows);
        StringBuilder text = new StringBuilder("| | Penstock | peer | | ratio | min..max |\n|---|---|---|---|---|---|\n");
        for (Row r : result.rows()) {
            if (!wanted.matcher(r.suite() + ": " + r.name()).find()) {
                continue;
            }
            boolean peer = r.theirs().length > 0;
            text.append(String.format("| %s: %s | %s | %s | %s | %s | %s |%n", r.suite(), r.name(), number(r.ourMedian()),
                    peer ? number(r.theirMedian()) + (r.peer().equals("DPDK") ? "" : " (" + r.peer() + ")") : r.refused().isEmpty() ? "" : "differs", r.unit(),
                    peer ? String.format("%.2fx", r.ratio()) + (r.ratio() < 1 ? ", **behind**" : "") : "",
                    peer ? String.format("%.2f..%.2f", r.ratioMin(), r.ratioMax()) : ""));
        }
        return text.append("\n").append(setting(result)).append("\n").toString();
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
