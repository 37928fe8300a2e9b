package dev.penstock.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A whole run: where, of what, and what came out.
 *
 * @param setting machine, versions, commit, command: each by name
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
            map.put("noisy", r.spread() > TextReport.NOISY);
            list.add(map);
        }
        Map<String, Object> all = new LinkedHashMap<>(setting);
        all.put("cyclesPerSecond", cyclesPerSecond);
        all.put("rows", list);
        return all;
    }
}
