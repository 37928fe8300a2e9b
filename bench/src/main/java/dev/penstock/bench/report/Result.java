package dev.penstock.bench.report;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A whole run: where, of what, and what came out.
 *
 * @param setting machine, versions, commit, command, how noisy it was: each by name
 * @param cyclesPerSecond of the time-stamp counter, to turn rates into cycles
 * @param rows the comparisons
 * @param curves what suites measured over time
 */
public record Result(Map<String, String> setting, double cyclesPerSecond, List<Row> rows, List<Curve> curves) {
    /** What of the setting may differ between pieces of one result. */
    private static final Set<String> MAY_DIFFER = Set.of("date", "command", "noise");

    /** @return the result as maps and lists, for a JSON writer */
    public Map<String, Object> toMap() {
        List<Object> list = new ArrayList<>();
        List<Row> others = Curve.others(rows);
        for (Row r : rows) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("suite", r.suite());
            map.put("name", r.name());
            map.put("unit", r.unit());
            map.put("higherIsBetter", r.higherIsBetter());
            map.put("peer", r.peer());
            map.put("workload", r.workload());
            map.put("ours", r.ours());
            map.put("theirs", r.theirs());
            map.put("ourMedian", r.ourMedian());
            if (r.theirs().length > 0) {
                map.put("theirMedian", r.theirMedian());
            }
            // Nothing by nothing is no number, and JSON has none.
            if (Double.isFinite(r.ratioMin()) && Double.isFinite(r.ratioMax())) {
                map.put("ratio", r.ratio());
                map.put("ratioMin", r.ratioMin());
                map.put("ratioMax", r.ratioMax());
            }
            if (!r.refused().isEmpty()) {
                map.put("refused", r.refused());
            }
            String cycles = TextReport.cycles(r, cyclesPerSecond);
            if (!cycles.equals("-")) {
                map.put("cyclesPerPacket", cycles);
            }
            map.put("noisy", r.spread() > TextReport.NOISY);
            map.put("point", !others.contains(r));
            list.add(map);
        }
        Map<String, Object> all = new LinkedHashMap<>(setting);
        all.put("cyclesPerSecond", cyclesPerSecond);
        all.put("rows", list);
        all.put("curves", maps(curves));
        all.put("rowCurves", maps(Curve.of(rows)));
        return all;
    }

    private static List<Object> maps(List<Curve> curves) {
        List<Object> list = new ArrayList<>();
        for (Curve c : curves) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("name", c.name());
            map.put("unit", c.unit());
            map.put("log", c.log());
            map.put("points", c.points());
            Map<String, Object> lines = new LinkedHashMap<>();
            // JSON has no NaN
            c.lines().forEach((name, values) -> lines.put(name, Arrays.stream(values).mapToObj(v -> Double.isNaN(v) ? null : (Object) v).toList()));
            map.put("lines", lines);
            list.add(map);
        }
        return list;
    }

    private static Curve curve(Map<?, ?> m) {
        Map<String, double[]> lines = new LinkedHashMap<>();
        ((Map<?, ?>) m.get("lines")).forEach((name, values) -> lines.put((String) name, numbers(values)));
        return new Curve((String) m.get("name"), (String) m.get("unit"), ((List<?>) m.get("points")).stream().map(String.class::cast).toList(), lines,
                (Boolean) m.get("log"));
    }

    /**
     * Reads results that were written as JSON, as one: a run may have been made in pieces.
     *
     * @param files the pieces; of rows that several have, the last counts
     * @return the whole
     * @throws IOException when one can't be read
     * @throws IllegalArgumentException when they were made on different machines, or of different versions
     */
    public static Result read(List<Path> files) throws IOException {
        Map<String, String> setting = new LinkedHashMap<>();
        Map<String, Row> rows = new LinkedHashMap<>();
        Map<String, Curve> curves = new LinkedHashMap<>();
        double hz = 0;
        for (Path file : files) {
            Map<String, Object> all;
            try {
                all = JSON.std.mapFrom(Text.read(file));
                hz = ((Number) all.remove("cyclesPerSecond")).doubleValue();
                for (Object row : (List<?>) all.remove("rows")) {
                    Row r = row((Map<?, ?>) row);
                    rows.put(r.suite() + ": " + r.name(), r);
                }
                all.remove("rowCurves");
                if (all.remove("curves") instanceof List<?> list) {
                    for (Object curve : list) {
                        Curve c = curve((Map<?, ?>) curve);
                        curves.put(c.name(), c);
                    }
                }
            } catch (JacksonException | NullPointerException | ClassCastException e) {
                throw new IllegalArgumentException(file + ": is no result that --json wrote", e);
            }
            for (var entry : all.entrySet()) {
                String now = (String) entry.getValue();
                String before = setting.putIfAbsent(entry.getKey(), now);
                if (before == null || before.equals(now)) {
                    continue;
                }
                if (!MAY_DIFFER.contains(entry.getKey())) {
                    throw new IllegalArgumentException(file + " can't be put together with " + files.getFirst() + ": made with another "
                            + entry.getKey() + ", '" + now + "' and not '" + before + "'");
                }
                setting.put(entry.getKey(), before + "; " + now);
            }
        }
        return new Result(setting, hz, new ArrayList<>(rows.values()), new ArrayList<>(curves.values()));
    }

    /**
     * A part of it.
     *
     * @param rows a regular expression for {@code SUITE: ROW}, and for the names of curves
     * @return what matches
     */
    public Result only(String rows) {
        Pattern wanted = Pattern.compile(rows);
        return new Result(setting, cyclesPerSecond, this.rows.stream().filter(r -> wanted.matcher(r.suite() + ": " + r.name()).find()).toList(),
                curves.stream().filter(c -> wanted.matcher(c.name()).find()).toList());
    }

    private static Row row(Map<?, ?> m) {
        return new Row((String) m.get("suite"), (String) m.get("name"), (String) m.get("unit"), (Boolean) m.get("higherIsBetter"),
                (String) m.get("peer"), (String) m.get("workload"), numbers(m.get("ours")), numbers(m.get("theirs")),
                m.get("refused") instanceof String refused ? refused : "");
    }

    private static double[] numbers(Object list) {
        return ((List<?>) list).stream().mapToDouble(n -> n == null ? Double.NaN : ((Number) n).doubleValue()).toArray();
    }
}
