package dev.penstock.bench;

/**
 * The search for the greatest rate that loses no more than a given part (RFC 2544, section 26.1): throughput is NDR
 * with no loss at all, PDR with half a percent.
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
     * @param max the greatest rate to try, which counts as lost
     * @param tolerated the part that may be lost
     * @param trial runs one trial
     * @return the greatest rate that passed; 0 when none did
     * @throws InterruptedException when ended from outside
     */
    static double greatest(double max, double tolerated, Loss trial) throws InterruptedException {
        double passed = 0;
        double failed = max;
        while (failed - passed > PRECISION * max) {
            double middle = (passed + failed) / 2;
            if (trial.at(middle) <= tolerated) {
                passed = middle;
            } else {
                failed = middle;
            }
        }
        return passed;
    }
}
