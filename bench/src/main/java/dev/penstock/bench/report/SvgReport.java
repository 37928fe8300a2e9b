package dev.penstock.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/** One picture for documents: the ratios as bars, and the curves; with where and how it was made. */
public final class SvgReport {
    private static final int WIDTH = 900;
    private static final int LABELS = 300;
    private static final int BAR = 22;
    private static final int CURVE = 270;
    private static final int CURVE_WIDTH = WIDTH / 2;
    /** A label for each point would be one over the other. */
    private static final int MOST_LABELS = 10;
    private static final int LINE_CHARACTERS = 130;
    private static final String INK = "#212529";
    private static final String DIM = "#495057";
    private static final String BEHIND = "#c92a2a";
    private static final String[] COLOURS = {"#0b7285", "#868e96", "#e8590c", "#5f3dc4"};

    private final StringBuilder out = new StringBuilder();
    private int y = 14;

    private SvgReport() {}

    /**
     * Writes it.
     *
     * @param file where to
     * @param result what is shown
     * @throws IOException when it can't be written
     */
    public static void write(Path file, Result result) throws IOException {
        Files.writeString(file, new SvgReport().draw(result));
    }

    private String draw(Result result) {
        bars(Curve.others(result.rows()).stream().filter(r -> r.theirs().length > 0).toList());
        List<Curve> curves = new ArrayList<>(Curve.of(result.rows()));
        curves.addAll(result.curves());
        for (int i = 0; i < curves.size(); i++) {
            curve(curves.get(i), i % 2 * CURVE_WIDTH);
            y += i % 2 == 1 || i == curves.size() - 1 ? CURVE : 0;
        }
        for (String line : MarkdownReport.setting(result).replace("`", "").lines().toList()) {
            for (String part : folded(line)) {
                y += 15;
                text(10, y, "start", DIM, 11, part);
            }
        }
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + WIDTH + " " + (y + 14)
                + "\" font-family=\"system-ui, sans-serif\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n" + out + "</svg>\n";
    }

    private static List<String> folded(String line) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (String word : line.split(" ")) {
            if (!part.isEmpty() && part.length() + word.length() > LINE_CHARACTERS) {
                parts.add(part.toString());
                part.setLength(0);
            }
            part.append(part.isEmpty() ? "" : " ").append(word);
        }
        parts.add(part.toString());
        return parts;
    }

    private void bars(List<Row> rows) {
        if (rows.isEmpty()) {
            return;
        }
        double most = Math.max(1.2, rows.stream().mapToDouble(Row::ratioMax).max().getAsDouble());
        double scale = (WIDTH - LABELS - 70) / most;
        text(10, y + 8, "start", INK, 14, "Times the peer: 1 is as good, more is better; the thin line goes from the worst turn to the best");
        y += 20;
        int top = y;
        for (Row r : rows) {
            text(LABELS - 8, y + 15, "end", INK, 12, r.suite() + ": " + r.name());
            rect(LABELS, y + 3, r.ratio() * scale, BAR - 7, r.ratio() < 1 ? BEHIND : COLOURS[0]);
            line(LABELS + r.ratioMin() * scale, y + 10, LABELS + r.ratioMax() * scale, y + 10, INK);
            text(LABELS + r.ratioMax() * scale + 6, y + 15, "start", INK, 12, String.format("%.2fx", r.ratio()));
            y += BAR;
        }
        line(LABELS + scale, top, LABELS + scale, y, DIM);
        y += 24;
    }

    private void curve(Curve curve, int left) {
        double least = all(curve).filter(v -> v > 0).min().orElse(1);
        double most = all(curve).filter(v -> v > 0).max().orElse(1);
        int bottom = y + CURVE - 62;
        int height = CURVE - 100;
        int axis = left + 52;
        int right = left + CURVE_WIDTH - 22;
        text(left + 12, y + 8, "start", INK, 13, curve.name());
        text(left + 12, y + 24, "start", DIM, 11, curve.unit() + (curve.log() ? ", logarithmic" : ""));
        double low = curve.log() ? Math.pow(10, Math.floor(Math.log10(least))) : 0;
        double high = curve.log() ? Math.pow(10, Math.ceil(Math.log10(most))) : most * 1.05;
        for (double tick : ticks(curve.log(), low, high)) {
            double at = bottom - part(curve.log(), tick, low, high) * height;
            line(axis, at, right, at, tick == low ? DIM : "#dee2e6");
            text(axis - 6, at + 4, "end", DIM, 11, tick % 1 != 0 ? "" + tick : String.format("%,.0f", tick));
        }
        double step = (right - axis - 30.0) / Math.max(1, curve.points().size() - 1);
        int every = (curve.points().size() + MOST_LABELS - 1) / MOST_LABELS;
        for (int i = 0; i < curve.points().size(); i += every) {
            text(axis + 15 + i * step, bottom + 16, "middle", DIM, 11, curve.points().get(i));
        }
        int colour = 0;
        int key = left + 12;
        // Ours last, on top.
        for (Map.Entry<String, double[]> each : new ArrayList<>(curve.lines().entrySet()).reversed()) {
            String stroke = COLOURS[(curve.lines().size() - 1 - colour++) % COLOURS.length];
            StringBuilder points = new StringBuilder();
            for (int i = 0; i < each.getValue().length; i++) {
                double value = each.getValue()[i];
                if (Double.isNaN(value)) {
                    continue;
                }
                double x = axis + 15 + i * step;
                double at = bottom - part(curve.log(), Math.max(value, low), low, high) * height;
                points.append(String.format("%.1f,%.1f ", x, at));
                if (every == 1) {
                    out.append(String.format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n", x, at, stroke));
                }
            }
            out.append(String.format("<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n", points.toString().strip(), stroke));
        }
        colour = 0;
        int row = bottom + 28;
        for (String name : curve.lines().keySet()) {
            if (key + 19 + 7 * name.length() > right + 22) {
                key = left + 12;
                row += 16;
            }
            rect(key, row, 14, 4, COLOURS[colour % COLOURS.length]);
            text(key + 19, row + 6, "start", COLOURS[colour++ % COLOURS.length], 12, name);
            key += 36 + 7 * name.length();
        }
    }

    private static DoubleStream all(Curve curve) {
        return curve.lines().values().stream().flatMapToDouble(Arrays::stream).filter(v -> !Double.isNaN(v));
    }

    private static double part(boolean log, double value, double low, double high) {
        return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    }

    /** Round numbers: four or five of them, or each power of ten. */
    private static List<Double> ticks(boolean log, double low, double high) {
        List<Double> ticks = new ArrayList<>();
        if (log) {
            for (double tick = low; tick <= high * 1.001; tick *= 10) {
                ticks.add(tick);
            }
            return ticks;
        }
        double power = Math.pow(10, Math.floor(Math.log10(high / 4)));
        double step = power * (high / 4 / power < 2 ? 1 : high / 4 / power < 5 ? 2 : 5);
        for (double tick = 0; tick <= high; tick += step) {
            ticks.add(Math.round(tick / step * 1e6) / 1e6 * step);
        }
        return ticks;
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
}
