package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One picture for documents: the ratios as bars, and rows named "..., N B" or "..., burst N" as curves. */
final class SvgReport {
    private static final Pattern POINT = Pattern.compile("(.*), (?:(\\d+) B|burst (\\d+))");
    private static final int WIDTH = 860;
    private static final int LABELS = 270;
    private static final int BAR = 22;
    private static final int CURVE = 230;
    private static final int CURVE_WIDTH = WIDTH / 2;
    private static final String OURS = "#0b7285";
    private static final String THEIRS = "#868e96";
    private static final String BEHIND = "#c92a2a";

    private final StringBuilder out = new StringBuilder();
    private int y = 10;

    private SvgReport() {}

    static void write(Path file, Result result) throws IOException {
        Files.writeString(file, new SvgReport().draw(result));
    }

    private String draw(Result result) {
        List<Row> bars = new ArrayList<>();
        Map<String, List<Row>> curves = new LinkedHashMap<>();
        for (Row r : result.rows()) {
            Matcher m = POINT.matcher(r.name());
            if (r.theirs().length == 0) {
                continue;
            } else if (m.matches()) {
                curves.computeIfAbsent(r.suite() + ": " + m.group(1) + (m.group(2) != null ? ", frame size in B" : ", burst"), k -> new ArrayList<>()).add(r);
            } else {
                bars.add(r);
            }
        }
        curves.values().stream().filter(points -> points.size() < 3).forEach(bars::addAll);
        curves.values().removeIf(points -> points.size() < 3);
        bars(bars);
        int i = 0;
        for (var curve : curves.entrySet()) {
            curve(curve.getKey(), curve.getValue(), i++ % 2 * CURVE_WIDTH);
            y += i % 2 == 0 || i == curves.size() ? CURVE : 0;
        }
        for (String line : MarkdownReport.setting(result).lines().toList()) {
            y += 16;
            text(10, y, "start", "#495057", 11, line.length() > 160 ? line.substring(0, 160) + "..." : line);
        }
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + WIDTH + " " + (y + 14)
                + "\" font-family=\"system-ui, sans-serif\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n" + out + "</svg>\n";
    }

    private void bars(List<Row> rows) {
        if (rows.isEmpty()) {
            return;
        }
        double most = Math.max(1.2, rows.stream().mapToDouble(Row::ratioMax).max().getAsDouble());
        double scale = (WIDTH - LABELS - 60) / most;
        text(10, y + 8, "start", "#212529", 14, "Times the peer; 1 is as good, the thin line is from the worst turn to the best");
        y += 20;
        int top = y;
        for (Row r : rows) {
            text(LABELS - 8, y + 15, "end", "#212529", 12, r.suite() + ": " + r.name());
            rect(LABELS, y + 3, r.ratio() * scale, BAR - 7, r.ratio() < 1 ? BEHIND : OURS);
            line(LABELS + r.ratioMin() * scale, y + 10, LABELS + r.ratioMax() * scale, y + 10, "#212529");
            text(LABELS + r.ratioMax() * scale + 6, y + 15, "start", "#212529", 12, String.format("%.2fx", r.ratio()));
            y += BAR;
        }
        line(LABELS + scale, top, LABELS + scale, y, "#495057");
        y += 20;
    }

    private void curve(String name, List<Row> points, int left) {
        double most = points.stream().mapToDouble(r -> Math.max(r.ourMedian(), r.theirMedian())).max().getAsDouble();
        int bottom = y + CURVE - 45;
        int height = CURVE - 80;
        text(left + 40, y + 12, "start", "#212529", 13, name);
        line(left + 40, bottom, left + CURVE_WIDTH - 20, bottom, "#495057");
        for (double part : new double[] {0.5, 1}) {
            line(left + 40, bottom - part * height, left + CURVE_WIDTH - 20, bottom - part * height, "#dee2e6");
            text(left + 36, bottom - part * height + 4, "end", "#495057", 11, String.format("%.0f", part * most));
        }
        text(left + 36, bottom + 4, "end", "#495057", 11, "0");
        StringBuilder ours = new StringBuilder();
        StringBuilder theirs = new StringBuilder();
        double step = (CURVE_WIDTH - 90.0) / (points.size() - 1);
        for (int i = 0; i < points.size(); i++) {
            Row r = points.get(i);
            double x = left + 55 + i * step;
            ours.append(String.format("%.1f,%.1f ", x, bottom - r.ourMedian() / most * height));
            theirs.append(String.format("%.1f,%.1f ", x, bottom - r.theirMedian() / most * height));
            text(x, bottom + 15, "middle", "#495057", 11, r.name().replaceAll(".*?(\\d+)( B)?$", "$1"));
        }
        polyline(theirs, THEIRS);
        polyline(ours, OURS);
        text(left + 55, bottom + 32, "start", OURS, 12, "Penstock, " + points.getFirst().unit());
        text(left + 200, bottom + 32, "start", THEIRS, 12, points.getFirst().peer());
    }

    private void text(double x, double y, String anchor, String colour, int size, String text) {
        out.append(String.format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\" font-size=\"%d\">%s</text>%n", x, y, anchor, colour, size,
                text.replace("&", "&amp;").replace("<", "&lt;")));
    }

    private void rect(double x, double y, double width, double height, String colour) {
        out.append(String.format("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>%n", x, y, width, height, colour));
    }

    private void line(double x1, double y1, double x2, double y2, String colour) {
        out.append(String.format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>%n", x1, y1, x2, y2, colour));
    }

    private void polyline(CharSequence points, String colour) {
        out.append(String.format("<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n", points.toString().strip(), colour));
    }
}
