package dev.penstock.bench;

import java.util.List;

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
            new IoSuite(),
            new RatesSuite(),
            new LatencySuite(),
            new WarmupSuite(),
            new SpecialiseSuite(),
            new AclSuite(),
            new StartupSuite());

    private Suites() {}
}
