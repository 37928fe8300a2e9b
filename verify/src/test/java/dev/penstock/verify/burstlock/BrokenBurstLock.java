package dev.penstock.verify.burstlock;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.penstock.verify.burstlock.BurstLockKeepsPollersOut.Thing;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The broken twin of {@link BurstLockKeepsPollersOut}: the control thread does not wait for the burst under way. */
@JCStressTest
@Outcome(id = {"0, 0", "0, 1", "1, 1"}, expect = ACCEPTABLE, desc = "Each burst had what was open.")
@Outcome(expect = FORBIDDEN, desc = "A burst had what was closed.")
@State
public class BrokenBurstLock {
    private volatile Thing thing = new Thing(0);

    @Actor
    public void poll(II_Result r) {
        r.r1 = thing.use();
        r.r2 = thing.use();
    }

    @Actor
    public void control() {
        Thing old = thing;
        thing = new Thing(1);
        old.closed = true;
    }
}
