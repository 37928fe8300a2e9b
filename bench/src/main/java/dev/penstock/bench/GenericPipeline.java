package dev.penstock.bench;

import dev.penstock.mbuf.Mbuf;

/** The stages in an array, as one would write it first: a call that nothing is known about for each. */
final class GenericPipeline implements SpecialiseBench.Pipeline {
    private final Stage[] stages;

    GenericPipeline(Stage... stages) {
        this.stages = stages;
    }

    @Override
    public int run(Mbuf[] burst, int n) {
        int accepted = 0;
        for (int i = 0; i < n; i++) {
            accepted += accept(burst[i]) ? 1 : 0;
        }
        return accepted;
    }

    private boolean accept(Mbuf m) {
        for (Stage stage : stages) {
            if (!stage.accept(m)) {
                return false;
            }
        }
        return true;
    }
}
