package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import java.io.IOException;
import java.util.List;

/** One pipeline of six stages, kept generic and made anew for its configuration; see docs/specialisation.md. */
final class SpecialiseSuite implements Suite {
    @Override
    public String name() {
        return "specialise";
    }

    @Override
    public String about() {
        return "a pipeline of six stages: its configuration as constants against the same stages in an array";
    }

    @Override
    public int seconds(Bench bench) {
        return 4 * bench.repetitions();
    }

    @Override
    public List<String> rowNames(Bench bench) {
        return List.of(SpecialiseBench.ROW);
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        return bench.table(name(), "cycles", false, "generic", "six stages, bursts of 32, 64-byte UDP",
                () -> Bench.Sample.all(Pinned.on(bench.lastCpu(), () -> SpecialiseBench.rows(true)), ""),
                () -> Bench.Sample.all(Pinned.on(bench.lastCpu(), () -> SpecialiseBench.rows(false)), ""));
    }
}
