package dev.penstock.verify.burstlock;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.verify.Jcstress;
import dev.penstock.verify.Jcstress.Verdict;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Runs jcstress over the lock by which ports get another socket or peer under a poller; and over its broken twin. */
class BurstLockConcurrencyTest {
    @BeforeAll
    static void needsTwoProcessors() {
        Jcstress.needTwoProcessors();
    }

    @Test
    void shouldNeverLetAPollerUseWhatIsClosed() throws Exception {
        Verdict verdict = Jcstress.run("verify\\.burstlock\\.BurstLockKeepsPollersOut", "-jvmArgs", Jcstress.JVM, "-sc", "false", "-af",
                "NONE", "-time", "500", "-iters", "4", "-f", "1");
        assertEquals(0, verdict.failed() + verdict.errors(), verdict.output());
        assertEquals(1, verdict.passed(), verdict.output());
    }

    @Test
    void shouldCatchTheBrokenTwin() throws Exception {
        Verdict verdict = Jcstress.run("verify\\.burstlock\\.BrokenBurstLock", "-jvmArgs", Jcstress.JVM, "-sc", "false", "-af", "NONE",
                "-time", "500", "-iters", "4", "-f", "1");
        assertEquals(1, verdict.failed(), verdict.output());
        assertEquals(0, verdict.errors(), verdict.output());
    }
}
