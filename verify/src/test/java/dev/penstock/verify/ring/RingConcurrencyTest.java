package dev.penstock.verify.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.linux.Membarrier;
import dev.penstock.verify.Jcstress;
import dev.penstock.verify.Jcstress.Verdict;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs jcstress over the ring's sync modes, mixed ones, peek and zero-copy, and the lock-free stack, about a minute; and over the
 * broken twins, which must be caught.
 *
 * <p>The deep run, some twenty minutes, in all of the JVM's compilation modes: {@code mvn -pl verify -am package
 * -Dtest=RingConcurrencyTest -Dgroups=slow -DexcludedGroups= -Dsurefire.failIfNoSpecifiedTests=false}. jcstress
 * leaves its report in {@code verify/target/jcstress}.
 */
class RingConcurrencyTest {
    private static final List<String> TWINS = List.of("TailBeforeSlots", "NoWaitForPredecessor", "ClaimNotAtomic", "TakeBeforeRead",
            "NoTag", "FinishBeforeWrite", "FinishBeforeRead", "NoBarrier");
    /** Who takes a side is slow and its owner quick: they would meet no more after the first of many tries in a row. */
    private static final String TOGETHER = "1";
    /** So that threads meet at the compare-and-set from their first call on. */
    private static final String SHARED = " -Dpenstock.ringBias=false";

    @BeforeAll
    static void needsTwoProcessors() {
        Jcstress.needTwoProcessors();
    }

    @Test
    void shouldAllowNoForbiddenOutcomeInAnyMode() throws Exception {
        Verdict verdict = Jcstress.run("verify\\.ring\\.Ring(?!Bias).*", "-jvmArgs", Jcstress.JVM + SHARED, "-sc", "false", "-af", "NONE",
                "-time", "200", "-iters", "2", "-f", "1");
        assertEquals(0, verdict.failed() + verdict.errors(), verdict.output());
        assertEquals(33, verdict.passed(), verdict.output());
    }

    @Test
    void shouldAllowNoForbiddenOutcomeWhenASideIsTakenFromItsOwner() throws Exception {
        Assumptions.assumeTrue(Membarrier.isSupported(), "no membarrier(2) here: sides have no owner");
        Verdict verdict = Jcstress.run("verify\\.ring\\.RingBias.*", "-jvmArgs", Jcstress.JVM, "-sc", "false", "-af", "NONE",
                "-time", "250", "-iters", "2", "-f", "1", "-strideSize", TOGETHER, "-strideCount", "256");
        assertEquals(0, verdict.failed() + verdict.errors(), verdict.output());
        assertTrue(verdict.passed() == verdict.planned() && verdict.passed() >= 6, verdict.output());
    }

    @Test
    void shouldCatchEachBrokenTwin() throws Exception {
        Verdict verdict = Jcstress.run("verify\\.ring\\.BrokenRingTwins.*", "-jvmArgs", Jcstress.JVM, "-sc", "false", "-af", "NONE",
                "-time", "500", "-iters", "4", "-f", "1");
        for (String twin : TWINS) {
            assertTrue(verdict.output().contains("[FAILED] " + BrokenRingTwins.class.getName() + "." + twin),
                    twin + " was not caught:\n" + verdict.output());
        }
        assertEquals(TWINS.size(), verdict.planned(), verdict.output());
        assertEquals(TWINS.size(), verdict.failed(), verdict.output());
        assertEquals(0, verdict.errors(), verdict.output());
        assertTrue(verdict.output().contains("Forbidden"), verdict.output());
    }

    @Test
    @Tag("slow")
    void shouldAllowNoForbiddenOutcomeInADeepRun() throws Exception {
        Verdict verdict = Jcstress.run("verify\\.ring\\.(Ring|MixesOfRing).*", "-jvmArgsPrepend", Jcstress.JVM, "-m", "quick");
        assertEquals(0, verdict.failed() + verdict.errors(), verdict.output());
        assertEquals(verdict.planned(), verdict.passed(), verdict.output());
        verdict = Jcstress.run("verify\\.ring\\.(Ring(?!Bias)|MixesOfRing).*", "-jvmArgsPrepend", Jcstress.JVM + SHARED, "-m", "quick");
        assertEquals(0, verdict.failed() + verdict.errors(), verdict.output());
        assertEquals(verdict.planned(), verdict.passed(), verdict.output());
    }
}
