package dev.penstock.bench;

import java.io.IOException;
import java.util.List;

/** A set of comparisons that are run together. */
public interface Suite {
    /**
     * The word that selects it on the command line.
     *
     * @return the name
     */
    String name();

    /**
     * What it compares, in one sentence.
     *
     * @return the sentence
     */
    String about();

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
