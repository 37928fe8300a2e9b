package dev.penstock.bench;

import dev.penstock.bench.MempoolBench.Caching;
import dev.penstock.bench.MempoolBench.Load;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A row of mempool_perf_autotest.
 *
 * @param cores how many take objects from one pool
 * @param load of each
 */
record MempoolRow(int cores, Load load) {
    private static final int[] BULKS = {1, 4, 8, 32};
    private static final int[] KEEPS = {32, 128, 512};
    private static final Pattern LINE = Pattern.compile("mempool_autotest cache=(\\d+) cores=(\\d+) n_get_bulk=(\\d+) "
            + "n_put_bulk=(\\d+) n_keep=(\\d+) constant_n=([01]) rate_persec=(\\d+)");

    /**
     * What a row measured.
     *
     * @param row which
     * @param rate objects a second, as printed
     */
    record Printed(MempoolRow row, double rate) {}

    /** @return which row this is, for people */
    String name() {
        String cache = switch (load.caching()) {
            case NONE -> "no cache";
            case WORKER -> "cache";
            case USER -> "user cache";
        };
        return cores + (cores == 1 ? " core, " : " cores, ") + cache + ", get " + load.get() + " put " + load.put() + " keep " + load.keep()
                + (load.constant() ? ", constant" : "");
    }

    /** @return whether it is one of the few that are run when none are asked for */
    boolean usual() {
        boolean sizes = load.get() != 8 && load.put() == load.get() || load.get() == 1 && load.put() == 32;
        return sizes && load.keep() != 512 && !load.constant() && !(load.caching() == Caching.USER && cores == 2);
    }

    /**
     * All rows as DPDK's program runs them on two lcores, five seconds each. It has those of two cores twice, as "two" and
     * "all", and those without a cache once more, for the default ops, which are the same ones here.
     *
     * @return the rows; 720
     */
    static List<MempoolRow> inOrder() {
        List<MempoolRow> rows = new ArrayList<>();
        for (Caching caching : List.of(Caching.NONE, Caching.NONE, Caching.WORKER, Caching.USER)) {
            for (int cores : new int[] {1, 2, 2}) {
                for (int get : BULKS) {
                    for (int put : BULKS) {
                        sizes(rows, cores, caching, get, put);
                    }
                }
            }
        }
        return rows;
    }

    private static void sizes(List<MempoolRow> rows, int cores, Caching caching, int get, int put) {
        for (int keep : KEEPS) {
            rows.add(new MempoolRow(cores, new Load(caching, get, put, keep, false)));
            if (get == put) {
                rows.add(new MempoolRow(cores, new Load(caching, get, put, keep, true)));
            }
        }
    }

    /**
     * Reads what DPDK's program prints at the end of a row. It calls a user's own cache by its size, as it does a worker's.
     *
     * @param line what it printed
     * @return the row, or null for another line
     */
    static Printed read(String line) {
        Matcher m = LINE.matcher(line);
        if (!m.find()) {
            return null;
        }
        Caching caching = m.group(1).equals("0") ? Caching.NONE : Caching.WORKER;
        return new Printed(new MempoolRow(Integer.parseInt(m.group(2)), new Load(caching, Integer.parseInt(m.group(3)),
                Integer.parseInt(m.group(4)), Integer.parseInt(m.group(5)), m.group(6).equals("1"))), Double.parseDouble(m.group(7)));
    }

    /** @return whether a printed row can be this one */
    boolean printedAs(MempoolRow printed) {
        Caching caching = load.caching() == Caching.USER ? Caching.WORKER : load.caching();
        return printed.equals(new MempoolRow(cores, new Load(caching, load.get(), load.put(), load.keep(), load.constant())));
    }
}
