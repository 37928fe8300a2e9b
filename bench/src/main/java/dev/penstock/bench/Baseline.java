package dev.penstock.bench;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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

    /** Of all pairs of a ratio then and one now, as many may be better now in a row that has lost (Mann and Whitney's U). */
    static final double BETTER = 0.08;

    /**
     * One row.
     *
     * @param workload what ran
     * @param ratios turn by turn
     */
    record Kept(String workload, double[] ratios) {
        double ratio() {
            return Row.median(ratios);
        }

        /** The part of all pairs in which the ratio now is the greater. */
        double better(double[] now) {
            int better = 0;
            for (double before : ratios) {
                for (double ratio : now) {
                    better += ratio >= before ? 1 : 0;
                }
            }
            return (double) better / ratios.length / now.length;
        }
    }

    static Baseline read(Path file) throws IOException {
        Map<String, Kept> kept = new LinkedHashMap<>();
        JSON.std.mapFrom(Files.readString(file)).forEach((name, value) -> {
            Map<?, ?> m = (Map<?, ?>) value;
            kept.put(name, new Kept((String) m.get("workload"), ((List<?>) m.get("ratios")).stream()
                    .mapToDouble(ratio -> ((Number) ratio).doubleValue()).toArray()));
        });
        return new Baseline(kept);
    }

    static void save(Path file, List<Row> rows) throws IOException {
        Map<String, Object> all = new LinkedHashMap<>(Files.exists(file) ? JSON.std.mapFrom(Files.readString(file)) : Map.of());
        for (Row r : rows) {
            if (r.theirs().length > 0) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("workload", workload(r));
                row.put("ratios", Arrays.stream(r.ratios()).map(ratio -> Math.round(ratio * 1e3) / 1e3).toArray());
                all.put(key(r), row);
            }
        }
        Files.writeString(file, JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(all) + "\n");
    }

    /** @return a sentence for each row whose ratios are below those of then, by more than the least that counts */
    List<String> losses(List<Row> rows) {
        List<String> losses = new ArrayList<>();
        for (Row r : rows) {
            Kept then = kept.get(key(r));
            if (then == null || r.theirs().length == 0 && r.refused().isEmpty()) {
                continue;
            }
            if (!r.refused().isEmpty()) {
                losses.add(key(r) + ": not compared, " + r.refused());
            } else if (!then.workload().equals(workload(r))) {
                losses.add(key(r) + ": not compared, the workload was '" + then.workload() + "' and is '" + workload(r) + "'");
            } else if (then.better(r.ratios()) <= BETTER && r.ratio() < then.ratio() * (1 - LEAST)) {
                losses.add(String.format("%s: %.2fx (%.2f..%.2f), was %.2fx (%.2f..%.2f), %.0f %% lost", key(r), r.ratio(), r.ratioMin(), r.ratioMax(),
                        then.ratio(), Arrays.stream(then.ratios()).min().getAsDouble(), Arrays.stream(then.ratios()).max().getAsDouble(),
                        100 - 100 * r.ratio() / then.ratio()));
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
