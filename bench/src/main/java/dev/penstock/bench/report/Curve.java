package dev.penstock.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One picture: lines over the same points.
 *
 * @param name what is shown
 * @param unit of the values
 * @param points what stands below the axis
 * @param lines the values, by line; NaN where there is none
 * @param log true where values differ by orders of magnitude
 */
public record Curve(String name, String unit, List<String> points, Map<String, double[]> lines, boolean log) {
    private static final Pattern POINT = Pattern.compile("(.*), (?:(\\d+) (B|queues|flows|mbufs)|burst (\\d+)|(p[\\d.]+|max))");
    private static final Map<String, String> AGAINST = Map.of("B", "frame size in B", "queues", "queues", "flows", "flows", "mbufs", "packet buffers");
    private static final int LEAST = 3;

    /**
     * Rows named {@code ..., N B}, {@code ..., burst N} and alike are points of a curve, from three of them on.
     *
     * @param rows the rows
     * @return the curves, with their rows' peers
     */
    static List<Curve> of(List<Row> rows) {
        List<Curve> curves = new ArrayList<>();
        groups(rows).forEach((name, group) -> {
            Map<String, double[]> lines = new LinkedHashMap<>();
            lines.put("Penstock", group.stream().mapToDouble(Row::ourMedian).toArray());
            if (group.stream().anyMatch(r -> r.theirs().length > 0)) {
                lines.put(group.getFirst().peer(), group.stream().mapToDouble(Row::theirMedian).toArray());
            }
            curves.add(new Curve(name, group.getFirst().unit(), group.stream().map(Curve::point).toList(), lines, name.contains("percentile")));
        });
        return curves;
    }

    /** @return the rows that are points of no curve */
    static List<Row> others(List<Row> rows) {
        List<Row> others = new ArrayList<>(rows);
        groups(rows).values().forEach(others::removeAll);
        return others;
    }

    private static Map<String, List<Row>> groups(List<Row> rows) {
        Map<String, List<Row>> groups = new LinkedHashMap<>();
        for (Row r : rows) {
            Matcher m = POINT.matcher(r.name());
            if (m.matches()) {
                String against = m.group(3) != null ? AGAINST.get(m.group(3)) : m.group(4) != null ? "burst" : "percentile";
                groups.computeIfAbsent(r.suite() + ": " + m.group(1) + ", against " + against, _ -> new ArrayList<>()).add(r);
            }
        }
        groups.values().removeIf(group -> group.size() < LEAST);
        return groups;
    }

    private static String point(Row r) {
        Matcher m = POINT.matcher(r.name());
        return !m.matches() ? r.name() : m.group(2) != null ? m.group(2) : m.group(4) != null ? m.group(4) : m.group(5);
    }
}
