package dev.penstock.bench;

import java.util.List;
import java.util.Set;

/** Every suite, in the order in which they run. A new one is added here, and nowhere else. */
final class Suites {
    static final List<Suite> ALL = List.of(
            new ForwardSuite(),
            new L3fwdSuite(),
            new RingSuite(),
            new MempoolSuite(),
            new TablesSuite(),
            new NetSuite(),
            new ScalingSuite(),
            new VhostSuite(),
            new MemifSuite(),
            new VswitchSuite(),
            new IoSuite(),
            new RatesSuite(),
            new LatencySuite(),
            new WarmupSuite(),
            new SpecialiseSuite(),
            new FlagsSuite(),
            new AclSuite(),
            new StartupSuite());

    /** Those of the guard: minutes for all, and nothing that needs root. */
    static final Set<String> QUICK = Set.of("forward", "ring", "net", "specialise");

    private Suites() {}
}
