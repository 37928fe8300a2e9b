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
 * The ratios of an earlier run, with their spread.
 *
 * @param kept by suite and row
 */
record Baseline(Map<String, Kept> kept) {
    /** A loss below this is not told from noise, however alike the runs were. */
    static final double LEAST = 0.05;

    /**
     * One row.
     *
     * @param workload what ran
     * @param ratio the median
     * @param min the smallest
     * @param max the largest
     */
    record Kept(String workload, double ratio, double min, double max) {}

    static Baseline read(Path file) throws IOException {
        Map<String, Kept> kept = new LinkedHashMap<>();
        JSON.std.mapFrom(Files.readString(file)).forEach((name, value) -> {
            Map<?, ?> m = (Map<?, ?>) value;
            kept.put(name, new Kept((String) m.get("workload"), number(m, "ratio"), number(m, "min"), number(m, "max")));
        });
        return new Baseline(kept);
    }

    private static double number(Map<?, ?> map, String key) {
        return ((Number) map.get(key)).doubleValue();
    }

    static void save(Path file, List<Row> rows) throws IOException {
        Map<String, Object> all = new LinkedHashMap<>(Files.exists(file) ? JSON.std.mapFrom(Files.readString(file)) : Map.of());
        for (Row r : rows) {
            if (r.theirs().length > 0) {
                all.put(key(r), Map.of("workload", workload(r), "ratio", r.ratio(), "min", r.ratioMin(), "max", r.ratioMax()));
            }
        }
        Files.writeString(file, JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(all) + "\n");
    }

    /** @return a sentence for each row whose best ratio now is below the worst of then, by more than the least that counts */
    List<String> losses(List<Row> rows) {
        List<String> losses = new ArrayList<>();
        for (Row r : rows) {
            Kept then = kept.get(key(r));
            if (then == null || r.theirs().length == 0) {
                continue;
            }
            if (!then.workload().equals(workload(r))) {
                losses.add(key(r) + ": not compared, the workload was '" + then.workload() + "' and is '" + workload(r) + "'");
            } else if (r.ratioMax() < then.min() && r.ratio() < then.ratio() * (1 - LEAST)) {
                losses.add(String.format("%s: %.2fx, was %.2fx (%.2f..%.2f)", key(r), r.ratio(), then.ratio(), then.min(), then.max()));
            }
        }
        return losses;
    }

    private static String key(Row r) {
        return r.suite() + ": " + r.name();
    }

    /** The files of frames have another name in each run. */
    private static String workload(Row r) {
        return r.workload().replaceAll("rx_pcap=[^,]*/penstock-bench-(\\d+)-[^,]*", "rx_pcap=$1");
    }
}
