package dev.penstock.bench;

import dev.penstock.eal.Clock;
import dev.penstock.eal.Eal;
import dev.penstock.jit.Specialised;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.invoke.MethodHandles;
import java.util.Map;

/** Measures a pipeline kept generic and made anew for its configuration, on the same packets. */
final class SpecialiseBench {
    static final String ROW = "a packet through six stages";
    private static final int BURST = 32;
    private static final int BURSTS = 1 << 15;
    private static final int WARM_UPS = 10;

    /** What both are. */
    interface Pipeline {
        /**
         * Runs a burst through all stages.
         *
         * @param burst the packets
         * @param n how many
         * @return how many were accepted
         */
        int run(Mbuf[] burst, int n);
    }

    private SpecialiseBench() {}

    private static Stage[] stages() {
        return new Stage[] {new Stage.Length(60, 1514), new Stage.Type(0x0800), new Stage.Source(0xc612_0000, 15),
            new Stage.PortRange(1, 1023), new Stage.Mark(-1), new Stage.NextHop(0x0200_0000_0009L)};
    }

    /**
     * Makes one of the two.
     *
     * @param constant true for the one made for its configuration
     * @return the pipeline
     */
    static Pipeline pipeline(boolean constant) {
        return constant ? Specialised.of(MethodHandles.lookup(), ConstantPipeline.class, Pipeline.class, stages())
                : new GenericPipeline(stages());
    }

    /**
     * Measures one of them.
     *
     * @param constant true for the one made for its configuration
     * @return cycles a packet, by row
     */
    static Map<String, Double> rows(boolean constant) {
        try (Eal eal = Eal.start("--in-memory", "--no-huge", "--no-telemetry", "--log-level", "error")) {
            Mbuf[] burst = new Mbuf[BURST];
            MbufPool pool = MbufPool.create(eal, "specialise", 1023, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            pool.allocBulk(burst, 0, BURST);
            for (int i = 0; i < BURST; i++) {
                burst[i].append(60);
                burst[i].write(0, Traffic.frame(60, i), 0, 60);
            }
            Pipeline pipeline = pipeline(constant);
            long ns = Long.MAX_VALUE;
            long accepted = 0;
            for (int i = 0; i < WARM_UPS; i++) {
                long start = System.nanoTime();
                for (int j = 0; j < BURSTS; j++) {
                    accepted += pipeline.run(burst, BURST);
                }
                ns = Math.min(ns, System.nanoTime() - start);
            }
            if (accepted != (long) WARM_UPS * BURSTS * BURST) {
                throw new IllegalStateException("accepted " + accepted + ", all should be");
            }
            Mbuf.freeBulk(burst, 0, BURST);
            return Map.of(ROW, ns * (Clock.hz() / 1e9) / BURSTS / BURST);
        }
    }
}
