package dev.penstock.jit;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A flight-recorder event, about once a second: the counters of {@link JitStatus}. */
@Name("dev.penstock.PathHealth")
@Label("Packet path health")
@Category("Penstock")
@Description("How the watched threads' code has fared since the path qualified")
@StackTrace(false)
final class PathHealth extends Event {
    @Label("Healthy")
    boolean healthy;

    @Label("Methods Not Compiled As They Were")
    int pending;

    @Label("Deoptimizations")
    long deoptimizations;

    @Label("Compiled Forms Thrown Out")
    long thrownOut;

    @Label("Recompilations")
    long recompilations;

    @Label("Safepoints")
    long safepoints;

    @Label("Time Stopped")
    @Timespan
    long safepointTime;

    @Label("Allocated By Watched Threads")
    @DataAmount
    long allocated;
}
