package dev.penstock.bench;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A whole run: where, of what, and what came out.
 *
 * @param setting machine, versions, commit, command, how noisy it was: each by name
 * @param cyclesPerSecond of the time-stamp counter, to turn rates into cycles
 * @param rows the comparisons
 */
record Result(Map<String, String> setting, double cyclesPerSecond, List<Row> rows) {
    /** The result as maps and lists, for a JSON writer. */
    Map<String, Object> toMap() {
        List<Object> list = new ArrayList<>();
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
            list.add(map);
        }
        Map<String, Object> all = new LinkedHashMap<>(setting);
        all.put("cyclesPerSecond", cyclesPerSecond);
        all.put("rows", list);
        return all;
    }

    /**
     * Reads results that were written as JSON, as one: a run may have been made in pieces.
     *
     * @param files the pieces; of rows that several have, the last counts
     * @return the whole
     * @throws IOException when one can't be read
     * @throws IllegalArgumentException when they were made on different machines, or of different versions
     */
    static Result read(List<Path> files) throws IOException {
        Map<String, String> setting = new LinkedHashMap<>();
        Map<String, Row> rows = new LinkedHashMap<>();
        double hz = 0;
        for (Path file : files) {
            Map<String, Object> all = JSON.std.mapFrom(Files.readString(file));
            hz = ((Number) all.remove("cyclesPerSecond")).doubleValue();
            for (Object row : (List<?>) all.remove("rows")) {
                Row r = row((Map<?, ?>) row);
                rows.put(r.suite() + ": " + r.name(), r);
            }
            for (var entry : all.entrySet()) {
                String now = (String) entry.getValue();
                String before = setting.putIfAbsent(entry.getKey(), now);
                if (before == null || before.equals(now)) {
                    continue;
                }
                if (!Setting.MAY_DIFFER.contains(entry.getKey())) {
                    throw new IllegalArgumentException(file + ": made with another " + entry.getKey() + ": '" + now + "', not '" + before + "'");
                }
                setting.put(entry.getKey(), before + "; " + now);
            }
        }
        return new Result(setting, hz, new ArrayList<>(rows.values()));
    }

    private static Row row(Map<?, ?> m) {
        return new Row((String) m.get("suite"), (String) m.get("name"), (String) m.get("unit"), (Boolean) m.get("higherIsBetter"),
                (String) m.get("peer"), (String) m.get("workload"), numbers(m.get("ours")), numbers(m.get("theirs")),
                m.get("refused") instanceof String refused ? refused : "");
    }

    private static double[] numbers(Object list) {
        return ((List<?>) list).stream().mapToDouble(n -> ((Number) n).doubleValue()).toArray();
    }
}
