package dev.penstock.verify.burstlock;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.penstock.virtqueue.BurstLock;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two bursts of a poller, while a control thread takes away what is polled, closes it and gives something else. */
@JCStressTest
@Outcome(id = {"0, 0", "0, 1", "1, 1", "0, -1", "-1, 1", "-1, -1"}, expect = ACCEPTABLE,
        desc = "Each burst had the old thing, open, then the new one; or found the control thread inside.")
@Outcome(expect = FORBIDDEN, desc = "A burst had what was closed, or what was not whole.")
@State
public class BurstLockKeepsPollersOut {
    private final BurstLock lock = new BurstLock();
    private Thing thing = new Thing(0);

    /** What is polled, with plain fields. */
    static final class Thing {
        int number;
        boolean closed;

        Thing(int number) {
            this.number = number;
        }

        /** @return its number; 9 when it is closed */
        int use() {
            return closed ? 9 : number;
        }
    }

    @Actor
    public void poll(II_Result r) {
        r.r1 = burst();
        r.r2 = burst();
    }

    private int burst() {
        if (!lock.tryEnter()) {
            return -1;
        }
        int used = thing.use();
        lock.exit();
        return used;
    }

    @Actor
    public void control() {
        Thing next = new Thing(1);
        lock.enter();
        Thing old = thing;
        thing = next;
        lock.exit();
        old.closed = true;
    }
}
