package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import java.io.IOException;
import java.util.List;

/** A set of comparisons that are run together. */
public interface Suite {
    /** @return the word that selects it on the command line */
    String name();

    /** @return what it compares, in one sentence */
    String about();

    /**
     * How long it takes, so that a person can be told before.
     *
     * @param bench how it is run
     * @return seconds, roughly
     */
    default int seconds(Bench bench) {
        return 60;
    }

    /** @return what this machine lacks for it, with the remedy, so that the suite is left out and the bench says so; null when nothing is lacking */
    default String lacks() {
        return null;
    }

    /**
     * The names of the rows that it makes, so that a suite of which none is wanted is not run, and a misspelt name is told.
     *
     * @param bench how it is run
     * @return the names, in order; empty when only a run can tell
     */
    default List<String> rowNames(Bench bench) {
        return List.of();
    }

    /**
     * Runs all comparisons.
     *
     * @param bench how long, how often, and where progress goes
     * @return the rows, also those that went badly
     * @throws IOException when a process can't be started
     * @throws InterruptedException when the run is ended from outside
     */
    List<Row> run(Bench bench) throws IOException, InterruptedException;
}
