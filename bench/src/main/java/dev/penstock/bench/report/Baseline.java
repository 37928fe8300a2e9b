package dev.penstock.bench.report;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The ratios of an earlier run on a machine of this kind, with their spread. A file holds those of several kinds.
 *
 * @param kept by suite and row
 */
public record Baseline(Map<String, Kept> kept) {
    /** A loss below this is not told from noise, however alike the runs were. */
    static final double LEAST = 0.05;

    /** So often ratios that did not change would be ordered as badly as those of a row that counts as lost. */
    static final double CHANCE = 0.02;

    /** A guard is of use for a row in which it would see this. */
    public static final double SHOULD_SEE = 0.1;

    /** What can be said of a row. */
    enum Verdict { KEPT, DOUBTFUL, LOST }

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

        /**
         * What ratios of now say beside those of then. Slower code is slower in its good turns too, a busy machine in the bad
         * ones alone: a loss has to show in the second best turn as well as in the median.
         */
        Verdict verdict(double[] now) {
            if (Row.median(now) >= ratio() * (1 - LEAST)) {
                return Verdict.KEPT;
            }
            boolean everywhere = secondBest(now) < secondBest(ratios) * (1 - LEAST);
            return everywhere && chance(ratios, now) <= CHANCE ? Verdict.LOST : Verdict.DOUBTFUL;
        }

        /** So that a single lucky turn hides nothing. */
        private static double secondBest(double[] turns) {
            double[] sorted = turns.clone();
            Arrays.sort(sorted);
            return sorted[Math.max(sorted.length - 2, 0)];
        }

        /** Whether a loss of that part would count as one, with ratios that differ as much as those of now. */
        boolean wouldSee(double loss, double[] now) {
            double scale = ratio() * (1 - loss) / Row.median(now);
            return verdict(Arrays.stream(now).map(r -> r * scale).toArray()) == Verdict.LOST;
        }
    }

    /**
     * The chance that the second of two sets from one source is as far below the first as this one, or farther: Mann and
     * Whitney's U, counted out, so that it holds for a handful of turns too.
     *
     * @param then the first set
     * @param now the second set
     * @return 0 to 1
     */
    static double chance(double[] then, double[] now) {
        int better = 0;
        for (double before : then) {
            for (double ratio : now) {
                better += ratio >= before ? 1 : 0;
            }
        }
        // ways[i][u]: how many orders of i of now and j of then have u pairs in which now is the better
        int most = then.length * now.length;
        double[][] ways = new double[now.length + 1][most + 1];
        ways[0][0] = 1;
        for (int j = 0; j <= then.length; j++) {
            for (int i = 1; i <= now.length; i++) {
                for (int u = most; u >= 0; u--) {
                    // the greatest of all is one of now, above j of then; or one of then, in no such pair
                    ways[i][u] = (u >= j ? ways[i - 1][u - j] : 0) + (j > 0 ? ways[i][u] : 0);
                }
            }
        }
        double all = Arrays.stream(ways[now.length]).sum();
        return Arrays.stream(ways[now.length], 0, better + 1).sum() / all;
    }

    /**
     * Reads one.
     *
     * @param file where it was saved
     * @param machine which machine's
     * @return what is kept of that machine, empty when there is nothing
     * @throws IOException when it can't be read
     */
    public static Baseline read(Path file, String machine) throws IOException {
        Map<String, Kept> kept = new LinkedHashMap<>();
        rowsOf(all(file), machine).forEach((name, value) -> {
            Map<?, ?> m = (Map<?, ?>) value;
            kept.put(name, new Kept((String) m.get("workload"), ((List<?>) m.get("ratios")).stream()
                    .mapToDouble(ratio -> ((Number) ratio).doubleValue()).toArray()));
        });
        return new Baseline(kept);
    }

    /**
     * Whose ratios there are.
     *
     * @param file where they were saved
     * @return the machines of which something is kept
     * @throws IOException when it can't be read
     */
    public static Set<String> machines(Path file) throws IOException {
        return all(file).keySet();
    }

    private static Map<String, Object> all(Path file) throws IOException {
        try {
            return Files.exists(file) ? JSON.std.mapFrom(Text.read(file)) : new LinkedHashMap<>();
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + ": is no baseline that --save wrote", e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> rowsOf(Map<String, Object> all, String machine) {
        return (Map<String, Object>) all.computeIfAbsent(machine, m -> new LinkedHashMap<>());
    }

    /**
     * Saves the ratios of rows, beside those of others and of other machines.
     *
     * @param file where to
     * @param machine which machine's
     * @param rows the rows
     * @throws IOException when it can't be read or written
     */
    public static void save(Path file, String machine, List<Row> rows) throws IOException {
        Map<String, Object> all = all(file);
        Map<String, Object> ofMachine = rowsOf(all, machine);
        for (Row r : rows) {
            if (r.theirs().length > 0) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("workload", workload(r));
                row.put("ratios", Arrays.stream(r.ratios()).map(ratio -> Math.round(ratio * 1e3) / 1e3).toArray());
                ofMachine.put(key(r), row);
            }
        }
        Files.writeString(file, JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(all) + "\n");
    }

    /**
     * What was lost.
     *
     * @param rows of now
     * @return a sentence for each row whose ratios are below those of then, by more than the least that counts
     */
    public List<String> losses(List<Row> rows) {
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
            } else if (then.verdict(r.ratios()) == Verdict.LOST) {
                losses.add(String.format("%s: %.2fx (%.2f..%.2f), was %.2fx (%.2f..%.2f), %.0f %% lost", key(r), r.ratio(), r.ratioMin(), r.ratioMax(),
                        then.ratio(), Arrays.stream(then.ratios()).min().getAsDouble(), Arrays.stream(then.ratios()).max().getAsDouble(),
                        100 - 100 * r.ratio() / then.ratio()));
            }
        }
        return losses;
    }

    /**
     * What is not sure.
     *
     * @param rows of now
     * @return the rows that are to be run again: lost, or lower without it being sure
     */
    public List<Row> doubtful(List<Row> rows) {
        return compared(rows).filter(r -> kept.get(key(r)).verdict(r.ratios()) != Verdict.KEPT).toList();
    }

    /**
     * What the guard does not see.
     *
     * @param rows of now
     * @return the rows that differ so much from turn to turn that a loss of a tenth would not be seen
     */
    public List<Row> blind(List<Row> rows) {
        return compared(rows).filter(r -> !kept.get(key(r)).wouldSee(SHOULD_SEE, r.ratios())).toList();
    }

    /**
     * What can be compared.
     *
     * @param rows of now
     * @return the rows of which something is kept, of the same workload
     */
    public Stream<Row> compared(List<Row> rows) {
        return rows.stream().filter(r -> r.theirs().length > 0 && kept.containsKey(key(r)) && kept.get(key(r)).workload().equals(workload(r)));
    }

    private static String key(Row r) {
        return r.suite() + ": " + r.name();
    }

    /** The files of frames have another name in each run. */
    private static String workload(Row r) {
        return r.workload().replaceAll("rx_pcap=[^,]*/penstock-bench-(\\d+)-[^,]*", "rx_pcap=$1");
    }
}
