package dev.penstock.bench;

/**
 * The search for the greatest rate that loses no more than a given part (RFC 2544, section 26.1): throughput is NDR
 * with no loss at all, PDR with half a percent. A rate passes when it does in two trials of at most three, so that a pause
 * of the machine in one trial does not decide (as CSIT's MLRsearch lets some trials exceed the goal).
 */
final class Search {
    /** Of the greatest rate: where the search stops. */
    static final double PRECISION = 0.02;

    private Search() {}

    /** One trial at a rate. */
    @FunctionalInterface
    interface Loss {
        /**
         * Runs it.
         *
         * @param rate what is offered
         * @return the part that was lost, 0 to 1
         * @throws InterruptedException when ended from outside
         */
        double at(double rate) throws InterruptedException;
    }

    /**
     * Searches by halving.
     *
     * @param min a rate that is known to pass; 0 when none is
     * @param max the greatest rate to try, which counts as lost
     * @param tolerated the part that may be lost
     * @param trial runs one trial
     * @return the greatest rate that passed; the least when none did
     * @throws InterruptedException when ended from outside
     */
    static double greatest(double min, double max, double tolerated, Loss trial) throws InterruptedException {
        double passed = min;
        double failed = max;
        while (failed - passed > PRECISION * max) {
            double middle = (passed + failed) / 2;
            if (passes(middle, tolerated, trial)) {
                passed = middle;
            } else {
                failed = middle;
            }
        }
        return passed;
    }

    private static boolean passes(double rate, double tolerated, Loss trial) throws InterruptedException {
        boolean first = trial.at(rate) <= tolerated;
        boolean second = trial.at(rate) <= tolerated;
        return first == second ? first : trial.at(rate) <= tolerated;
    }
}
